"""Orders: what was bought, by line and by package."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """Stands on shops and backoffice.common."""

    name = "orders"
    verbose_name = "Orders"

    def ready(self) -> None:
        """Let every list be exported."""
        from backoffice.common.lists.exporters import register_exporter  # both need loaded models
        from orders.queries.export import EXPORTER
        from orders.queries.table_exports import EXPORTERS

        for exporter in (EXPORTER, *EXPORTERS):
            register_exporter(exporter)
