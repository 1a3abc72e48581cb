"""System checks on settings: each has an id and a hint that says what to do."""

from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from shops.connections import LONGEST_SLEEP_SECONDS


@register()
def check_credential_keys(**_: Any) -> list[CheckMessage]:
    """Every key must be one that Fernet takes."""
    for number, key in enumerate(settings.CREDENTIAL_KEYS, start=1):
        try:
            Fernet(key)
        except ValueError:
            return [
                Error(
                    f"Key {number} in CREDENTIAL_KEYS is not a Fernet key.",
                    hint="32 bytes in URL-safe base64; make one with cryptography.fernet.Fernet.generate_key().",
                    id="backoffice.E001",
                )
            ]
    return []


@register()
def check_lease(**_: Any) -> list[CheckMessage]:
    """A lease must outlive the longest call and the longest sleep, or chunks are handed on while their worker waits."""
    longest = settings.REQUEST_TIMEOUT + LONGEST_SLEEP_SECONDS
    if longest < settings.SYNC_LEASE_SECONDS:
        return []
    return [
        Error(
            f"SYNC_LEASE_SECONDS is {settings.SYNC_LEASE_SECONDS}, but a worker may be silent for {longest} s: "
            f"REQUEST_TIMEOUT for an answer and {LONGEST_SLEEP_SECONDS} s before the next try.",
            hint="It would lose its chunk meanwhile. Raise SYNC_LEASE_SECONDS or lower REQUEST_TIMEOUT.",
            id="backoffice.E002",
        )
    ]


@register()
def check_lanes(**_: Any) -> list[CheckMessage]:
    """A lane may fill no more of a limit than the one above it, or it would go first."""
    names = ("RATE_LIMIT_HIGH_PERCENT", "RATE_LIMIT_INCREMENTAL_PERCENT", "RATE_LIMIT_BACKFILL_PERCENT")
    percents = [getattr(settings, name) for name in names]
    if percents == sorted(percents, reverse=True):
        return []
    return [
        Error(
            f"{', '.join(names)} are {', '.join(map(str, percents))}: a lane has more than the one above it.",
            hint="Work that can wait would be done before what is urgent. Let the percents fall, e.g. 95, 90, 80.",
            id="backoffice.E003",
        )
    ]


@register(deploy=True)
def check_sandbox(**_: Any) -> list[CheckMessage]:
    """Sandbox addresses have no place in production."""
    if not settings.ALLOW_SANDBOX:
        return []
    return [
        Warning(
            "ALLOW_SANDBOX is on: apps may point to addresses on this machine.",
            hint="Set ALLOW_SANDBOX=false in production.",
            id="backoffice.W001",
        )
    ]
