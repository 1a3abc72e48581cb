"""What need not be completed, because it is stored as the list describes it."""

from datetime import timedelta

import pytest

from backoffice.common import clock
from backoffice.common.ingest import Origin
from shops.marketplaces.records import StatementRecord, Stub, TransactionRecord
from syncjobs.streams import UnknownResource, get_stream
from tests.factories.records import UPDATED_AT, make_order
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db


def stub(external_id, later_by=0):
    return Stub(external_id, "detail", {}, UPDATED_AT + timedelta(seconds=later_by))


def store(resource, shop, *records):
    get_stream(resource).ingest(shop.pk, records, Origin("poll", clock.now()))


def test_what_is_stored_and_not_older_is_known():
    shop, other = make_shop(), make_shop()
    store("orders", shop, make_order("1"), make_order("2"), make_order("3", problems=("odd",)))
    store("orders", other, make_order("4"))
    stubs = [stub("1"), stub("2", later_by=1), stub("3"), stub("4"), Stub("1", "detail", {})]
    assert get_stream("orders").list_known(shop.pk, stubs) == {"1"}


def test_a_statement_is_known_by_its_own_table():
    shop = make_shop()
    store(
        "transactions", shop, StatementRecord("day-1", {}, source_updated_at=UPDATED_AT),
        TransactionRecord("move-1", {}, source_updated_at=UPDATED_AT),
    )  # fmt: skip
    stubs = [stub("day-1"), stub("move-1"), stub("day-2")]
    assert get_stream("transactions").list_known(shop.pk, stubs) == {"day-1", "move-1"}


def test_an_unknown_resource_is_answered_with_what_there_is():
    with pytest.raises(UnknownResource, match="orders, products, shipments, returns, transactions"):
        get_stream("weather")
