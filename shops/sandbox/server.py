"""Starts and stops the sandbox: the control server on one port, each marketplace on a port of its own after it."""

import errno
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Self

from shops.sandbox.clock import WorldClock
from shops.sandbox.control import Control
from shops.sandbox.dataset import World
from shops.sandbox.faults import Faults
from shops.sandbox.lazada import Lazada
from shops.sandbox.listener import Answer, Listener, Request, Response
from shops.sandbox.marketplace import Marketplace, Stage
from shops.sandbox.quotas import Quotas
from shops.sandbox.shopee import Shopee
from shops.sandbox.temu import Temu
from shops.sandbox.tiktok import TikTok

DEFAULT_PORT = 9100
DEFAULT_SEED = 1
DEFAULT_ORDERS = 20_000
DEFAULT_SHOPS = 2
DEFAULT_DAYS = 6
HIGHEST_PORT = 65_535
# Name, distance from the control port, class. The distances are known to settings and docs.
MARKETPLACES: tuple[tuple[str, int, Callable[[Stage], Marketplace]], ...] = (
    ("tiktok", 1, TikTok),
    ("temu", 2, Temu),
    ("shopee", 3, Shopee),
    ("lazada", 4, Lazada),
)


class StartError(Exception):
    """The sandbox cannot start; the text is one sentence for the user."""


@dataclass(frozen=True)
class Running:
    """A sandbox that answers. Use it as a context manager, or call stop()."""

    control_url: str
    urls: dict[str, str]
    clock: WorldClock
    marketplaces: dict[str, Marketplace]
    listeners: tuple[Listener, ...]

    def stop(self) -> None:
        """Close all ports and connections."""
        for listener in self.listeners:
            listener.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stop()


def start(
    *,
    port: int = DEFAULT_PORT,
    seed: int = DEFAULT_SEED,
    orders: int = DEFAULT_ORDERS,
    shops: int = DEFAULT_SHOPS,
    now: int | None = None,
    days: int = DEFAULT_DAYS,
    wall: Callable[[], float] = time.time,
) -> Running:
    """Start a sandbox in threads of this process; with port 0 every server takes a free port."""
    wall_now = int(wall())
    epoch = wall_now if now is None else now
    if epoch > wall_now:
        raise StartError(f"The world's time must not pass the wall clock, and {epoch} lies after {wall_now}.")
    try:
        world = World(seed, epoch, days, orders, shops)
    except ValueError as error:
        raise StartError(str(error)) from error
    clock = WorldClock(epoch, world.start, wall)
    stage = Stage(world, clock, Faults(seed), Quotas())
    marketplaces = {name: build(stage) for name, _, build in MARKETPLACES}
    listeners: list[Listener] = []
    try:
        # The control port first: if it is taken, that is the port the user knows and can change.
        control = _listen(port, _not_ready)
        listeners.append(control)
        for name, distance, _ in MARKETPLACES:
            listeners.append(_listen(port + distance if port else 0, marketplaces[name].answer))
    except StartError:
        for listener in listeners:
            listener.server_close()
        raise
    urls = {name: listener.url for name, listener in zip(marketplaces, listeners[1:], strict=True)}
    control.answer = Control(stage, marketplaces, urls).answer
    for listener in listeners:
        listener.start()
    return Running(control.url, urls, clock, marketplaces, tuple(listeners))


def serve_forever(running: Running, announce: Callable[[], None]) -> None:
    """Announce, wait for SIGTERM or SIGINT, then stop; for the main thread only.

    A signal that comes right after the announcement ends it cleanly too, so the handlers are set before.
    """
    # The wake-up descriptor is written in the instant of the signal and in whatever thread gets it. An Event set from
    # a handler, or a plain blocking wait, can miss a signal that comes just before the wait begins.
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    wakeup_before = signal.set_wakeup_fd(writer.fileno())
    handlers_before = {number: signal.signal(number, _note_only) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        announce()
        reader.recv(1)
    finally:
        running.stop()
        for number, handler in handlers_before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(wakeup_before)
        reader.close()
        writer.close()


def _note_only(_number: int, _frame: FrameType | None) -> None:
    """Leave everything to the wake-up descriptor."""


def _not_ready(_request: Request) -> Response:
    return Response(503)


def _listen(port: int, answer: Answer) -> Listener:
    if not 0 <= port <= HIGHEST_PORT:
        raise StartError(f"Port {port} does not exist; ports go up to {HIGHEST_PORT}.")
    try:
        return Listener(port, answer)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise StartError(f"Port {port} is in use; stop what uses it, or choose another with --port.") from error
        raise StartError(f"Port {port} cannot be opened: {error.strerror}.") from error
