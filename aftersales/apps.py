"""After-sales: what buyers want back, cancelled or exchanged."""

from django.apps import AppConfig


class AftersalesConfig(AppConfig):
    """Stands on orders, shops and backoffice.common."""

    name = "aftersales"
    verbose_name = "After-sales"
