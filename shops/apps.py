"""Shops: who they are, what opens them, and the marketplaces' connectors."""

from django.apps import AppConfig


class ShopsConfig(AppConfig):
    """Stands on backoffice.common only."""

    name = "shops"
    verbose_name = "Shops"

    def ready(self) -> None:
        """Add the buttons."""
        from shops.admin import actions, api_token  # needs loaded models

        actions.register()
        api_token.register()
