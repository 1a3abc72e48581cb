"""The app of saved views, bulk batches and exports."""

from django.apps import AppConfig


class ListsConfig(AppConfig):
    """What people do with a list of rows: keep a view of it, act on many rows, take it away as a file."""

    name = "backoffice.common.lists"
    label = "lists"
    verbose_name = "Lists"
