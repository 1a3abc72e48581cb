"""Issues, refreshes and ends the tokens of the shops' sellers.

A token carries shop, authorisation and generation under a seal made from the seed. So the first tokens depend on the
seed alone, and a token that was issued before the sandbox was restarted is still known afterwards.
"""

import base64
import binascii
import hmac
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from shops.sandbox.dataset import World
from shops.sandbox.lazada.numbers import NAME
from shops.sandbox.lazada.replies import RefusalError
from shops.sandbox.lazada.switches import Switches

# A code works once, for 30 minutes [A].
CODE_SECONDS = 30 * 60
_HIGHEST_CODE_COUNT = 1000
_GENERATIONS_KEPT = 32
_SEALED = struct.Struct(">BHII")
_SEAL_SIZE = 16
Kind = Literal["access", "refresh"]
# Tokens begin with five digits, as in the examples of the reference.
_KINDS: dict[Kind, tuple[int, str]] = {"access": (1, "50000"), "refresh": (2, "50001")}
_PREFIX_SIZE = 5


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token stands for."""

    shop_number: int
    authorisation: int
    generation: int


@dataclass(frozen=True, slots=True)
class Issued:
    """A new token set; `refresh_token` is None where the answer leaves it out."""

    access_token: str
    refresh_token: str | None
    expires_in: int
    refresh_expires_in: int


@dataclass
class _Chain:
    """The tokens of one shop."""

    authorisation: int = 0
    generation: int = 0
    refresh_generation: int = 0  # that of the refresh token in use
    access_ends: dict[int, int] = field(default_factory=dict)
    refresh_ends: dict[int, int] = field(default_factory=dict)  # by authorisation: a refresh never moves it [A]
    ended: set[int] = field(default_factory=set)


class Tokens:
    """All tokens of the app. Times are wall-clock times."""

    def __init__(
        self, world: World, shop_count: int, app_key: str, switches: Switches, wall: Callable[[], float]
    ) -> None:
        self._key = world.token(NAME, "token seal", size=32)
        self._app_key = app_key
        self._switches = switches
        self._wall = wall
        self._lock = threading.Lock()
        self._chains = [_Chain() for _ in range(shop_count)]
        self._codes: dict[str, tuple[int, float]] = {}
        self._codes_made = 0
        for chain in self._chains:
            self._authorise(chain)

    def current(self, shop_number: int) -> Issued:
        """Return the tokens of a shop as they are now."""
        chain = self._chains[shop_number]
        return self._issued(shop_number, chain, with_refresh_token=True)

    def find(self, kind: Kind, token: str) -> Grant | None:
        """Return the grant behind a token of this world, ended or not."""
        number, prefix = _KINDS[kind]
        text = token[_PREFIX_SIZE:]
        try:
            sealed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            found, shop_number, authorisation, generation = _SEALED.unpack(sealed[: _SEALED.size])
        except (binascii.Error, struct.error, ValueError):
            return None
        genuine = hmac.compare_digest(self._seal(sealed[: _SEALED.size]), sealed[_SEALED.size :])
        if not (genuine and token.startswith(prefix) and found == number and shop_number < len(self._chains)):
            return None
        self._adopt(shop_number, authorisation, generation)
        return Grant(shop_number, authorisation, generation)

    def is_ended(self, grant: Grant) -> bool:
        """Whether the access token has run out, or was ended by a fault or a switch."""
        chain = self._chains[grant.shop_number]
        with self._lock:
            ends = chain.access_ends.get(grant.generation, 0)
            return grant.generation in chain.ended or ends <= self._wall()

    def due(self, shop_number: int) -> Grant | None:
        """Return the access token in use if a careful client would refresh by now: a seventh of its life is left."""
        chain = self._chains[shop_number]
        left = chain.access_ends[chain.generation] - self._wall()
        is_due = chain.generation in chain.ended or left < self._switches.access_token_seconds / 7
        return Grant(shop_number, chain.authorisation, chain.generation) if is_due else None

    def end(self, grant: Grant) -> None:
        """End an access token before its time."""
        with self._lock:
            self._chains[grant.shop_number].ended.add(grant.generation)

    def refresh(self, token: str) -> tuple[Grant, Issued]:
        """Exchange a refresh token for a new access token; the end of the authorisation stays where it was [A]."""
        grant = self.find("refresh", token)
        if grant is None:
            raise RefusalError("refresh_token")
        chain = self._chains[grant.shop_number]
        with self._lock:
            if chain.refresh_ends.get(grant.authorisation, 0) <= self._wall():
                raise RefusalError("refresh_token")
            if self._switches.refresh_ends_access_token:
                chain.ended.add(chain.generation)
            self._begin(chain)
            if self._switches.refresh_reply == "new":
                chain.refresh_generation = chain.generation
            with_refresh_token = self._switches.refresh_reply != "missing"
            return grant, self._issued(grant.shop_number, chain, with_refresh_token=with_refresh_token)

    def issue_code(self, shop_number: int) -> str:
        """Return a code as the seller's browser brings it back: 0_<app_key>_<random> [A]."""
        with self._lock:
            self._codes_made += 1
            code = f"0_{self._app_key}_{self._seal(b'code %d' % self._codes_made).hex()}"
            if len(self._codes) >= _HIGHEST_CODE_COUNT:
                self._codes.pop(next(iter(self._codes)))
            self._codes[code] = (shop_number, self._wall() + CODE_SECONDS)
            return code

    def redeem(self, code: str) -> tuple[int, Issued]:
        """Exchange a code for tokens of a new authorisation."""
        with self._lock:
            shop_number, until = self._codes.pop(code, (0, 0.0))
            if until <= self._wall():
                raise RefusalError("code")
            chain = self._chains[shop_number]
            self._authorise(chain)
            return shop_number, self._issued(shop_number, chain, with_refresh_token=True)

    def _issued(self, shop_number: int, chain: _Chain, *, with_refresh_token: bool) -> Issued:
        now = int(self._wall())
        refresh_token = self._text("refresh", shop_number, chain.authorisation, chain.refresh_generation)
        return Issued(
            access_token=self._text("access", shop_number, chain.authorisation, chain.generation),
            refresh_token=refresh_token if with_refresh_token else None,
            expires_in=chain.access_ends[chain.generation] - now,
            refresh_expires_in=chain.refresh_ends[chain.authorisation] - now,
        )

    def _authorise(self, chain: _Chain) -> None:
        chain.authorisation += 1
        chain.refresh_ends[chain.authorisation] = int(self._wall()) + self._switches.refresh_token_seconds
        self._begin(chain)
        chain.refresh_generation = chain.generation

    def _begin(self, chain: _Chain) -> None:
        chain.generation += 1
        chain.access_ends[chain.generation] = int(self._wall()) + self._switches.access_token_seconds
        oldest = chain.generation - _GENERATIONS_KEPT
        for generation in [one for one in chain.access_ends if one < oldest]:
            del chain.access_ends[generation]
        chain.ended -= {one for one in chain.ended if one < oldest}

    def _adopt(self, shop_number: int, authorisation: int, generation: int) -> None:
        """Go on from a generation that an earlier run of the same world issued."""
        chain = self._chains[shop_number]
        with self._lock:
            if authorisation > chain.authorisation:
                chain.authorisation = authorisation
                chain.refresh_ends[authorisation] = int(self._wall()) + self._switches.refresh_token_seconds
                chain.refresh_generation = generation
            if generation > chain.generation:
                chain.generation = generation - 1
                self._begin(chain)

    def _text(self, kind: Kind, shop_number: int, authorisation: int, generation: int) -> str:
        number, prefix = _KINDS[kind]
        plain = _SEALED.pack(number, shop_number, authorisation, generation)
        return prefix + base64.urlsafe_b64encode(plain + self._seal(plain)).decode().rstrip("=")

    def _seal(self, plain: bytes) -> bytes:
        return hmac.digest(self._key, plain, "sha256")[:_SEAL_SIZE]
