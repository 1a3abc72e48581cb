"""What people may do with a button about gaps: look for them in a shop, and fetch what a report found missing."""

from django.contrib.auth.models import AbstractUser
from django.db import transaction

from backoffice.common.history import note_change
from backoffice.common.lists.actions import RowAction, register_action
from backoffice.common.plurals import say_count
from backoffice.common.wake_ups import wake_after_commit
from shops.choices import ShopState
from shops.models import Shop
from syncjobs import reconcile
from syncjobs.models import GapReport, GapReportState, Trigger
from syncjobs.tasks import wake_reconcilers

DAYS = 7


def look_for_gaps(shop: Shop, person: AbstractUser) -> str:
    """Compare the shop's last days with the marketplace's lists."""
    with transaction.atomic():
        days = reconcile.choose_recent_days(DAYS)
        reports = reconcile.request_reports(shop, days, trigger=Trigger.PERSON, fetch_missing=False)
        note_change(person, shop, f"Looked for gaps in the last {DAYS} days.")
        wake_after_commit(wake_reconcilers)
    return f"{say_count(len(reports), 'day is', 'days are')} compared; gap reports say what differs."


def fetch_missing(report: GapReport, person: AbstractUser) -> str:
    """Compare the day once more and fetch what is missing or stale."""
    with transaction.atomic():
        new = GapReport.objects.get(pk=reconcile.request_fetch(report, trigger=Trigger.PERSON))
        note_change(person, new, f"Asked for by {person.get_username()}.")
        wake_after_commit(wake_reconcilers)
    if new.state == GapReportState.RUNNING and not new.fetch_missing:
        return f"Report {new.pk} compares this day at the moment, without fetching. Ask again when it has ended."
    return f"Report {new.pk} compares the day once more and fetches what is missing."


def _has_something_to_fetch(report: GapReport) -> bool:
    return report.state == GapReportState.DONE and report.missing_count + report.stale_count > report.fetched_count


def register() -> None:
    """Add the actions."""
    start = "syncjobs.add_gapreport"
    for action in (
        RowAction(
            "syncjobs.look_for_gaps", Shop, "Look for gaps", "troubleshoot", start, look_for_gaps,
            is_offered=lambda shop: shop.state == ShopState.ACTIVE,
        ),
        RowAction(
            "syncjobs.fetch_missing", GapReport, "Fetch missing", "download", start, fetch_missing,
            is_offered=_has_something_to_fetch,
        ),
    ):  # fmt: skip
        register_action(action)
