"""Orders with their lines, packages and payload history."""

from orders.models.order import Order, OrderLine, OrderPayload, Package

__all__ = ["Order", "OrderLine", "OrderPayload", "Package"]
