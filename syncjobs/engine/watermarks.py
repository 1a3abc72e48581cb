"""Moves watermarks: forward only, and only to the end of a window of which everything is stored."""

from backoffice.common import clock
from syncjobs.models import Run, Watermark


def move_watermark(run: Run) -> None:
    """Set the watermark to the end of the run's window, unless it is further already."""
    stamped = {"run_id": run.pk, "moved_at": clock.now()}
    mark, created = Watermark.objects.get_or_create(
        shop_id=run.shop_id, resource=run.resource, defaults={"position_at": run.window_end, **stamped}
    )
    if not created:
        Watermark.objects.filter(pk=mark.pk, position_at__lt=run.window_end).update(
            position_at=run.window_end, **stamped
        )
