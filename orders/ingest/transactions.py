"""Transaction and statement records into rows; each transaction finds its order and statement, if they are here."""

from collections.abc import Iterable

from backoffice.common.ingest import Ingested, Origin, ingest, make_plain_shape
from orders.models import Statement, StatementPayload, Transaction, TransactionPayload
from orders.services.matching import match_statements, match_transactions
from shops.marketplaces.records import StatementRecord, TransactionRecord

TRANSACTION_SHAPE = make_plain_shape(
    Transaction,
    TransactionPayload,
    "transaction_id",
    words=("kind",),
    plain=(
        "raw_kind", "raw_status", "order_external_id", "statement_external_id", "currency", "amount", "revenue_amount",
        "fee_amount", "shipping_amount", "tax_amount", "adjustment_amount", "description", "source_updated_at",
    ),
    objects=("fees", "attributes"),
)  # fmt: skip
STATEMENT_SHAPE = make_plain_shape(
    Statement,
    StatementPayload,
    "statement_id",
    plain=(
        "raw_status", "is_paid", "currency", "amount", "revenue_amount", "fee_amount", "shipping_amount",
        "adjustment_amount", "period_start_at", "period_end_at", "source_updated_at",
    ),
    objects=("attributes",),
)  # fmt: skip


def ingest_transactions(
    shop_id: int, records: Iterable[TransactionRecord | StatementRecord], origin: Origin
) -> Ingested:
    """Write one batch of movements, and of the statements among them, inside the caller's transaction."""
    listed = list(records)
    movements = [record for record in listed if isinstance(record, TransactionRecord)]
    ingested, rows = ingest(TRANSACTION_SHAPE, shop_id, movements, origin)
    statements = [record for record in listed if isinstance(record, StatementRecord)]
    ingested_too, drawn_up = ingest(STATEMENT_SHAPE, shop_id, statements, origin)
    changed = [rows.ids[key] for key in rows.inserted | rows.updated]
    match_transactions(ids=changed)
    match_statements(ids=changed)
    if drawn_up.inserted | drawn_up.updated:
        match_statements(shop_id=shop_id)
    return ingested + ingested_too
