"""Keeps the answer of a renewal in a file while the database cannot take it: it may not be asked for again.

One file for each authorisation, encrypted like the column that it is meant for, readable by this account only, written
whole or not at all. Files belong to a host: each looks after its own.
"""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import structlog
from django.conf import settings

from backoffice.common.encryption import UnreadableSecret, decrypt, encrypt
from shops.marketplaces.records import Token

log = structlog.get_logger(__name__)

PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700
_SUFFIX, _UNFINISHED = ".token", ".part"


@dataclass(frozen=True, slots=True)
class KeptToken:
    """A token set, and the version of the credential that it was asked for with."""

    authorisation: UUID
    version: int
    token: Token


def keep_token(kept: KeptToken) -> None:
    """Write a token set to the disk; it replaces an older one."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
    unfinished = folder / f"{kept.authorisation}{_UNFINISHED}"
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE), "w") as file:
        facts = {"version": kept.version, "token": write_token(kept.token)}
        file.write(encrypt(orjson.dumps(facts).decode()))
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(_path(kept.authorisation))


def read_kept(authorisation: UUID) -> KeptToken | None:
    """Read what is kept of an authorisation; None where nothing is, or nothing that can be read."""
    try:
        facts = orjson.loads(decrypt(_path(authorisation).read_text()))
        return KeptToken(authorisation, facts["version"], read_token(facts["token"]))
    except FileNotFoundError:
        return None
    except (UnreadableSecret, OSError, ValueError, KeyError, TypeError) as error:
        # It stays: with the right key, or after a look at the disk, it may be read yet.
        log.error("kept_token_unreadable", file=str(_path(authorisation)), error=type(error).__name__)
        return None


def forget_kept(authorisation: UUID) -> None:
    """Delete what is kept of an authorisation."""
    _path(authorisation).unlink(missing_ok=True)


def list_kept() -> list[UUID]:
    """List the authorisations of which something is kept on this host."""
    return sorted(UUID(path.stem) for path in _folder().glob(f"*{_SUFFIX}"))


def _folder() -> Path:
    return Path(settings.VAR_DIR) / "tokens"


def _path(authorisation: UUID) -> Path:
    return _folder() / f"{authorisation}{_SUFFIX}"


def write_token(token: Token) -> dict[str, Any]:
    """Return a token set as JSON has it. It holds secrets: only to be written encrypted."""
    return asdict(token)


def read_token(facts: Mapping[str, Any]) -> Token:
    """Read what `write_token` gave, after a way through JSON."""
    lists = {name: tuple(facts[name]) for name in ("scopes", "shop_external_ids", "shop_regions")}
    return Token(
        access_token=facts["access_token"],
        refresh_token=facts["refresh_token"],
        access_token_expires_at=read_moment(facts["access_token_expires_at"]),
        refresh_token_expires_at=read_moment(facts["refresh_token_expires_at"]),
        seller_name=facts["seller_name"],
        scopes=lists["scopes"],
        shop_external_ids=lists["shop_external_ids"],
        shop_regions=lists["shop_regions"],
    )


def read_moment(text: str | None) -> datetime | None:
    """Read a moment that went through JSON."""
    return datetime.fromisoformat(text) if text else None
