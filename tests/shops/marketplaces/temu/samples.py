"""Payloads of a Temu shop's records, as its connector puts them together from its calls' answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from shops.marketplaces.records import Payload, Resource
from tests.shops.marketplaces import payloads


def result(name: str) -> Any:
    """Read the result of a recorded answer."""
    return payloads.load(f"temu/{name}")["result"]


def order_row(at: int) -> Payload:
    """Read one row of the order list."""
    row: Payload = result("order_list")["pageItems"][at]
    return row


def samples() -> Mapping[Resource, Sequence[Payload]]:
    """Give the payloads of each resource, fresh ones each time."""
    return {
        Resource.ORDERS: [
            {"order": order_row(0), "amounts": result("order_amount")},
            {"order": order_row(2), "detail": result("order_detail_partial")},
            {"order": result("order_list_eu_semi")["pageItems"][0]},
        ],
        Resource.PRODUCTS: [
            {"goods": result("goods_list")["goodsList"][0], "skus": result("sku_list")["skuList"]},
            {"goods": result("goods_list")["goodsList"][1]},
        ],
        Resource.SHIPMENTS: [sent_package(), labelled_package()],
        Resource.RETURNS: [
            {
                "case": result("aftersales_parent_list")["data"][0],
                "detail": result("aftersales_detail"),
                "logistics": result("aftersales_return_logistics"),
            },
            {"case": result("aftersales_parent_list")["data"][1]},
            {"cancellation": result("cancel_list")["data"][0]},
        ],
    }


def sent_package() -> Payload:
    """Put a package together that is under way."""
    row = order_row(3)
    shipment = {**result("shipment_v2")["shipmentInfoDTO"][0], "orderSn": "211-00000000000000041"}
    return {
        "packageSn": "PK-0000000000000000041",
        "order": row["parentOrderMap"],
        "children": _children(row)[:1],
        "shipments": [shipment],
        "tracking": result("tracking"),
    }


def labelled_package() -> Payload:
    """Put a package together that has a label, and has not been sent."""
    row = order_row(0)
    unshipped = result("unshipped_package")["unshippedPackage"][0]
    parent = row["parentOrderMap"]
    children = _children(row)[:1]
    return {"packageSn": "PK-0000000000000000011", "order": parent, "children": children, "unshipped": unshipped}


def _children(row: Payload) -> list[Payload]:
    names = ("orderSn", "orderStatus", "orderShippingTime")
    return [{name: child[name] for name in names} for child in row["orderList"]]
