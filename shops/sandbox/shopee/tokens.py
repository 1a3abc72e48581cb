"""Issues, refreshes and ends the tokens of shops and of the main account.

A token carries its owner and generation under a seal made from the seed. So the first tokens depend on the seed alone,
and a token that was issued before the sandbox was restarted is still known afterwards. An access token lives four
hours, a refresh token thirty days and works once for each shop [A].
"""

import hmac
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from shops.sandbox.dataset import World
from shops.sandbox.shopee.names import NAME
from shops.sandbox.shopee.replies import RefusalError
from shops.sandbox.shopee.switches import Switches

# The owner of tokens that a main account got for all of its shops.
MAIN_ACCOUNT = 0xFFFF
_HIGHEST_CODE_COUNT = 1000
_GENERATIONS_KEPT = 32
_SEALED = struct.Struct(">BHI")
# With the sealed part 16 bytes, so that a token is 32 hex digits as the real ones are [A].
_SEAL_SIZE = 9
Kind = Literal["access", "refresh"]
_KIND_NUMBERS: dict[Kind, int] = {"access": 1, "refresh": 2}


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token stands for: one issue of tokens to a shop, or to a main account."""

    owner: int
    generation: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Two new tokens and when they end, in Unix seconds."""

    access_token: str
    refresh_token: str
    access_ends: int
    refresh_ends: int


@dataclass
class _Chain:
    """The issues of one owner. `spent` says when a refresh token was used for which shop."""

    generation: int = 0
    access_ends: dict[int, int] = field(default_factory=dict)
    refresh_ends: dict[int, int] = field(default_factory=dict)
    ended: set[int] = field(default_factory=set)
    spent: dict[tuple[int, int], float] = field(default_factory=dict)


class Tokens:
    """All tokens of the app. Times are wall-clock times."""

    def __init__(self, world: World, switches: Switches, wall: Callable[[], float]) -> None:
        self._key = world.token(NAME, "token seal", size=32)
        self._shop_count = world.shops
        self._switches = switches
        self._wall = wall
        self._lock = threading.RLock()
        self._chains: dict[int, _Chain] = {}
        for owner in range(world.shops):
            self._begin(owner, 0)
        self._codes: dict[str, tuple[int, float]] = {}
        self._codes_made = 0

    def current(self, shop_number: int) -> Pair:
        """Return a shop's tokens as they are now."""
        with self._lock:
            return self._pair(shop_number, self._chains[shop_number].generation)

    def covers(self, grant: Grant, shop_number: int) -> bool:
        """Whether the grant is for this shop."""
        return grant.owner in (shop_number, MAIN_ACCOUNT)

    def find(self, kind: Kind, token: str) -> Grant | None:
        """Return the grant behind a token of this world, ended or not."""
        try:
            sealed = bytes.fromhex(token)
            number, owner, generation = _SEALED.unpack(sealed[: _SEALED.size])
        except (ValueError, struct.error):
            return None
        genuine = hmac.compare_digest(self._seal(sealed[: _SEALED.size]), sealed[_SEALED.size :])
        if not genuine or number != _KIND_NUMBERS[kind] or not (owner < self._shop_count or owner == MAIN_ACCOUNT):
            return None
        with self._lock:
            # An earlier run of the same world issued it: go on from there.
            if owner not in self._chains or generation > self._chains[owner].generation:
                self._begin(owner, generation)
        return Grant(owner, generation)

    def is_ended(self, grant: Grant) -> bool:
        """Whether the access token has run out, or was ended by a fault or a switch."""
        with self._lock:
            chain = self._chains[grant.owner]
            ends = chain.access_ends.get(grant.generation, 0)
            return grant.generation in chain.ended or ends <= self._wall()

    def is_due(self, grant: Grant) -> bool:
        """Whether a careful client would refresh by now: the token has ended or a quarter of its life is left."""
        left = self._chains[grant.owner].access_ends.get(grant.generation, 0) - self._wall()
        return self.is_ended(grant) or left < self._switches.access_token_seconds / 4

    def end(self, grant: Grant) -> None:
        """End an access token before its time."""
        with self._lock:
            self._chains[grant.owner].ended.add(grant.generation)

    def refresh(self, token: str, shop_number: int) -> Pair:
        """Exchange a refresh token for a shop's two new tokens."""
        grant = self.find("refresh", token)
        if grant is None or not self.covers(grant, shop_number):
            raise RefusalError("refresh_token")
        chain, now, use = self._chains[grant.owner], self._wall(), (grant.generation, shop_number)
        with self._lock:
            if chain.refresh_ends.get(grant.generation, 0) <= now:
                raise RefusalError("refresh_token")
            if use in chain.spent and now >= chain.spent[use] + self._switches.old_refresh_token_seconds:
                raise RefusalError("refresh_token")
            chain.spent.setdefault(use, now)
            if self._switches.refresh_ends_access_token:
                chain.ended.add(grant.generation)
            return self._issue(shop_number)

    def issue_code(self, owner: int) -> str:
        """Return a code for a shop or the main account; it works once and for ten minutes [A]."""
        with self._lock:
            self._codes_made += 1
            code = self._seal(f"code {owner} {self._codes_made}".encode(), 16).hex()
            if len(self._codes) >= _HIGHEST_CODE_COUNT:
                self._codes.pop(next(iter(self._codes)))
            self._codes[code] = (owner, self._wall() + self._switches.code_seconds)
            return code

    def redeem(self, code: str, owner: int) -> Pair:
        """Exchange a code for two tokens; the code must have been given to this owner."""
        with self._lock:
            code_owner, until = self._codes.get(code, (owner, 0.0))
            if until <= self._wall():
                raise RefusalError("code")
            if code_owner != owner:
                raise RefusalError("main_account" if owner == MAIN_ACCOUNT else "token_shop")
            del self._codes[code]
            return self._issue(owner)

    def _issue(self, owner: int) -> Pair:
        known = self._chains.get(owner)
        generation = known.generation + 1 if known else 0
        self._begin(owner, generation)
        return self._pair(owner, generation)

    def _pair(self, owner: int, generation: int) -> Pair:
        chain = self._chains[owner]
        tokens = (self._text("access", owner, generation), self._text("refresh", owner, generation))
        return Pair(*tokens, chain.access_ends[generation], chain.refresh_ends[generation])

    def _begin(self, owner: int, generation: int) -> None:
        chain, now = self._chains.setdefault(owner, _Chain()), int(self._wall())
        chain.generation = generation
        chain.access_ends[generation] = now + self._switches.access_token_seconds
        chain.refresh_ends[generation] = now + self._switches.refresh_token_seconds
        oldest = generation - _GENERATIONS_KEPT
        for kept in (chain.access_ends, chain.refresh_ends):
            for old in [number for number in kept if number < oldest]:
                del kept[old]
        chain.ended -= {number for number in chain.ended if number < oldest}
        chain.spent = {use: at for use, at in chain.spent.items() if use[0] >= oldest}

    def _text(self, kind: Kind, owner: int, generation: int) -> str:
        plain = _SEALED.pack(_KIND_NUMBERS[kind], owner, generation)
        return (plain + self._seal(plain)).hex()

    def _seal(self, plain: bytes, size: int = _SEAL_SIZE) -> bytes:
        return hmac.digest(self._key, plain, "sha256")[:size]
