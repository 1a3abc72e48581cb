"""Years of history, read day by day: one run for each shop and resource, one chunk for each day."""

from datetime import timedelta
from typing import Self

from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils.timezone import localtime

from backoffice.common.models import ShopScopedQuerySet, Viewer, visible_shop_ids
from syncjobs.models.choices import BackfillState


class Backfill(models.Model):
    """What was asked for. Its runs and their chunks say how far it is; days are those of the window, from its start."""

    window_start = models.DateTimeField()
    window_end = models.DateTimeField()
    chunk_days = models.PositiveSmallIntegerField(default=1)
    resources = models.JSONField(default=list)
    state = models.CharField(max_length=20, choices=BackfillState.choices, default=BackfillState.OPEN)
    reason = models.TextField(blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class BackfillQuerySet(ShopScopedQuerySet["Backfill"]):
        """Seen by whoever sees one of its shops; the numbers shown are those of the shops they see."""

        def visible_to(self, viewer: Viewer) -> Self:
            """Return the backfills with a run of a visible shop."""
            shop_ids = visible_shop_ids(viewer)
            if shop_ids is None:
                return self
            runs = apps.get_model("syncjobs", "Run")._default_manager.filter(shop_id__in=shop_ids)
            return self.filter(models.Exists(runs.filter(backfill=models.OuterRef("pk"))))

    objects = BackfillQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(window_start__lt=models.F("window_end")), name="backfill_window_not_empty"
            )
        ]

    def __str__(self) -> str:
        first, last = localtime(self.window_start), localtime(self.window_end - timedelta(microseconds=1))
        return f"backfill {self.pk}: {first:%Y-%m-%d} to {last:%Y-%m-%d}"
