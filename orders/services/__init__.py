"""What staff may change about an order, and what time takes away from its history."""

from orders.services.handling import Stale, change_handling, clean_note, clean_tags
from orders.services.retention import PayloadWalk, count_old_payloads, start_payload_walk

__all__ = [
    "PayloadWalk",
    "Stale",
    "change_handling",
    "clean_note",
    "clean_tags",
    "count_old_payloads",
    "start_payload_walk",
]
