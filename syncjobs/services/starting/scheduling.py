"""Starts runs of many shops: for each turn of the schedule, and for whoever sends out everything that is due.

Shops are planned by the hundred, each hundred in a fixed number of queries, so that a shop costs the same whether there
are hundreds or tens of thousands. The shop that was synced longest ago comes first.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, F, Max, QuerySet

from backoffice.common import clock
from backoffice.common.schedules import Turn
from shops.choices import ShopState
from shops.marketplaces.registry import list_offering
from shops.models import Shop
from syncjobs.engine.pacing import Stretch
from syncjobs.engine.planner import INCREMENTAL, Known, Plan, Selection, is_turn_due, plan_run
from syncjobs.models import UNENDED_RUNS, Lane, Run, RunState, Trigger, Watermark
from syncjobs.services.starting.facts import plan_rules, read_facts
from syncjobs.services.starting.quotas import QuotaFit, read_quota_fits
from syncjobs.services.starting.writing import Asker, Draft, write_runs

SHOPS_AT_ONCE = 500  # some 40 MB and half a second where each is read for the first time


@dataclass
class Started:
    """What came of a round over the shops."""

    run_ids: list[int] = field(default_factory=list)
    skipped_count: int = 0
    postponed_count: int = 0
    under_way_count: int = 0
    not_due_count: int = 0
    left_out: Counter[str] = field(default_factory=Counter)

    def count(self, drafts: Sequence[Draft], opened: Mapping[int, int]) -> None:
        """Add what was written of a batch of shops."""
        self.run_ids += opened.values()
        self.skipped_count += sum(draft.plan.is_skipped for draft in drafts)
        self.postponed_count += sum(bool(draft.plan.reason) for draft in drafts if draft.shop_id in opened)


def start_turn(selection: Selection, turn: Turn, *, marketplace: str = "", without: str = "") -> Started:
    """Start one turn of the schedule for every active shop: a run, or a row that says why it was skipped.

    A turn that was carried out already starts nothing. Where an app's quota cannot carry all turns, they come seldomer.
    """
    started = Started()
    fits = read_quota_fits() if turn.period else {}
    asker = Asker(Trigger.BEAT, Lane.INCREMENTAL)
    prefix = f"{selection.resource}:{selection.identity}"
    on_schedule = _list_on_schedule(marketplace, selection.resource).exclude(marketplace=without)
    for shops in _list_batches(on_schedule):
        due = _keep_due(shops, selection, turn, fits)
        started.not_due_count += len(shops) - len(due)
        known = read_facts(due, selection, period=turn.period, slot_prefix=f"{prefix}:")
        drafts = []
        for shop in due:
            rules = plan_rules(selection.resource, shop.marketplace)
            plan = plan_run(selection, known[shop.pk], clock.now(), rules, period=turn.period)
            if plan is not None:
                plan = _say_stretch(plan, fits.get(shop.app_id), selection, turn)
                drafts.append(Draft(shop.pk, plan, rules.chunk, _slot_key(prefix, turn, shop)))
        started.count(drafts, write_runs(selection, asker, drafts))
    return started


def dispatch(
    *,
    is_priority: bool = False,
    batch_size: int = 5,
    delay_seconds: float = 0,
    marketplace: str = "",
    behind: timedelta | None = None,
    turn: Turn | None = None,
) -> Started:
    """Start the incremental run of every shop that is due; with `behind` only of those not read for so long.

    Due is a shop that is active and has no incremental run under way. The shops of a batch begin some seconds apart,
    and the batches `delay_seconds`; both stand in the rows as due times, and nobody waits here.
    """
    selection = Selection()
    started = Started(left_out=_count_left_out(marketplace))
    lane = Lane.HIGH if is_priority else Lane.INCREMENTAL
    asker = Asker(Trigger.BEAT if turn else Trigger.COMMAND, lane)
    position = 0
    shops_in_turn = _list_on_schedule(marketplace, selection.resource)
    if behind is not None:
        read = Watermark.objects.filter(resource=selection.resource, position_at__gt=clock.now() - behind)
        shops_in_turn = shops_in_turn.exclude(pk__in=read.values("shop_id"))
    for shops in _list_batches(shops_in_turn):
        known = read_facts(shops, selection)
        under_way = [shop.pk for shop in shops if known[shop.pk].open_run_id is not None]
        started.under_way_count += len(under_way)
        if is_priority:
            _raise_lane(under_way, selection, lane)
        drafts = []
        for shop in shops:
            if known[shop.pk].open_run_id is None:
                offset = _offset(shop, position, batch_size, delay_seconds)
                position += 1
                drafts += _draft(shop, selection, known[shop.pk], offset, turn)
        started.count(drafts, write_runs(selection, asker, drafts))
    return started


def _slot_key(prefix: str, turn: Turn, shop: Shop) -> str:
    """Name the turn for one shop. What was sent by hand does not count among the schedule's own turns."""
    return f"{prefix}:{turn.key}:{shop.pk}" if turn.period else f"{turn.key}:{prefix}:{shop.pk}"


