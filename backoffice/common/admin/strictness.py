"""Refuses what an address or a form of a list cannot mean, where the library would let the database trip over it."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from backoffice.common.ids import read_id

LOOKUPS = ("", "__exact", "__isnull", "__in", "__id__exact")  # what the library's own filters put into an address


class StrictListMixin:
    """Goes before the library's base of an admin page.

    Lists are narrowed by their filters only: with any other lookup a person could read a column that no page shows,
    bit by bit, or make the database walk a whole table.
    """

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Whether a parameter is one of the list's filters, with values that a text may hold."""
        admin: Any = self
        named = [one[0] if isinstance(one, tuple) else one for one in admin.get_list_filter(request)]
        known = {f"{name}{suffix}" for name in named if isinstance(name, str) for suffix in LOOKUPS}
        known |= {one.parameter_name for one in named if hasattr(one, "parameter_name")}
        return lookup in known and not any("\x00" in text for text in request.GET.getlist(lookup))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Search without the one character that no text in the database has."""
        found: tuple[QuerySet[Any], bool] = super().get_search_results(  # type: ignore[misc]
            request, queryset, search_term.replace("\x00", "")
        )
        return found

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Do nothing to rows whose ids are none."""
        chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
        if None in map(read_id, chosen):
            messages.error(request, "What was selected are no rows of this list. Nothing was done; select them again.")
            return HttpResponseRedirect(request.get_full_path())
        answer: HttpResponse | None = super().response_action(request, queryset)  # type: ignore[misc]
        return answer
