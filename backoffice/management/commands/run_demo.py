"""The whole product on one machine: sandbox, web, worker and beat, two shops of each marketplace, and a life there."""

import secrets
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import requests
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from backoffice import embedded
from backoffice.common import clock
from backoffice.common.commands import PlainCommand
from backoffice.common.plurals import say_count
from backoffice.management.demo.cases import make_demo_cases
from backoffice.management.demo.children import Children
from backoffice.management.demo.forget import forget_sandbox_shops
from backoffice.management.demo.sync import DemoSync
from backoffice.management.demo.world import (
    FAULT_KINDS,
    PORTS_FOR_SANDBOX,
    Control,
    World,
    choosing_ports,
    find_free_ports,
    load_world,
)
from backoffice.periodic_tasks import install
from shops.marketplaces.registry import MARKETPLACES

SECONDS_TO_START = 60
POLL_SECONDS = 0.2
LAG_SECONDS = 30  # how far the world's clock stays behind the end guard, so that a frozen world can be read whole


class Stopped(Exception):
    """Ctrl-C or SIGTERM."""


class Command(PlainCommand):
    help = (
        "Start everything against the sandbox and keep it running until Ctrl-C. With --once: sync a frozen world, "
        "compare every record with the truth, print one table, end; exit code 1 if anything differs."
    )
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="sync, compare with the truth, end")
        parser.add_argument("--orders", type=int, help="orders at the start, over all marketplaces (default 20000)")
        parser.add_argument("--seed", type=int, help="which world (default 1)")
        parser.add_argument("--shops", type=int, help="shops per marketplace (default 2)")
        parser.add_argument(
            "--faults", default="", help=f"switch faults on while syncing: all, or some of {', '.join(FAULT_KINDS)}"
        )
        parser.add_argument("--port", type=int, default=8000, help="first port to try for the web pages")

    def run(self, options: dict[str, Any]) -> None:
        if not settings.DEBUG or not settings.ALLOW_SANDBOX:
            raise CommandError(
                "The demo needs DEBUG=true and ALLOW_SANDBOX=true, so that it never runs beside real shops."
            )
        self.options = options
        self.faults = self._fault_kinds(options["faults"])
        self.folder = Path(settings.VAR_DIR) / "demo"
        self.children = Children(self.folder)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        try:
            self._run_until_ended()
        except Stopped:
            self._say("Stopping: workers give back what they hold, rows stay.")
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)  # what follows must not be cut short
            self.children.end_all()
            self._stop_servers()

    def _run_until_ended(self) -> None:
        left = self.children.end_leftovers()
        if left:
            self._say(f"Ended what an earlier demo left running: {', '.join(left)}.")
        self._mark_servers()
        self._say("Preparing the database ...")
        call_command("migrate", verbosity=0)
        world = self._choose_world()
        control = self._start_sandbox(world)
        call_command("connect_sandbox", control=control.url, stdout=self.stdout)
        self._install_schedule()
        sync = DemoSync(control, self.stdout, self._keep_alive)  # before beat can start a run that it would not count
        self._start_product()
        if self.faults:
            control.switch_on_faults(self.faults)
            self._say(f"Faults switched on: {', '.join(self.faults)}.")
        if self.options["once"]:
            equal = sync.sync_and_compare(with_faults=bool(self.faults))
            if not equal:
                raise CommandError("The tables differ from the truth; the examples above say where.")
            self.world_path.unlink(missing_ok=True)  # the next --once starts with a world of its own
            return
        sync.catch_up()
        made = make_demo_cases(sync.shops)
        if made:
            self._say(f"Made {made} after-sales cases, two of which are overdue.")
        self._show_addresses(control)
        self._watch()

    def _choose_world(self) -> World:
        """Go on with the world whose orders are here, unless another one was asked for."""
        self.world_path = self.folder / "world.json"
        asked = {name: self.options[name] for name in ("seed", "orders", "shops") if self.options[name] is not None}
        world = load_world(self.world_path)
        if world is not None and all(getattr(world, name) == value for name, value in asked.items()):
            self._say(f"Going on with the world of seed {world.seed}.")
            return world
        forgotten = forget_sandbox_shops()
        if forgotten:
            self._say(f"Removed {say_count(forgotten, 'sandbox shop')} of another world, with all orders.")
        epoch = int(clock.unix_seconds()) - settings.SYNC_END_GUARD_SECONDS - LAG_SECONDS
        world = World(**{"seed": 1, "orders": 20_000, "shops": 2, **asked}, epoch=epoch)
        world.save(self.world_path)
        return world

    def _start_sandbox(self, world: World) -> Control:
        with choosing_ports():
            port = find_free_ports(9100, PORTS_FOR_SANDBOX)
            each = -(-world.orders // len(MARKETPLACES))
            facts = {"port": port, "seed": world.seed, "orders": each, "shops": world.shops, "now": world.epoch}
            options = [text for name, value in facts.items() for text in (f"--{name}", str(value))]
            self.children.start("sandbox", [sys.executable, "manage.py", "run_sandbox", *options])
            control = Control(f"http://127.0.0.1:{port}")
            self._wait_for("sandbox", control.answers)
        behind = int(clock.unix_seconds()) - settings.SYNC_END_GUARD_SECONDS - LAG_SECONDS - control.now()
        if behind > 1:
            control.set_clock(mode="real", advance_seconds=behind)
        self._say(
            f"Sandbox: {world.orders} orders, {world.shops} shops on each of {len(MARKETPLACES)} marketplaces, control "
            f"at {control.url}"
        )
        return control

    def _start_product(self) -> None:
        celery = [sys.executable, "-m", "celery", "-A", "backoffice.celery"]
        self.children.start(
            "worker", [*celery, "worker", "--concurrency", "2", "--loglevel", "INFO", "--without-mingle"]
        )
        self.children.start("beat", [*celery, "beat", "--loglevel", "INFO", "--pidfile", ""])
        with choosing_ports():
            bind = f"127.0.0.1:{find_free_ports(self.options['port'])}"
            self.web = f"http://{bind}"
            gunicorn = [sys.executable, "-m", "gunicorn", "backoffice.wsgi", "--workers", "2", "--access-logfile", "-"]
            self.children.start("web", [*gunicorn, "--bind", bind])
            self._wait_for("web", lambda: _answers(f"{self.web}/readyz"))

    def _install_schedule(self) -> None:
        """Install the periodic tasks; the demo reads new orders every minute, as an operator might set it."""
        if install().get("orders: incremental") == "added":
            schedule, _ = CrontabSchedule.objects.get_or_create(
                minute="*",
                hour="*",
                day_of_week="*",
                day_of_month="*",
                month_of_year="*",
                timezone=settings.OPERATOR_TIME_ZONE,
            )
            PeriodicTask.objects.filter(name="orders: incremental").update(crontab=schedule)

    def _show_addresses(self, control: Control) -> None:
        path = self.folder / "login.txt"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(9), encoding="utf-8")
        password = path.read_text(encoding="utf-8").strip()
        admin, created = User.objects.get_or_create(username="admin", defaults={"is_staff": True, "is_superuser": True})
        if created or not admin.check_password(password):
            admin.set_password(password)
            admin.save()
        self._say(
            f"\n  Back office  {self.web}/admin/\n  Login        admin / {password}\n  Sandbox      {control.url}\n"
            f"  Logs         {self.folder}/*.log\n\nOrders keep coming and are read every minute. Ctrl-C ends the demo."
        )

    def _watch(self) -> None:
        """Keep going until a signal comes or a process ends by itself."""
        while True:
            clock.sleep(1)
            self._keep_alive()

    def _keep_alive(self) -> None:
        """Bring the servers back if they were killed; end if one of the demo's own processes was."""
        ended = self.children.ended()
        if ended:
            names = ", ".join(f"{name} (exit code {code})" for name, code in ended.items())
            raise CommandError(f"Ended by itself: {names}. Its log is in {self.folder}. Start the demo again to go on.")
        embedded.ensure()

    def _mark_servers(self) -> None:
        """Remember that the demo started the servers, also for a demo that comes after one that was killed."""
        self.servers_mark = self.folder / "servers-started"
        if embedded.started_here():
            self.servers_mark.touch()

    def _stop_servers(self) -> None:
        if getattr(self, "servers_mark", None) and self.servers_mark.exists():
            embedded.stop(settings.VAR_DIR)
            self.servers_mark.unlink()

    def _wait_for(self, name: str, answers: Any) -> None:
        until = clock.monotonic_seconds() + SECONDS_TO_START
        while name in self.children.ended() or not answers():
            if name in self.children.ended() or clock.monotonic_seconds() > until:
                raise CommandError(f"The {name} did not start. The end of its log:\n{self.children.log_tail(name)}")
            clock.sleep(POLL_SECONDS)

    def _fault_kinds(self, text: str) -> list[str]:
        kinds = list(FAULT_KINDS) if text == "all" else [kind.strip() for kind in text.split(",") if kind.strip()]
        unknown = sorted(set(kinds) - set(FAULT_KINDS))
        if unknown:
            raise CommandError(f"Unknown fault: {', '.join(unknown)}. Known: all, {', '.join(FAULT_KINDS)}.")
        return kinds

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        raise Stopped

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.RequestException:
        return False
