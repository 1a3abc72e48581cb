"""Payloads of a Shopee shop's records, as its connector puts them together from its calls' answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from shops.marketplaces.records import Payload, Resource
from tests.shops.marketplaces import payloads


def response(name: str) -> Any:
    """Give what a published answer holds for the connector."""
    return payloads.load(f"shopee/{name}")["response"]["response"]


def parcel(number: int = 0) -> Payload:
    """Put together what is known of one parcel."""
    order = response("order_detail")["order_list"][number]
    (package,) = order.pop("package_list")
    return {
        "order": order,
        "package": package,
        "number": response("tracking_number"),
        "tracking": response("tracking_info"),
    }


def samples() -> Mapping[Resource, Sequence[Payload]]:
    """Give the payloads of each resource, fresh ones each time."""
    mug, lamp = response("item_base_info")["item_list"]
    (case,) = response("return_list")["return"]
    escrow = response("escrow_list")["escrow_list"][0]
    return {
        Resource.ORDERS: response("order_detail")["order_list"],
        Resource.PRODUCTS: [{"item": mug, "models": response("model_list")}, {"item": lamp}],
        Resource.SHIPMENTS: [parcel()],
        Resource.RETURNS: [{"return": case}, {"return": case, "detail": response("return_detail")}],
        Resource.TRANSACTIONS: [{"escrow": escrow, "detail": response("escrow_detail")}, {"wallet": wallet_row()}],
    }


def wallet_row() -> Payload:
    """Give a wallet row that is no release of an escrow."""
    row: Payload = response("wallet_transaction_list")["transaction_list"][0]
    return row | {"transaction_type": "PAID_ADS_CHARGE", "amount": -12.5, "order_sn": "", "description": "Keyword ads"}
