"""What screens, commands and the engine read about orders."""

from datetime import datetime

from orders.models import Order


def count_recent_orders(shop_id: int, since: datetime, until: datetime) -> int:
    """Count a shop's orders whose last change at the marketplace lies in the span."""
    return Order.objects.filter(shop_id=shop_id, source_updated_at__gte=since, source_updated_at__lt=until).count()