def _draft(shop: Shop, selection: Selection, known: Known, offset: timedelta, turn: Turn | None) -> list[Draft]:
    rules = plan_rules(selection.resource, shop.marketplace)
    plan = plan_run(selection, known, clock.now(), rules, offset=offset)
    slot_key = _slot_key(f"{selection.resource}:dispatch", turn, shop) if turn else None
    return [] if plan is None else [Draft(shop.pk, plan, rules.chunk, slot_key)]


def _offset(shop: Shop, position: int, batch_size: int, delay_seconds: float) -> timedelta:
    """Return how much later than now a shop begins; shops of an app without spacing (the sandbox's) all at once."""
    if not shop.app.sync_spacing_seconds:
        return timedelta()
    batch, place = divmod(position, batch_size)
    return timedelta(seconds=place * settings.SYNC_DISPATCH_SPACING_SECONDS + batch * delay_seconds)


def _raise_lane(shop_ids: Sequence[int], selection: Selection, lane: Lane) -> None:
    """Let runs that are under way, and may be waiting behind others, go on in a faster lane."""
    runs = Run.objects.filter(shop_id__in=shop_ids, resource=selection.resource, identity=selection.identity)
    runs.filter(state__in=UNENDED_RUNS, lane__gt=lane).update(lane=lane)


def _list_on_schedule(marketplace: str, resource: str) -> QuerySet[Shop]:
    shops = Shop.objects.filter(state=ShopState.ACTIVE, credential__isnull=False)
    shops = shops.filter(marketplace__in=list_offering(resource))
    return shops.filter(marketplace=marketplace) if marketplace else shops


def _list_batches(shops: QuerySet[Shop]) -> Iterator[list[Shop]]:
    """Go through the shops, the one that was synced longest ago first, in the order of this moment."""
    ids = list(shops.order_by(F("last_sync_at").asc(nulls_first=True), "pk").values_list("pk", flat=True))
    for start in range(0, len(ids), SHOPS_AT_ONCE):
        some = ids[start : start + SHOPS_AT_ONCE]
        found = Shop.objects.select_related("app").defer("app__app_secret").in_bulk(some)
        yield [found[pk] for pk in some if pk in found]


def _count_left_out(marketplace: str) -> Counter[str]:
    """Count the shops that are not synced, by why: those need a person, not a run every few minutes."""
    shops = Shop.objects.filter(marketplace=marketplace) if marketplace else Shop.objects.all()
    counts = Counter(dict(shops.exclude(state=ShopState.ACTIVE).order_by().values_list("state").annotate(Count("pk"))))
    bare = shops.filter(state=ShopState.ACTIVE, credential__isnull=True).count()
    return counts + Counter({"no_credential": bare})


def _keep_due(shops: list[Shop], selection: Selection, turn: Turn, fits: Mapping[int, QuotaFit]) -> list[Shop]:
    """Leave out the shops whose turns are stretched, and not due again yet."""
    slow = {shop.pk: _stretch_of(fits.get(shop.app_id), selection) for shop in shops}
    slow = {pk: stretch for pk, stretch in slow.items() if stretch > 1}
    if not slow or turn.period is None:
        return shops
    now = clock.now()
    runs = Run.objects.filter(shop_id__in=slow, resource=selection.resource, identity=selection.identity)
    runs = runs.filter(created_at__gt=now - turn.period * max(slow.values())).exclude(state=RunState.SKIPPED)
    last: dict[int, datetime] = dict(runs.order_by().values_list("shop_id").annotate(Max("created_at")))
    return [shop for shop in shops if is_turn_due(last.get(shop.pk), now, turn.period, slow.get(shop.pk, 1.0))]


def _stretch_of(fit: QuotaFit | None, selection: Selection) -> float:
    stretch = fit.stretch if fit else Stretch()
    return stretch.stream if selection.kind == INCREMENTAL else stretch.others


def _say_stretch(plan: Plan, fit: QuotaFit | None, selection: Selection, turn: Turn) -> Plan:
    """Note on the run that its turns come seldomer than the schedule says."""
    stretch = _stretch_of(fit, selection)
    if stretch <= 1 or fit is None or turn.period is None or plan.is_skipped:
        return plan
    minutes = turn.period.total_seconds() / 60
    said = (
        f"Every {minutes * stretch:.0f} minutes instead of {minutes:.0f}: the schedule needs {fit.calls_needed:,.0f} "
        f"calls a day or more, and the quota of {fit.app} leaves {fit.calls_allowed:,.0f}."
    )
    return Plan(plan.window, plan.due_at, reason=f"{plan.reason} {said}".strip())
