"""Payloads of a Lazada shop's records, as its connector puts them together from its calls' answers."""

from collections.abc import Mapping, Sequence

from shops.marketplaces.records import Payload, Resource
from tests.shops.marketplaces import payloads


def orders() -> list[Payload]:
    """Give two orders with their lines: one delivered and half returned, one still to be packed."""
    rows = payloads.load("lazada/orders_get")["data"]["orders"]
    items = {row["order_id"]: row["order_items"] for row in payloads.load("lazada/orders_items_get")["data"]}
    return [{"order": row, "items": items[row["order_id"]]} for row in rows]


def parcel() -> Payload:
    """Give a parcel with its two lines and its trace."""
    order = orders()[0]
    (module,) = payloads.load("lazada/order_trace")["result"]["module"]
    head = {key: order["order"][key] for key in ("order_id", "created_at", "updated_at")}
    return {"order": head, "items": order["items"], "package": module["package_detail_info_list"][0]}


def payout() -> Payload:
    """Give a payout; its form is put together from the documented names."""
    return {
        "statement_number": "TH0DEMO1-2024-0121",
        "created_at": "2024-01-22 02:00:00 +0700",
        "updated_at": "2024-01-24 09:30:00 +0700",
        "opening_balance": "0.00",
        "item_revenue": "129.00",
        "fees_total": "-10.32",
        "shipment_fee": "-3.00",
        "payout": "115.68",
        "paid": "1",
    }


def samples() -> Mapping[Resource, Sequence[Payload]]:
    """Give the payloads of each resource, fresh ones each time."""
    return {
        Resource.ORDERS: orders(),
        Resource.PRODUCTS: payloads.load("lazada/products_get")["data"]["products"],
        Resource.SHIPMENTS: [parcel()],
        Resource.RETURNS: [
            payloads.load("lazada/reverse_orders_for_seller")["result"]["items"][0],
            payloads.load("lazada/reverse_order_detail")["data"],
        ],
        Resource.TRANSACTIONS: [payloads.load("lazada/finance_transaction_details_get")["data"][0], payout()],
    }
