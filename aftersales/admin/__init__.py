"""Admin pages of returns and of cases, and what other pages show of them."""

from aftersales.admin import (
    address,
    answer,
    carrier,
    case,
    exchange,
    log,
    parcel,
    refund,
    settings,
    sweep,
    synced_return,
)

__all__ = [
    "address",
    "answer",
    "carrier",
    "case",
    "exchange",
    "log",
    "parcel",
    "refund",
    "settings",
    "sweep",
    "synced_return",
]
