"""A person's own view of a list: its filters and its columns under a name."""

from django.conf import settings
from django.db import models

from backoffice.common.lists.models.job import OwnedQuerySet

NAME_LENGTH = 60  # characters
QUERY_LENGTH = 2_000  # characters of an address that browsers and proxies still take


class SavedView(models.Model):
    """The filters (as a query string) and columns of one admin list, e.g. of "orders.order"."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    list_label = models.CharField(max_length=100, help_text="The list's model, e.g. orders.order.")
    name = models.CharField(max_length=NAME_LENGTH)
    query = models.CharField("filters", max_length=QUERY_LENGTH, blank=True)
    columns = models.JSONField(default=list, help_text="Names of the columns in their order; empty = all.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OwnedQuerySet["SavedView"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "list_label", "name"], name="saved_view_name")]

    def __str__(self) -> str:
        return self.name
