"""What the API's document shows as examples of cases, and the headers of calls that change them."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter

from backoffice.common.api.keys import describe_key

TAG = ["aftersales"]
KEY_PARAMETERS = [
    describe_key(
        "Sent again with the same key it changes nothing more, and gets the same answer; another call with the key is "
        "refused with 422."
    ),
    OpenApiParameter(
        "Idempotency-Replayed", {"type": "string", "enum": ["true"]}, OpenApiParameter.HEADER, response=[200, 201],
        description="Only there where the answer is that of an earlier call with the same key.",
    ),
]  # fmt: skip
LINE = {
    "id": 4, "external_id": "576461413038785752", "order_line_external_id": "576461413038785752", "quantity": 1,
    "requested_quantity": 1, "ordered_quantity": 3, "unit_price": "146667", "requested_amount": "146667",
    "amount": "146667", "product_external_id": "1729592969712203000", "sku_external_id": "1729592969712207000",
    "seller_sku": "AT-DEN-M", "product_name": "Áo thun", "sku_name": "M", "image_url": "",
}  # fmt: skip
VALUE: dict[str, Any] = {
    "id": 8, "shop": 1, "number": "AS260803K7MPQ2XV", "origin": "INTERNAL", "type": "return_refund",
    "state": "PENDING_RETURN", "stage": "return", "raw_status": "", "order": 12,
    "order_external_id": "584000000000000001", "synced_return": None, "reason": "quality_issue", "raw_reason_code": "",
    "raw_reason_text": "", "description": "The seam is open.", "images": ["https://example.com/seam.jpg"],
    "currency": "VND", "requested_amount": "146667", "amount": "146667", "is_amount_modified": False,
    "state_entered_at": "2026-08-03T09:00:00Z", "auto_process_time": "2026-08-10T09:00:00Z",
    "marketplace_deadline_at": None, "due_at": "2026-08-10T09:00:00Z", "ruling_deadline": "ours", "timed_out_at": None,
    "audited_at": "2026-08-03T09:00:00Z", "audited_by": "lan", "completed_at": None, "modification_count": 0,
    "rejection_count": 0, "created_at": "2026-08-03T08:00:00Z", "updated_at": "2026-08-03T09:00:00Z", "lines": [LINE],
}  # fmt: skip
PARCEL = {
    "id": 3, "number": "RT-8-1", "state": "PENDING", "carrier": None, "tracking_number": "", "tracking_events": [],
    "return_address": {
        "contact_name": "Kho Mẫu", "phone": "+84 24 0000 0000", "region": "Hà Nội", "address": "1 Phố Mẫu",
        "opening_hours": "8:00 to 17:00", "instructions": "",
    },
    "rejection_reason": "", "images": [], "shipped_at": None, "received_at": None, "inspected_at": None,
    "created_at": "2026-08-03T09:00:00Z", "updated_at": "2026-08-03T09:00:00Z",
}  # fmt: skip
WHOLE: dict[str, Any] = {
    **VALUE, "money_state": None, "goods_state": "PENDING",
    "snapshot": {
        "status": "delivered", "paid_at": "2026-08-01T07:01:00+00:00", "shipped_at": "2026-08-01T12:00:00+00:00",
        "delivered_at": "2026-08-02T10:00:00+00:00",
    },
    "refunds": [], "return_parcels": [PARCEL], "exchanges": [], "answers": [],
}  # fmt: skip
REFUSED = {
    "order_line_external_id": "576461413038785753", "field": "quantity",
    "message": "Between 1 and 2: that many of 3 are left to claim.",
}  # fmt: skip
CASE = OpenApiExample("A case", response_only=True, value=VALUE)
CASE_DETAIL = OpenApiExample("A case", response_only=True, value=WHOLE, status_codes=["200"])
ANSWER = {
    "id": 2, "decision": "approve", "state": "accepted", "reason_code": "", "comment": "",
    "message": "Read there: AWAITING_BUYER_SHIP.", "sent_at": "2026-08-03T09:00:00Z",
    "settled_at": "2026-08-03T09:01:00Z",
}  # fmt: skip
CASE_TOLD = OpenApiExample("A marketplace's case", response_only=True, status_codes=["200"], value={
    **WHOLE, "number": "4035290000000000001", "origin": "MARKETPLACE", "raw_status": "AWAITING_BUYER_SHIP",
    "synced_return": 6, "money_state": "pending", "goods_state": "buyer", "snapshot": {}, "return_parcels": [],
    "answers": [ANSWER],
})  # fmt: skip
CREATED = OpenApiExample(
    "One line of two", response_only=True, status_codes=["201"], value={"created": [WHOLE], "refused": [REFUSED]}
)
NONE_CREATED = OpenApiExample("Every line was refused", response_only=True, status_codes=["422"], value={
    "code": "no_case_created", "message": f"No case was made. {REFUSED['message']}", "refused": [REFUSED],
})  # fmt: skip
LOG = OpenApiExample("An approval", response_only=True, value={
    "id": 31, "action": "APPROVE", "operator_kind": "ADMIN", "operator_id": 2, "operator_name": "lan",
    "previous_state": "PENDING_APPROVAL", "state": "APPROVED", "text": "", "context": {"action": "approve"},
    "at": "2026-08-03T09:00:00Z", "request_id": "approve-8",
})  # fmt: skip
POSSIBLE = OpenApiExample("A case that waits for the goods", response_only=True, status_codes=["200"], value={
    "state": "PENDING_RETURN", "actions": [
        {"action": "fill_shipment", "title": "Fill in shipment", "needs": ["carrier", "tracking_number"],
         "leads_to": "PENDING_RECEIVE", "is_for_buyer": True},
        {"action": "cancel", "title": "Close the case", "needs": [], "leads_to": "CANCELLED", "is_for_buyer": True},
    ],
})  # fmt: skip
PREVIEW = OpenApiExample("An order of one line", response_only=True, value={
    "order": 12, "shop": 1, "order_external_id": "584000000000000001", "lines": [{
        "order_line_external_id": "576461413038785752", "product_name": "Áo thun", "ordered_quantity": 3,
        "claimed_quantity": 1, "left_quantity": 2, "case_count": 1, "currency": "VND", "paid_amount": "440001",
        "refundable_amount": "293334", "refundable_amounts": ["146667", "293334"],
        "types": {
            "cancel": "A case of this type is for orders that are not paid yet.", "refund_only": "",
            "return_refund": "", "exchange": "", "resend": "",
        },
    }],
})  # fmt: skip
CARRIER = OpenApiExample("A carrier", response_only=True, value={
    "id": 1, "code": "jt", "name": "J&T Express", "tracking_link": "https://example.com/track/{number}",
    "is_active": True,
})  # fmt: skip
CLAIM = {"type": "return_refund", "reason": "quality_issue", "description": "The seam is open."}
CLAIMED = {"order_line_external_id": "576461413038785752", "quantity": 1, "amount": "146667"}
REQUESTS = [
    OpenApiExample("One piece of a line", request_only=True, value={"order": 12, **CLAIM, "lines": [CLAIMED]}),
    OpenApiExample("By the marketplace's number, for the buyer", request_only=True, value={
        "shop": 1, "order_external_id": "584000000000000001", **CLAIM, "on_behalf_of_buyer": True,
        "lines": [{"order_line_external_id": "576461413038785752"}],
    }),
]  # fmt: skip
ACTS = [
    OpenApiExample("Approve", request_only=True, value={"action": "approve"}),
    OpenApiExample("Reject", request_only=True, value={"action": "reject", "reason": "The photos show another one."}),
    OpenApiExample("Change the amount", request_only=True, value={
        "action": "change_amount", "amount": "100000", "reason": "Agreed with the buyer.",
    }),
]  # fmt: skip
SHIPMENT = OpenApiExample("A parcel", request_only=True, value={
    "carrier": "jt", "tracking_number": "JT0000000001", "on_behalf_of_buyer": True,
})  # fmt: skip
UPSERT = OpenApiExample("A case of a help desk", request_only=True, value={
    "shop": 1, "order_external_id": "584000000000000001", "number": "HD-1001", **CLAIM, "lines": [CLAIMED],
})  # fmt: skip
UPSERTED = OpenApiExample("It was made", response_only=True, status_codes=["201"], value={**WHOLE, "number": "HD-1001"})
STATUS = OpenApiExample("Rejected elsewhere", request_only=True, value={
    "state": "REJECTED", "reason": "The photos show another one.",
})  # fmt: skip
INFORMATION = OpenApiExample("Better photos", request_only=True, value={
    "images": ["https://example.com/seam.jpg", "https://example.com/label.jpg"],
})  # fmt: skip
