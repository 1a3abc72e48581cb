"""Pages by position: each begins after the last row of the one before, at any depth, and nothing is counted.

DRF's own cursor counts an offset among rows of an equal position, and gives up at 1,000 of them; here the position
holds the id too and so is never equal. What is written meanwhile neither pushes rows out of sight nor shows them twice.
"""

from datetime import UTC, datetime
from typing import Any

from django.core import signing
from django.db.models import F, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

PAGE_SIZE = 100
LARGEST_PAGE = 500  # rows; with lines and packages about 1 MB of JSON
CURSOR_LENGTH = 300  # characters; ours have about 120


class KeysetPagination(BasePagination):
    """Orders by `keys`, which end with the id; with `descending` the newest come first."""

    keys: tuple[str, ...] = ("id",)
    descending = False
    page_size, largest_page = PAGE_SIZE, LARGEST_PAGE  # fewer where rows are large

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """Read one page, and one row more to know whether another follows."""
        self._request = request
        self._salt = f"cursor:{queryset.model._meta.label_lower}"
        size = self._read_page_size(request)
        cursor = request.query_params.get("cursor")
        if cursor:
            queryset = self._after(queryset, self._read(cursor))
        rows = list(self.arrange(queryset)[: size + 1])
        self._next_cursor = self._write(rows[size - 1]) if len(rows) > size else None
        return rows[:size]

    def arrange(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Put the rows in order."""
        return queryset.order_by(*(f"-{key}" if self.descending else key for key in self.keys))

    def get_paginated_response(self, data: Any) -> Response:
        """Answer with the rows and where to go on."""
        cursor, here = self._next_cursor, self._request.build_absolute_uri()
        following = replace_query_param(here, "cursor", cursor) if cursor else None
        return Response({"results": data, "next": following, "next_cursor": cursor})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe a page."""
        following = "Address of the next page; null on the last one."
        cursor = "The same as a value for the parameter `cursor`."
        return {
            "type": "object",
            "required": ["results", "next", "next_cursor"],
            "properties": {
                "results": schema,
                "next": {
                    "type": "string", "format": "uri", "nullable": True, "description": following, "example": None,
                },
                "next_cursor": {"type": "string", "nullable": True, "description": cursor, "example": None},
            },
        }  # fmt: skip

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Describe the parameters of a page."""
        size = {"type": "integer", "minimum": 1, "maximum": self.largest_page, "default": self.page_size}
        return [
            _parameter("cursor", {"type": "string"}, "Where to go on: `next_cursor` of the page before."),
            _parameter("page_size", size, "Rows on a page."),
        ]

    def _after(self, queryset: QuerySet[Any], position: list[Any]) -> QuerySet[Any]:
        # One comparison of rows is one range of the index; "greater, or equal and then greater" would be two.
        beyond = TupleLessThan if self.descending else TupleGreaterThan
        return queryset.filter(beyond(Tuple(*map(F, self.keys)), position))

    def _read_page_size(self, request: Request) -> int:
        text = request.query_params.get("page_size", "") or str(self.page_size)
        size = int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else 0
        if not 1 <= size <= self.largest_page:
            raise ValidationError({"page_size": [f"A whole number from 1 to {self.largest_page}."]})
        return size

    def _write(self, row: Any) -> str:
        position = [getattr(row, key) for key in self.keys]
        return _signer(self._salt).sign_object([_as_text(value) for value in position])

    def _read(self, cursor: str) -> list[Any]:
        try:
            if len(cursor) > CURSOR_LENGTH:
                raise ValueError
            position = _signer(self._salt).unsign_object(cursor)
            return [datetime.fromisoformat(value) if isinstance(value, str) else value for value in position]
        except (signing.BadSignature, ValueError) as error:
            raise ValidationError(
                {"cursor": ["Not a cursor of this list. Take next_cursor from a page, or leave it out to begin."]}
            ) from error


class NewestFirst(KeysetPagination):
    """By id, the newest first."""

    descending = True


def _signer(salt: str) -> signing.Signer:
    return signing.Signer(salt=salt, sep=".")


def _as_text(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}
