"""Goods and money of a case, side by side: its own records, or what the return says that it was read from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString

from aftersales.admin.case_words import EXCHANGE_COLOURS, GOODS_COLOURS, REFUND_COLOURS
from aftersales.admin.records import find_tracking_page
from aftersales.admin.words import show_goods, show_money
from aftersales.models import Carrier, Exchange, Refund, ReturnAddress, ReturnParcel, SyncedReturn
from aftersales.queries.cases import WholeCase
from backoffice.common.admin import badge
from backoffice.common.admin.addresses import find_page


@dataclass(frozen=True)
class Track:
    """One thing on a track: a refund, a parcel, a replacement. Times are (what, when), those that are known."""

    title: str
    address: str
    state: SafeString
    amount: str = ""
    number: str = ""  # of a parcel
    number_address: str = ""
    carrier: str = ""
    note: str = ""
    times: list[tuple[str, Any]] = field(default_factory=list)
    place: ReturnAddress | None = None


def build_tracks(request: HttpRequest, whole: WholeCase) -> dict[str, Any]:
    """Return what is on both tracks."""
    synced = whole.case.synced_return
    if synced is not None:
        return {"goods": [_show_synced_goods(request, synced)], "money": [_show_synced_money(request, synced)]}
    return {
        "goods": [
            *(_show_exchange(request, one) for one in whole.exchanges),
            *(_show_parcel(request, one) for one in whole.parcels),
        ],
        "money": [_show_refund(request, one) for one in whole.refunds],
    }


def _page(request: HttpRequest, model: str, row_id: int) -> str:
    return find_page(request, f"aftersales.view_{model}", f"admin:aftersales_{model}_change", row_id)


def _show_synced_goods(request: HttpRequest, row: SyncedReturn) -> Track:
    return Track(
        f"Return {row.external_id}", _page(request, "syncedreturn", row.pk), show_goods(row),
        number=row.tracking_number, carrier=row.carrier_name, note=row.raw_logistics_status,
    )  # fmt: skip


def _show_synced_money(request: HttpRequest, row: SyncedReturn) -> Track:
    address = _page(request, "syncedreturn", row.pk)
    return Track(f"Return {row.external_id}", address, show_money(row), amount=row.shown_refund)


def _show_refund(request: HttpRequest, row: Refund) -> Track:
    final = ", which is final" if row.has_failed_for_good else ""
    tries = f"Failed {row.retry_count} times{final}. " if row.retry_count > 1 else ""
    is_in_doubt = row.state == "PROCESSING"
    doubt = "Sent, and how it ended is not known yet: it is not sent again before that is said." if is_in_doubt else ""
    return Track(
        f"Refund {row.number}", _page(request, "refund", row.pk),
        badge(REFUND_COLOURS.get(row.state, ""), str(row.get_state_display())), amount=row.shown_amount,
        note=doubt or f"{tries}{row.failure_reason}" or row.refund_transaction,
        times=_known({"Sent": row.sent_at, "Ended": row.ended_at}),
    )  # fmt: skip


def _show_parcel(request: HttpRequest, row: ReturnParcel) -> Track:
    return Track(
        f"Goods back {row.number}", _page(request, "returnparcel", row.pk),
        badge(GOODS_COLOURS.get(row.state, ""), str(row.get_state_display())), number=row.tracking_number,
        number_address=find_tracking_page(row.carrier, row.tracking_number), carrier=_name(row.carrier),
        note=row.rejection_reason, place=row.return_address if row.state == "PENDING" else None,
        times=_known({"Sent": row.shipped_at, "Received": row.received_at, "Checked": row.inspected_at}),
    )  # fmt: skip


def _show_exchange(request: HttpRequest, row: Exchange) -> Track:
    return Track(
        f"Replacement {row.number}", _page(request, "exchange", row.pk),
        badge(EXCHANGE_COLOURS.get(row.state, ""), str(row.get_state_display())), number=row.tracking_number,
        number_address=find_tracking_page(row.carrier, row.tracking_number), carrier=_name(row.carrier),
        times=_known({"Sent": row.shipped_at, "Arrived": row.completed_at}),
    )  # fmt: skip


def _name(carrier: Carrier | None) -> str:
    return carrier.name if carrier else ""


def _known(times: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(name, at) for name, at in times.items() if at is not None]
