"""Rows of so long ago, and what time deletes of them."""

from datetime import timedelta

from backoffice.common import clock
from orders.models import OrderPayload
from syncjobs.services import prune

MINUTE = timedelta(minutes=1)


def ago(span):
    return clock.now() - span


def prune_all(**options):
    pruned = prune(seconds=60, **{"is_thorough": True, **options})
    assert pruned.is_finished
    return pruned.counts


def add_payloads(order, *spans):
    """Give the order payloads of so long ago in place of its own."""
    order.payloads.all().delete()
    for span in spans:
        OrderPayload.objects.create(order=order, received_at=ago(span), source="poll", payload={})
