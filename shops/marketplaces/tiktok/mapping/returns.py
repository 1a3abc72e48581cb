"""Turns a TikTok Shop return, refund or cancellation into a ReturnRecord. Pure, and it never raises.

A payload with a `cancel_id` is a cancellation, any other a return. Times are Unix seconds, money decimal text. Every
line is one piece. What has no field of its own is kept in `attributes` under TikTok's name.
"""

from dataclasses import dataclass
from datetime import datetime

from shops.marketplaces import values
from shops.marketplaces.reading import Fields, bounded, identified
from shops.marketplaces.records import ReturnKind, ReturnLineRecord, ReturnRecord, ReturnStatus, UnreadableRecord
from shops.marketplaces.tiktok.mapping import return_states as states


@dataclass(frozen=True, slots=True)
class _Words:
    """How a list calls what both lists have."""

    id: str
    kind: str
    status: str
    reason: str
    reason_text: str
    lines: str
    line_id: str

    @property
    def placed(self) -> frozenset[str]:
        return frozenset({self.id, self.kind, self.status, self.reason, self.reason_text, self.lines}) | _PLACED


_RETURN = _Words(
    id="return_id",
    kind="return_type",
    status="return_status",
    reason="return_reason",
    reason_text="return_reason_text",
    lines="return_line_items",
    line_id="return_line_item_id",
)
_CANCELLATION = _Words(
    id="cancel_id",
    kind="cancel_type",
    status="cancel_status",
    reason="cancel_reason",
    reason_text="cancel_reason_text",
    lines="cancel_line_items",
    line_id="cancel_line_item_id",
)
_PLACED = frozenset(
    {"order_id", "role", "create_time", "update_time", "return_tracking_number", "return_provider_name"}
)
_LINE_PLACED = frozenset(
    {"return_line_item_id", "cancel_line_item_id", "order_line_item_id", "sku_id", "seller_sku", "product_name"}
)


def map_return(payload: object) -> ReturnRecord | UnreadableRecord:
    """Map one row of either search."""
    whole = values.fields(payload)
    words = _CANCELLATION if "cancel_id" in whole else _RETURN
    problems: list[str] = []
    case = Fields(payload, problems=problems)
    external_id = values.identifier(whole.get(words.id))
    if external_id is None:
        return UnreadableRecord(payload, "The return has no id that can be read.")
    raw_kind = case.text(words.kind, required=True)
    kind = ReturnKind.CANCEL if words is _CANCELLATION else states.KINDS.get(raw_kind, ReturnKind.UNKNOWN)
    raw_status = case.text(words.status, required=True)
    status = _status_of(case, raw_status, words)
    refund = case.part("refund_amount")
    amount = refund.amount("refund_total")
    tracking_number = case.text("return_tracking_number")
    action, respond_by_at = _next_step(case)
    return ReturnRecord(
        external_id=external_id,
        payload=whole,
        order_external_id=case.identifier("order_id", required=True),
        kind=kind,
        raw_kind=raw_kind,
        status=status,
        raw_status=raw_status,
        money_state=states.money_state_of(kind, status, raw_status, amount),
        currency=refund.currency("currency"),
        refund_amount=amount,
        custody=states.custody_of(
            kind, raw_status, is_sent_back=bool(tracking_number), is_kept=_is_kept_by_the_buyer(case)
        ),
        tracking_number=tracking_number,
        carrier_name=case.text("return_provider_name"),
        reason_code=case.text(words.reason),
        reason_text=case.text(words.reason_text),
        opened_by=_opener_of(case),
        requested_action=action,
        respond_by_at=respond_by_at,
        source_created_at=case.seconds("create_time"),
        source_updated_at=case.seconds("update_time", required=True),
        attributes=case.unplaced(words.placed),
        lines=_lines_of(case, words),
        problems=bounded(problems),
    )


def _status_of(case: Fields, raw_status: str, words: _Words) -> ReturnStatus:
    """A dispute that the marketplace has yet to decide goes before the word of the request."""
    statuses = states.CANCELLATION_STATUSES if words is _CANCELLATION else states.RETURN_STATUSES
    is_disputed = case.text("arbitration_status") == "IN_PROGRESS"
    return ReturnStatus.DISPUTED if is_disputed else statuses.get(raw_status, ReturnStatus.UNKNOWN)


def _opener_of(case: Fields) -> str:
    word = case.text("role")
    return states.ROLES.get(word, word.lower())


def _is_kept_by_the_buyer(case: Fields) -> bool | None:
    """Tell whether the money may come without the goods; None where that cannot be read."""
    kept = [case.flag(name) for name in ("can_buyer_keep_item", "is_quick_refund") if name in case.source]
    return None if None in kept else any(kept)


def _next_step(case: Fields) -> tuple[str, datetime | None]:
    """Read what the seller has to do, and by when: the step that runs out first."""
    steps = [(step.seconds("deadline"), step.text("action")) for step in case.parts("seller_next_action_response")]
    timed = sorted((deadline, action) for deadline, action in steps if deadline is not None)
    if timed:
        return timed[0][1], timed[0][0]
    return (steps[0][1] if steps else ""), None


def _lines_of(case: Fields, words: _Words) -> tuple[ReturnLineRecord, ...]:
    return tuple(
        [
            ReturnLineRecord(
                external_id=line_id,
                order_line_external_id=line.identifier("order_line_item_id"),
                sku_external_id=line.identifier("sku_id"),
                seller_sku=line.text("seller_sku"),
                product_name=line.text("product_name"),
                refund_amount=line.part("refund_amount").amount("refund_total"),
                attributes=line.unplaced(_LINE_PLACED),
            )
            for line_id, line in identified(case.parts(words.lines), words.line_id, "line")
        ]
    )
