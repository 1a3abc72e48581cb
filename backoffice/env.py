"""Typed readers for the environment and `.env`; a value that makes no sense stops the start.

Every setting has a name, a unit and a description. The readers register what they read, so that
docs/configuration.md and .env.example are generated from the same lines.
Imports no Django. The real environment wins over `.env`; `NAME_FILE` may name a file that holds a secret.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values

BASE_DIR = Path(__file__).resolve().parent.parent

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}


class SettingError(SystemExit):
    """A setting cannot be used; ends the process with one sentence instead of a traceback."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One line of the configuration page."""

    name: str
    kind: str
    default: str
    description: str
    topic: str


REGISTRY: dict[str, Setting] = {}
_topic = "General"
_values: dict[str, str] = {
    **{name: value for name, value in dotenv_values(BASE_DIR / ".env").items() if value is not None},
    **os.environ,
}


def topic(title: str) -> None:
    """Put the settings that follow under this heading."""
    global _topic
    _topic = title


def is_set(name: str) -> bool:
    """Whether the environment or `.env` gives this name a non-empty value."""
    return bool(_values.get(name, "").strip())


def text(name: str, default: str, description: str, *, kind: str = "text", choices: Iterable[str] = ()) -> str:
    """Read a text; with `choices`, anything else is refused."""
    REGISTRY[name] = Setting(name, kind, default, description, _topic)
    value = _values.get(name, "").strip() or default
    allowed = tuple(choices)
    if allowed and value not in allowed:
        raise SettingError(
            f"{name}={value!r} is not one of {', '.join(allowed)}. Correct it in the environment or .env."
        )
    return value


def secret(name: str, default: str, description: str) -> str:
    """Read a secret from the variable or from the file that NAME_FILE points to."""
    path = _values.get(f"{name}_FILE", "").strip()
    REGISTRY[name] = Setting(name, "secret", "", f"{description} Or {name}_FILE: a file that holds it.", _topic)
    if not path:
        return _values.get(name, "").strip() or default
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingError(f"{name}_FILE points to {path}, which cannot be read: {error.strerror}.") from error


def boolean(name: str, default: bool, description: str) -> bool:
    """Read true/false, yes/no, on/off or 1/0."""
    value = text(name, str(default).lower(), description, kind="yes or no").lower()
    if value not in _TRUE | _FALSE:
        raise SettingError(f"{name}={value!r} is neither true nor false. Write {name}=true or {name}=false.")
    return value in _TRUE


def integer(
    name: str, default: int, description: str, *, unit: str = "number", minimum: int = 0, maximum: int = 10**9
) -> int:
    """Read a whole number within bounds; `unit` says of what."""
    value = text(name, str(default), description, kind=unit)
    try:
        number = int(value)
    except ValueError as error:
        raise SettingError(f"{name}={value!r} is not a whole number ({unit}).") from error
    if not minimum <= number <= maximum:
        raise SettingError(f"{name}={number} is outside {minimum} to {maximum} ({unit}).")
    return number


def time_zone(name: str, default: str, description: str) -> str:
    """Read the name of a time zone, e.g. Asia/Ho_Chi_Minh."""
    value = text(name, default, description, kind="time zone")
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SettingError(f"{name}={value!r} is not a time zone. Write one like Asia/Ho_Chi_Minh or UTC.") from error
    return value


def url(name: str, schemes: Iterable[str], description: str) -> str:
    """Read the address of a server, which may hold a password, or "" where none is given."""
    value = secret(name, "", description)
    allowed = tuple(schemes)
    if value and value.partition("://")[0] not in allowed:  # the value is not repeated: it may hold a password
        raise SettingError(f"{name} does not begin with one of {', '.join(f'{scheme}://' for scheme in allowed)}.")
    try:
        _ = urlsplit(value).port
    except ValueError as error:
        raise SettingError(
            f"{name} cannot be read as an address; write special characters of a password as %40 and the like."
        ) from error
    return value


def as_broker_url(redis_url: str) -> str:
    """Write a Redis address as Celery wants it: sockets have another scheme there."""
    if not redis_url.startswith("unix://"):
        return redis_url
    path, _, query = redis_url.removeprefix("unix://").partition("?")
    return f"redis+socket://{path}?virtual_host={parse_qs(query).get('db', ['0'])[0]}"


def names(name: str, default: str, description: str) -> list[str]:
    """Read a comma-separated list."""
    return [part.strip() for part in text(name, default, description, kind="list").split(",") if part.strip()]
