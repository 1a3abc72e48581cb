"""After-sales: what buyers want back, cancelled or exchanged."""

from django.apps import AppConfig


class AftersalesConfig(AppConfig):
    """Stands on orders, shops and backoffice.common."""

    name = "aftersales"
    verbose_name = "After-sales"

    def ready(self) -> None:
        """Show returns on the pages of their orders, and let their list be exported."""
        from aftersales.admin import order_panel  # all of them need loaded models
        from aftersales.queries.export import EXPORTER
        from backoffice.common.lists.exporters import register_exporter

        order_panel.register()
        register_exporter(EXPORTER)
