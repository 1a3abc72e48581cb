"""What the API's document says of a list of synced rows, of one row and of its history, whatever the rows are."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view

from backoffice.common.api.views import ApiView
from orders.api.examples.history import HISTORY
from orders.api.parameters import CHANGED, STORED
from orders.api.serializers.history import HistoryEntrySerializer

ViewT = TypeVar("ViewT", bound=type[ApiView])


def describe_list(
    rows: str, example: OpenApiExample, ranges: Iterable[OpenApiParameter] = CHANGED, *, words: str = ""
) -> Callable[[ViewT], ViewT]:
    """Describe a list. `rows` name its address, `words` are what people call them where that is something else."""
    said = extend_schema(
        operation_id=f"list_{rows}", summary=f"List {words or rows}", parameters=[*ranges, STORED], examples=[example]
    )
    return extend_schema_view(get=said)


def describe_row(row: str, example: OpenApiExample, words: str) -> Callable[[ViewT], ViewT]:
    """Describe how one row is read."""
    return extend_schema_view(get=extend_schema(operation_id=f"get_{row}", summary=f"Read {words}", examples=[example]))


def describe_history(row: str, words: str) -> Callable[[ViewT], ViewT]:
    """Describe the history of a row."""
    said = extend_schema(
        operation_id=f"list_{row}_history", summary=f"List the changes of {words}", examples=[HISTORY],
        responses=HistoryEntrySerializer(many=True), filters=False,
    )  # fmt: skip
    return extend_schema_view(get=said)
