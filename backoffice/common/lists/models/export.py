"""A list as a file to take away."""

from django.db import models
from django.db.models import Q

from backoffice.common.lists.models.job import Job, OwnedQuerySet


class ExportFormat(models.TextChoices):
    """The kinds of files."""

    CSV = "csv", "CSV"
    XLSX = "xlsx", "Excel (XLSX)"


class Export(Job):
    """A person's export of a list. The file is theirs alone, may be fetched until `expires_at`, and is then deleted.

    `kind` is a key of backoffice.common.lists.exporters. `shop_ids` are the shops whose rows are in the file: who lost
    one of them since may not fetch it.
    """

    kind = models.CharField(max_length=60)
    query = models.CharField("filters", max_length=2_000, blank=True)
    filters_in_words = models.JSONField(default=list, blank=True, help_text="What was set, as it was called then.")
    columns = models.JSONField(default=list, help_text="Names of the columns in their order; empty = all.")
    format = models.CharField(max_length=10, choices=ExportFormat.choices)
    file_name = models.CharField(max_length=120, blank=True, help_text="Below EXPORT_DIR; empty until it is there.")
    size_bytes = models.BigIntegerField(default=0)
    shop_ids = models.JSONField(default=list, blank=True, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)

    objects = OwnedQuerySet["Export"].as_manager()

    class Meta:
        verbose_name = "download"
        indexes = [
            models.Index(fields=["id"], condition=Q(state__in=["due", "running"]), name="export_unfinished"),
            models.Index(fields=["user", "-id"], name="export_user"),
            models.Index(fields=["expires_at"], condition=Q(state="done"), name="export_expiry"),
        ]

    def __str__(self) -> str:
        return f"export {self.pk}"
