"""What the quotas of the apps mean for a backfill: how many calls it still needs, and when they will have been made."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from backoffice.common import clock
from shops.marketplaces.rate_limit import Lane
from shops.models import MarketplaceApp
from shops.queries import QuotaUse, read_quota_use
from syncjobs.queries.backfills import AppShare
from syncjobs.queries.pace import Quota, estimate_seconds_at_quota


@dataclass(frozen=True, slots=True)
class AppOutlook:
    """One app: the calls that are left to make, its limits, and the moment by which they allow that."""

    app: MarketplaceApp
    calls_left: int
    limits: list[QuotaUse]
    done_by: datetime


def read_outlook(shares: Mapping[int, AppShare]) -> list[AppOutlook]:
    """Read for each app with work left what its quota allows, the slowest first."""
    wanted = {app_id: share.calls_left for app_id, share in shares.items() if share.chunks_left}
    apps = MarketplaceApp.objects.defer("app_secret").in_bulk(list(wanted))
    outlook = [_look_ahead(app, wanted[app.pk]) for app in apps.values()]
    return sorted(outlook, key=lambda one: one.done_by, reverse=True)


def _look_ahead(app: MarketplaceApp, calls: int) -> AppOutlook:
    limits = read_quota_use(app)
    seconds = estimate_seconds_at_quota(calls, [_quota_of(limit) for limit in limits])
    return AppOutlook(app, calls, limits, clock.now() + timedelta(seconds=seconds))


def _quota_of(limit: QuotaUse) -> Quota:
    """Return the part that backfills may use; nothing counts as left where the counters cannot be reached."""
    return Quota(limit.share(Lane.BACKFILL), limit.seconds, limit.left(Lane.BACKFILL) or 0)
