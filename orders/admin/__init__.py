"""Admin pages of orders, products, parcels and money."""

from orders.admin import order, product, shipment, statement, transaction

__all__ = ["order", "product", "shipment", "statement", "transaction"]
