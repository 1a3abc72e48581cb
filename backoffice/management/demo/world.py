"""The sandbox of a demo: which world it shows, where it listens, and what it is told.

A world is its seed, size and epoch. They stand in a file, so that a demo that is started again, even after it was
killed, goes on with the same world and the rows that are already here stay true.
"""

import fcntl
import json
import os
import socket
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import requests

from shops.marketplaces.registry import MARKETPLACES

PORTS_FOR_SANDBOX = 5  # control and one for each marketplace
FAULT_KINDS: dict[str, dict[str, Any]] = {
    "slow": {"rate": 0.02, "seconds": 1},
    "throttled": {"rate": 0.02},
    "throttled_silent": {"rate": 0.02},
    "server_error": {"rate": 0.02},
    "cut_off": {"rate": 0.02},
    "not_json": {"rate": 0.02},
    "expired_token": {"times": 3},
    "page_shift": {"times": 3},
    "repeated_rows": {"rate": 0.05},
    "impossible_record": {"rate": 0.05},
}


def list_fault_kinds(marketplace: str, kinds: Collection[str]) -> list[str]:
    """List the faults that a sync outlives alone: where no token can be renewed, one that ends takes a person."""
    can_refresh = MARKETPLACES[marketplace].connector.authorisation.can_refresh
    return [kind for kind in kinds if can_refresh or kind != "expired_token"]


@dataclass(frozen=True)
class World:
    """What makes a world: the same seed, size and epoch give the same orders. `orders` is over all marketplaces."""

    seed: int
    orders: int
    shops: int
    epoch: int

    def save(self, path: Path) -> None:
        """Write it down before anything is read from it."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")


def load_world(path: Path) -> World | None:
    """Return the world of an earlier demo, if there was one."""
    try:
        return World(**json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


@contextmanager
def choosing_ports() -> Iterator[None]:
    """Let one demo at a time look for free ports and take them; else two that start together take the same."""
    path = Path(tempfile.gettempdir()) / f"backoffice-ports-{os.getuid()}.lock"
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def find_free_ports(first: int, count: int = 1) -> int:
    """Return the first port from which so many neighbouring ports are free on this machine."""
    for port in range(first, 65_000, count):
        if all(_is_free(port + offset) for offset in range(count)):
            return port
    raise OSError(f"no {count} free ports from {first} on")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Control:
    """The sandbox's control server."""

    def __init__(self, url: str) -> None:
        self.url = url

    def answers(self) -> bool:
        """Whether the sandbox is up."""
        try:
            return requests.get(f"{self.url}/world", timeout=5).ok
        except requests.RequestException:
            return False

    def now(self) -> int:
        """Return the world's clock, in Unix seconds."""
        return int(self._get("/world")["now"])

    def calls(self) -> dict[str, Any]:
        """Return the sandbox's own count of calls."""
        return self._get("/calls")

    def set_clock(self, **change: Any) -> int:
        """Change the world's clock; return what it shows now."""
        self._post("/clock", change)
        return self.now()

    def switch_on_faults(self, kinds: Collection[str]) -> None:
        """Switch faults on at every marketplace, at the rates of FAULT_KINDS."""
        for marketplace in self._get("/world")["marketplaces"]:
            for kind in list_fault_kinds(marketplace, kinds):
                self._post("/faults", {"kind": kind, "marketplace": marketplace, **FAULT_KINDS[kind]})

    def switch_off_faults(self) -> None:
        """Switch all faults off."""
        requests.delete(f"{self.url}/faults", timeout=60).raise_for_status()

    def _get(self, path: str) -> dict[str, Any]:
        answer = requests.get(f"{self.url}{path}", timeout=60)
        answer.raise_for_status()
        content: dict[str, Any] = answer.json()
        return content

    def _post(self, path: str, body: dict[str, Any]) -> None:
        answer = requests.post(f"{self.url}{path}", json=body, timeout=60)
        if not answer.ok:
            raise requests.HTTPError(f"the sandbox refused {path} {body}: {answer.text}")
