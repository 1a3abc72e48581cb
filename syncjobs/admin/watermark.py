"""How far each shop has been read."""

from django.contrib import admin
from django.utils.safestring import SafeString

from backoffice.common import clock
from backoffice.common.admin import ReadOnlyModelAdmin, display, show_shop, show_tone
from backoffice.common.admin.times import describe_span, show_distance
from shops.choices import ShopState
from syncjobs.models import Watermark
from syncjobs.queries import grade_lag


@admin.register(Watermark)
class WatermarkAdmin(ReadOnlyModelAdmin):
    """Watermarks, the furthest behind first."""

    list_display = (show_shop, "resource", "show_lag", "show_shop_state", "position_at", "show_moved", "run_id")
    list_select_related = ("shop",)
    ordering = ("position_at",)
    fields = ("shop", "resource", "show_lag", "position_at", "moved_at", "run_id")

    @display(description="Lag", ordering="-position_at")
    def show_lag(self, mark: Watermark) -> SafeString:
        lag = clock.now() - mark.position_at
        # Nobody expects a shop that was taken off the schedule to be up to date.
        return show_tone(grade_lag(lag) if mark.shop.state == ShopState.ACTIVE else "", describe_span(lag))

    @display(description="Shop is")
    def show_shop_state(self, mark: Watermark) -> str:
        return mark.shop.get_state_display()

    @display(description="Moved", ordering="moved_at")
    def show_moved(self, mark: Watermark) -> SafeString:
        return show_distance(mark.moved_at)
