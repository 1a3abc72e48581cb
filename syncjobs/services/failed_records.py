"""Stores a record after all that could not be stored before, or drops it."""

from django.db import transaction

from backoffice.common import clock
from backoffice.common.errors import NotPossible
from backoffice.common.payloads import digest, dump_payload
from orders.choices import PayloadSource
from orders.ingest import Origin
from shops.connections import build_connection
from shops.marketplaces.records import OrderRecord, Token, UnreadableRecord
from shops.models import Shop
from syncjobs.intake import store_orders
from syncjobs.models import FailedRecord
from syncjobs.services.refusals import StillUnreadable


def retry_record(record: FailedRecord) -> str:
    """Map a kept payload again and store it as an order; return the order's number.

    Raises StillUnreadable, with the reason noted on the record, where it cannot be stored this time either.
    """
    shop = Shop.objects.select_related("app").get(pk=record.shop_id)
    connection = build_connection(shop.app, Token("", ""), lambda stale, _: stale)  # mapping makes no call
    mapped = connection.connector.map_order(record.payload)
    if isinstance(mapped, UnreadableRecord):
        error = mapped.error
    else:
        error = _store_instead(record, mapped)
        if not error:
            return mapped.external_id
    FailedRecord.objects.filter(pk=record.pk).update(error=error, last_seen_at=clock.now())
    raise StillUnreadable(f"It still cannot be stored: {error}")


def _store_instead(record: FailedRecord, mapped: OrderRecord) -> str:
    """Put an order in a failed record's place; return why not, and then nothing has changed."""
    with transaction.atomic():
        if not FailedRecord.objects.filter(pk=record.pk).delete()[0]:
            raise NotPossible("The record is gone: somebody retried or discarded it just now.")
        store_orders(record.shop_id, [mapped], [], Origin(PayloadSource.POLL, clock.now(), record.run_id))
        # What the database refuses, or what lost against a stored order, was kept as a failed record once more.
        kept_again = FailedRecord.objects.filter(
            shop_id=record.shop_id, resource=record.resource, payload_hash=digest(dump_payload(mapped.payload))
        ).first()
        if kept_again is not None:
            transaction.set_rollback(True)
            return kept_again.error
    return ""


def discard_record(record: FailedRecord) -> None:
    """Drop a failed record for good; raises NotPossible where it is gone already."""
    if not FailedRecord.objects.filter(pk=record.pk).delete()[0]:
        raise NotPossible("The record is gone: somebody retried or discarded it just now.")
