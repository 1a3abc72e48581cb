"""Lists what failed by cause, and retries or discards it."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db.models import QuerySet
from rich.table import Table

from backoffice.common.commands import PlainCommand, make_console, make_table
from backoffice.common.errors import BackofficeError
from backoffice.common.plurals import say_count
from backoffice.common.stopping import is_stopping, stop_on_signals
from shops.queries import get_shop
from syncjobs import services
from syncjobs.models import FailedRecord, Run
from syncjobs.queries.failures import (
    CHUNKS_OF_THE_LAST,
    FailureGroup,
    group_chunks,
    group_records,
    list_all_failed_chunks,
    list_all_open_records,
    select_runs_of_cause,
)
from syncjobs.tasks import wake_workers

SHOWN_AT_MOST = 50
BY = "the command failed"


class Command(PlainCommand):
    help = (
        "List what failed by cause: records that were not stored, windows that were not read. Retry or discard it. "
        "Exit code 1 if something could not be done."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=("list", "retry", "discard"), help="what to do")
        parser.add_argument("--cause", default="", help="only this cause, as the list writes it")
        parser.add_argument("--shop", default="", help="only this shop: our id, or marketplace:external_id")
        parser.add_argument("--id", type=int, action="append", dest="ids", default=[], help="only this one; repeatable")
        parser.add_argument("--all", action="store_true", help="every one that is open")
        parser.add_argument(
            "--runs", action="store_true", help="retry failed runs instead of records; ids are then those of runs"
        )
        parser.add_argument("--json", action="store_true", help="JSON instead of tables")

    def run(self, options: dict[str, Any]) -> None:
        self.options = options
        self.shop = get_shop(options["shop"]) if options["shop"] else None
        if options["what"] == "list":
            self._list()
            return
        if not (options["cause"] or options["ids"] or options["all"] or self.shop):
            raise CommandError(f"Say what to {options['what']}: --id, --cause, --shop or --all.")
        if options["runs"] and options["what"] == "discard":
            raise CommandError("Runs are not discarded: what they did not read is part of the next run.")
        with stop_on_signals():
            done, refused = self._work()
        self._report(done, refused)

    def _list(self) -> None:
        """Show the groups; of one cause, one shop or of some ids the records too."""
        groups = group_records(self._select_records())
        chunk_groups = [
            group
            for group in group_chunks(list_all_failed_chunks(self.shop))
            if self.options["cause"] in ("", group.cause)
        ]
        is_narrowed = bool(self.options["cause"] or self.options["ids"] or self.shop)
        records = list(self._select_records().select_related("shop")[:SHOWN_AT_MOST]) if is_narrowed else []
        if self.options["json"]:
            shown = {
                "records": [_as_json(group) for group in groups],
                "chunks": [_as_json(group) for group in chunk_groups],
                "examples": [{"id": one.pk, "shop": one.shop_id, "error": one.error} for one in records],
            }
            self.stdout.write(json.dumps(shown))
            return
        console = make_console(self.stdout)
        console.print(_draw_groups("Records that are not stored", groups, "Records"))
        if records:
            console.print(_draw_records(records))
        title = f"Windows that were not read, of the last {CHUNKS_OF_THE_LAST.days} days"
        console.print(_draw_groups(title, chunk_groups, "Chunks"))

    def _select_records(self) -> QuerySet[FailedRecord]:
        records = list_all_open_records(self.shop)
        if self.options["cause"]:
            records = records.filter(cause=self.options["cause"])
        if self.options["ids"]:
            records = records.filter(pk__in=self.options["ids"])
        return records.order_by("pk")

    def _select_runs(self) -> QuerySet[Run]:
        runs = select_runs_of_cause(list_all_failed_chunks(self.shop), self.options["cause"])
        if self.options["ids"]:
            runs = runs.filter(pk__in=self.options["ids"])
        return runs.order_by("pk")

    def _work(self) -> tuple[int, Counter[str]]:
        """Do it to one after another; return how many were done, and why others were not."""
        done, refused = 0, Counter[str]()
        rows: QuerySet[Any] = self._select_runs() if self.options["runs"] else self._select_records()
        act = self._choose_action()
        for row in rows.iterator(chunk_size=200):
            if is_stopping():
                break
            try:
                act(row)
                done += 1
            except BackofficeError as refusal:
                refused[str(refusal)] += 1
        return done, refused

    def _choose_action(self) -> Callable[[Any], object]:
        if self.options["runs"]:
            return lambda run: services.retry_run(run, "Retried by the command failed.")
        if self.options["what"] == "retry":
            return lambda record: services.retry_record(record, BY)
        return lambda record: services.discard_record(record, BY)

    def _report(self, done: int, refused: Counter[str]) -> None:
        if self.options["json"]:
            self.stdout.write(json.dumps({"done": done, "refused": refused.total(), "reasons": dict(refused)}))
        else:
            verb = "discarded" if self.options["what"] == "discard" else "retried"
            open_ones = list_all_open_records(self.shop).count()
            left = f"Open{f' of {self.shop.name}' if self.shop else ''}: {say_count(open_ones, 'record')}."
            self.stdout.write(f"{done:,} {verb}, {refused.total():,} could not be. {left}")
            for reason, count in refused.most_common(SHOWN_AT_MOST):
                self.stderr.write(f"{count:,} x {reason}")
        if self.options["runs"] and done:
            wake_workers()
        if refused:
            raise CommandError(f"{refused.total():,} of {done + refused.total():,} could not be done.")
        if not done and self.options["ids"]:
            raise CommandError("None of these is open.")


def _as_json(group: FailureGroup) -> dict[str, Any]:
    return {
        "cause": group.cause,
        "resource": group.resource,
        "count": group.count,
        "shops": group.shop_count,
        "first_seen_at": group.first_seen_at.isoformat(),
        "last_seen_at": group.last_seen_at.isoformat(),
        "run_ids": list(group.run_ids),
    }


def _draw_groups(title: str, groups: list[FailureGroup], noun: str) -> Table | str:
    if not groups:
        return f"{title}: none."
    table = make_table("Cause", "Resource", noun, "Shops", "First seen (UTC)", "Last seen (UTC)", title=title)
    for group in groups:
        moments = (f"{moment:%Y-%m-%d %H:%M}" for moment in (group.first_seen_at, group.last_seen_at))
        cause = group.cause or "(no reason was kept)"
        table.add_row(cause, group.resource, f"{group.count:,}", f"{group.shop_count:,}", *moments)
    return table


def _draw_records(records: list[FailedRecord]) -> Table:
    table = make_table("Id", "Shop", "Order", "Seen", "Error", title=f"Records, at most {SHOWN_AT_MOST}")
    for record in records:
        facts = (str(record.pk), str(record.shop), record.external_id or "–", f"{record.seen_count:,}")
        table.add_row(*facts, record.error)
    return table
