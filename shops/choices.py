"""Enumerations of shops."""

from django.db import models


class Marketplace(models.TextChoices):
    """The marketplaces that have a connector; the codes are those of shops.marketplaces.registry."""

    TIKTOK = "tiktok", "TikTok Shop"
    TEMU = "temu", "Temu"
    SHOPEE = "shopee", "Shopee"
    LAZADA = "lazada", "Lazada"


class ShopState(models.TextChoices):
    """Whether a shop is synced."""

    ACTIVE = "active", "Active"
    PAUSED = "paused", "Paused by a person"
    NEEDS_REAUTHORISATION = "needs_reauthorisation", "Needs re-authorisation"
    DISCONNECTED = "disconnected", "Disconnected"


class SyncStatus(models.TextChoices):
    """What the last sync of a resource came to."""

    NEVER = "never", "Never ran"
    RUNNING = "running", "Running"
    OK = "ok", "OK"
    FAILED = "failed", "Failed"
