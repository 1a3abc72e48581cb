"""How the filters of the order list look; what they mean is said once, in orders/queries/filters.py."""

from django.http import QueryDict
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from backoffice.common.admin.filters import DayInput, FilterField, SelectSeveral, SuggestedRows, SuggestedText
from orders.choices import OrderedIn, ShipBy
from shops.choices import Marketplace

ANY = ("", "Any")
FIELDS = (
    FilterField("status", "Status", SelectSeveral()),
    FilterField("shop", "Shop", SuggestedRows("admin:shops_shop_suggestions")),
    FilterField("ship_by", "Ship by", UnfoldAdminSelectWidget(choices=(ANY, *ShipBy.choices)), is_half=True),
    FilterField(
        "marketplace", "Marketplace", UnfoldAdminSelectWidget(choices=(ANY, *Marketplace.choices)), is_half=True
    ),
    FilterField("ordered_in", "Ordered in", UnfoldAdminSelectWidget(choices=(ANY, *OrderedIn.choices))),
    FilterField("ordered_from", "Ordered from", DayInput(), is_half=True),
    FilterField("ordered_to", "Ordered to", DayInput(), is_half=True),
    FilterField("changed_from", "Changed from", DayInput(), is_half=True),
    FilterField("changed_to", "Changed to", DayInput(), is_half=True),
    FilterField("tag", "Tag", UnfoldAdminTextInputWidget(), is_half=True),
    FilterField(
        "is_valid",
        "Validity",
        UnfoldAdminSelectWidget(choices=(ANY, ("true", "Valid"), ("false", "Invalid"))),
        is_half=True,
    ),
    FilterField("assignee", "Assigned to", SuggestedText("admin:orders_order_people")),
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
