"""Orders: what was bought, by line and by package."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """Stands on shops and backoffice.common."""

    name = "orders"
    verbose_name = "Orders"
