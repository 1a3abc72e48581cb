"""Turns Lazada's reverse order into a ReturnRecord. Pure, and it never raises, whatever the payload holds.

Amounts are in hundredths of the currency, except in Vietnam, where they are plain; the country is the shop's. Times are
numbers whose size tells whether they are seconds or milliseconds. The list and the detail call name some keys
differently: both are read. Request, money and goods are told apart; what is not said is UNKNOWN.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from shops.marketplaces import values
from shops.marketplaces.lazada.mapping import statuses
from shops.marketplaces.lazada.mapping.countries import NO_COUNTRY, Country, find_country
from shops.marketplaces.lazada.mapping.groups import split_shop_sku
from shops.marketplaces.lazada.mapping.times import moment_by_size
from shops.marketplaces.reading import Fields, bounded, identified
from shops.marketplaces.records import (
    Custody,
    MoneyState,
    ReturnKind,
    ReturnLineRecord,
    ReturnRecord,
    ReturnStatus,
    UnreadableRecord,
)

# The list of words is open: the first is documented, the second stands in samples, what arrived says where below [?].
_CUSTODIES: Mapping[str, Custody] = {"RETURN_CANCELED": Custody.BUYER, "RETURN_IN_TRANSIT": Custody.ON_THE_WAY}
_ARRIVED = "RETURN_DELIVERED"
_RECEIVERS: Mapping[bool | None, Custody] = {True: Custody.SELLER, False: Custody.WAREHOUSE}  # by is_rtm
_PLACED = frozenset({"reverse_order_id", "trade_order_id", "request_type", "reverse_order_lines"})
_DETAIL_LINES = "reverseOrderLineDTOList"
_LINE_PLACED = frozenset(
    {
        "reverse_order_line_id",
        "trade_order_line_id",
        "reverse_status",
        "refund_amount",
        "seller_sku_id",
        "return_order_line_gmt_create",
        "return_order_line_gmt_modified",
    }
)
_MINOR = "a whole amount"
_TIME = "a time"


def map_return(payload: object, region: str) -> ReturnRecord | UnreadableRecord:
    """Map one reverse order of the list or of the detail call; `region` is the shop's."""
    whole = Fields(payload)
    external_id = values.identifier(whole.source.get("reverse_order_id"))
    if external_id is None:
        told = values.shown(whole.source.get("reverse_order_id"))
        return UnreadableRecord(payload, f"reverse_order_id is {told} instead of an id.")
    country = find_country(region)
    if country is None:
        whole.problems.append(f"{NO_COUNTRY}: amounts cannot be read.")
    rows = list(
        whole.parts("reverse_order_lines" if _DETAIL_LINES not in whole.source else _DETAIL_LINES, required=True)
    )
    words = {row.text("reverse_status", required=True) for row in rows}
    raw_kind = whole.text("request_type", required=True)
    kind = statuses.RETURN_KINDS.get(raw_kind, ReturnKind.UNKNOWN)
    logistics = {word for row in rows if (word := row.text("ofc_status"))}
    numbered = identified(rows, "reverse_order_line_id", "line")
    lines = tuple([_read_line(row, line_id, country) for line_id, row in numbered])
    changes = [row.read("return_order_line_gmt_modified", moment_by_size, _TIME, required=True) for row in rows]
    return ReturnRecord(
        external_id=external_id,
        payload=whole.source,
        order_external_id=whole.identifier("trade_order_id"),
        kind=kind,
        raw_kind=raw_kind,
        status=_status(words, rows),
        raw_status=statuses.joined(words)[: values.TEXT_LENGTH],
        money_state=_money_state(words, rows),
        currency=country.currency if country else "",
        refund_amount=_sum([line.refund_amount for line in lines]),
        custody=_custody(kind, logistics, whole.flag("is_rtm")),
        raw_logistics_status=statuses.joined(logistics)[: values.TEXT_LENGTH],
        tracking_number=_first(rows, "tracking_number"),
        reason_code=_first(rows, "reason_code"),
        reason_text=_first(rows, "reason_text"),
        # Zero means that there is no deadline.
        respond_by_at=_earliest([row.read("sla", moment_by_size, _TIME, zero_is_untold=True) for row in rows]),
        source_created_at=_earliest([row.read("return_order_line_gmt_create", moment_by_size, _TIME) for row in rows]),
        source_updated_at=max((change for change in changes if change is not None), default=None),
        attributes=whole.unplaced(_PLACED | {_DETAIL_LINES}),
        lines=lines,
        problems=bounded(whole.problems),
    )


def _status(words: set[str], rows: list[Fields]) -> ReturnStatus:
    """A dispute is told beside the status of a request, and counts while that is open."""
    found = statuses.return_status(words)
    disputed = [row.flag("is_dispute") for row in rows]
    return ReturnStatus.DISPUTED if found in statuses.OPEN_RETURNS and any(disputed) else found


def _money_state(words: set[str], rows: list[Fields]) -> MoneyState:
    """A reverse order of which no line needs a refund has no money to give back."""
    needs = [row.flag("is_need_refund") for row in rows]
    if needs and not any(need is not False for need in needs):
        return MoneyState.NONE
    return statuses.money_state(words)


def _custody(kind: ReturnKind, logistics: set[str], is_to_merchant: bool | None) -> Custody:
    """Of a cancellation the goods never left, of a mere refund they stay; a return tells by its logistics.

    Goods go back to the merchant or to one of Lazada's warehouses.
    """
    if kind is ReturnKind.CANCEL:
        return Custody.NOT_SENT
    if kind is ReturnKind.REFUND:
        return Custody.BUYER
    words = {**_CUSTODIES, _ARRIVED: _RECEIVERS.get(is_to_merchant, Custody.UNKNOWN)}
    found = {words.get(word, Custody.UNKNOWN) for word in logistics}
    return found.pop() if kind is ReturnKind.RETURN_REFUND and len(found) == 1 else Custody.UNKNOWN


def _read_line(row: Fields, line_id: str, country: Country | None) -> ReturnLineRecord:
    listed, detailed = row.part("product"), row.part("productDTO")
    return ReturnLineRecord(
        external_id=line_id,
        order_line_external_id=row.identifier("trade_order_line_id"),
        sku_external_id=detailed.identifier("sku") or split_shop_sku(row.text("platform_sku_id"))[1],
        product_external_id=listed.identifier("product_id") or detailed.identifier("product_id"),
        seller_sku=row.text("seller_sku_id") or listed.text("product_sku"),
        refund_amount=row.minor_amount("refund_amount", country.minor_digits) if country else None,
        raw_status=row.text("reverse_status"),
        attributes=row.unplaced(_LINE_PLACED),
    )


def _first(rows: list[Fields], key: str) -> str:
    return next((told for row in rows if (told := row.text(key))), "")


def _earliest(moments: list[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def _sum(amounts: list[Decimal | None]) -> Decimal | None:
    """Add up; None if one is not known, or if no column holds the sum."""
    told = [amount for amount in amounts if amount is not None]
    return values.amount(str(sum(told, Decimal(0)))) if told and len(told) == len(amounts) else None
