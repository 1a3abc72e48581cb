"""Products, parcels, returns and money as they get into the database: through ingest, from records."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from aftersales.ingest import ingest_returns
from aftersales.models import SyncedReturn
from backoffice.common import clock
from backoffice.common.ingest import Origin
from orders.ingest import ingest_products, ingest_shipments, ingest_transactions
from orders.models import Product, Shipment, Statement, Transaction
from shops.marketplaces import records
from shops.models import Shop
from tests.factories.records import UPDATED_AT

KINDS: dict[str, Any] = {
    "product": (records.ProductRecord, ingest_products, Product, {
        "status": records.ProductStatus.ACTIVE, "raw_status": "ACTIVATE", "title": "Áo thun", "brand_name": "Mẫu",
        "skus": (records.SkuRecord(
            "sku-1", seller_sku="AT-DEN-M", name="M", currency="VND", price=Decimal(146667), stock_count=4,
        ),),
    }),
    "shipment": (records.ShipmentRecord, ingest_shipments, Shipment, {
        "status": records.ShipmentStatus.IN_TRANSIT, "raw_status": "FULFILLING", "tracking_number": "JT0000000001",
        "carrier_name": "J&T Express", "order_external_ids": ("order-1",),
        "contents": ({"order": "order-1", "line": "line-1", "quantity": 1},),
        "events": (records.TrackingEventRecord("event-1", UPDATED_AT, "Packed", place="Hà Nội"),),
    }),
    "return": (records.ReturnRecord, ingest_returns, SyncedReturn, {
        "kind": records.ReturnKind.RETURN_REFUND, "status": records.ReturnStatus.REQUESTED,
        "money_state": records.MoneyState.PENDING, "custody": records.Custody.BUYER, "raw_kind": "RETURN_AND_REFUND",
        "raw_status": "RETURN_OR_REFUND_REQUEST_PENDING", "order_external_id": "order-1", "currency": "VND",
        "refund_amount": Decimal(146667), "respond_by_at": UPDATED_AT + timedelta(days=2),
        "lines": (records.ReturnLineRecord(
            "line-1", order_line_external_id="line-1", seller_sku="AT-DEN-M", quantity=1, refund_amount=Decimal(146667),
        ),),
    }),
    "transaction": (records.TransactionRecord, ingest_transactions, Transaction, {
        "kind": records.TransactionKind.SETTLEMENT, "raw_kind": "ORDER", "order_external_id": "order-1",
        "statement_external_id": "statement-1", "currency": "VND", "amount": Decimal(120000),
        "revenue_amount": Decimal(146667), "fee_amount": Decimal(-26667), "fees": {"commission": "-26667"},
    }),
    "statement": (records.StatementRecord, ingest_transactions, Statement, {
        "raw_status": "PAID", "is_paid": True, "currency": "VND", "amount": Decimal(120000),
    }),
}  # fmt: skip


def make_record(kind: str, external_id: str, /, *, later_by: int = 0, **changes: Any) -> Any:
    """`later_by` are seconds after UPDATED_AT."""
    record_class, _, _, usual = KINDS[kind]
    facts = {**usual, "source_updated_at": UPDATED_AT + timedelta(seconds=later_by), **changes}
    return record_class(external_id, {"id": external_id, "seen": repr(facts)}, **facts)


def store_record(shop: Shop, kind: str, external_id: str, /, *, later_by: int = 0, **changes: Any) -> Any:
    """Ingest one record that differs from the usual one in these facts; return its row."""
    _, ingest, model, _ = KINDS[kind]
    with transaction.atomic():
        record = make_record(kind, external_id, later_by=later_by, **changes)
        ingest(shop.pk, [record], Origin("poll", clock.now(), None))
    return model.objects.get(shop=shop, external_id=external_id)
