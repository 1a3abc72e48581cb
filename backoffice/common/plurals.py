"""Counts in sentences: "1 case", "2,000 cases". Imports no Django."""


def say_count(count: int, one: str, many: str = "") -> str:
    """Write a count before its word; `many` is given where it is more than `one` and an s."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
