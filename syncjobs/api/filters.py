"""What a list of runs can be narrowed by."""

import django_filters

from backoffice.common.filters import AnyChoiceFilter, AnyRowFilter
from shops.queries import list_shops_to_choose
from syncjobs.models import Run, RunKind, RunState
from syncjobs.streams import STREAMS

RESOURCES = [(name, name.capitalize()) for name in STREAMS]


class RunFilterSet(django_filters.FilterSet):  # type: ignore[misc]
    """The filters of a run list by name."""

    shop = AnyRowFilter(queryset=list_shops_to_choose, label="Shop id; may be given several times")
    resource = AnyChoiceFilter(choices=RESOURCES, label="What is read; may be given several times")
    state = AnyChoiceFilter(choices=RunState.choices, label="State; may be given several times")
    kind = AnyChoiceFilter(choices=RunKind.choices, label="Kind; may be given several times")

    class Meta:
        model = Run
        fields: list[str] = []
