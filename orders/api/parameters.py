"""Parameters of lists as the API's document describes them, where it cannot find out by itself."""

from drf_spectacular.utils import OpenApiExample, OpenApiParameter

FORM = "A time with its zone, or a day in the operator's zone."


def describe_moment(name: str, description: str) -> OpenApiParameter:
    """Describe a parameter that is a point in time."""
    examples = [OpenApiExample("a time", "2026-08-01T08:00:00Z"), OpenApiExample("a day", "2026-08-01")]
    return OpenApiParameter(name, str, description=f"{description}. {FORM}", examples=examples)


def describe_range(name: str, what: str) -> list[OpenApiParameter]:
    """Describe the two ends of a range of times."""
    return [
        describe_moment(f"{name}_from", f"{what} at or after"),
        describe_moment(f"{name}_to", f"{what} before; a day is included"),
    ]


ORDERED = describe_range("ordered", "Ordered")
CHANGED = describe_range("changed", "Changed at the marketplace")
MOVED = describe_range("changed", "Moved")
DRAWN_UP = describe_range("changed", "Drawn up")
STORED = describe_moment("updated_since", "Stored here at or after, by `synced_at`")
