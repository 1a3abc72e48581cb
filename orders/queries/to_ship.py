"""How many orders wait to be handed over, and how many of them too long. Reads some of a small partial index."""

from collections import Counter
from collections.abc import Iterable

from backoffice.common.counting import COUNT_LIMIT, count_by_shop, count_up_to
from backoffice.common.models import Viewer
from orders.choices import ShipBy
from orders.models import Order
from orders.queries.filters import narrow_by_ship_by


def count_overdue_by_shop(viewer: Viewer, shop_ids: Iterable[int] | None = None) -> Counter[int]:
    """Count the visible orders past their ship-by time, by shop.

    Counted to the end: a limit for all shops together would show none for the shops that come after it.
    """
    overdue = narrow_by_ship_by(Order.objects.visible_to(viewer), ShipBy.OVERDUE)
    if shop_ids is not None:
        overdue = overdue.filter(shop_id__in=list(shop_ids))
    return count_by_shop(overdue)


def count_due_in_a_day(viewer: Viewer) -> int:
    """Count the visible orders that must be shipped within 24 hours, up to one more than the limit."""
    due = narrow_by_ship_by(Order.objects.visible_to(viewer), ShipBy.DUE_24H)
    return count_up_to(COUNT_LIMIT, due)
