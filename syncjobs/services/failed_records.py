"""Stores a record after all that could not be stored before, or discards it. Each ends with who or what ended it."""

from typing import Any

from django.db import transaction

from backoffice.common import clock
from backoffice.common.causes import name_cause
from backoffice.common.errors import NotPossible
from backoffice.common.ingest import Origin
from backoffice.common.payloads import digest, dump_payload
from backoffice.common.sources import PayloadSource
from shops.connections import build_mapper
from shops.marketplaces.records import UnreadableRecord
from shops.models import Shop
from syncjobs.intake import map_again, store_batch
from syncjobs.models import FailedRecord, FailedRecordState
from syncjobs.services.refusals import StillUnreadable
from syncjobs.streams import get_stream


def retry_record(record: FailedRecord, by: str) -> str:
    """Map a kept payload again and store it; return the number that it has there. `by` is who asked for it.

    Raises StillUnreadable, with the reason noted on the record, where it cannot be stored this time either.
    """
    _refuse_ended(record)
    shop = Shop.objects.select_related("app").get(pk=record.shop_id)
    mapped = map_again(build_mapper(shop), get_stream(record.resource).resource, record.payload)
    if isinstance(mapped, UnreadableRecord):
        error = mapped.error
    else:
        error = _store_instead(record, mapped, by)
        if not error:
            return str(mapped.external_id)
    open_one = FailedRecord.objects.filter(pk=record.pk, state=FailedRecordState.OPEN)
    open_one.update(error=error, cause=name_cause(error), last_seen_at=clock.now())
    raise StillUnreadable(f"It still cannot be stored: {error}")


def _store_instead(record: FailedRecord, mapped: Any, by: str) -> str:
    """Put what was mapped in a failed record's place; return why not, and then nothing has changed."""
    with transaction.atomic():
        _end(record, FailedRecordState.FIXED, by)
        store_batch(
            record.resource,
            record.shop_id,
            [mapped],
            [],
            Origin(PayloadSource.PERSON, clock.now(), record.run_id, read_at=record.last_seen_at),
        )
        # What the database refuses, or what lost against a stored row, was kept as a failed record once more.
        kept_again = FailedRecord.objects.filter(
            shop_id=record.shop_id,
            resource=record.resource,
            payload_hash=digest(dump_payload(mapped.payload)),
            state=FailedRecordState.OPEN,
        ).first()
        if kept_again is not None:
            transaction.set_rollback(True)
            return kept_again.error
    return ""


def discard_record(record: FailedRecord, by: str) -> None:
    """Leave a failed record as it is for good; raises NotPossible where it has ended already."""
    _end(record, FailedRecordState.DISCARDED, by)


def _end(record: FailedRecord, state: FailedRecordState, by: str) -> None:
    """End an open record; of two that try at once one wins, and the other is told."""
    open_one = FailedRecord.objects.filter(pk=record.pk, state=FailedRecordState.OPEN)
    if not open_one.update(state=state, ended_at=clock.now(), ended_by=by):
        _refuse_ended(record)
        raise NotPossible("Somebody else dealt with the record just now.")


def _refuse_ended(record: FailedRecord) -> None:
    now = FailedRecord.objects.filter(pk=record.pk).first()
    if now is None:
        raise NotPossible("The record is gone.")
    if now.state != FailedRecordState.OPEN:
        raise NotPossible(f"The record is not open any more: {now.get_state_display().lower()} by {now.ended_by}.")
