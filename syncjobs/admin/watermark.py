"""How far each shop has been read."""

from django.contrib import admin

from backoffice.common.admin import ReadOnlyModelAdmin, show_shop
from syncjobs.models import Watermark


@admin.register(Watermark)
class WatermarkAdmin(ReadOnlyModelAdmin):
    """Watermarks, the furthest behind first."""

    list_display = (show_shop, "resource", "position_at", "moved_at", "run_id")
    list_select_related = ("shop",)
    ordering = ("position_at",)
    fields = ("shop", "resource", "position_at", "moved_at", "run_id")
