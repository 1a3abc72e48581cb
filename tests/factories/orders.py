"""Orders as they get into the database: through ingest, from records."""

from typing import Any

from django.contrib.auth.models import Permission, User
from django.db import transaction

from backoffice.common import clock
from backoffice.common.ingest import Origin
from orders.ingest import ingest_orders
from orders.models import Order
from shops.marketplaces.records import OrderRecord
from shops.models import Shop, ShopGrant
from tests.factories.records import make_order


def store(shop: Shop, *records: OrderRecord, run_id: int | None = None) -> list[Order]:
    """Ingest records and return their rows in the same order."""
    with transaction.atomic():
        ingest_orders(shop.pk, records, Origin("poll", clock.now(), run_id))
    rows = {order.external_id: order for order in Order.objects.filter(shop=shop)}
    return [rows[record.external_id] for record in records]


def store_order(shop: Shop, external_id: str = "584000000000000001", **changes: Any) -> Order:
    """Ingest one order that differs from the usual one in these facts."""
    return store(shop, make_order(external_id, **changes))[0]


def make_staff(username: str, *shops: Shop, may: tuple[str, ...] = ("view_order",)) -> User:
    """A person who was granted these shops and has these permissions on orders."""
    person = User.objects.create(username=username, is_staff=True)
    person.user_permissions.set(Permission.objects.filter(content_type__app_label="orders", codename__in=may))
    ShopGrant.objects.bulk_create(ShopGrant(shop=shop, user=person) for shop in shops)
    return person
