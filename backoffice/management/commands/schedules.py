"""Shows what is scheduled, when it was sent last and when it is next, and sends an entry now."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django_celery_beat.models import PeriodicTask
from kombu.exceptions import OperationalError as BrokerError

from backoffice.common.commands import PlainCommand, make_console, make_table
from backoffice.common.plurals import say_count
from backoffice.periodic_tasks import find_next_run, send_now
from syncjobs.services import read_quota_fits


class Command(PlainCommand):
    help = "Show what is scheduled, when it was sent last and is sent next. --run sends an entry to the workers now."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--run", default="", metavar="NAME", help="send this entry now; its schedule stays")

    def run(self, options: dict[str, Any]) -> None:
        entries = PeriodicTask.objects.select_related("crontab", "interval", "clocked").order_by("name")
        if options["run"]:
            self._send(options["run"])
        elif not entries:
            self.stdout.write("Nothing is scheduled. Run: python manage.py install_periodic_tasks")
        else:
            self._show(list(entries))
            self._show_quotas()

    def _send(self, name: str) -> None:
        entry = PeriodicTask.objects.filter(name=name).first()
        if entry is None:
            names = PeriodicTask.objects.order_by("name").values_list("name", flat=True)
            raise CommandError(f"Nothing scheduled is called {name!r}. There is: {', '.join(names) or 'nothing yet'}.")
        try:
            send_now(entry)
        except BrokerError as error:
            raise CommandError(
                f"The broker (Redis) does not answer, so {name!r} was not sent. Send it when the broker is back; "
                "its own schedule goes on by itself."
            ) from error
        note = "" if entry.enabled else " It stays switched off."
        self.stdout.write(f"Sent {name!r} to the workers of queue {entry.queue or 'default'}.{note}")

    def _show(self, entries: list[Any]) -> None:
        table = make_table(
            "Name",
            "On",
            "When",
            "Last sent",
            "Next",
            "Queue",
            title=f"Times in {settings.OPERATOR_TIME_ZONE} (and UTC)",
        )
        for entry in entries:
            next_at = find_next_run(entry)
            when = entry.crontab.human_readable if entry.crontab else str(entry.scheduler)
            when = when.removesuffix(f" {settings.OPERATOR_TIME_ZONE}")
            last = _say(entry.last_run_at) if entry.last_run_at else "never"
            table.add_row(
                entry.name, "on" if entry.enabled else "off", when, last, _say(next_at) if next_at else "–",
                entry.queue or "default",
            )  # fmt: skip
        make_console(self.stdout).print(table)

    def _show_quotas(self) -> None:
        """Say where turns come seldomer than the table says."""
        for fit in read_quota_fits().values():
            if fit.is_stretched:
                shops = say_count(fit.shop_count, "shop")
                self.stdout.write(
                    f"{fit.app}: for {shops} the schedule needs {fit.calls_needed:,.0f} calls a day or more, and "
                    f"{fit.calls_allowed:,} are allowed. So incremental runs come {fit.stretch.stream:.1f} times as "
                    f"far apart as planned, and all that is read again {fit.stretch.others:.1f} times."
                )


def _say(moment: datetime) -> str:
    local = moment.astimezone(ZoneInfo(settings.OPERATOR_TIME_ZONE))
    return f"{local:%m-%d %H:%M} ({moment:%H:%M} UTC)"
