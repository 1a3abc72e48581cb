"""The sandbox of a run: a world that hurries after the present while it is synced, and misbehaves."""

import sys
from collections import Counter
from typing import Any

import requests

from backoffice.common import clock
from backoffice.management.demo.children import Children
from backoffice.management.demo.world import (
    PORTS_FOR_SANDBOX,
    Control,
    choosing_ports,
    find_free_ports,
    list_fault_kinds,
)
from shops.marketplaces.registry import MARKETPLACES

# Of all calls, unless it says "of pages". Together more than 5 %; `expired_token` and `page_shift` cost several calls.
FAULT_RATES: dict[str, dict[str, float]] = {
    "slow": {"rate": 0.005, "seconds": 1.5},
    "throttled": {"rate": 0.002, "retry_after": 1},  # holds back the whole shop for a second
    "throttled_silent": {"rate": 0.002},  # and this one for 2, 4, 8 ... where they follow one another
    "server_error": {"rate": 0.02},
    "cut_off": {"rate": 0.015},
    "not_json": {"rate": 0.015},
    "expired_token": {"rate": 0.004},
    "page_shift": {"rate": 0.01},
    "repeated_rows": {"rate": 0.03},
    "impossible_record": {"rate": 0.03},
}
SECONDS_TO_START = 60
SHORTEST_LAG_SECONDS = 5


class Marketplace(Control):
    """The sandbox and what is asked of it."""

    def hurry(self, seconds: float) -> None:
        """Let the world's clock, which lags behind, reach the present after so many seconds."""
        lag = clock.unix_seconds() - self.now() - SHORTEST_LAG_SECONDS
        self.set_clock(mode="scaled", speed=max(1.0, 1 + lag / seconds))

    def misbehave(self) -> None:
        """Switch on every kind of fault: at every marketplace at its rate, and once for sure at one of them.

        Were all sure at one, its first call would meet them in a row, and its chunk would wait for half a minute.
        """
        for number, kind in enumerate(FAULT_RATES):
            known = [name for name in MARKETPLACES if list_fault_kinds(name, [kind])]
            for marketplace in known:
                fault = {"kind": kind, "marketplace": marketplace, **FAULT_RATES[kind]}
                if marketplace == known[number % len(known)]:
                    self._post("/faults", {k: v for k, v in fault.items() if k != "rate"} | {"times": 1})
                self._post("/faults", fault)

    def count_faults(self) -> Counter[str]:
        """Count how often each kind of fault has struck."""
        struck: Counter[str] = Counter()
        for fault in self._get("/faults")["faults"]:
            struck[fault["kind"]] += fault["applied"]
        return struck

    def behave(self) -> Counter[str]:
        """Switch all faults off; return how often each kind struck."""
        struck = self.count_faults()
        requests.delete(f"{self.url}/faults", timeout=60).raise_for_status()
        return struck

    def count_calls(self) -> int:
        """Count the calls so far, whatever became of them."""
        told: dict[str, Any] = self.calls()
        return sum(
            told[marketplace]["total"][outcome]
            for marketplace in MARKETPLACES
            for outcome in ("ok", "refused", "throttled", "faulted")
        )


def open_marketplace(children: Children, *, seed: int, orders: int, shops: int, days: int, lag: int) -> Marketplace:
    """Start the sandbox with a world that lags so many seconds behind the present."""
    epoch = int(clock.unix_seconds()) - lag
    with choosing_ports():
        port = find_free_ports(9500, PORTS_FOR_SANDBOX)
        facts = {"port": port, "seed": seed, "orders": orders, "shops": shops, "now": epoch, "days": days}
        options = [f"--{name}={value}" for name, value in facts.items()]
        children.start("sandbox", [sys.executable, "-m", "shops.sandbox", *options])
        marketplace = Marketplace(f"http://127.0.0.1:{port}")
        until = clock.monotonic_seconds() + SECONDS_TO_START
        while not marketplace.answers():
            if clock.monotonic_seconds() > until or "sandbox" in children.ended():
                raise RuntimeError(f"The sandbox did not start: {children.log_tail('sandbox')}")
            clock.sleep(0.1)
    return marketplace
