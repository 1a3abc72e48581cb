"""Bases of all models: timestamps, and the one rule of who sees which shop."""

from typing import Any, Self, TypeVar

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models


class TimestampedModel(models.Model):
    """When the row was made and last saved here."""

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


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

    `shop_path` is the lookup from the model to its shop's id.
    """

    shop_path = "shop_id"

    def visible_to(self, viewer: Viewer) -> Self:
        """Return what the person may see: everything for superusers, nothing until a shop is granted for others."""
        shop_ids = visible_shop_ids(viewer)
        if shop_ids is None:
            return self
        # Ids and not a join: the database then knows how many rows the shops have, and picks the right index.
        return self.filter(**{f"{self.shop_path}__in": shop_ids})
