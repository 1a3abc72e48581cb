"""Products, parcels, returns and money go into their tables as orders do: the newest reading wins, nothing doubles."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from aftersales.ingest import ingest_returns
from aftersales.models import ReturnPayload, SyncedReturn, SyncedReturnLine
from backoffice.common import clock
from backoffice.common.ingest import Origin
from orders.ingest import ingest_orders, ingest_products, ingest_shipments, ingest_transactions
from orders.models import (
    Order,
    Product,
    ProductPayload,
    Shipment,
    ShipmentPayload,
    Sku,
    Statement,
    TrackingEvent,
    Transaction,
    TransactionPayload,
)
from orders.services.matching import match_statements, match_transactions
from shops.marketplaces import records
from tests.factories.records import make_order
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db
AT = datetime(2026, 8, 1, 12, tzinfo=UTC)


def make_product(**changes):
    facts = {
        "status": records.ProductStatus.ACTIVE,
        "raw_status": "ACTIVATE",
        "title": "Lamp",
        "source_updated_at": AT,
        "skus": (records.SkuRecord("sku-1", price=Decimal("25.99"), stock_count=4), records.SkuRecord("sku-2")),
        **changes,
    }
    return records.ProductRecord("product-1", {"id": "product-1", "seen": repr(changes)}, **facts)


def make_shipment(**changes):
    event = records.TrackingEventRecord("event-1", AT, "Packed")
    facts = {
        "status": records.ShipmentStatus.IN_TRANSIT,
        "raw_status": "FULFILLING",
        "order_external_ids": ("order-1", "order-2"),
        "contents": ({"order": "order-1", "line": "line-1", "quantity": 2},),
        "source_updated_at": AT,
        "events": (event,),
        **changes,
    }
    return records.ShipmentRecord("package-1", {"id": "package-1", "seen": repr(changes)}, **facts)


def make_return(**changes):
    facts = {
        "kind": records.ReturnKind.RETURN_REFUND,
        "status": records.ReturnStatus.APPROVED,
        "money_state": records.MoneyState.PENDING,
        "custody": records.Custody.ON_THE_WAY,
        "refund_amount": Decimal(440_000),
        "source_updated_at": AT,
        "lines": (records.ReturnLineRecord("line-1", quantity=1),),
        **changes,
    }
    return records.ReturnRecord("return-1", {"id": "return-1", "seen": repr(changes)}, **facts)


def make_transaction(**changes):
    facts = {
        "kind": records.TransactionKind.SETTLEMENT,
        "raw_kind": "ORDER",
        "order_external_id": "order-1",
        "statement_external_id": "statement-1",
        "currency": "VND",
        "amount": Decimal("274434"),
        "fees": {"platform_commission_amount": "-221114"},
        "source_updated_at": AT,
        **changes,
    }
    return records.TransactionRecord("transaction-1", {"id": "transaction-1", "seen": repr(changes)}, **facts)


KINDS = {
    "products": (ingest_products, make_product, Product, ProductPayload, {"title": "Other"}, "title"),
    "shipments": (ingest_shipments, make_shipment, Shipment, ShipmentPayload, {"raw_status": "Other"}, "raw_status"),
    "returns": (ingest_returns, make_return, SyncedReturn, ReturnPayload, {"raw_status": "Other"}, "raw_status"),
    "transactions": (
        ingest_transactions, make_transaction, Transaction, TransactionPayload, {"description": "Other"}, "description",
    ),
}  # fmt: skip


@pytest.fixture(params=list(KINDS.values()), ids=list(KINDS))
def kind(request):
    return request.param


def origin(run_id=None):
    return Origin("poll", clock.now(), run_id)


def test_a_record_becomes_a_row_that_says_where_it_comes_from(kind):
    ingest, make, model, payloads, _, _ = kind
    shop = make_shop()
    ingested = ingest(shop.pk, [make()], origin(run_id=7))
    row = model.objects.get()
    assert (ingested.inserted, ingested.invalid, row.last_run_id, row.is_valid) == (1, 0, 7, True)
    assert payloads.objects.get().payload == make().payload


def test_the_same_reading_changes_nothing(kind):
    ingest, make, model, payloads, _, _ = kind
    shop = make_shop()
    ingest(shop.pk, [make()], origin(run_id=7))
    ingested = ingest(shop.pk, [make()], origin(run_id=8))
    assert (ingested.unchanged, ingested.updated, model.objects.get().last_run_id) == (1, 0, 7)
    assert payloads.objects.count() == 1


@pytest.mark.parametrize(("later", "wins"), [(1, True), (0, True), (-1, False)])
def test_the_later_reading_wins_and_its_payload_is_kept_beside_the_first(kind, later, wins):
    ingest, make, model, payloads, change, column = kind
    shop = make_shop()
    ingest(shop.pk, [make()], origin())
    ingest(shop.pk, [make(**change, source_updated_at=AT + timedelta(seconds=later))], origin())
    assert (getattr(model.objects.get(), column) == "Other") is wins
    assert payloads.objects.count() == 1 + wins


def test_a_valid_reading_wins_over_an_invalid_one_of_the_same_time(kind):
    ingest, make, model, _, change, _ = kind
    shop = make_shop()
    ingest(shop.pk, [make()], origin())
    ingested = ingest(shop.pk, [make(**change, problems=("odd",))], origin())
    assert (model.objects.get().is_valid, len(ingested.not_stored)) == (True, 1)


def test_two_shops_may_have_the_same_number(kind):
    ingest, make, model, *_ = kind
    for shop in (make_shop(), make_shop()):
        ingest(shop.pk, [make()], origin())
    assert model.objects.count() == 2


def test_a_variant_that_vanished_is_removed_and_an_invalid_reading_removes_none():
    shop = make_shop()
    ingest_products(shop.pk, [make_product()], origin())
    one = (records.SkuRecord("sku-1", price=Decimal("24.99"), stock_count=3),)
    ingest_products(shop.pk, [make_product(skus=one, problems=("odd",), source_updated_at=AT + timedelta(1))], origin())
    assert Sku.objects.count() == 2
    ingest_products(shop.pk, [make_product(skus=one, source_updated_at=AT + timedelta(2))], origin())
    assert list(Sku.objects.values_list("external_id", "price", "stock_count")) == [("sku-1", Decimal("24.9900"), 3)]


def test_a_parcel_keeps_its_tracking_where_a_reading_does_not_speak_of_it():
    shop = make_shop()
    ingest_shipments(shop.pk, [make_shipment()], origin())
    ingest_shipments(shop.pk, [make_shipment(events=None, source_updated_at=AT + timedelta(1))], origin())
    assert TrackingEvent.objects.get().text == "Packed"
    assert Shipment.objects.get().order_external_ids == ["order-1", "order-2"]
    assert Shipment.objects.get().contents == [{"order": "order-1", "line": "line-1", "quantity": 2}]


def test_goods_and_money_of_a_return_are_told_apart():
    ingest_returns(make_shop().pk, [make_return()], origin())
    row = SyncedReturn.objects.get()
    assert (row.status, row.money_state, row.custody) == ("approved", "pending", "on_the_way")
    assert SyncedReturnLine.objects.get().synced_return_id == row.pk


def test_a_transaction_finds_the_order_that_is_here():
    shop = make_shop()
    ingest_orders(shop.pk, [make_order("order-1")], origin())
    ingest_transactions(shop.pk, [make_transaction()], origin())
    assert Transaction.objects.get().order == Order.objects.get()


def test_a_transaction_finds_an_order_that_comes_later_and_only_of_its_own_shop():
    shop, other = make_shop(), make_shop()
    ingest_transactions(shop.pk, [make_transaction()], origin())
    ingest_orders(other.pk, [make_order("order-1")], origin())
    assert (match_transactions(), Transaction.objects.get().order) == (0, None)
    ingest_orders(shop.pk, [make_order("order-1")], origin())
    assert (match_transactions(), match_transactions()) == (1, 0)
    assert Transaction.objects.get().order == Order.objects.get(shop=shop)


def test_a_reading_again_keeps_the_order_that_was_found():
    shop = make_shop()
    ingest_orders(shop.pk, [make_order("order-1")], origin())
    ingest_transactions(shop.pk, [make_transaction()], origin())
    ingest_transactions(shop.pk, [replace(make_transaction(), description="Other", payload={"other": 1})], origin())
    assert Transaction.objects.get().description == "Other"
    assert Transaction.objects.get().order is not None


def test_movements_and_their_statement_come_in_one_batch():
    shop = make_shop()
    statement = records.StatementRecord("statement-1", {"id": "statement-1"}, amount=Decimal("274434"), is_paid=None)
    ingested = ingest_transactions(shop.pk, [make_transaction(), statement], origin())
    assert (ingested.inserted, Transaction.objects.count(), Statement.objects.get().is_paid) == (2, 1, None)


def make_weekly(ends_on="2024-01-21"):
    """A movement that only names the period of its statement."""
    return make_transaction(statement_external_id="", attributes={"statement_period_ends_on": ends_on})


def make_drawn_up(number, drawn_up):
    return records.StatementRecord(number, {"id": number}, source_updated_at=drawn_up)


@pytest.mark.parametrize("is_statement_first", [True, False])
def test_a_movement_that_names_a_period_finds_the_statement_drawn_up_after_it(is_statement_first):
    shop, other = make_shop(), make_shop()
    movement = make_weekly()
    statements = [
        make_drawn_up(number, datetime(2024, 1, day, 19, tzinfo=UTC))  # 02:00 of the next day in Bangkok
        for number, day in (("earlier", 14), ("its own", 21), ("later", 28))
    ]
    batches = [statements, [movement]] if is_statement_first else [[movement], statements]
    for batch in batches:
        ingest_transactions(shop.pk, batch, origin())
        ingest_transactions(other.pk, [make_weekly()], origin())
    assert Transaction.objects.get(shop=shop).statement_external_id == "its own"
    assert Transaction.objects.get(shop=other).statement_external_id == ""


def test_a_movement_does_not_choose_between_two_statements():
    shop = make_shop()
    drawn_up = [make_drawn_up(number, datetime(2024, 1, 22, tzinfo=UTC)) for number in ("one", "two")]
    ingest_transactions(shop.pk, [make_weekly(), *drawn_up], origin())
    assert Transaction.objects.get().statement_external_id == ""
    Statement.objects.get(external_id="two").delete()
    assert (match_statements(), match_statements()) == (1, 0)
    assert Transaction.objects.get().statement_external_id == "one"


def test_a_reading_again_keeps_the_statement_that_was_found():
    shop = make_shop()
    movement = make_weekly()
    ingest_transactions(shop.pk, [movement, make_drawn_up("one", datetime(2024, 1, 22, tzinfo=UTC))], origin())
    ingest_transactions(shop.pk, [replace(movement, raw_status="Paid", payload={"paid": 1})], origin())
    assert Transaction.objects.values_list("raw_status", "statement_external_id").get() == ("Paid", "one")
