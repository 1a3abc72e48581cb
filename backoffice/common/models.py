"""Bases of all models: timestamps, and the one rule of who sees which shop."""

from decimal import Decimal
from typing import Any, Self, TypeVar

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models

from backoffice.common.sources import PayloadSource


class TimestampedModel(models.Model):
    """When the row was made and last saved here."""

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


class SyncedModel(models.Model):
    """What every row that was synced says of its reading: from which payload, when, by which run, and how well."""

    payload_hash = models.BinaryField(max_length=16, editable=False)
    is_valid = models.BooleanField(default=True)
    validation_errors = models.JSONField(default=list, blank=True)
    synced_at = models.DateTimeField("stored at")
    details_fetched_at = models.DateTimeField(null=True, blank=True)
    # The run that last wrote the row. Runs live in an app above and are pruned, so this is no foreign key.
    last_run_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        abstract = True


class StoredPayload(models.Model):
    """A payload as it arrived, kept only when it differs from the one before. The newest one is never pruned."""

    received_at = models.DateTimeField()
    source = models.CharField(max_length=20, choices=PayloadSource.choices)
    run_id = models.BigIntegerField(null=True, blank=True)
    payload = models.JSONField()

    class Meta:
        abstract = True
        ordering = ["-received_at", "-id"]

    def __str__(self) -> str:
        return f"payload from {self.received_at:%Y-%m-%d %H:%M:%S}"


def make_amount_field() -> "models.DecimalField[Decimal | None, Decimal | None]":
    """Make an exact amount in the row's currency; empty where the marketplace did not say."""
    return models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)


def make_text_field() -> "models.TextField[str, str]":
    """Make a text from outside, empty where there is none. The mapping bounds its length."""
    return models.TextField(blank=True, default="")


Viewer = AbstractBaseUser | AnonymousUser
ModelT = TypeVar("ModelT", bound=models.Model, covariant=True)


def visible_shop_ids(viewer: Viewer) -> frozenset[int] | None:
    """Return the ids of the shops that a person may see; None stands for all shops.

    Superusers see all, others what they were granted. Who comes with an API token that is limited to some shops
    (`shop_limit`, set when the token is read) sees no more than these.
    """
    limit: frozenset[int] | None = getattr(viewer, "shop_limit", None)
    if not viewer.is_active or viewer.pk is None:
        return frozenset()
    if getattr(viewer, "is_superuser", False):
        return limit
    person: Any = viewer
    granted = frozenset(person.shop_grants.values_list("shop_id", flat=True))
    return granted if limit is None else granted & limit


class ShopScopedQuerySet(models.QuerySet[ModelT]):
    """A queryset that can be narrowed to the shops a person was granted.

    A model that belongs to no shop itself says with `shop_path` how to look up its shop's id.
    """

    def visible_to(self, viewer: Viewer) -> Self:
        """Return what the person may see: everything for superusers, nothing until a shop is granted for others."""
        shop_ids = visible_shop_ids(viewer)
        if shop_ids is None:
            return self
        # Ids and not a join: the database then knows how many rows the shops have, and picks the right index.
        path = getattr(self.model, "shop_path", "shop_id")
        return self.filter(**{f"{path}__in": shop_ids})
