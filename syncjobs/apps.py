"""Sync jobs: moves data in, and keeps the record of every run."""

from django.apps import AppConfig


class SyncjobsConfig(AppConfig):
    """Stands on orders, shops and backoffice.common."""

    name = "syncjobs"
    verbose_name = "Sync"

    def ready(self) -> None:
        """Add the buttons, name runs on the pages of what they brought, and listen to beat."""
        from backoffice.common.lists.exporters import register_exporter
        from syncjobs.admin import (  # need loaded models
            actions,
            backfill_actions,
            enrichment_actions,
            enrichment_panel,
            gap_actions,
            run_links,
        )
        from syncjobs.admin.enrichment_filters import EXPORTER
        from syncjobs.monitoring import heartbeats

        actions.register()
        backfill_actions.register()
        gap_actions.register()
        enrichment_actions.register()
        enrichment_panel.register()
        run_links.register()
        register_exporter(EXPORTER)
        heartbeats.watch_beat()
