"""Issues, refreshes and ends the tokens of the shops' sellers.

A token carries shop number and generation under a seal made from the seed. So the first tokens depend on the seed
alone, and a token that was issued before the sandbox was restarted is still known afterwards.
"""

import base64
import binascii
import hmac
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from shops.sandbox.dataset import World
from shops.sandbox.tiktok.replies import RefusalError
from shops.sandbox.tiktok.switches import Switches

YEAR_SECONDS = 365 * 86_400
AUTH_CODE_SECONDS = 30 * 60
_HIGHEST_CODE_COUNT = 1000
_GENERATIONS_KEPT = 32
_SEALED = struct.Struct(">BHI")
_SEAL_SIZE = 16
Kind = Literal["access", "refresh"]
_KIND_NUMBERS: dict[Kind, int] = {"access": 1, "refresh": 2}


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token stands for."""

    shop_number: int
    generation: int


@dataclass
class _Chain:
    """The tokens of one shop."""

    generation: int = 0
    expires: dict[int, int] = field(default_factory=dict)
    superseded: dict[int, float] = field(default_factory=dict)
    ended: set[int] = field(default_factory=set)


class Tokens:
    """All tokens of the app. Times are wall-clock times."""

    def __init__(self, world: World, prefixes: list[str], switches: Switches, wall: Callable[[], float]) -> None:
        self._key = world.token("tiktok", "token seal", size=32)
        self._prefixes = prefixes
        self._switches = switches
        self._wall = wall
        self._lock = threading.Lock()
        self._started = int(wall())
        self._chains = [self._begin(_Chain(), 0) for _ in prefixes]
        self._codes: dict[str, tuple[int, float]] = {}
        self._codes_made = 0

    def text(self, kind: Kind, shop_number: int, generation: int) -> str:
        """Return the token itself."""
        plain = _SEALED.pack(_KIND_NUMBERS[kind], shop_number, generation)
        return self._prefixes[shop_number] + base64.urlsafe_b64encode(plain + self._seal(plain)).decode().rstrip("=")

    def current(self, shop_number: int) -> tuple[str, str]:
        """Access and refresh token as they are now."""
        generation = self._chains[shop_number].generation
        return self.text("access", shop_number, generation), self.text("refresh", shop_number, generation)

    def ends(self, shop_number: int) -> tuple[int, int]:
        """When the current access and refresh token end."""
        chain = self._chains[shop_number]
        return chain.expires[chain.generation], self._started + YEAR_SECONDS

    def find(self, kind: Kind, token: str) -> Grant | None:
        """Return the grant behind a token of this world, expired or not."""
        try:
            sealed = base64.b64decode(token[4:] + "=" * (-len(token[4:]) % 4), altchars=b"-_", validate=True)
            number, shop_number, generation = _SEALED.unpack(sealed[: _SEALED.size])
        except (binascii.Error, struct.error, ValueError):
            return None
        genuine = hmac.compare_digest(self._seal(sealed[: _SEALED.size]), sealed[_SEALED.size :])
        if not genuine or number != _KIND_NUMBERS[kind] or shop_number >= len(self._chains):
            return None
        self._adopt(shop_number, generation)
        return Grant(shop_number, generation)

    def is_expired(self, grant: Grant) -> bool:
        """Whether the access token has run out, or was ended by a fault or a switch."""
        chain = self._chains[grant.shop_number]
        with self._lock:
            expires = chain.expires.get(grant.generation, 0)
            ended = grant.generation in chain.ended
        return ended or expires <= self._wall()

    def is_due(self, grant: Grant) -> bool:
        """Whether a careful client would refresh by now: the token has ended or a seventh of its life is left."""
        left = self._chains[grant.shop_number].expires.get(grant.generation, 0) - self._wall()
        return self.is_expired(grant) or left < self._switches.access_token_seconds / 7

    def end(self, grant: Grant) -> None:
        """End an access token before its time."""
        with self._lock:
            self._chains[grant.shop_number].ended.add(grant.generation)

    def refresh(self, token: str) -> tuple[Grant, dict[str, Any]]:
        """Exchange a refresh token for two new tokens; returns what it was and the token part of the reply."""
        grant = self.find("refresh", token)
        if grant is None:
            raise RefusalError("no_record")
        chain, now = self._chains[grant.shop_number], self._wall()
        with self._lock:
            if grant.generation != chain.generation:
                replaced = chain.superseded.get(grant.generation, 0.0)
                if now > replaced + self._switches.old_refresh_token_seconds:
                    raise RefusalError("refresh_expired")
            return grant, self._issue(grant.shop_number, now)

    def issue_code(self, shop_number: int) -> str:
        """Return a single-use code that lives 30 minutes [A]."""
        with self._lock:
            self._codes_made += 1
            code = f"SBX_{shop_number}_{self._codes_made}_" + self._seal(str(self._codes_made).encode()).hex()
            if len(self._codes) >= _HIGHEST_CODE_COUNT:
                self._codes.pop(next(iter(self._codes)))
            self._codes[code] = (shop_number, self._wall() + AUTH_CODE_SECONDS)
            return code

    def redeem(self, code: str) -> tuple[int, dict[str, Any]]:
        """Exchange a code for two tokens; returns the shop number and the token part of the reply."""
        with self._lock:
            shop_number, until = self._codes.pop(code, (0, 0.0))
            if until <= self._wall():
                raise RefusalError("auth_code")
            return shop_number, self._issue(shop_number, self._wall())

    def _issue(self, shop_number: int, now: float) -> dict[str, Any]:
        chain = self._chains[shop_number]
        chain.superseded[chain.generation] = now
        if self._switches.refresh_ends_access_token:
            chain.ended.add(chain.generation)
        self._begin(chain, chain.generation + 1)
        return {
            "access_token": self.text("access", shop_number, chain.generation),
            "access_token_expire_in": chain.expires[chain.generation],
            "refresh_token": self.text("refresh", shop_number, chain.generation),
            "refresh_token_expire_in": self._started + YEAR_SECONDS,
        }

    def _begin(self, chain: _Chain, generation: int) -> _Chain:
        chain.generation = generation
        chain.expires[generation] = int(self._wall()) + self._switches.access_token_seconds
        oldest = generation - _GENERATIONS_KEPT
        for kept in (chain.expires, chain.superseded):
            for old in [number for number in kept if number < oldest]:
                del kept[old]
        chain.ended -= set(range(oldest))
        return chain

    def _adopt(self, shop_number: int, generation: int) -> None:
        """Go on from a generation that an earlier run of the same world issued."""
        chain = self._chains[shop_number]
        if generation > chain.generation:
            with self._lock:
                self._begin(chain, generation)

    def _seal(self, plain: bytes) -> bytes:
        return hmac.digest(self._key, plain, "sha256")[:_SEAL_SIZE]
