"""Order records into rows, in batches, safe to repeat.

Which reading wins: the later `source_updated_at`; at the same time a valid one over an invalid one, then the status
further along; at a full tie the one that was read last, which need not be the one that is stored last. Columns of other
writers are not in this file's lists and so cannot be touched; what a recipient once said clearly is never replaced by a
masked or blank reading.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, TypeVar

from django.db import connection

from backoffice.common.payloads import digest, dump_payload
from backoffice.common.upsert import Row, Target, Upserted, copy_rows, table_of, upsert
from orders.choices import STATUS_RANK
from orders.models import Order, OrderLine, OrderPayload, Package
from shops.marketplaces.records import LineRecord, OrderRecord, PackageRecord

ChildT = TypeVar("ChildT", LineRecord, PackageRecord)

SAME_NAME = (
    "raw_status", "source_created_at", "source_updated_at", "currency", "total_amount", "subtotal_amount",
    "original_product_amount", "seller_discount_amount", "platform_discount_amount", "original_shipping_amount",
    "shipping_amount", "tax_amount", "is_cod", "buyer_external_id", "buyer_email", "buyer_message", "seller_note",
    "payment_method", "carrier_name", "tracking_number", "warehouse_external_id", "cancel_reason", "cancelled_by",
    "paid_at", "shipped_at", "collected_at", "delivered_at", "cancelled_at", "cancel_requested_at", "ship_by_at",
    "collect_by_at", "deliver_by_at",
)  # fmt: skip
RECIPIENT = ("name", "phone", "region_code", "postal_code", "full_address")
_RECIPIENT_COLUMNS = (*(f"recipient_{name}" for name in RECIPIENT), "recipient_details", "recipient_clarity")
_ORDER_COLUMNS = (
    "shop_id", "external_id", "status", "status_rank", *SAME_NAME, "other_amounts", "attributes", *_RECIPIENT_COLUMNS,
    "payload_hash", "is_valid", "validation_errors", "synced_at", "details_fetched_at", "last_run_id",
)  # fmt: skip

# A reading without a readable update time counts as the oldest there is.
_AGE = (
    "coalesce({0}.source_updated_at, '-infinity'), {0}.is_valid, {0}.status_rank,"
    " coalesce({0}.details_fetched_at, '-infinity')"
)
ORDER_TARGET = Target(
    model=Order,
    key=("shop_id", "external_id"),
    columns=_ORDER_COLUMNS,
    digest="payload_hash",
    update_if=(f"({_AGE.format('excluded')}) >= ({_AGE.format('old')}) AND excluded.payload_hash <> old.payload_hash"),
    guarded={
        name: f"CASE WHEN excluded.recipient_clarity >= old.recipient_clarity THEN excluded.{name} ELSE old.{name} END"
        for name in _RECIPIENT_COLUMNS
    },
)
LINE_FIELDS = (
    "external_id", "sku_external_id", "product_external_id", "seller_sku", "product_name", "sku_name", "image_url",
    "quantity", "currency", "original_price", "price", "seller_discount_amount", "platform_discount_amount",
    "tax_amount", "raw_status", "is_gift",
)  # fmt: skip
_LINE_COLUMNS = ("order_id", *LINE_FIELDS, "attributes")
PACKAGE_FIELDS = ("external_id", "raw_status", "tracking_number", "carrier_name", "carrier_external_id")
_PACKAGE_COLUMNS = ("order_id", *PACKAGE_FIELDS, "contents")


def _differs(columns: Sequence[str]) -> str:
    """SQL that is true where any of the columns changes."""
    old, new = (", ".join(f"{side}.{name}" for name in columns) for side in ("old", "excluded"))
    return f"({old}) IS DISTINCT FROM ({new})"


LINE_TARGET = Target(OrderLine, ("order_id", "external_id"), _LINE_COLUMNS, update_if=_differs(_LINE_COLUMNS[2:]))
PACKAGE_TARGET = Target(
    Package, ("order_id", "external_id"), _PACKAGE_COLUMNS, update_if=_differs(_PACKAGE_COLUMNS[2:])
)

_same_name_values = attrgetter(*SAME_NAME)
_line_values = attrgetter(*LINE_FIELDS)
_package_values = attrgetter(*PACKAGE_FIELDS)
_recipient_values = attrgetter(*RECIPIENT)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a batch comes from: the run that is stamped on the rows, the door, and the moment of storing (UTC).

    `read_at` is when the marketplace said so, where that was long before.
    """

    source: str
    stored_at: datetime
    run_id: int | None = None
    read_at: datetime | None = None


@dataclass
class Ingested:
    """What became of a batch. `refused` the caller kept apart; `not_stored` are invalid and lost to a stored row."""

    refused: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    invalid: int = 0
    not_stored: list[OrderRecord] = field(default_factory=list)

    def __add__(self, other: "Ingested") -> "Ingested":
        """Sum up two halves of a batch."""
        return Ingested(**{name: getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__})


