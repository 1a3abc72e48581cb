"""What a person keeps of a list: name, filters and columns. Their own only, also for superusers."""

from collections.abc import Sequence
from typing import Any

from django.http import QueryDict

from backoffice.common.errors import NotPossible
from backoffice.common.ids import read_id
from backoffice.common.lists.models import SavedView
from backoffice.common.lists.models.saved_view import QUERY_LENGTH
from backoffice.common.locks import advisory_lock

VIEW_PARAMETER = "view"
VIEWS_AT_MOST = 50  # of one person and list: a bar of chips has to stay readable
# Where in the list somebody stood, and how the page was opened: no part of what they look for. The order is left out
# because it counts columns, and the columns may be others.
NO_FILTERS = ("p", "o", "e", "all", VIEW_PARAMETER, "_popup", "_to_field", "_facets", "csrfmiddlewaretoken")


def list_views(person: Any, list_label: str) -> list[SavedView]:
    """List a person's views of a list, by name."""
    return list(SavedView.objects.filter(user=person, list_label=list_label).order_by("name")[:VIEWS_AT_MOST])


def find_view(person: Any, list_label: str, view_id: str) -> SavedView | None:
    """Find a person's own view of a list; `view_id` may be any text from an address."""
    pk = read_id(view_id)
    return None if pk is None else SavedView.objects.filter(user=person, list_label=list_label, pk=pk).first()


def read_filters(query: str) -> QueryDict:
    """Return what an address narrows the list by."""
    filters = QueryDict(query, mutable=True)
    for name in NO_FILTERS:
        filters.pop(name, None)
    for name in [name for name, values in filters.lists() if not any(values)]:
        del filters[name]
    return filters


def save_view(
    *, person: Any, list_label: str, name: str, query: str, columns: Sequence[str], view: SavedView | None = None
) -> SavedView:
    """Keep a view under a name that is new to the list, or change the one that is given."""
    kept = read_filters(query).urlencode()
    if len(kept) > QUERY_LENGTH:
        raise NotPossible(f"The filters are longer than {QUERY_LENGTH:,} characters. Take fewer of them.")
    with advisory_lock("saved views", person.pk, list_label):
        views = SavedView.objects.filter(user=person, list_label=list_label)
        others = views if view is None else views.exclude(pk=view.pk)
        if others.filter(name=name).exists():
            raise NotPossible(f"You have a view of this list that is named “{name}” already. Take another name.")
        if view is None and others.count() >= VIEWS_AT_MOST:
            raise NotPossible(f"You have {VIEWS_AT_MOST} views of this list already. Delete one first.")
        view = view or SavedView(user=person, list_label=list_label)
        view.name, view.query, view.columns = name, kept, list(columns)
        view.save()
    return view


def delete_view(view: SavedView) -> None:
    """Forget a view."""
    view.delete()
