"""The order list as one writes it without a second thought: Django's own site, page and templates. A ROOT_URLCONF."""

from pathlib import Path
from typing import Any

import django.contrib.admin
from django.conf import settings
from django.contrib.admin import AdminSite, ModelAdmin
from django.urls import include, path

from orders.models import Order

# The product's admin library puts its own templates in place of these.
TEMPLATES: Any = [
    {**settings.TEMPLATES[0], "DIRS": [Path(django.contrib.admin.__file__).parent / "templates"]},
]


class StockOrderAdmin(ModelAdmin):  # type: ignore[type-arg]
    """All defaults: both counts, facets of dates, "contains" in every search."""

    list_display = (
        "external_id", "shop", "status", "total_amount", "source_created_at", "source_updated_at", "is_valid",
    )  # fmt: skip
    list_filter = ("status", "is_valid", "shop")
    search_fields = ("external_id", "tracking_number", "lines__seller_sku")
    date_hierarchy = "source_created_at"
    ordering = ("-source_updated_at",)


site = AdminSite(name="stock")
site.register(Order, StockOrderAdmin)
urlpatterns = [path("stock/", site.urls), path("", include("backoffice.urls"))]