def ingest_orders(shop_id: int, records: Iterable[OrderRecord], origin: Origin) -> Ingested:
    """Write one batch of orders with lines, packages and payloads inside the caller's transaction."""
    newest = _newest_by_id(records)
    payloads = {key: dump_payload(record.payload) for key, record in newest.items()}
    digests = {(shop_id, key): digest(payload) for key, payload in payloads.items()}
    orders = upsert(ORDER_TARGET, digests, lambda key: order_row(shop_id, newest[key[1]], digests[key], origin))
    _write_children(shop_id, newest, orders)
    _keep_payloads(shop_id, payloads, orders, origin)
    return Ingested(
        inserted=len(orders.inserted),
        updated=len(orders.updated),
        unchanged=len(orders.unchanged) + len(orders.older),
        invalid=sum(1 for record in newest.values() if not record.is_valid),
        not_stored=[record for key, record in newest.items() if not record.is_valid and (shop_id, key) in orders.older],
    )


def _age(record: OrderRecord) -> tuple[datetime, bool, int]:
    oldest = datetime.min.replace(tzinfo=UTC)
    return (record.source_updated_at or oldest, record.is_valid, STATUS_RANK[record.status])


def _newest_by_id(records: Iterable[OrderRecord]) -> dict[str, OrderRecord]:
    """Keep one reading of each order: a page may repeat rows."""
    newest: dict[str, OrderRecord] = {}
    for record in records:
        known = newest.get(record.external_id)
        if known is None or _age(record) >= _age(known):
            newest[record.external_id] = record
    return newest


def _json(value: Any) -> str:
    return dump_payload(value).decode()


def order_row(shop_id: int, record: OrderRecord, payload_hash: bytes, origin: Origin) -> Row:
    """Return an order's values in the order of ORDER_TARGET.columns."""
    recipient = record.recipient
    return (
        shop_id,
        record.external_id,
        record.status.value,
        STATUS_RANK[record.status],
        *_same_name_values(record),
        _json(record.other_amounts),
        _json(record.attributes),
        *_recipient_values(recipient),
        _json(recipient.details),
        int(recipient.clarity),
        payload_hash,
        record.is_valid,
        _json(record.problems),
        origin.stored_at,
        origin.read_at or origin.stored_at,
        origin.run_id,
    )


def line_row(order_id: int, line: LineRecord) -> Row:
    """Return a line's values in the order of LINE_TARGET.columns."""
    return (order_id, *_line_values(line), _json(line.attributes))


def package_row(order_id: int, package: PackageRecord) -> Row:
    """Return a package's values in the order of PACKAGE_TARGET.columns."""
    return (order_id, *_package_values(package), _json(package.contents))


def _distinct(items: Iterable[ChildT]) -> Iterable[ChildT]:
    """Drop repeated ids within one order; the last one stays."""
    return {item.external_id: item for item in items}.values()


def _write_children(shop_id: int, records: dict[str, OrderRecord], orders: Upserted) -> None:
    """Lines and packages: copied for new orders, merged for changed ones, and removed where they vanished."""
    new = [(orders.ids[key], records[key[1]]) for key in sorted(orders.inserted)]
    lines = ((order_id, line) for order_id, record in new for line in _distinct(record.lines))
    copy_rows(table_of(OrderLine), LINE_TARGET.columns, (line_row(*line) for line in lines))
    packages = ((order_id, package) for order_id, record in new for package in _distinct(record.packages or ()))
    copy_rows(table_of(Package), PACKAGE_TARGET.columns, (package_row(*package) for package in packages))

    changed = [(orders.ids[key], records[key[1]]) for key in orders.updated]
    # An invalid reading may have left out lines and packages that it could not read: then nothing has vanished.
    complete = [order_id for order_id, record in changed if record.is_valid]
    with_lines = {order_id: record.lines for order_id, record in changed}
    _merge_children(LINE_TARGET, with_lines, line_row, complete)
    with_packages = {order_id: record.packages for order_id, record in changed if record.packages is not None}
    _merge_children(PACKAGE_TARGET, with_packages, package_row, [key for key in complete if key in with_packages])


def _merge_children(
    target: Target,
    items_by_order: dict[int, tuple[ChildT, ...]],
    make_row: Callable[[int, ChildT], Row],
    complete: list[int],
) -> None:
    """Write what the orders list now, and delete what the complete ones among them no longer list."""
    rows = {(order_id, item.external_id): item for order_id, items in items_by_order.items() for item in items}
    upsert(target, dict.fromkeys(rows, b""), lambda key: make_row(key[0], rows[key]))
    if not complete:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f'DELETE FROM "{target.model._meta.db_table}" WHERE order_id = ANY(%s)'  # noqa: S608  a table name of ours
            " AND (order_id, external_id) NOT IN (SELECT * FROM unnest(%s::bigint[], %s::text[]))",
            [complete, [key[0] for key in rows], [key[1] for key in rows]],
        )


def _keep_payloads(shop_id: int, payloads: dict[str, bytes], orders: Upserted, origin: Origin) -> None:
    """Append to the payload history what made a row new or different."""
    keys = sorted(orders.inserted | orders.updated)
    copy_rows(
        table_of(OrderPayload),
        ("order_id", "received_at", "source", "run_id", "payload"),
        ((orders.ids[key], origin.stored_at, origin.source, origin.run_id, payloads[key[1]].decode()) for key in keys),
    )
