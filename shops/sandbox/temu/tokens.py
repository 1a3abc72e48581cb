"""Issues the tokens of the shops: one for a year each, never refreshed, replaced when the seller authorises again.

A token carries shop number and generation under a seal made from the seed. So the first tokens depend on the seed
alone, and a token that was issued before the sandbox was restarted is still known afterwards.
"""

import base64
import binascii
import hmac
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass

from shops.sandbox.dataset import World
from shops.sandbox.temu.replies import TemuRefusal
from shops.sandbox.temu.switches import Switches

CODE_SECONDS = 600
_HIGHEST_CODE_COUNT = 1000
_SEALED = struct.Struct(">HI")
# With the six bytes above it makes 35 bytes, which are 56 letters and digits: as long as real tokens.
_SEAL_SIZE = 29


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token stands for."""

    shop_number: int
    generation: int


@dataclass
class _Chain:
    """The tokens of one shop: which is the last, when it ends, and whether a fault has ended it."""

    generation: int
    expires: int
    is_ended: bool = False


class Tokens:
    """All tokens of the app. Times are wall-clock times."""

    def __init__(self, world: World, shop_count: int, switches: Switches, wall: Callable[[], float]) -> None:
        self._key = world.token("temu", "token seal", size=32)
        self._switches = switches
        self._wall = wall
        self._lock = threading.Lock()
        self._chains = [self._new_chain(0) for _ in range(shop_count)]
        self._codes: dict[str, tuple[int, float]] = {}
        self._used: dict[str, None] = {}
        self._codes_made = 0

    def current(self, shop_number: int) -> str:
        """Return the token of a shop as it is now."""
        return self._text(shop_number, self._chains[shop_number].generation)

    def expires_at(self, shop_number: int) -> int:
        """When the token of a shop ends."""
        return self._chains[shop_number].expires

    def find(self, token: str) -> Grant | None:
        """Return the grant behind a token of this world, replaced or not."""
        try:
            sealed = base64.b32decode(token.upper())
            shop_number, generation = _SEALED.unpack(sealed[: _SEALED.size])
        except (binascii.Error, struct.error, ValueError):
            return None
        genuine = hmac.compare_digest(self._seal(sealed[: _SEALED.size]), sealed[_SEALED.size :])
        if not genuine or not token.islower() or shop_number >= len(self._chains):
            return None
        with self._lock:
            # Go on from a generation that an earlier run of the same world issued.
            if generation > self._chains[shop_number].generation:
                self._chains[shop_number] = self._new_chain(generation)
        return Grant(shop_number, generation)

    def is_ended(self, grant: Grant) -> bool:
        """Whether a token has run out, was replaced by a later one, or was ended by a fault."""
        chain = self._chains[grant.shop_number]
        return chain.is_ended or grant.generation != chain.generation or chain.expires <= self._wall()

    def end(self, grant: Grant) -> None:
        """End a token before its time."""
        self._chains[grant.shop_number].is_ended = True

    def issue_code(self, shop_number: int) -> str:
        """Return a single-use code that lives ten minutes [A]."""
        with self._lock:
            self._codes_made += 1
            code = f"sbx{shop_number}c{self._codes_made}" + self._seal(str(self._codes_made).encode()).hex()[:20]
            if len(self._codes) >= _HIGHEST_CODE_COUNT:
                self._codes.pop(next(iter(self._codes)))
            self._codes[code] = (shop_number, self._wall() + CODE_SECONDS)
            return code

    def shop_of(self, code: str) -> int | None:
        """Return the shop whose seller gave a code that was not used yet."""
        known = self._codes.get(code)
        return None if known is None else known[0]

    def redeem(self, code: str) -> int:
        """Exchange a code for a new token of its shop, which ends the old one; returns the shop number."""
        with self._lock:
            if code in self._used:
                raise TemuRefusal("used_code")
            if code not in self._codes:
                raise TemuRefusal("code")
            shop_number, until = self._codes.pop(code)
            self._used[code] = None
            if len(self._used) > _HIGHEST_CODE_COUNT:
                self._used.pop(next(iter(self._used)))
            if until <= self._wall():
                raise TemuRefusal("old_code")
            self._chains[shop_number] = self._new_chain(self._chains[shop_number].generation + 1)
            return shop_number

    def _new_chain(self, generation: int) -> _Chain:
        return _Chain(generation, int(self._wall()) + self._switches.token_seconds)

    def _text(self, shop_number: int, generation: int) -> str:
        plain = _SEALED.pack(shop_number, generation)
        return base64.b32encode(plain + self._seal(plain)).decode().lower()

    def _seal(self, plain: bytes) -> bytes:
        return hmac.digest(self._key, plain, "sha256")[:_SEAL_SIZE]
