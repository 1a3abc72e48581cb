"""The bar above every list: all rows, quick links, the person's saved views, and saving what is on the screen."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import label_for_field
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from backoffice.common.errors import BackofficeError
from backoffice.common.lists import saved_views
from backoffice.common.lists.models import SavedView
from backoffice.common.lists.models.saved_view import NAME_LENGTH
from backoffice.common.lists.saved_views import VIEW_PARAMETER

ListColumn = str | Callable[..., Any]


class SavedViewForm(forms.Form):
    """What the dialog sends: the name, and the columns in their order."""

    name = forms.CharField(max_length=NAME_LENGTH)
    columns = forms.MultipleChoiceField(required=False)
    query = forms.CharField(required=False)

    def __init__(self, data: QueryDict, *, columns: Iterable[str]) -> None:
        super().__init__(data)
        choices: Any = self.fields["columns"]
        choices.choices = [(name, name) for name in columns]


class SavedViewsMixin:
    """Goes before the library's base of an admin page.

    `list_quick_links` are (label, filters) that everybody has, e.g. ("Overdue", "ship_by=overdue"); where they depend
    on the request, override `get_list_quick_links`. `list_extra_columns` are columns that only a saved view shows.
    """

    list_before_template: str | None = "lists/bar.html"
    list_quick_links: Sequence[tuple[str, str]] = ()
    list_extra_columns: Sequence[ListColumn] = ()

    def get_list_quick_links(self, request: HttpRequest) -> Sequence[tuple[str, str]]:
        """Return the links that everybody has."""
        return self.list_quick_links

    def get_list_display(self, request: HttpRequest) -> Sequence[ListColumn]:
        """Show the columns of the view that the address names; the first one, which leads to the row, stays."""
        usual: Sequence[ListColumn] = super().get_list_display(request)  # type: ignore[misc]
        view = self._find_view(request)
        if view is None or not view.columns:
            return usual
        known = {_name(column): column for column in (*usual, *self.list_extra_columns)}
        first = _name(usual[0])
        chosen = [first, *(name for name in view.columns if name in known and name != first)]
        return [known[name] for name in chosen]

    def get_urls(self) -> list[URLPattern]:
        """Keep, change and delete views beside the list."""
        admin: Any = self
        save = path("views/", admin.admin_site.admin_view(require_POST(self.views_view)), name=self._views_name())
        urls: list[URLPattern] = super().get_urls()  # type: ignore[misc]
        return [save, *urls]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list with its bar; a view that is not the person's own is left out of the address."""
        if request.method == "GET" and VIEW_PARAMETER in request.GET and self._find_view(request) is None:
            messages.warning(request, "You have no such view of this list. All columns are shown.")
            query = request.GET.copy()
            del query[VIEW_PARAMETER]
            return HttpResponseRedirect(f"{request.path}?{query.urlencode()}")
        answer: HttpResponse = super().changelist_view(  # type: ignore[misc]
            request, {"list_bar": self.get_list_bar(request), **(extra_context or {})}
        )
        return answer

    def views_view(self, request: HttpRequest) -> HttpResponse:
        """Save what is on the screen as a view, change a view, or delete it."""
        admin: Any = self
        if not admin.has_view_or_change_permission(request):
            raise PermissionDenied
        form = SavedViewForm(request.POST, columns=self._columns(request))
        wanted = request.POST.get("do", "create")
        present = saved_views.find_view(request.user, self._list_label(), request.POST.get(VIEW_PARAMETER, ""))
        if present is None and wanted != "create":
            raise Http404("There is no such view.")
        if wanted == "delete" and present is not None:
            saved_views.delete_view(present)
            messages.success(request, f"The view “{present.name}” was deleted.")
            return HttpResponseRedirect(self._list_address())
        return self._save(request, form, present if wanted == "update" else None)

    def get_list_bar(self, request: HttpRequest) -> dict[str, Any]:
        """Return what the bar shows."""
        view = self._find_view(request)
        filters = saved_views.read_filters(request.GET.urlencode())
        present = sorted(filters.lists())
        links = [
            {"label": label, "query": query, "active": not view and present == sorted(QueryDict(query).lists())}
            for label, query in self.get_list_quick_links(request)
        ]
        return {
            "quick_links": links,
            "views": [
                {"view": one, "query": _view_query(one), "active": one == view}
                for one in saved_views.list_views(request.user, self._list_label())
            ],
            "shows_all": not view and not present,
            "view": view,
            "query": filters.urlencode(),
            "columns": self._choices(request, view),
            "save_address": reverse(f"admin:{self._views_name()}"),
        }

    def _save(self, request: HttpRequest, form: SavedViewForm, view: SavedView | None) -> HttpResponse:
        problem = ""
        if form.is_valid():
            try:
                view = saved_views.save_view(
                    person=request.user,
                    list_label=self._list_label(),
                    name=form.cleaned_data["name"],
                    query=form.cleaned_data["query"],
                    columns=list(dict.fromkeys(form.cleaned_data["columns"])),
                    view=view,
                )
            except BackofficeError as refusal:
                problem = str(refusal)
        else:
            problem = " ".join(f"{name}: {' '.join(map(str, errors))}" for name, errors in form.errors.items())
        if problem or view is None:
            messages.error(request, f"The view was not saved. {problem}")
            return HttpResponseRedirect(f"{self._list_address()}?{_readable(request.POST.get('query', ''))}")
        messages.success(request, f"The view “{view.name}” was saved.")
        return HttpResponseRedirect(f"{self._list_address()}?{_view_query(view)}")

    def _find_view(self, request: HttpRequest) -> SavedView | None:
        if not hasattr(request, "_list_view"):
            asked_for = request.GET.get(VIEW_PARAMETER, "")
            found = saved_views.find_view(request.user, self._list_label(), asked_for) if asked_for else None
            request._list_view = found  # type: ignore[attr-defined]  # asked for several times on each page
        view: SavedView | None = request._list_view  # type: ignore[attr-defined]
        return view

    def _columns(self, request: HttpRequest) -> list[str]:
        """Name every column that the list can show."""
        usual: Sequence[ListColumn] = super().get_list_display(request)  # type: ignore[misc]
        return list(dict.fromkeys(_name(column) for column in (*usual, *self.list_extra_columns)))

    def _choices(self, request: HttpRequest, view: SavedView | None) -> list[dict[str, Any]]:
        """Return the columns for the dialog: those that are shown, in their order, and then the others."""
        admin: Any = self
        shown = {_name(column): column for column in self.get_list_display(request)}
        usual: Sequence[ListColumn] = super().get_list_display(request)  # type: ignore[misc]
        known = {_name(column): column for column in (*usual, *self.list_extra_columns)}
        names = [*shown, *(name for name in known if name not in shown)]
        return [
            {"name": name, "label": label_for_field(known[name], admin.model, admin), "shown": name in shown}
            for name in names
        ]

    def _list_label(self) -> str:
        admin: Any = self
        label: str = admin.opts.label_lower
        return label

    def _list_address(self) -> str:
        admin: Any = self
        return reverse(f"admin:{admin.opts.app_label}_{admin.opts.model_name}_changelist")

    def _views_name(self) -> str:
        admin: Any = self
        return f"{admin.opts.app_label}_{admin.opts.model_name}_views"


def _name(column: ListColumn) -> str:
    return column if isinstance(column, str) else column.__name__


def _view_query(view: SavedView) -> str:
    return "&".join(filter(None, [urlencode({VIEW_PARAMETER: view.pk}), view.query]))


def _readable(query: str) -> str:
    """Write a query that came from outside anew, so that nothing but a query goes into an address."""
    return saved_views.read_filters(query).urlencode()
