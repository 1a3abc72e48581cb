"""What the marketplace has against what we have: one report for each shop, resource and day."""

from django.db import models

from backoffice.common.leases import LeasedModel
from backoffice.common.models import ShopScopedQuerySet
from shops.models import Shop
from syncjobs.models.choices import GapReportState, Trigger

HAS_GAPS = models.Q(missing_count__gt=0) | models.Q(stale_count__gt=0) | models.Q(extra_count__gt=0)


class GapReport(LeasedModel):
    """One comparison of a window by update time, half-open. The row is the job: a worker claims it through its lease.

    `found` are the rows at the marketplace; `missing` are not here; `stale` are here with an older update time; `extra`
    are here and not there. `examples` names the first of each: {"missing": [id, ...], ...}.
    """

    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="gap_reports")
    resource = models.CharField(max_length=20, default="orders")
    window_start = models.DateTimeField()
    window_end = models.DateTimeField()
    trigger = models.CharField(max_length=20, choices=Trigger.choices)
    fetch_missing = models.BooleanField(default=False, help_text="Missing and stale rows are fetched as well.")
    state = models.CharField(max_length=20, choices=GapReportState.choices, default=GapReportState.DUE)
    due_at = models.DateTimeField()
    compared_until = models.DateTimeField(
        null=True, blank=True, help_text="Everything before is compared and counted; whoever goes on begins here."
    )
    found_count = models.PositiveIntegerField("at the marketplace", default=0)
    missing_count = models.PositiveIntegerField("missing", default=0)
    stale_count = models.PositiveIntegerField("stale", default=0)
    extra_count = models.PositiveIntegerField("extra", default=0)
    fetched_count = models.PositiveIntegerField("fetched since", default=0)
    call_count = models.PositiveIntegerField("calls", default=0)
    examples = models.JSONField(default=dict, blank=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = ShopScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "resource", "window_start", "window_end"],
                condition=models.Q(state__in=["due", "running"]),
                name="gap_report_open_once",
            ),
            models.CheckConstraint(
                condition=models.Q(window_start__lt=models.F("window_end")), name="gap_report_window_not_empty"
            ),
        ]
        indexes = [
            models.Index(fields=["shop", "-window_start"], name="gap_report_shop_day"),
            models.Index(
                fields=["due_at"], condition=models.Q(state__in=["due", "running"]), name="gap_report_unfinished"
            ),
            # Small: of the reports of years, those that found something.
            models.Index(fields=["-id"], condition=HAS_GAPS, name="gap_report_with_gaps"),
        ]

    def __str__(self) -> str:
        return f"gap report {self.pk} of shop {self.shop_id}"

    @property
    def gap_count(self) -> int:
        """How much differed, in whichever way."""
        return self.missing_count + self.stale_count + self.extra_count

    @property
    def remaining_count(self) -> int:
        """How much still differs: all that was not fetched since."""
        return self.gap_count - self.fetched_count
