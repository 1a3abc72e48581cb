"""What lists of synced rows and histories of their payloads have in common, whatever the rows are."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from backoffice.common.api.paging import KeysetPagination
from backoffice.common.api.views import PAGE_PARAMETERS, DetailView, ListView
from backoffice.common.filters import DAY
from backoffice.common.sorting import sort_few
from orders.api.serializers.history import HistoryEntrySerializer
from orders.queries.payloads import compare_in_turn, find_before, list_payloads

# Columns that no answer holds; some can be large.
UNUSED = ("attributes", "validation_errors", "payload_hash")


class SyncedPages(KeysetPagination):
    """By the time of storing, so that a caller who comes back goes on where it ended."""

    keys = ("synced_at", "id")

    def arrange(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Sort few; many are read in the order of an index."""
        return sort_few(super().arrange(queryset))


class StoredAfterChange:
    """Goes before a FilterSet: its filters in words that fit the API's order."""

    since: tuple[str, ...] = ("changed_from",)
    stored = "synced_at"  # the column of the API's order

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Leave out what was stored before it can have happened, which else is read before the first match is met."""
        filters: Any = super()
        rows: QuerySet[Any] = filters.filter_queryset(queryset)
        form: Any = getattr(self, "form", None)
        moments = [moment for name in self.since if (moment := form.cleaned_data[name])]
        return rows.filter(**{f"{self.stored}__gte": max(moments) - DAY}) if moments else rows


class SyncedListView(ListView):
    """A list of synced rows, in the order in which they were stored here."""

    pagination_class = SyncedPages


class HistoryPages(KeysetPagination):
    """Newest first; small pages, as every payload on them is read and compared."""

    keys = ("received_at", "id")
    descending = True
    page_size, largest_page = 20, 50


class HistoryView(DetailView):
    """What changed at the marketplace, when we received it and by which door, newest first.

    Payloads are kept for some months; the newest always is.
    """

    serializer_class = HistoryEntrySerializer
    pagination_class = HistoryPages

    def list_parameters(self) -> tuple[str, ...]:
        """List what pages take."""
        return PAGE_PARAMETERS

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        row = self.get_object()
        pages = HistoryPages()
        payloads = pages.paginate_queryset(list_payloads(row), request, self)
        entries = compare_in_turn(payloads, find_before(row, payloads[-1]) if payloads else None)
        return pages.get_paginated_response(HistoryEntrySerializer(entries, many=True).data)
