"""Bases of all models: timestamps, and the one rule of who sees which shop."""

from typing import Self, TypeVar

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models


class TimestampedModel(models.Model):
    """When the row was made and last saved here."""

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


ModelT = TypeVar("ModelT", bound=models.Model, covariant=True)


class ShopScopedQuerySet(models.QuerySet[ModelT]):
    """A queryset that can be narrowed to the shops a person was granted.

    `shop_path` is the lookup from the model to its shop ("" where the model is the shop itself).
    """

    shop_path = "shop"

    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Return what the person may see: everything for superusers, nothing until a shop is granted for others."""
        if getattr(user, "is_superuser", False) and user.is_active:
            return self
        if not user.is_active or user.pk is None:
            return self.none()
        grants = f"{self.shop_path}__grants__user" if self.shop_path else "grants__user"
        return self.filter(**{grants: user.pk})
