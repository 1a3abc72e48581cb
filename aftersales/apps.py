"""After-sales: what buyers want back, cancelled or exchanged."""

from django.apps import AppConfig


class AftersalesConfig(AppConfig):
    """Stands on orders, shops and backoffice.common."""

    name = "aftersales"
    verbose_name = "After-sales"

    def ready(self) -> None:
        """Show returns and cases on the pages of their orders, let lists be exported, and cases be acted on in bulk."""
        from aftersales.admin import case_actions, case_create, order_panel  # all of them need loaded models
        from aftersales.queries import case_export, export
        from backoffice.common.lists.exporters import register_exporter

        order_panel.register()
        case_create.register()
        case_actions.register()
        register_exporter(export.EXPORTER)
        register_exporter(case_export.EXPORTER)
