"""Keeps marketplaces' cases in step with their returns: makes what is missing, writes what changed, moves what moved.

A case never says anything that its return does not: the return is the marketplace's word, the case what staff work on.
Locks are taken in one order: the returns' rows by key, by whoever writes them, then the cases by id.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog
from django.db import DataError, IntegrityError, transaction

from aftersales.models import DESCRIPTION_LENGTH, Case, SyncedReturn
from aftersales.services.asking import SYNC, Ask, Inputs
from aftersales.services.linking import link_cases, write_lines
from aftersales.services.moving import Start, move_cases, start_cases
from aftersales.states import ACTIVE, Action, CaseOrigin, CaseState
from aftersales.vocabulary import tell_reason, tell_state, tell_type
from backoffice.common import clock
from backoffice.common.deadlocks import repeat_on_deadlock
from backoffice.common.updating import update_rows

log = structlog.get_logger(__name__)
# Columns of a case that follow its return; the state follows by a move.
FACTS = (
    "type", "raw_status", "order_external_id", "order", "reason", "raw_reason_code", "raw_reason_text", "description",
    "currency", "requested_amount", "amount", "is_amount_modified", "marketplace_deadline_at",
)  # fmt: skip
RETURNS_AT_ONCE = 200  # that one transaction makes cases of: some 200 ms


@dataclass(frozen=True)
class _Reading:
    """A return beside what its case has to say."""

    row: SyncedReturn
    state: CaseState

    @property
    def changed_at(self) -> datetime:
        """The marketplace's own time of this; where it tells none, the time at which it was read."""
        return self.row.source_updated_at or self.row.details_fetched_at or self.row.synced_at


def follow_returns(return_ids: Collection[int]) -> None:
    """Bring the cases of these returns in step, inside the caller's transaction, which wrote the returns' rows.

    What the database refuses for one of them is logged and left out: the return itself is stored all the same, and its
    case is tried again by follow_returns_without_case.
    """
    if not return_ids:
        return
    try:
        with transaction.atomic():
            _follow(return_ids)
    except (DataError, IntegrityError) as error:
        if len(return_ids) == 1:
            log.warning("return_without_case", return_ids=list(return_ids), error=str(error))
            return
        ordered = sorted(return_ids)
        half = len(ordered) // 2
        follow_returns(ordered[:half])
        follow_returns(ordered[half:])


def follow_returns_without_case(limit: int = 10_000) -> int:
    """Make cases of returns that have none: stored before there were cases, or refused then. Return how many.

    Walks by key, a short transaction for each page, so that what is refused again stops nothing behind it. Finding out
    that none is left reads two indexes side by side, which takes half a second for a million returns.
    """
    made_count, after = 0, 0
    while limit > 0:
        waiting = SyncedReturn.objects.filter(case=None, pk__gt=after).order_by("pk").values_list("pk", flat=True)
        ids = list(waiting[: min(limit, RETURNS_AT_ONCE)])
        if not ids:
            break
        made_count += repeat_on_deadlock(partial(_follow_locked, ids))
        limit, after = limit - len(ids), ids[-1]
    return made_count


def follow_words_known_by_now() -> int:
    """Move cases whose marketplace's word was unknown when it was read, and is in our tables now. Return how many.

    The return's row does not change with our tables, so that reading it again would move nothing.
    """
    unknown = Case.objects.filter(origin=CaseOrigin.MARKETPLACE, state=CaseState.UNKNOWN)
    rows = SyncedReturn.objects.filter(case__in=unknown).select_related("shop").defer("attributes").order_by("pk")
    known = [row.pk for row in rows.iterator() if tell_state(row.shop.marketplace, row) != CaseState.UNKNOWN]
    pages = [known[first : first + RETURNS_AT_ONCE] for first in range(0, len(known), RETURNS_AT_ONCE)]
    return sum(repeat_on_deadlock(partial(_follow_locked, page)) for page in pages)


@transaction.atomic
def _follow_locked(return_ids: Sequence[int]) -> int:
    """Follow returns, but for those that somebody is writing now, who follows them himself; return how many have one.

    A case that was made or moved since the look is found in step, and left as it is.
    """
    rows = SyncedReturn.objects.filter(pk__in=return_ids).order_by("shop_id", "external_id")
    locked = list(rows.select_for_update(no_key=True, skip_locked=True).values_list("pk", flat=True))
    follow_returns(locked)
    return Case.objects.filter(synced_return__in=locked).count()


