"""Models of orders, products, parcels and money."""

from orders.models.handling import OrderHandling
from orders.models.order import Order, OrderLine, OrderPayload, Package
from orders.models.product import Product, ProductPayload, Sku
from orders.models.shipment import Shipment, ShipmentPayload, TrackingEvent
from orders.models.transaction import Statement, StatementPayload, Transaction, TransactionPayload

__all__ = [
    "Order",
    "OrderHandling",
    "OrderLine",
    "OrderPayload",
    "Package",
    "Product",
    "ProductPayload",
    "Shipment",
    "ShipmentPayload",
    "Sku",
    "Statement",
    "StatementPayload",
    "TrackingEvent",
    "Transaction",
    "TransactionPayload",
]
