"""Writes after-sales requests and cancellations as Temu shows them."""

from typing import Any

from shops.sandbox.aftersales import Case
from shops.sandbox.dataset import DAY_SECONDS
from shops.sandbox.temu.lines import Child, children_of
from shops.sandbox.temu.names import goods_id, product_sku_id, sku_id
from shops.sandbox.temu.seller import Seller
from shops.sandbox.temu.statuses import CASE_TYPES, GROUP_STATUSES, case_status, group_of

# afterSalesReasonCode; only 34 was seen [?].
_REASONS = {
    "unwanted": (34, "No longer needed"),
    "damaged": (21, "Damaged"),
    "wrong_item": (22, "Wrong item was sent"),
    "missing": (23, "Missing items or parts"),
    "late": (24, "Arrived too late"),
    "out_of_stock": (25, "Out of stock"),
}
# Statuses that wait for the seller: the only operation offered there is 1, whose meaning is unknown [?].
_WAITING = frozenset({1, 3, 10})
_ANSWER_SECONDS = 2 * DAY_SECONDS


def parent_row(seller: Seller, case: Case, asked_group: int) -> dict[str, Any]:
    """Return an entry of the list of refunds and returns: seconds, but for operateExpireTimeMs [A]."""
    status = case_status(case.kind, case.event)
    # A row in two groups shows the one that was asked for.
    is_asked = status in GROUP_STATUSES.get(asked_group, ())
    return {
        "parentAfterSalesSn": seller.names.case(case.order.position, case.number),
        "parentOrderSn": seller.names.parent(case.order.position),
        "parentAfterSalesStatus": status,
        "afterSalesStatusGroup": asked_group if is_asked else int(group_of(case.kind, status)),
        "afterSalesType": CASE_TYPES[case.kind],
        "returnDeliveryType": 1 if case.kind == "return" else None,
        "availableOperateList": [1] if status in _WAITING else [],
        "operateExpireTimeMs": (case.updated + _ANSWER_SECONDS) * 1000 if status in _WAITING else None,
        "createAt": case.created,
        "updateAt": case.updated,
    }


def child_rows(seller: Seller, case: Case) -> list[dict[str, Any]]:
    """Return the lines of a request."""
    shown = {
        "parentAfterSalesSn": seller.names.case(case.order.position, case.number),
        "afterSalesStatus": case_status(case.kind, case.event),
        "afterSalesType": CASE_TYPES.get(case.kind),
    }
    return [
        {
            **shown,
            "afterSalesSn": seller.names.child_case(child.order_sn, case.number),
            "applyAfterSalesGoodsNumber": count,
            **_goods(child, with_sku=True),
        }
        for child, count, _ in _lines(seller, case)
    ]


def detail(seller: Seller, case: Case) -> dict[str, Any]:
    """Return a request with its money and the child order of each line; times are milliseconds [A]."""
    code, reason = _REASONS[case.reason]
    status = case_status(case.kind, case.event)
    none = _money(seller, 0)
    return {
        "parentAfterSalesSn": seller.names.case(case.order.position, case.number),
        "parentOrderSn": seller.names.parent(case.order.position),
        "parentAfterSalesStatus": status,
        "afterSalesType": CASE_TYPES[case.kind],
        "availableOperateList": [1] if status in _WAITING else [],
        "createAtMillis": case.created * 1000,
        "lastUpdateAtMillis": case.updated * 1000,
        "refundSummary": {
            "buyerTotalRefund": _money(seller, case.refund),
            "retailPriceRefundTaxExcl": _money(seller, sum(case.refunds)),
            "taxTotalRefund": _money(seller, case.refund_tax),
            "shippingAmountRefundTaxExcl": _money(seller, case.refund_shipping),
            "discountFromSellerRefund": none,
            "discountFromTEMURefund": none,
        },
        "afterSalesList": [
            {
                "afterSalesSn": seller.names.child_case(child.order_sn, case.number),
                "orderSn": child.order_sn,
                "afterSalesStatus": status,
                "applyAfterSalesGoodsNumber": count,
                "applyRefundAmount": _money(seller, refund),
                "afterSalesReasonCode": code,
                "afterSalesReasonDesc": reason,
                "buyerComment": "sample comment",
                "afterSalesGoodsInfo": _goods(child, with_sku=True),
            }
            for child, count, refund in _lines(seller, case)
        ],
    }


