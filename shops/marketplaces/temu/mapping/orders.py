"""Turns a Temu order into an OrderRecord. Pure, and it never raises, whatever the payload holds.

A payload is `{"order": a row of the list}`, with `detail` and `amounts` beside it where those calls were made. An order
of ours is a parent order, a line is one of its child orders. All times are Unix seconds; amounts are whole minor units
(see `money`). What has no field of its own is kept in `attributes` under Temu's name.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from shops.marketplaces import values
from shops.marketplaces.reading import Fields, bounded, identified
from shops.marketplaces.records import (
    LineRecord,
    OrderRecord,
    OrderStatus,
    PackageRecord,
    Payload,
    Recipient,
    UnreadableRecord,
)
from shops.marketplaces.temu.mapping.money import Money
from shops.marketplaces.temu.mapping.regions import region_code
from shops.marketplaces.temu.mapping.statuses import ORDER_STATUSES

_COD = "COD"
_PRECISION = Decimal("0.0001")
_ORDER_PLACED = frozenset(
    {
        "parentOrderSn",
        "parentOrderStatus",
        "parentOrderTime",
        "updateTime",
        "orderPaymentType",
        "parentShippingTime",
        "expectShipLatestTime",
        "latestDeliveryTime",
        "parentOrderLabel",
    }
)
_LINE_PLACED = frozenset(
    {
        "orderSn",
        "orderStatus",
        "skuId",
        "goodsId",
        "goodsName",
        "spec",
        "thumbUrl",
        "originalOrderQuantity",
        "orderLabel",
    }
)
_AMOUNTS: Mapping[str, str] = {
    "total_amount": "customerPaid",
    "original_product_amount": "retailPriceTotal",
    "seller_discount_amount": "discountFromSeller",
    "platform_discount_amount": "discountFromTEMU",
    "shipping_amount": "shippingAmountTotal",
    "tax_amount": "taxTotal",
}
_OTHER_AMOUNTS = frozenset(
    {
        "basePriceTotal",
        "totalDiscount",
        "refundsTotal",
        "estimatedRevenueDeduction",
        "estimatedRevenue",
        "signOnDelivery",
    }
)


def map_order(payload: object) -> OrderRecord | UnreadableRecord:
    """Map one order."""
    whole = Fields(payload)
    order = whole.part("order")
    parent = order.part("parentOrderMap")
    external_id = parent.identifier("parentOrderSn", required=True)
    if not external_id or type(payload) is not dict:
        return UnreadableRecord(payload, whole.problems[0])
    raw_status = parent.identifier("parentOrderStatus", required=True)
    payment_method = parent.text("orderPaymentType")
    money = Money()
    amounts = whole.part("amounts")
    totals = _totals(amounts.part("parentOrderMap"), money)
    lines = _lines(order, amounts, money)
    packages = _packages(whole.part("detail"))
    if whole.source.get("amounts_refused"):
        whole.problems.append("Temu was still computing the amounts of this order.")
    return OrderRecord(
        external_id=external_id,
        payload=payload,
        status=ORDER_STATUSES.get(raw_status, OrderStatus.UNKNOWN),
        raw_status=raw_status,
        source_created_at=parent.seconds("parentOrderTime", required=True),
        source_updated_at=parent.seconds("updateTime", required=True),
        currency=money.currency,
        **totals,
        is_cod=payment_method == _COD,
        payment_method=payment_method,
        shipped_at=parent.seconds("parentShippingTime"),
        ship_by_at=parent.seconds("expectShipLatestTime"),
        deliver_by_at=parent.seconds("latestDeliveryTime"),
        recipient=Recipient(region_code=region_code(parent.identifier("regionId"))),
        attributes={**parent.unplaced(_ORDER_PLACED), **_labels(parent, "parentOrderLabel")},
        lines=lines,
        packages=packages,
        problems=bounded(whole.problems),
    )


def _totals(totals: Fields, money: Money) -> dict[str, Any]:
    read: dict[str, Any] = {ours: money.amount(totals, theirs) for ours, theirs in _AMOUNTS.items()}
    return read | {"other_amounts": money.others(totals, frozenset(_AMOUNTS.values()), _OTHER_AMOUNTS)}


def _labels(source: Fields, key: str) -> dict[str, Any]:
    """Keep the names of the labels that are set: each order lists all of them, with 0 or 1."""
    listed = values.rows(source.source.get(key))
    names = [values.text(row.get("name")) for row in map(values.fields, listed) if row.get("value") == 1]
    return {key: [name for name in names if name]} if names else {}


def _lines(order: Fields, amounts: Fields, money: Money) -> tuple[LineRecord, ...]:
    priced = {child.identifier("orderSn"): child for child in amounts.parts("orderList")}
    children = identified(order.parts("orderList", required=True), "orderSn", "line")
    lines = {number: _line(child, number, priced.get(number, Fields(None)), money) for number, child in children}
    if not lines:
        order.problems.append("The order has no line.")
    unpriced = lines.keys() - priced.keys()
    if unpriced and priced.keys() - lines.keys():
        order.problems.append(f"There are no amounts of line {min(unpriced)}, but some of a line not listed.")
    return tuple(lines.values())


def _line(child: Fields, line_id: str, priced: Fields, money: Money) -> LineRecord:
    """Map a child order. Retail price and price are those of one piece, discounts those of all."""
    retail_price = money.amount(priced, "unitRetailPrice")
    discounts = money.amount(priced, "discountFromSeller"), money.amount(priced, "discountFromTEMU")
    return LineRecord(
        external_id=line_id,
        sku_external_id=child.identifier("skuId"),
        product_external_id=child.identifier("goodsId"),
        seller_sku=seller_sku(child),
        product_name=child.text("goodsName"),
        sku_name=child.text("spec"),
        image_url=child.text("thumbUrl"),
        quantity=_bought(child),
        currency="" if retail_price is None else money.currency,
        original_price=retail_price,
        price=_price(retail_price, discounts, priced.count("quantity")),
        seller_discount_amount=discounts[0],
        platform_discount_amount=discounts[1],
        raw_status=child.identifier("orderStatus"),
        attributes={**child.unplaced(_LINE_PLACED), **_labels(child, "orderLabel")},
    )


def _price(retail: Decimal | None, discounts: tuple[Decimal | None, ...], quantity: int | None) -> Decimal | None:
    """Work out what the buyer pays for one piece: an equal share of the discounts less, at a column's precision."""
    if retail is None or not quantity or None in discounts:
        return None
    discount = sum((amount for amount in discounts if amount is not None), Decimal(0))
    return retail if not discount else values.amount(str((retail - discount / quantity).quantize(_PRECISION)))


