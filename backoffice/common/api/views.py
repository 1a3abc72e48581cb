"""Bases of the API's views: scoped to what the person may see, and strict about the parameters of an address."""

from typing import Any

from django.db.models import QuerySet
from django.forms import ChoiceField, ModelChoiceField
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.request import Request

from backoffice.common.api.bodies import MOST_NAMED

PAGE_PARAMETERS = ("cursor", "page_size")


class StrictFilterBackend(DjangoFilterBackend):  # type: ignore[misc]
    """Narrows a list; what is refused is answered with what is allowed."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        """Narrow by the parameters of the address."""
        filters = self.get_filterset(request, queryset, view)
        if filters.is_valid():
            narrowed: QuerySet[Any] = filters.qs
            return narrowed
        raise ValidationError({name: [*said, *_allowed(filters.form, name)] for name, said in filters.errors.items()})


def _allowed(form: Any, name: str) -> list[str]:
    """Name the choices of a field; not those that are rows, which can be many."""
    field = form.fields.get(name)
    if isinstance(field, ModelChoiceField) or not isinstance(field, ChoiceField):
        return []
    choices: Any = field.choices
    return [f"Allowed: {', '.join(str(value) for value, _ in choices if value)}."]


class ApiView(GenericAPIView[Any]):
    """Shows a person only what belongs to shops that they were granted, and no more than their token allows."""

    http_method_names = ["get", "head", "post"]
    filterset_class: Any = None
    writing_permission = ""  # where it is not the one to add a row
    filter_backends: tuple[Any, ...] = ()

    def get_queryset(self) -> QuerySet[Any]:
        """Narrow every query to the person's shops."""
        rows: Any = super().get_queryset()
        visible: QuerySet[Any] = rows.visible_to(self.request.user)
        return visible

    def get_row(self, rows: QuerySet[Any] | None = None) -> Any:
        """Return the row that the address names; one that may not be seen is as if it were not there."""
        rows = self.get_queryset() if rows is None else rows
        row = rows.filter(pk=self.kwargs["id"]).first()
        if row is None:
            raise NotFound(f"There is no {rows.model._meta.verbose_name} {self.kwargs['id']} that you may see.")
        return row

    def list_parameters(self) -> tuple[str, ...]:
        """List the parameters that the address takes."""
        return ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse parameters that would be ignored in silence, after DRF has looked who asks."""
        super().initial(request, *args, **kwargs)
        known = self.list_parameters() if request.method in ("GET", "HEAD") else ()
        unknown = [name for name in request.query_params if name not in known]
        if unknown and request.method in self.allowed_methods:
            said = f"Not known here. Known are: {', '.join(known)}." if known else "This address takes no parameters."
            raise ValidationError({name: [said] for name in unknown[:MOST_NAMED]})


class ListView(ApiView, ListAPIView[Any]):
    """A list with filters, page by page."""

    filter_backends = (StrictFilterBackend,)

    def list_parameters(self) -> tuple[str, ...]:
        """List the filters and what pages take."""
        return (*self.filterset_class.base_filters, *PAGE_PARAMETERS)


class DetailView(ApiView, RetrieveAPIView[Any]):
    """One row by its id."""

    def get_object(self) -> Any:
        """Return the row."""
        return self.get_row()
