"""After-sales: what buyers want back, cancelled or exchanged."""

from django.apps import AppConfig


class AftersalesConfig(AppConfig):
    """Stands on orders, shops and backoffice.common."""

    name = "aftersales"
    verbose_name = "After-sales"

    def ready(self) -> None:
        """Show returns on the pages of their orders."""
        from aftersales.admin import order_panel  # needs loaded models

        order_panel.register()
