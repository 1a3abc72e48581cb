"""Parameters of order lists as the API's document describes them, where it cannot find out by itself."""

from drf_spectacular.utils import OpenApiExample, OpenApiParameter

FORM = "A time with its zone, or a day in the operator's zone."


def _moment(name: str, description: str) -> OpenApiParameter:
    examples = [OpenApiExample("a time", "2026-08-01T08:00:00Z"), OpenApiExample("a day", "2026-08-01")]
    return OpenApiParameter(name, str, description=f"{description}. {FORM}", examples=examples)


MOMENTS = [
    _moment("ordered_from", "Ordered at or after"),
    _moment("ordered_to", "Ordered before; a day is included"),
    _moment("changed_from", "Changed at the marketplace at or after"),
    _moment("changed_to", "Changed at the marketplace before; a day is included"),
    _moment("updated_since", "Stored here at or after, by `synced_at`"),
]
