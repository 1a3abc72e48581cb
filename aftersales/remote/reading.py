"""Reads single returns again from their marketplaces, by number, and stores what they say as every sync does."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby

import structlog
from django.db import DataError, IntegrityError, transaction

from aftersales.ingest import ingest_returns
from aftersales.models import Case
from backoffice.common import clock
from backoffice.common.deadlocks import repeat_on_deadlock
from backoffice.common.errors import BackofficeError, NotPossible
from backoffice.common.ingest import Origin
from backoffice.common.sources import PayloadSource
from shops.choices import ShopState
from shops.connections import ShopConnection
from shops.marketplaces.errors import MarketplaceError, RecordRefused
from shops.marketplaces.rate_limit import Lane
from shops.marketplaces.records import Page, Resource, ReturnRecord, Stub
from shops.models import Shop
from shops.tokens import open_connection

READ_AT_MOST = 200  # cases of one shop in one go; at Shopee and Lazada each is a call of its own
MOST_STEPS = 4  # of details, one after the other; no marketplace has more than two

log = structlog.get_logger(__name__)


class NotRead(NotPossible):
    """The marketplace did not tell a case, or could not be asked."""

    code = "not_read"


@dataclass
class Reread:
    """What became of a reading: the cases that were read, and why others were not, by id."""

    read: set[int] = field(default_factory=set)
    failed: dict[int, str] = field(default_factory=dict)

    def fail(self, cases: Iterable[Case], why: object) -> None:
        """Note why cases were not read."""
        self.failed |= {case.pk: str(why) for case in cases}


def read_again(case_ids: Iterable[int], *, lane: Lane = Lane.INCREMENTAL) -> Reread:
    """Read marketplaces' cases again and store what is told; their states follow by the usual way.

    Makes calls, so no transaction may be open. A shop that cannot be reached fails its own cases alone.
    """
    result = Reread()
    rows = Case.objects.filter(pk__in=list(case_ids)).exclude(synced_return=None)
    cases = rows.select_related("shop", "synced_return").defer("synced_return__attributes").order_by("shop_id", "pk")
    for _, of_shop in groupby(cases, key=lambda case: case.shop_id):
        _read_shop(list(of_shop), result, lane)
    return result


def open_for_calls(shop: Shop, lane: Lane) -> ShopConnection:
    """Open a shop that is in use; raises BackofficeError or MarketplaceError."""
    if shop.state != ShopState.ACTIVE:
        raise BackofficeError(f"The shop is not in use ({shop.get_state_display().lower()}), so it is not called.")
    return open_connection(shop, lane)


def _read_shop(cases: Sequence[Case], result: Reread, lane: Lane) -> None:
    result.fail(cases[READ_AT_MOST:], f"At most {READ_AT_MOST} cases of a shop are read in one go.")
    waiting = list(cases[:READ_AT_MOST])
    try:
        connection = open_for_calls(waiting[0].shop, lane)
        connection.announce(f"{Resource.RETURNS.value}; again")
        at_once = connection.connector.capabilities[Resource.RETURNS].ids_limit
        while waiting and at_once:
            _read_batch(connection, waiting[:at_once], result)
            waiting = waiting[at_once:]
        result.fail(waiting, "The marketplace cannot be asked for single returns: they come with the next sync.")
    except (MarketplaceError, BackofficeError) as error:
        result.fail(waiting, error)


def _read_batch(connection: ShopConnection, cases: Sequence[Case], result: Reread) -> None:
    numbers = {case.synced_return.external_id: case for case in cases if case.synced_return}
    found: dict[str, ReturnRecord] = {}
    for page in _fetch(connection, list(numbers)):
        found |= {record.external_id: record for record in page.records if record.external_id in numbers}
    result.fail(
        (case for number, case in numbers.items() if number not in found),
        "The marketplace did not tell it, or not so that it can be read.",
    )
    read = [numbers[number] for number in found]
    try:
        repeat_on_deadlock(partial(_store, cases[0].shop_id, list(found.values())))
    except (DataError, IntegrityError) as error:
        log.error("reread_not_stored", case_ids=[case.pk for case in read], error=str(error))
        result.fail(read, "What the marketplace tells cannot be stored.")
    else:
        result.read |= {case.pk for case in read}


def _store(shop_id: int, records: Sequence[ReturnRecord]) -> None:
    with transaction.atomic():
        ingest_returns(shop_id, records, Origin(PayloadSource.POLL, clock.now()))


def _fetch(connection: ShopConnection, numbers: Sequence[str]) -> Iterator[Page[ReturnRecord]]:
    """Ask for returns by number, and for the details that complete them."""
    page: Page[ReturnRecord] = connection.call(lambda connector: connector.fetch_by_ids(Resource.RETURNS, numbers))
    yield page
    stubs = list(page.stubs)
    limits = connection.connector.capabilities[Resource.RETURNS].details
    for _ in range(MOST_STEPS):
        following: list[Stub] = []
        for step in dict.fromkeys(stub.step for stub in stubs):
            of_step = [stub for stub in stubs if stub.step == step]
            for first in range(0, len(of_step), limits[step]):
                page = _fetch_details(connection, of_step[first : first + limits[step]])
                yield page
                following += page.stubs
        stubs = following


def _fetch_details(connection: ShopConnection, stubs: Sequence[Stub]) -> Page[ReturnRecord]:
    try:
        return connection.call(lambda connector: connector.fetch_details(Resource.RETURNS, stubs))
    except RecordRefused:
        return Page(())