def _follow(return_ids: Collection[int]) -> None:
    rows = SyncedReturn.objects.filter(pk__in=return_ids).select_related("shop").defer("attributes").order_by("pk")
    readings = {row.pk: _Reading(row, tell_state(row.shop.marketplace, row)) for row in rows}
    known = list(Case.objects.filter(synced_return__in=readings).order_by("pk").select_for_update(of=("self",)))
    asks = _write_facts(known, readings)
    new = _start([readings[pk] for pk in readings.keys() - {case.synced_return_id for case in known}])
    ids = [case.pk for case in [*known, *new]]
    write_lines(ids, known=[case.pk for case in known])
    link_cases(ids)
    for case_id, refusal in move_cases(asks, SYNC).refused.items() if asks else ():
        log.error("case_out_of_step", case_id=case_id, error=str(refusal))


def _write_facts(cases: Sequence[Case], readings: Mapping[int, _Reading]) -> dict[int, Ask]:
    """Write what the returns say now; return the moves of the cases whose state is another than theirs."""
    changed: list[Case] = []
    asks: dict[int, Ask] = {}
    for case in cases:
        reading = readings[case.synced_return_id]  # type: ignore[index]
        raw_status = case.raw_status
        before = {name: getattr(case, name) for name in FACTS if name != "order"}
        _copy_facts(case, reading)
        if any(getattr(case, name) != value for name, value in before.items()):
            changed.append(case)
        if case.state != reading.state:
            words = {"raw_status": [raw_status, reading.row.raw_status]}
            asks[case.pk] = Ask(Action.SYNC, Inputs(told=reading.state, told_at=reading.changed_at, context=words))
    now = clock.now()
    for case in changed:
        case.updated_at = now
    update_rows(changed, [*FACTS, "updated_at"])
    return asks


def _start(readings: Sequence[_Reading]) -> list[Case]:
    """Make the cases of returns that have none; their lines are written beside those of the others."""
    starts = []
    taken = _list_taken([reading.row for reading in readings])
    for reading in readings:
        row = reading.row
        is_taken = (row.shop_id, row.external_id) in taken
        case = Case(
            shop_id=row.shop_id, number=f"{row.external_id[:40]}-R{row.pk}" if is_taken else row.external_id,
            origin=CaseOrigin.MARKETPLACE.value, synced_return=row, created_at=row.source_created_at or row.synced_at,
        )  # fmt: skip
        _copy_facts(case, reading)
        starts.append(Start(case, [], reading.state, row.source_updated_at or row.source_created_at or row.synced_at))
    if starts:
        start_cases(starts, SYNC)
    return [start.case for start in starts]


def _list_taken(rows: Sequence[SyncedReturn]) -> set[tuple[int, str]]:
    """List the returns' numbers that cases made here bear by chance: other systems number those themselves."""
    shop_ids, numbers = {row.shop_id for row in rows}, {row.external_id for row in rows}
    return set(Case.objects.filter(shop__in=shop_ids, number__in=numbers).values_list("shop_id", "number"))


def _copy_facts(case: Case, reading: _Reading) -> None:
    row = reading.row
    if case.order_external_id != row.order_external_id:
        case.order_external_id, case.order = row.order_external_id, None
    amount = row.refund_amount if row.refund_amount is not None and row.refund_amount >= 0 else None
    case.type = tell_type(row.kind, amount).value
    case.raw_status = row.raw_status
    case.reason = tell_reason(row.shop.marketplace, row.reason_code)
    case.raw_reason_code, case.raw_reason_text = row.reason_code, row.reason_text
    case.description = row.buyer_message[:DESCRIPTION_LENGTH]
    case.currency, case.amount = row.currency, amount
    if case.requested_amount is None:
        case.requested_amount = amount
    case.is_amount_modified = amount != case.requested_amount
    # Of what has ended or was refused nobody expects anything: a marketplace may leave the old time standing.
    case.marketplace_deadline_at = row.respond_by_at if reading.state in ACTIVE else None
