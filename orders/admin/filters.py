"""How the filters of the order list look; what they mean is said once, in orders/queries/filters.py."""

from django.forms import Widget
from django.http import QueryDict
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from backoffice.common.admin.filters import DayInput, FilterField, SelectSeveral, SuggestedRows, SuggestedText
from orders.choices import OrderedIn, ShipBy
from orders.queries.filters import LABELS
from orders.queries.synced_filters import VALIDITY
from shops.choices import Marketplace

ANY = ("", "Any")


def _field(name: str, widget: Widget, *, is_half: bool = True) -> FilterField:
    return FilterField(name, LABELS[name], widget, is_half=is_half)


FIELDS = (
    _field("status", SelectSeveral(), is_half=False),
    _field("shop", SuggestedRows("admin:shops_shop_suggestions"), is_half=False),
    _field("ship_by", UnfoldAdminSelectWidget(choices=(ANY, *ShipBy.choices))),
    _field("marketplace", UnfoldAdminSelectWidget(choices=(ANY, *Marketplace.choices))),
    _field("ordered_in", UnfoldAdminSelectWidget(choices=(ANY, *OrderedIn.choices)), is_half=False),
    _field("ordered_from", DayInput()),
    _field("ordered_to", DayInput()),
    _field("changed_from", DayInput()),
    _field("changed_to", DayInput()),
    _field("tag", UnfoldAdminTextInputWidget()),
    _field("is_valid", UnfoldAdminSelectWidget(choices=(ANY, *VALIDITY))),
    _field("assignee", SuggestedText("admin:orders_order_people"), is_half=False),
)


def list_quick_links(username: str) -> list[tuple[str, str]]:
    """Return what people look at every day, as (label, address)."""
    mine = QueryDict(mutable=True)
    mine["assignee"] = username
    return [
        ("Overdue", f"ship_by={ShipBy.OVERDUE}"),
        ("Due in 24 h", f"ship_by={ShipBy.DUE_24H}"),
        ("Assigned to me", mine.urlencode()),
        ("Invalid", "is_valid=false"),
        ("Today", f"ordered_in={OrderedIn.TODAY}"),
        ("Yesterday", f"ordered_in={OrderedIn.YESTERDAY}"),
        ("7 days", f"ordered_in={OrderedIn.LAST_7_DAYS}"),
        ("30 days", f"ordered_in={OrderedIn.LAST_30_DAYS}"),
    ]
