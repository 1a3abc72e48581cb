"""Ids of rows in addresses and options, where any text may stand."""

LARGEST_ID_DIGITS = 18  # the database's ids have up to 19 digits, and the largest of those are out of its range


def read_id(text: str) -> int | None:
    """Read an id; None for what cannot be one, of which the database must not be asked."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= LARGEST_ID_DIGITS
    return int(text) if is_number else None
