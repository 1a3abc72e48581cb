"""What a list of runs can be narrowed by."""

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest

from backoffice.common.filters import AnyChoiceFilter, AnyRowFilter
from shops.models import Shop
from syncjobs.models import Run, RunKind, RunState


def list_shops_of(request: HttpRequest | None) -> QuerySet[Shop]:
    """List the shops that may be chosen: those of whoever asks."""
    return Shop.objects.none() if request is None else Shop.objects.visible_to(request.user)


class RunFilterSet(django_filters.FilterSet):  # type: ignore[misc]
    """The filters of a run list by name."""

    shop = AnyRowFilter(queryset=list_shops_of, label="Shop id; may be given several times")
    state = AnyChoiceFilter(choices=RunState.choices, label="State; may be given several times")
    kind = AnyChoiceFilter(choices=RunKind.choices, label="Kind; may be given several times")

    class Meta:
        model = Run
        fields: list[str] = []
