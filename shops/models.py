"""Marketplace apps, shops, their credentials, who may see them, and what services log in with."""

from typing import Self
from uuid import uuid4

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models

from backoffice.common import clock
from backoffice.common.encryption import EncryptedTextField
from backoffice.common.models import ShopScopedQuerySet, TimestampedModel, Viewer
from shops.choices import Marketplace, ShopState, SyncStatus


class MarketplaceApp(TimestampedModel):
    """An app registered at a marketplace: one key, one secret, one set of quotas, many shops."""

    marketplace = models.CharField(max_length=20, choices=Marketplace.choices)
    name = models.CharField(max_length=100)
    app_key = models.CharField(max_length=100)
    app_secret = EncryptedTextField()
    api_url = models.CharField("API address", max_length=200)
    auth_url = models.CharField("token address", max_length=200)
    consent_url = models.CharField(
        "consent address",
        max_length=200,
        blank=True,
        default="",
        help_text="Where sellers let the app in; empty = the marketplace's own page.",
    )
    service_id = models.CharField(
        max_length=64,
        blank=True,
        default="",
        help_text="TikTok's number of the app on its consent page; empty elsewhere.",
    )
    shop_calls_per_minute = models.PositiveIntegerField(default=100, help_text="Per shop; 0 = no limit.")
    calls_per_hour = models.PositiveIntegerField(default=1_000, help_text="For the whole app; 0 = no limit.")
    calls_per_day = models.PositiveIntegerField(default=10_000, help_text="For the whole app; 0 = no limit.")
    page_spacing_seconds = models.PositiveIntegerField(
        default=1, validators=[MaxValueValidator(60)], help_text="Wait between two pages of one list; 60 at most."
    )
    sync_spacing_seconds = models.PositiveIntegerField(
        default=30, validators=[MaxValueValidator(86_400)], help_text="Wait between two runs of one shop."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["marketplace", "app_key"], name="marketplace_app_key"),
            models.CheckConstraint(condition=~models.Q(app_key=""), name="marketplace_app_has_key"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_marketplace_display()})"


class Shop(TimestampedModel):
    """One shop on one marketplace. The sync fields are stamped by the engine from its run records."""

    app = models.ForeignKey(MarketplaceApp, on_delete=models.PROTECT, related_name="shops")
    marketplace = models.CharField(max_length=20, choices=Marketplace.choices)
    region = models.CharField(max_length=10)
    external_id = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    currency = models.CharField(max_length=3, blank=True)
    timezone = models.CharField("time zone", max_length=50, default="UTC")
    state = models.CharField(max_length=30, choices=ShopState.choices, default=ShopState.ACTIVE)
    state_reason = models.CharField(max_length=500, blank=True)
    is_enriched = models.BooleanField(
        "asks for package numbers",
        default=True,
        help_text="Whether orders on their way that came without a package number are asked for it one by one.",
    )

    last_sync_at = models.DateTimeField(null=True, blank=True)
    last_full_sync_at = models.DateTimeField(null=True, blank=True)
    sync_status = models.CharField(max_length=20, choices=SyncStatus.choices, default=SyncStatus.NEVER)
    last_product_sync_at = models.DateTimeField(null=True, blank=True)
    last_product_full_sync_at = models.DateTimeField(null=True, blank=True)
    product_sync_status = models.CharField(max_length=20, choices=SyncStatus.choices, default=SyncStatus.NEVER)

    shop_path = "pk"
    objects = ShopScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["marketplace", "region", "external_id"], name="shop_identity"),
            models.CheckConstraint(condition=~models.Q(external_id=""), name="shop_has_external_id"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.marketplace}:{self.external_id})"

    @property
    def state_in_words(self) -> str:
        """How it stands, to follow its name in a sentence: "is paused by a person", "needs re-authorisation"."""
        words = self.get_state_display().lower()
        return words if self.state == ShopState.NEEDS_REAUTHORISATION else f"is {words}"


