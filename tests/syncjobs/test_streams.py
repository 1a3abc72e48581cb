"""What need not be completed, because it is stored as the list describes it."""

from datetime import timedelta
from decimal import Decimal

import pytest

from backoffice.common import clock
from backoffice.common.ingest import Origin
from shops.marketplaces.records import StatementRecord, Stub, TransactionKind, TransactionRecord
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
        "transactions", shop, StatementRecord("day-1", {}, source_updated_at=UPDATED_AT, amount=Decimal(0)),
        TransactionRecord("move-1", {}, kind=TransactionKind.FEE, source_updated_at=UPDATED_AT),
    )  # fmt: skip
    stubs = [stub("day-1"), stub("move-1"), stub("day-2")]
    assert get_stream("transactions").list_known(shop.pk, stubs) == {"day-1", "move-1"}


@pytest.mark.parametrize(("amounts", "is_known"), [
    ([70, 30], True), ([70], False), ([], False), ([70, None], False), ([70, 30, None], True),
])  # fmt: skip
def test_a_statement_is_known_with_all_of_its_transactions_only(amounts, is_known):
    """A part of them may have been in a file that was lost, or could not be read."""
    shop, other = make_shop(), make_shop()
    statement = StatementRecord("day-1", {}, source_updated_at=UPDATED_AT, amount=Decimal(100))
    moves = [
        TransactionRecord(f"move-{number}", {}, statement_external_id="day-1", amount=amount and Decimal(amount))
        for number, amount in enumerate(amounts)
    ]
    store("transactions", shop, statement, *moves)
    store("transactions", other, TransactionRecord("move-9", {}, statement_external_id="day-1", amount=Decimal(30)))
    assert get_stream("transactions").list_known(shop.pk, [stub("day-1")]) == ({"day-1"} if is_known else set())


def test_an_unknown_resource_is_answered_with_what_there_is():
    with pytest.raises(UnknownResource, match="orders, products, shipments, returns, transactions"):
        get_stream("weather")
