"""Gap reports that are due, of a day long past."""

from typing import Any

from backoffice.common import clock
from shops.models import Shop
from syncjobs.models import GapReport
from tests.factories.shops import make_shop
from tests.factories.sync import WINDOW_END, WINDOW_START


def make_report(shop: Shop | None = None, **facts: Any) -> GapReport:
    now = clock.now()
    defaults: dict[str, Any] = {
        "window_start": WINDOW_START, "window_end": WINDOW_END, "trigger": "beat", "due_at": now, "created_at": now,
    }  # fmt: skip
    return GapReport.objects.create(shop=shop or make_shop(), **{**defaults, **facts})
