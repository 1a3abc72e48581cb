"""What the lists of runs and failed records can be narrowed by, and how these filters look."""

import django_filters
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from backoffice.common.admin.filters import DayInput, FilterField, SelectSeveral, SuggestedRows
from backoffice.common.filters import AnyChoiceFilter, AnyRowFilter, MomentFilter
from shops.queries import list_shops_to_choose
from syncjobs.api.filters import RunFilterSet
from syncjobs.models import FailedRecord, FailedRecordState, Lane, Trigger
from syncjobs.streams import STREAMS

RESOURCES = tuple((name, name.capitalize()) for name in STREAMS)


class RunListFilterSet(RunFilterSet):
    """The filters of the API, and some more for people."""

    trigger = AnyChoiceFilter(choices=Trigger.choices, label="Trigger")
    resource = django_filters.ChoiceFilter(choices=RESOURCES, label="Resource")
    lane = AnyChoiceFilter(choices=Lane.choices, label="Lane")
    created_from = MomentFilter(field_name="created_at", lookup_expr="gte", label="Asked for at or after")
    created_to = MomentFilter(field_name="created_at", lookup_expr="lt", label="Asked for before", is_end=True)


class FailedRecordFilterSet(django_filters.FilterSet):  # type: ignore[misc]
    """The filters of failed records."""

    shop = AnyRowFilter(queryset=list_shops_to_choose, label="Shop")
    resource = django_filters.ChoiceFilter(choices=RESOURCES, label="Resource")
    state = AnyChoiceFilter(choices=FailedRecordState.choices, label="State")
    cause = django_filters.CharFilter(label="Cause")
    external_id = django_filters.CharFilter(label="Order number")

    class Meta:
        model = FailedRecord
        fields: list[str] = []


SHOP_FIELD = FilterField("shop", "Shop", SuggestedRows("admin:shops_shop_suggestions"))
RESOURCE_FIELD = FilterField("resource", "Resource", UnfoldAdminSelectWidget(choices=(("", "Any"), *RESOURCES)))
RUN_FIELDS = (
    FilterField("state", "State", SelectSeveral()),
    SHOP_FIELD,
    FilterField("kind", "Kind", SelectSeveral()),
    FilterField("trigger", "Asked for by", SelectSeveral()),
    FilterField("lane", "Lane", SelectSeveral()),
    RESOURCE_FIELD,
    FilterField("created_from", "Asked for from", DayInput(), is_half=True),
    FilterField("created_to", "Asked for to", DayInput(), is_half=True),
)
FAILED_RECORD_FIELDS = (
    FilterField("state", "State", SelectSeveral()),
    SHOP_FIELD,
    RESOURCE_FIELD,
    FilterField("cause", "Cause", UnfoldAdminTextInputWidget()),
    FilterField("external_id", "Order number", UnfoldAdminTextInputWidget()),
)
