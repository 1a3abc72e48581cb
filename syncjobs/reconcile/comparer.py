"""Compares one report's window with what is here, stretch by stretch, and fetches what is missing if it may.

What looks like a gap is asked by id before it is reported: a list that shifts makes no gaps. What was found, what was
stored and how far the comparison is are written in one transaction, so that whoever goes on counts nothing twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction

from backoffice.common import clock, leases
from backoffice.common.deadlocks import repeat_on_deadlock
from backoffice.common.ingest import Origin
from backoffice.common.sources import PayloadSource
from backoffice.common.stopping import is_stopping
from shops.connections import ShopConnection
from shops.marketplaces.records import Window
from syncjobs.engine.outcomes import SetAside, Stopping
from syncjobs.intake import store_batch
from syncjobs.models import GapReport, Watermark
from syncjobs.reconcile.asking import Asker, Listed
from syncjobs.reconcile.listing import ListShifted, Stretch
from syncjobs.reconcile.tally import Tally
from syncjobs.reconcile.verdicts import Verdict, judge_listed, judge_unlisted
from syncjobs.streams import get_stream

log = structlog.get_logger(__name__)

READINGS_OF_A_LIST = 3  # one that does not show all that it counts is read again
ROWS_OF_A_STRETCH = 500  # of ours: about ten calls, should all of them have to be asked by id
STRETCHES_WITHOUT_WRITING = 20


@dataclass(frozen=True, slots=True)
class Suspect:
    """A row that may be a gap. `told` is what the list had told when it showed it as `listed`, or did not show it."""

    told: Window
    listed: Listed | None = None


class Comparer:
    """Compares one claimed report's window from where it was left."""

    def __init__(self, report: GapReport, owner: str, connection: ShopConnection) -> None:
        self.report = report
        self.owner = owner
        self.connection = connection
        self.connection.on_attempt = self._before_each_call
        self.connection.announce(f"{report.resource}; gap report {report.pk}")
        self.stream = get_stream(report.resource)
        self.asker = Asker(connection, self.stream.resource, report.shop.app.page_spacing_seconds)
        self.rows = self.stream.list_stored(report.shop_id)
        mark = Watermark.objects.filter(shop_id=report.shop_id, resource=report.resource).first()
        self.watermark = mark.position_at if mark else None
        self.until = report.compared_until or report.window_start
        self.tally = Tally(**{name: getattr(report, name) for name in Tally.__dataclass_fields__})
        self.suspects: dict[str, Suspect] = {}
        self.gaps: dict[str, Verdict] = {}  # found and not yet written
        self.noted: set[str] = set()  # gaps of earlier readings of the same list
        self.hidden_count = self.unreadable_count = self.unwritten_count = 0
        self.began_at = clock.monotonic_seconds()

    def compare(self) -> None:
        """Compare to the window's end; raises ListShifted where its list is not whole in any of three readings."""
        start, found_before = self.until, self.tally.found_count
        for reading in range(1, READINGS_OF_A_LIST + 1):
            try:
                self._compare_from(start)
                return
            except ListShifted as shift:
                log.warning("list_shifted", report=self.report.pk, reading=reading, reason=str(shift))
                if reading == READINGS_OF_A_LIST:
                    raise
            self.until, self.tally = start, replace(self.tally, found_count=found_before)
            self.suspects, self.gaps, self.hidden_count, self.unreadable_count = {}, {}, 0, 0

    def _compare_from(self, start: datetime) -> None:
        for stretch in self.asker.read_list(Window(start, self.report.window_end)):
            for part in self._cut_by_ours(stretch):
                self._compare_stretch(part)
                if not stretch.is_last:
                    self._make_room_for_others()
            if not stretch.is_last:
                self.asker.rest()
        self._settle()

    def _cut_by_ours(self, stretch: Stretch) -> Iterator[Stretch]:
        """Cut a stretch in which we have many rows: of the marketplace's it has no more than a page."""
        start, rows = stretch.told.start, stretch.rows
        while (cut := self._find_cut(start, stretch.told.end)) is not None:
            before = {key: row for key, row in rows.items() if row.source_updated_at and row.source_updated_at < cut}
            yield Stretch(Window(start, cut), before, 0, is_last=False)
            start, rows = cut, {key: row for key, row in rows.items() if key not in before}
        yield replace(stretch, told=Window(start, stretch.told.end), rows=rows)

    def _find_cut(self, start: datetime, end: datetime) -> datetime | None:
        """Find the time of our first row beyond so many; None where there are no more than that."""
        ours = self.rows.filter(source_updated_at__gte=start, source_updated_at__lt=end).order_by("source_updated_at")
        times = ours.values_list("source_updated_at", flat=True)
        beyond: datetime | None = times[ROWS_OF_A_STRETCH : ROWS_OF_A_STRETCH + 1].first()
        if beyond == start:  # so many of the same second
            beyond = times.filter(source_updated_at__gt=start).first()
        return beyond

    def _compare_stretch(self, stretch: Stretch) -> None:
        here = self._read_here(stretch.rows)
        for external_id, row in stretch.rows.items():
            at = row.source_updated_at
            verdict = judge_listed(external_id in here, here.get(external_id), at, self.watermark)
            if verdict is Verdict.STALE and not self.report.fetch_missing:
                self._note(external_id, verdict)
            elif verdict is not Verdict.FINE:
                self.suspects[external_id] = Suspect(stretch.told, row)
        told = stretch.told
        if self.asker.knows_ids:
            ours = self.rows.filter(source_updated_at__gte=told.start, source_updated_at__lt=told.end)
            for external_id in ours.exclude(external_id__in=stretch.rows).values_list("external_id", flat=True):
                self.suspects.setdefault(external_id, Suspect(told))
        self.tally = replace(self.tally, found_count=self.tally.found_count + stretch.found_count)
        self.unreadable_count += stretch.unreadable_count
        self.until = told.end
        self.unwritten_count += 1
        is_call_full = len(self.suspects) >= self.asker.ids_at_once
        if not self.suspects or is_call_full or self.unwritten_count >= STRETCHES_WITHOUT_WRITING:
            self._settle()

    def _note(self, external_id: str, verdict: Verdict) -> None:
        if external_id not in self.noted:
            self.gaps[external_id] = verdict

    def _settle(self) -> None:
        """Ask by id for all that may be a gap, then write down what came of it and how far we are."""
        fetched: dict[str, Any] = {}
        limit, ids = self.asker.ids_at_once, list(self.suspects)
        for first in range(0, len(ids), limit):
            fetched |= self._ask(ids[first : first + limit])
        self.suspects = {}
        self._write([fetched[key] for key, verdict in self.gaps.items() if _is_fetchable(verdict) and key in fetched])

    def _ask(self, external_ids: list[str]) -> dict[str, Any]:
        """Judge these suspects by what the marketplace says of their ids; return its records."""
        listed = {external_id: self.suspects[external_id].listed for external_id in external_ids}
        there, is_certain = self.asker.look_up(listed, is_wanted=self.report.fetch_missing)
        here = self._read_here(external_ids)
        for external_id in external_ids:
            verdict = self._judge(external_id, here, there, is_certain)
            if verdict is Verdict.HIDDEN:
                self.hidden_count += 1
            elif verdict is not Verdict.FINE:
                self._note(external_id, verdict)
        # A row that the list showed without a readable id is known by its id, and no sign of a list that hides rows.
        if self.hidden_count > self.unreadable_count:
            raise ListShifted(f"The marketplace's list does not show {self.hidden_count} rows that it knows by id.")
        return there

    def _judge(
        self, external_id: str, here: dict[str, datetime | None], there: dict[str, Any], is_certain: bool
    ) -> Verdict:
        suspect, record = self.suspects[external_id], there.get(external_id)
        if suspect.listed is not None:
            if record is None and is_certain:  # it has gone since
                return Verdict.FINE
            at = suspect.listed.source_updated_at
            return judge_listed(external_id in here, here.get(external_id), at, self.watermark)
        if external_id not in here or (record is None and not is_certain):
            return Verdict.FINE
        return judge_unlisted(
            here[external_id],
            record is not None,
            record.source_updated_at if record else None,
            suspect.told,
            self.report.window_end,
            self.watermark,
        )

    def _write(self, records: list[Any]) -> None:
        """Store what was fetched, with the gaps and the place, in one transaction."""
        report = self.report
        may_store = records if report.fetch_missing else []

        def write() -> Tally:
            with transaction.atomic():
                if may_store:
                    origin = Origin(PayloadSource.GAP_REPORT, clock.now())
                    store_batch(report.resource, report.shop_id, may_store, [], origin)
                tally = self.tally.plus(self.gaps, self._count_arrived(may_store))
                self._keep(compared_until=self.until, **tally.as_columns())
                return tally

        self.tally = repeat_on_deadlock(write)
        self.noted |= self.gaps.keys()
        self.gaps, self.unwritten_count = {}, 0

    def _count_arrived(self, records: list[Any]) -> int:
        """Count which of the stored records are here now: the database may have refused one."""
        here = self._read_here([record.external_id for record in records])
        return sum(
            record.external_id in here
            and judge_listed(True, here[record.external_id], record.source_updated_at, None) is Verdict.FINE
            for record in records
        )

    def _read_here(self, external_ids: Any) -> dict[str, datetime | None]:
        """Return our update times by id."""
        if not external_ids:
            return {}
        return dict(
            self.rows.filter(external_id__in=list(external_ids)).values_list("external_id", "source_updated_at")
        )

    def _make_room_for_others(self) -> None:
        """Leave after a job's time, with everything written that was found."""
        if clock.monotonic_seconds() - self.began_at >= settings.SYNC_JOB_SECONDS:
            self._settle()
            raise SetAside

    def _before_each_call(self) -> None:
        if is_stopping():
            raise Stopping
        self._keep()

    def _keep(self, **facts: Any) -> None:
        leases.keep(self.report, self.owner, settings.SYNC_LEASE_SECONDS, **facts)


def _is_fetchable(verdict: Verdict) -> bool:
    return verdict in (Verdict.MISSING, Verdict.STALE)