def logistics(seller: Seller, case: Case) -> list[dict[str, Any]]:
    """Return the parcel on its way back; there is none before the buyer has sent it."""
    if "sent" not in case.times:
        return []
    return [
        {
            "carrierName": seller.carriers[0][1],
            "trackingNumber": _tracking_number(seller, case),
            "returnWarehouseType": 1,
            "returnWarehouseRegion1Name": seller.region.name,
        }
    ]


def cancel_row(seller: Seller, case: Case) -> dict[str, Any]:
    """Return an entry of the list of cancellations: milliseconds, no update time, no money, no skuId [A]."""
    parent = seller.names.parent(case.order.position)
    return {
        "parentAfterSalesSn": seller.names.case(case.order.position, case.number),
        "parentAfterSalesStatus": case_status(case.kind, case.event),
        "afterSalesInfoList": [
            {
                "afterSalesSn": seller.names.child_case(child.order_sn, case.number),
                "orderSn": child.order_sn,
                "parentOrderSn": parent,
                "applyGoodsNumber": count,
                "createAtMillis": case.created * 1000,
                **_goods(child, with_sku=False),
            }
            for child, count, _ in _lines(seller, case)
        ],
    }


def truth(seller: Seller, case: Case) -> dict[str, Any]:
    """Return what a copy of a request must agree with.

    Of a cancellation nobody tells change, money or skuId, and its kind is the word in the name of its list.
    """
    is_told, money = case.kind != "cancel", seller.region.money
    return {
        "id": seller.names.case(case.order.position, case.number),
        "order": seller.names.parent(case.order.position),
        "kind": str(CASE_TYPES.get(case.kind, case.kind)),
        "status": str(case_status(case.kind, case.event)),
        "update_time": case.updated if is_told else None,
        "refund_amount": money(case.refund) if is_told else None,
        "currency": seller.region.currency if is_told else None,
        "lines": [
            {
                "order_line": child.order_sn,
                "sku_id": str(sku_id(child.unit.sku.sku_id)) if is_told else "",
                "quantity": count,
                "refund_amount": money(refund) if is_told else None,
            }
            for child, count, refund in _lines(seller, case)
        ],
        "tracking_number": _tracking_number(seller, case) if "sent" in case.times else "",
    }


def _lines(seller: Seller, case: Case) -> list[tuple[Child, int, int]]:
    """Return the child orders of a request with how many of each and what is given back for them, tax included."""
    refund_of = dict(zip(case.units, case.refunds, strict=True))
    lines = []
    for child in children_of(seller, case.order):
        concerned = [at for at in child.positions if at in refund_of]
        if concerned:
            lines.append((child, len(concerned), sum(refund_of[at] for at in concerned)))
    # The tax goes with the price; what does not divide evenly falls on the last line.
    total, left = max(1, sum(case.refunds)), case.refund_tax
    shared = []
    for at, (child, count, refund) in enumerate(lines, start=1):
        tax = left if at == len(lines) else case.refund_tax * refund // total
        left -= tax
        shared.append((child, count, refund + tax))
    return shared


def _goods(child: Child, *, with_sku: bool) -> dict[str, Any]:
    sku = child.unit.sku
    number = product_sku_id(sku.sku_id)
    shown: dict[str, Any] = {
        "goodsId": goods_id(sku.product_id),
        "productSkuId": number,
        "productList": [{"productSkuId": number, "extCode": sku.seller_sku}],
    }
    return {**shown, "skuId": sku_id(sku.sku_id)} if with_sku else shown


def _tracking_number(seller: Seller, case: Case) -> str:
    return f"RET{seller.number:03d}{case.order.position:09d}{case.number:02d}"


def _money(seller: Seller, minor: int) -> dict[str, Any]:
    return {"currency": seller.region.currency, "amount": minor}
