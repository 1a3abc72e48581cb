"""The doors through which payloads come."""

from django.db import models


class PayloadSource(models.TextChoices):
    """Through which door a payload came."""

    POLL = "poll", "Sync"
    WEBHOOK = "webhook", "Webhook"
    BACKFILL = "backfill", "Backfill"
    REPLAY = "replay", "Replay"
    GAP_REPORT = "gap_report", "Gap report"
    ENRICHMENT = "enrichment", "Package numbers"
    PERSON = "person", "Person"
