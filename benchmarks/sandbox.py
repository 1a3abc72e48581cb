"""A sandbox in a process of its own whose shops are connected to empty tables: where every bench of the sync begins."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from backoffice.common import clock
from backoffice.management.demo.children import Children
from backoffice.management.demo.forget import forget_sandbox_shops
from backoffice.management.demo.world import PORTS_FOR_SANDBOX, Control, choosing_ports, find_free_ports
from benchmarks.tables import empty_tables
from shops.models import Shop
from shops.services import list_sandbox_shops

FIRST_PORT = 9200
LAG_SECONDS = 100  # behind the end guard, so that the window holds the whole world
DAYS = 6  # the sandbox's own default: within FULL_SYNC_DAYS, so that a first sync reads all of it


@contextmanager
def running_sandbox(orders: int, shops: int = 2, marketplaces: tuple[str, ...] = ("tiktok",)) -> Iterator[Control]:
    """Run a sandbox with so many orders at each marketplace; the shops of some are connected and hold nothing yet."""
    children = Children(Path(settings.VAR_DIR) / "bench")
    epoch = int(clock.unix_seconds()) - LAG_SECONDS
    try:
        with choosing_ports():  # until it answers: another bench that looks for ports meanwhile would take the same
            port = find_free_ports(FIRST_PORT, PORTS_FOR_SANDBOX)
            facts = {"port": port, "orders": orders, "shops": shops, "days": DAYS, "now": epoch}
            options = [f"--{name}={value}" for name, value in facts.items()]
            children.start("sandbox", [sys.executable, "manage.py", "run_sandbox", *options])
            control = Control(f"http://127.0.0.1:{port}")
            while not control.answers():
                if children.ended():
                    raise RuntimeError(f"The sandbox ended:\n{children.log_tail('sandbox')}")
                clock.sleep(0.1)
        control.set_clock(mode="frozen", now=epoch)  # all read the same world: no order comes in between
        empty_tables()
        forget_sandbox_shops()
        call_command("connect_sandbox", control=control.url, marketplace=list(marketplaces), verbosity=0)
        yield control
    finally:
        children.end_all()


def first_shop() -> Shop:
    """Return the shop that is synced where one is enough."""
    shop = list_sandbox_shops().first()
    assert shop is not None
    return shop