def _bought(child: Fields) -> int:
    """Read how many were bought, cancelled ones too; `quantity` (kept as an attribute) is what must be sent of them."""
    bought = child.count("originalOrderQuantity")
    if bought is None:
        left, cancelled = child.count("quantity", required=True), child.count("canceledQuantityBeforeShipment")
        bought = None if left is None else left + (cancelled or 0)
    return bought or 0


def seller_sku(source: Fields) -> str:
    """Read the seller's own code of what was sold; none where it is put together from several things."""
    listed = list(source.parts("productList"))
    return listed[0].text("extCode") if len(listed) == 1 else ""


def _packages(detail: Fields) -> tuple[PackageRecord, ...] | None:
    """Read the packages; None where the calls that were made do not speak of them."""
    children = [child for child in detail.parts("orderList") if child.source.get("packageSnInfo") is not None]
    if not children:
        return None
    contents: dict[str, list[Mapping[str, Any]]] = {}
    for child in children:
        listed = list(child.parts("packageSnInfo"))
        for package in listed:
            package_id = package.identifier("packageSn", required=True)
            if package_id:
                contents.setdefault(package_id, []).append(_content(child, is_split=len(listed) > 1))
    return tuple(PackageRecord(package_id, contents=tuple(lines)) for package_id, lines in contents.items())


def _content(child: Fields, *, is_split: bool) -> Payload:
    """Say which line is in a package. How a line is split over several of them is not told here."""
    line: Payload = {"line": child.identifier("orderSn")}
    return line if is_split else line | {"quantity": child.count("quantity")}
