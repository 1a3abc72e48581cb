"""Lets one FilterSet decide what an admin list shows: the address of the list speaks the words of the API.

A value that makes no sense, or a filter that does not exist, is named in a message, and the list is empty then.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ListFilter, ShowFacets
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import SEARCH_VAR
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django_filters import FilterSet
from unfold.contrib.filters.forms import DropdownForm
from unfold.widgets import (
    INPUT_CLASSES,
    UnfoldAdminAutocompleteWidget,
    UnfoldAdminMultipleAutocompleteWidget,
    UnfoldAdminSelectMultipleWidget,
)

from backoffice.common.admin.paging import CappedChangeList
from backoffice.common.ids import read_id
from backoffice.common.sorting import order_rows


class SelectSeveral(UnfoldAdminSelectMultipleWidget):  # type: ignore[misc]
    """Several of a few choices."""

    def __init__(self) -> None:
        super().__init__({"data-theme": "admin-autocomplete", "class": "unfold-admin-autocomplete admin-autocomplete"})


class DayInput(forms.DateInput):
    """A day from the device's calendar; as text where the address names a time, which a calendar could not show."""

    def __init__(self) -> None:
        super().__init__({"class": " ".join(INPUT_CLASSES)})

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Choose the kind of field."""
        context = super().get_context(name, value, attrs)
        is_day = not value or re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(value))
        context["widget"]["type"] = "date" if is_day else "text"
        return context


class _Suggested:
    """Choices that are found by typing: never listed whole, so that only the chosen ones are in the page."""

    option_template_name = "django/forms/widgets/select_option.html"  # the library's own loses the value

    def __init__(self, url_name: str, *arguments: Any) -> None:
        self.url_name, self.url_arguments = url_name, arguments
        super().__init__()

    def build_attrs(self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None) -> dict[str, Any]:
        attrs: dict[str, Any] = super().build_attrs(base_attrs, extra_attrs)  # type: ignore[misc]
        return {**attrs, "data-ajax--url": reverse(self.url_name, args=self.url_arguments)}

    def optgroups(self, name: str, value: Sequence[str], attrs: Any = None) -> list[Any]:
        widget: Any = self
        chosen = self.label_chosen([one for one in value if one])
        options = [widget.create_option(name, one, label, True, n) for n, (one, label) in enumerate(chosen)]
        return [(None, options, 0)]

    def label_chosen(self, values: list[str]) -> list[tuple[str, str]]:
        return [(one, one) for one in values]


class SuggestedText(_Suggested, UnfoldAdminAutocompleteWidget):  # type: ignore[misc]
    """One text, such as a login name."""


class SuggestedRows(_Suggested, UnfoldAdminMultipleAutocompleteWidget):  # type: ignore[misc]
    """Several rows of the field's queryset, which is the person's own scope."""

    choices: Any

    def label_chosen(self, values: list[str]) -> list[tuple[str, str]]:
        """Name the chosen rows; what is no row of the scope is left out."""
        keys = [key for key in map(read_id, values) if key is not None]
        return [(str(row.pk), row.name) for row in self.choices.queryset.filter(pk__in=keys)] if keys else []


@dataclass(frozen=True)
class FilterField:
    """One filter of the FilterSet in the panel; half ones stand side by side."""

    name: str
    label: str
    widget: forms.Widget
    is_half: bool = False


class FilterPanel(ListFilter):
    """Everything a list can be narrowed by, in one form."""

    title = "filters"
    template = "backoffice/filters.html"

    class form_class:  # noqa: N801  # where the library looks for what the form needs
        class Media:
            css = {"screen": (*DropdownForm.Media.css["screen"], "backoffice/filters.css")}
            js = (*DropdownForm.Media.js, "backoffice/filters.js")

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        # What the form sends itself; all else in the address is carried along, but not the page's number.
        self.used_parameters = dict.fromkeys((*(field.name for field in model_admin.filter_fields), "p", "e"), "")

    def has_output(self) -> bool:
        """Show the panel always."""
        return True

    def expected_parameters(self) -> list[str | None]:
        """Name what the panel reads."""
        return list(self.used_parameters)

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Return the fields with what the address says."""
        form = changelist.filterset.form
        fields = []
        for field in changelist.model_admin.filter_fields:
            form.fields[field.name].widget = widget = deepcopy(field.widget)
            widget.is_required = False
            if hasattr(form.fields[field.name], "choices") and not list(getattr(field.widget, "choices", ())):
                widget.choices = form.fields[field.name].choices
            fields.append({"field": form[field.name], "label": field.label, "is_half": field.is_half})
        yield {"fields": fields, "query_string": changelist.get_query_string()}


class FilterSetChangeList(CappedChangeList):
    """A list whose whole address is read by one FilterSet."""

    filterset: Any
    page_num: int

    def __init__(self, request: HttpRequest, *arguments: Any, **options: Any) -> None:
        super().__init__(request, *arguments, **options)
        for refusal in self._list_refusals():
            messages.error(request, f"{refusal} Nothing is shown until this filter is mended or cleared.")
        if hint := self.model_admin.get_search_hint(self.query):
            messages.info(request, hint)

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        """Read what the list shows: nothing at all, where the address makes no sense."""
        self.filterset = self.model_admin.filterset_class(request.GET, self.root_queryset, request=request)
        self.filter_specs = [FilterPanel(request, {}, self.model, self.model_admin)]
        used = [name for name, values in self.get_filters_params().items() if any(values)]
        self.has_filters, self.has_active_filters = True, bool(used)
        self.clear_all_filters_qs = self.get_query_string(remove=used)
        rows = self.root_queryset.none() if any(self._list_refusals()) else self.filterset.qs
        rows = self.apply_select_related(rows.order_by())
        ordered = order_rows(rows, self.get_ordering(request, rows))
        return ordered.defer(*self.model_admin.list_defer)

    def get_results(self, request: HttpRequest) -> None:
        """Show the first page instead of one that is not there: the library would forget the filters and show all."""
        try:
            super().get_results(request)
        except IncorrectLookupParameters:
            messages.warning(request, f"There is no page {self.page_num} of this list. This is the first.")
            self.page_num = 1
            super().get_results(request)

    def _list_refusals(self) -> Iterable[str]:
        labels = {field.name: field.label for field in self.model_admin.filter_fields} | {SEARCH_VAR: "Search"}
        for name in self.get_filters_params():
            if name not in self.filterset.filters:
                yield f"There is no filter “{name}”."
        for name, errors in self.filterset.errors.items():
            yield f"{labels.get(name, name)}: {' '.join(errors)}"


class FilterSetMixin:
    """Goes before the base of an admin page whose list is narrowed by a FilterSet."""

    filterset_class: type[FilterSet]
    filter_fields: tuple[FilterField, ...] = ()
    list_filter = (FilterPanel,)
    show_facets = ShowFacets.NEVER

    def get_changelist(self, request: HttpRequest, **_: Any) -> type[FilterSetChangeList]:
        """List by the FilterSet."""
        return FilterSetChangeList

    def get_search_hint(self, text: str) -> str:
        """Say what is wrong with a search that cannot find anything."""
        return ""
