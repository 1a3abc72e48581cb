"""How the words of a return look: the request, its money and its goods are told apart."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from aftersales.choices import ReturnStatus
from aftersales.models import SyncedReturn
from backoffice.common.admin import badge, one_line
from backoffice.common.admin.times import show_deadline, show_moment
from orders.admin.synced import show_word

STATUS_COLOURS = {"requested": "warning", "approved": "info", "disputed": "danger", "completed": "success"}
MONEY_COLOURS = {"pending": "warning", "refunded": "success"}


def show_request(row: SyncedReturn) -> SafeString:
    """Show how far the request is."""
    return show_word(row, STATUS_COLOURS)


def show_kind(row: SyncedReturn) -> SafeString | str:
    """Show what is asked for; the marketplace's own word, as a warning, where we have none."""
    if row.kind != "unknown":
        return str(row.get_kind_display())
    return badge("warning", f"Unknown: {row.raw_kind[:40]}" if row.raw_kind else "Unknown")


def show_money(row: SyncedReturn) -> SafeString:
    """Show what became of the money."""
    label = str(row.get_money_state_display())
    if row.money_state == "unknown":
        return format_html('<span class="row-faint">{}</span>', label.lower())
    return badge(MONEY_COLOURS.get(row.money_state, ""), label)


def show_goods(row: SyncedReturn) -> SafeString:
    """Show who has the goods."""
    label = str(row.get_custody_display())
    return (
        format_html('<span class="row-faint">{}</span>', label.lower()) if row.custody == "unknown" else one_line(label)
    )


def show_answer_by(row: SyncedReturn) -> SafeString | str:
    """Count down to when the request must be answered; an answered one has no countdown."""
    if row.respond_by_at is None:
        return ""
    if row.status == ReturnStatus.REQUESTED:
        return show_deadline(row.respond_by_at)
    return format_html('<span class="row-faint" title="{}">answered</span>', show_moment(row.respond_by_at))
