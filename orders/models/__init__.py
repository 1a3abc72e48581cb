"""Models of orders."""

from orders.models.handling import OrderHandling
from orders.models.order import Order, OrderLine, OrderPayload, OrderScopedQuerySet, Package

__all__ = ["Order", "OrderHandling", "OrderLine", "OrderPayload", "OrderScopedQuerySet", "Package"]
