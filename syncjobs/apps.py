"""Sync jobs: moves data in, and keeps the record of every run."""

from django.apps import AppConfig


class SyncjobsConfig(AppConfig):
    """Stands on orders, shops and backoffice.common."""

    name = "syncjobs"
    verbose_name = "Sync"

    def ready(self) -> None:
        """Add the buttons, name runs on the pages of what they brought, and listen to beat."""
        from syncjobs.admin import actions, backfill_actions, gap_actions, run_links  # need loaded models
        from syncjobs.monitoring import heartbeats

        actions.register()
        backfill_actions.register()
        gap_actions.register()
        run_links.register()
        heartbeats.watch_beat()
