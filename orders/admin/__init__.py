"""Admin pages of orders."""

from orders.admin import order

__all__ = ["order"]
