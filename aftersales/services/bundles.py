"""A locked case with all that belongs to it, and what became of it in memory: written for a whole batch at once."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Model

from aftersales.models import Case, CaseLine, CaseLog, Exchange, Refund, ReturnAddress, ReturnParcel, find_live
from aftersales.policy import Policy
from aftersales.queries.actions import list_sendable
from aftersales.queries.offering import suits_records
from aftersales.queries.policies import load_policies
from aftersales.services.asking import NotAllowed, refuse
from aftersales.services.claims import Claimed, LineKey, sum_claims, sum_left
from aftersales.states import BY_PEOPLE, Action
from backoffice.common.updating import insert_rows, update_rows


@dataclass
class Bundle:
    """One case, its lines and child records. What is changed here is noted, to be written later."""

    case: Case
    policy: Policy
    lines: list[CaseLine] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    parcels: list[ReturnParcel] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    return_address_id: int | None = None
    claims: Mapping[LineKey, Claimed] = field(default_factory=dict)  # of its order's lines, its own among them
    left_amount: Decimal = Decimal(0)  # of what was paid for its order: what no case claims
    log: list[CaseLog] = field(default_factory=list)

    @property
    def refund(self) -> Refund | None:
        """The refund that counts."""
        return find_live(self.refunds)

    @property
    def parcel(self) -> ReturnParcel | None:
        """The goods that come back, unless they were given up or rejected."""
        return find_live(self.parcels)

    @property
    def exchange(self) -> Exchange | None:
        """The goods that go out once more, unless they were given up."""
        return find_live(self.exchanges)


def refuse_bundle(bundle: Bundle, action: Action, why: str = "") -> NotAllowed:
    """Make the refusal of an action; called possible is only what fits the records of the case, too."""
    possible = list_sendable(bundle.case, BY_PEOPLE, bundle.policy)
    return refuse(bundle.case, action, why, [one for one in possible if suits_records(bundle, one)])


def lock_bundles(case_ids: Iterable[int], *, skip_locked: bool) -> list[Bundle]:
    """Lock cases in the order of their ids until the caller's transaction ends, and read what belongs to them."""
    rows = Case.objects.filter(pk__in=list(case_ids)).order_by("pk")
    return gather_bundles(list(rows.select_for_update(of=("self",), skip_locked=skip_locked)))


def gather_bundles(cases: Collection[Case]) -> list[Bundle]:
    """Read what belongs to cases, but for what other cases claim."""
    policies = load_policies({case.shop_id for case in cases})
    bundles = {case.pk: Bundle(case, policies[case.shop_id]) for case in cases}
    for line in CaseLine.objects.filter(case__in=bundles).order_by("pk"):
        bundles[line.case_id].lines.append(line)
    for refund in Refund.objects.filter(case__in=bundles).order_by("pk"):
        bundles[refund.case_id].refunds.append(refund)
    for parcel in ReturnParcel.objects.filter(case__in=bundles).order_by("pk"):
        bundles[parcel.case_id].parcels.append(parcel)
    for exchange in Exchange.objects.filter(case__in=bundles).order_by("pk"):
        bundles[exchange.case_id].exchanges.append(exchange)
    addresses = _find_addresses({case.shop_id for case in cases})
    for bundle in bundles.values():
        bundle.return_address_id = addresses.get(bundle.case.shop_id)
    return list(bundles.values())


def read_claims(bundles: Iterable[Bundle], order_ids: Collection[int]) -> None:
    """Read what all cases of these orders claim."""
    claims, left = sum_claims(order_ids), sum_left(order_ids)
    for bundle in bundles:
        bundle.claims = claims
        bundle.left_amount = left.get(bundle.case.order_id or 0, Decimal(0))


def write_bundles(bundles: Sequence[Bundle], now: datetime) -> None:
    """Write cases, lines, child records and log rows, each kind with one statement."""
    cases = [bundle.case for bundle in bundles]
    for case in cases:
        case.updated_at = now
    update_rows(cases, CHANGED_BY_MOVES)
    update_rows([line for bundle in bundles for line in bundle.lines], ["quantity", "amount", "holds_line"])
    for model, rows in _children_of(bundles).items():
        _write(model, rows, now)
    insert_rows([row for bundle in bundles for row in bundle.log])


CHANGED_BY_MOVES = [
    "state", "state_entered_at", "auto_process_time", "timed_out_at", "amount", "is_amount_modified", "audited_at",
    "audited_by", "completed_at", "modification_count", "rejection_count", "escalated_from", "description", "images",
    "sweep_failed_count", "sweep_not_before", "sweep_error", "updated_at",
]  # fmt: skip
CHILD_COLUMNS: dict[type[Model], list[str]] = {
    Refund: [
        "state", "amount", "method", "original_transaction", "refund_transaction", "failure_reason",
        "provider_response", "retry_count", "sent_at", "ended_at", "updated_at",
    ],
    ReturnParcel: [
        "state", "carrier", "tracking_number", "rejection_reason", "images", "shipped_at", "received_at",
        "inspected_at", "updated_at",
    ],
    Exchange: [
        "state", "return_carrier", "return_tracking_number", "carrier", "tracking_number", "old_items", "new_items",
        "shipped_at", "completed_at", "updated_at",
    ],
}  # fmt: skip


def _children_of(bundles: Sequence[Bundle]) -> dict[type[Model], list[Any]]:
    rows: dict[type[Model], list[Any]] = defaultdict(list)
    for bundle in bundles:
        rows[Refund] += bundle.refunds
        rows[ReturnParcel] += bundle.parcels
        rows[Exchange] += bundle.exchanges
    return rows


def _write(model: Any, rows: Sequence[Any], now: datetime) -> None:
    new = [row for row in rows if row.pk is None]
    known = [row for row in rows if row.pk is not None]
    for row in rows:
        row.updated_at = now
        row.created_at = row.created_at or now
    update_rows(known, CHILD_COLUMNS[model])  # first: the one that a new one takes the place of must have ended
    insert_rows(new)


def _find_addresses(shop_ids: Iterable[int]) -> dict[int, int]:
    rows = ReturnAddress.objects.filter(shop__in=list(shop_ids), is_default=True, is_active=True)
    return dict(rows.values_list("shop_id", "pk"))
