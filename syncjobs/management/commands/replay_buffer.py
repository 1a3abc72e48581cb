"""Stores the batches that wait in this host's files since the database could not be written."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.template.defaultfilters import filesizeformat

from backoffice.common.commands import PlainCommand, make_console, make_table
from backoffice.common.stopping import stop_on_signals
from shops.models import Shop
from shops.queries import get_shop
from syncjobs.buffer.files import BatchFile, Folder
from syncjobs.buffer.ledger import open_store
from syncjobs.buffer.replay import Pass
from syncjobs.services.buffered import replay_buffer

WORDS = {
    Folder.WAITING: "waiting",
    Folder.REPLAYING: "being stored",
    Folder.FAILED: "failed",
    Folder.DAMAGED: "damaged",
}


class Command(PlainCommand):
    help = (
        "Store the batches that wait in this host's files, also those that were given up. Exit code 1 if a batch "
        "failed or is damaged, or the database cannot be written."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--shop", default="", help="only this shop: our id, or marketplace:external_id")
        parser.add_argument("--limit", type=int, default=None, help="at most so many batches")
        parser.add_argument("--dry-run", action="store_true", help="show what is there; store nothing")

    def run(self, options: dict[str, Any]) -> None:
        if options["limit"] is not None and options["limit"] < 1:
            raise CommandError(f"--limit {options['limit']} leaves nothing to do; give 1 or more.")
        self.shop_id = get_shop(options["shop"]).pk if options["shop"] else None
        self.console = make_console(self.stdout)
        if options["dry_run"]:
            self._show_files("Dry run: nothing is stored", self._list_files()[: options["limit"]])
            return
        with stop_on_signals():
            done = replay_buffer(shop_id=self.shop_id, limit=options["limit"], failed_too=True)
        self._say(done)
        bad = [file for file in self._list_files() if file.folder in (Folder.FAILED, Folder.DAMAGED)]
        if bad:
            self._show_files("A person must look; windows of damaged files must be read again", bad)
        if bad or done.is_database_away or any(outcome.folder for outcome in done.outcomes):
            sys.exit(1)

    def _list_files(self) -> list[BatchFile]:
        return [file for file in open_store().list_files() if self.shop_id in (None, file.shop_id)]

    def _say(self, done: Pass) -> None:
        if done.is_locked_out:
            self.stdout.write("A worker of this host is storing them at this moment; nothing was done here.")
            return
        stored = sum(outcome.folder is None for outcome in done.outcomes)
        for outcome in done.outcomes:
            if outcome.folder is not None:
                self.stdout.write(f"{outcome.file.name} is {WORDS[outcome.folder]}: {outcome.note}")
        left = len([file for file in self._list_files() if file.folder is Folder.WAITING])
        self.stdout.write(f"{stored} stored, {left} left in {settings.SYNC_BUFFER_DIR}.")
        if done.is_database_away:
            self.stderr.write("The database cannot be written. Everything waits as before; run this again later.")

    def _show_files(self, title: str, files: list[BatchFile]) -> None:
        if not files:
            self.stdout.write(f"Nothing waits in {settings.SYNC_BUFFER_DIR}.")
            return
        shops = Shop.objects.in_bulk({file.shop_id for file in files})
        table = make_table("Read at (UTC)", "Shop", "Chunk", "Size", "Tries", "State", "File", title=title)
        for file in files:
            table.add_row(
                f"{file.buffered_at:%Y-%m-%d %H:%M:%S}",
                str(shops.get(file.shop_id, f"unknown ({file.shop_id})")),
                str(file.chunk_id or "–"),
                filesizeformat(file.size_bytes).replace("\xa0", " "),
                str(file.try_count),
                WORDS[file.folder],
                file.name,
            )
        self.console.print(table)