class ShopCredential(models.Model):
    """What opens a shop's API. Encrypted at rest; `version` rises with each change, so that a stale writer loses.

    One consent of a seller may open several shops with one token: they have the same `authorisation`, and one renewal
    serves them all. `renewal_began_at` stands while a refresh token that is good only once is on its way.
    """

    shop = models.OneToOneField(Shop, on_delete=models.CASCADE, related_name="credential")
    access_token = EncryptedTextField()
    refresh_token = EncryptedTextField(blank=True, default="")
    cipher = EncryptedTextField(blank=True, default="", help_text="TikTok's shop cipher; empty elsewhere.")
    access_token_expires_at = models.DateTimeField(null=True, blank=True)
    refresh_token_expires_at = models.DateTimeField(null=True, blank=True)
    scopes = models.JSONField(default=list, blank=True)
    authorisation = models.UUIDField(default=uuid4, db_index=True, editable=False)
    authorised_until = models.DateTimeField(null=True, blank=True, help_text="When the seller's consent itself ends.")
    renewal_began_at = models.DateTimeField(null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"credential of shop {self.shop_id}"


class ConnectAttempt(models.Model):
    """One person's way to the marketplace and back while shops are connected; what they brought back is encrypted.

    It begins when they leave for the marketplace's page or paste a token, and is over when they have chosen shops. The
    number is what the state value in the marketplace's address stands for; it can be used once. The app is one that
    is known, or what was entered of a new one, which is not stored as an app before its secret has proved right.
    """

    number = models.UUIDField(unique=True, default=uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    session_hash = models.CharField(max_length=64)
    app = models.ForeignKey(MarketplaceApp, null=True, on_delete=models.CASCADE, related_name="+")
    new_app = EncryptedTextField(blank=True, default="")
    shop = models.ForeignKey(
        Shop, null=True, on_delete=models.CASCADE, related_name="+", help_text="The one to authorise again."
    )
    answer = EncryptedTextField(blank=True, default="")
    started_at = models.DateTimeField(db_index=True)
    arrived_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"connect attempt {self.number}"


class ShopGrant(models.Model):
    """Lets one person see one shop."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="grants")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="shop_grants")
    granted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "user"], name="shop_grant_once")]

    def __str__(self) -> str:
        return f"user {self.user_id} sees shop {self.shop_id}"


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Tokens belong to people and not to shops."""

    def visible_to(self, viewer: Viewer) -> Self:
        """Return the person's own tokens; superusers see all."""
        if not viewer.is_active or viewer.pk is None:
            return self.none()
        return self if getattr(viewer, "is_superuser", False) else self.filter(user_id=viewer.pk)


class ApiToken(models.Model):
    """What a service shows instead of a password. Acts for one person, and never sees more than they do."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="person", on_delete=models.CASCADE, related_name="api_tokens"
    )
    name = models.CharField(max_length=100, help_text="Which service uses it, and where.")
    prefix = models.CharField(max_length=8, editable=False)
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    shops = models.ManyToManyField(
        Shop, blank=True, related_name="+", help_text="All of the person's shops where none is chosen."
    )
    # Kept beside the shops: when the last of them is gone the token must see nothing, not everything.
    is_limited = models.BooleanField(default=False, editable=False)
    may_write = models.BooleanField(
        "may write", default=False, help_text="As far as its person may. Else it only reads."
    )
    expires_at = models.DateTimeField("ends", null=True, blank=True, help_text="Empty: never.")
    last_used_at = models.DateTimeField("last used", null=True, blank=True, editable=False)
    created_at = models.DateTimeField(editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = "API token"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def fault(self) -> str:
        """Why the token opens nothing any more, in a word or two; empty while it is good."""
        if self.revoked_at is not None:
            return "revoked"
        if self.expires_at is not None and self.expires_at <= clock.now():
            return "expired"
        return "" if self.user.is_active else "account closed"
