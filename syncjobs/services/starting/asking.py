"""Starts the run that somebody asks for: a person, a service, a command. Who asks twice gets the open run again."""

from collections.abc import Mapping

from django.conf import settings

from backoffice.common import clock
from shops.marketplaces.records import Resource
from shops.models import Shop
from syncjobs.engine.planner import Selection, plan_run
from syncjobs.models import UNENDED_RUNS, Lane, Run, Trigger
from syncjobs.services.refusals import KeyTaken, NothingNew, NotSyncable, refuse_unsyncable
from syncjobs.services.starting.facts import find_open_run, plan_rules, read_facts
from syncjobs.services.starting.writing import Asker, Draft, write_runs

LANE_OF_TRIGGER: Mapping[str, Lane] = {
    Trigger.PERSON: Lane.INTERACTIVE,
    Trigger.COMMAND: Lane.INTERACTIVE,
    Trigger.API: Lane.HIGH,
    Trigger.BACKFILL: Lane.BACKFILL,
}
TRIES = 5  # the open run may end between being found in the way and being read


def request_run(
    shop: Shop,
    *,
    kind: str,
    resource: str = Resource.ORDERS,
    trigger: str = Trigger.PERSON,
    hours: int = 24,
    status_filter: str = "",
    key: str | None = None,
) -> tuple[Run, bool]:
    """Start a run that somebody asked for; return it, and whether it is new. Raises NotPossible with the reason.

    An open run that reads the same is given instead of a second one. The run that a key started is given again with it,
    however it ended.
    """
    selection = Selection(kind=kind, resource=resource, hours=hours, status_filter=status_filter)
    for _ in range(TRIES):
        known = Run.objects.filter(slot_key=key).first() if key else None
        if known is not None:
            _refuse_other_request(known, shop, selection)
            return known, False
        refuse_unsyncable(shop, resource)
        run, is_new = _find_or_start(shop, selection, Asker(trigger, _lane_of(trigger)), key)
        if run is not None:
            return run, is_new
        if _has_nothing_new(shop, selection):
            raise _nothing_new(shop)
    raise NotSyncable(f"Runs of {shop} begin and end at this moment. Ask again.")


def start_run(
    shop: Shop,
    *,
    kind: str,
    trigger: str,
    resource: str = Resource.ORDERS,
    hours: int = 24,
    status_filter: str = "",
    is_forced: bool = False,
) -> Run | None:
    """Start a run, or return the open one that reads the same, whatever the shop's state; None if nothing is new."""
    selection = Selection(kind=kind, resource=resource, hours=hours, status_filter=status_filter)
    return _find_or_start(shop, selection, Asker(trigger, _lane_of(trigger), is_forced), None)[0]


def _find_or_start(shop: Shop, selection: Selection, asker: Asker, key: str | None) -> tuple[Run | None, bool]:
    """Return the open run or a new one; None where nothing is new, or somebody was faster and is done already."""
    run = find_open_run(shop, selection)
    if run is not None:
        return _hurry(run, asker), False
    known = read_facts([shop], selection)[shop.pk]
    rules = plan_rules(selection.resource, shop.marketplace)
    plan = plan_run(selection, known, clock.now(), rules)
    if plan is not None and not plan.is_skipped:
        opened = write_runs(selection, asker, [Draft(shop.pk, plan, rules.chunk, key)])
        if opened:
            return Run.objects.select_related("shop").get(pk=opened[shop.pk]), True
    run = find_open_run(shop, selection)  # the constraints decided: somebody else opened one just now
    return (None if run is None else _hurry(run, asker)), False


def _hurry(run: Run, asker: Asker) -> Run:
    """Let an open run go on as fast as whoever asks now may expect, and although its shop rests, if that was asked."""
    if asker.lane < run.lane or (asker.is_forced and not run.is_forced):
        run.lane, run.is_forced = min(run.lane, asker.lane), run.is_forced or asker.is_forced
        Run.objects.filter(pk=run.pk, state__in=UNENDED_RUNS).update(lane=run.lane, is_forced=run.is_forced)
    return run


def _lane_of(trigger: str) -> Lane:
    return LANE_OF_TRIGGER.get(trigger, Lane.INCREMENTAL)


def _refuse_other_request(run: Run, shop: Shop, selection: Selection) -> None:
    """A key that stands for one request cannot stand for another; the run itself says what was asked for."""
    if (run.shop_id, run.resource, run.identity) != (shop.pk, selection.resource, selection.identity):
        raise KeyTaken(
            f"The same key came with another request before, which started run {run.pk}. Take a new key for this one."
        )


def _has_nothing_new(shop: Shop, selection: Selection) -> bool:
    known = read_facts([shop], selection)[shop.pk]
    return plan_run(selection, known, clock.now(), plan_rules(selection.resource, shop.marketplace)) is None


def _nothing_new(shop: Shop) -> NothingNew:
    return NothingNew(
        f"{shop} has been read up to the newest moment that can be read "
        f"({settings.SYNC_END_GUARD_SECONDS} seconds before now), so there is nothing to do."
    )
