"""What staff may change about an order, and which orders money belongs to."""

from orders.services.handling import Stale, change_handling, clean_note, clean_tags

__all__ = [
    "Stale",
    "change_handling",
    "clean_note",
    "clean_tags",
]
