"""Lists of any size: one count, capped, and no wide columns."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from unfold.views import ChangeList

from backoffice.common.counting import COUNT_LIMIT, count_up_to, show_count
from backoffice.common.lists.saved_views import VIEW_PARAMETER
from backoffice.common.sorting import sort_few


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts only the first keys: enough to page through, whatever the table's size."""

    template_name = "backoffice/pagination.html"

    @cached_property
    def count(self) -> int:
        """Return the number of rows, at most one more than the limit."""
        rows = self.object_list
        if isinstance(rows, QuerySet):
            return count_up_to(COUNT_LIMIT, rows)
        return len(rows)

    def page(self, number: int | str) -> Page[Any]:
        """Return one page."""
        if isinstance(self.object_list, QuerySet):
            self.object_list = sort_few(self.object_list, found=self.count)
        return super().page(number)

    @property
    def shown_count(self) -> str:
        """Write the count for people."""
        return show_count(self.count)


class CappedChangeList(ChangeList):  # type: ignore[misc]
    """A list without wide columns, and with one count: the capped one beside the page numbers."""

    result_list: Any

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        """Read what the list shows."""
        rows: QuerySet[Any] = super().get_queryset(request, exclude_parameters)
        return rows.defer(*self.model_admin.list_defer)

    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        """Leave out which saved view is shown: it names columns and narrows nothing, but stays in every link."""
        filters: dict[str, Any] = super().get_filters_params(params)
        filters.pop(VIEW_PARAMETER, None)
        return filters

    def get_results(self, request: HttpRequest) -> None:
        """Let the header have no count of its own to show, and the page of rows be completed."""
        super().get_results(request)
        self.full_result_count = self.result_count
        self.result_list = list(self.result_list)
        self.model_admin.complete_rows(request, self.result_list)
