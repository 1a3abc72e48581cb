"""A seller's answers to returns: each marketplace's own calls, and what none of them is asked."""

import json
import socket
from dataclasses import replace
from typing import Any

import pytest

from shops.marketplaces import errors, registry
from shops.marketplaces.lazada.client.answers import ReturnAnswerer as LazadaAnswerer
from shops.marketplaces.records import AnswerToReturn, Custody, Decision, RejectReason, ReturnKind
from shops.marketplaces.retry import is_in_doubt
from tests.shops.marketplaces.building import build
from tests.shops.marketplaces.scripted_server import Request, ScriptedServer
from tests.shops.marketplaces.test_contract import Waiting

KEY = "0f7c5a52-6a0f-4c1c-9f0e-3b1f7c1d2e4a"
RETURN = AnswerToReturn(
    external_id="4041000000000000001", decision=Decision.APPROVE, idempotency_key=KEY, kind=ReturnKind.RETURN_REFUND,
    order_external_id="PO-1", comment="Not ours.", email="seller@example.test",
)  # fmt: skip
WELL = {"code": 0, "error": "", "success": True, "errorCode": 1000000, "data": {}, "response": {}, "result": None}
LAZADA_WELL = {"code": "0", "data": None, "request_id": "1"}
PENDING, REQUESTED = "RETURN_OR_REFUND_REQUEST_PENDING", "REQUEST_INITIATE"


def answer(**changes: Any) -> AnswerToReturn:
    return replace(RETURN, **changes)


def send(server: ScriptedServer, code: str, given: AnswerToReturn) -> Request:
    server.answer(LAZADA_WELL if code == "lazada" else WELL)
    build(code, server.url).send_answer(given)
    return server.requests[-1]


def waiting_at(code: str) -> AnswerToReturn:
    """An approval that the marketplace waits for."""
    status = {"tiktok": PENDING, "shopee": "REQUESTED", "temu": "1"}.get(code, REQUESTED)
    return answer(raw_status=status, line_ids=("1",))


def reject(**changes: Any) -> AnswerToReturn:
    return answer(decision=Decision.REJECT, **changes)


@pytest.mark.parametrize(
    ("given", "path", "body"),
    [
        (answer(requested_action="SELLER_RESPOND_RETURN"), "returns/approve", {"decision": "APPROVE_RETURN"}),
        (answer(raw_status=PENDING), "returns/approve", {"decision": "APPROVE_RETURN"}),
        (answer(raw_status=PENDING, kind=ReturnKind.REFUND), "returns/approve", {"decision": "APPROVE_REFUND"}),
        (
            answer(raw_status="REPLACEMENT_REQUEST_PENDING", kind=ReturnKind.EXCHANGE),
            "returns/approve",
            {"decision": "APPROVE_REPLACEMENT"},
        ),
        (answer(raw_status="BUYER_SHIPPED_ITEM"), "returns/approve", {"decision": "APPROVE_RECEIVED_PACKAGE"}),
        (
            reject(raw_status=PENDING, reason_code="reason_2"),
            "returns/reject",
            {"decision": "REJECT_RETURN", "reject_reason": "reason_2", "comment": "Not ours."},
        ),
        (answer(raw_status="CANCELLATION_REQUEST_PENDING", kind=ReturnKind.CANCEL), "cancellations/approve", None),
        (
            reject(raw_status="CANCELLATION_REQUEST_PENDING", kind=ReturnKind.CANCEL, reason_code="sent"),
            "cancellations/reject",
            {"reject_reason": "sent", "comment": "Not ours."},
        ),
    ],
)
def test_tiktok_is_told_what_its_step_asks_for_under_the_key(
    server: ScriptedServer, given: AnswerToReturn, path: str, body: Any
) -> None:
    sent = send(server, "tiktok", given)
    what, verb = path.split("/")
    assert (sent.method, sent.path) == ("POST", f"/return_refund/202309/{what}/{RETURN.external_id}/{verb}")
    assert sent.query["idempotency_key"] == KEY
    assert (json.loads(sent.body) if sent.body else None) == body


def test_shopee_is_confirmed_or_disputed(server: ScriptedServer) -> None:
    sent = send(server, "shopee", answer(raw_status="REQUESTED"))
    assert (sent.path, json.loads(sent.body)) == ("/api/v2/returns/confirm", {"return_sn": RETURN.external_id})
    sent = send(server, "shopee", reject(raw_status="ACCEPTED", reason_code="52"))
    assert sent.path == "/api/v2/returns/dispute"
    assert json.loads(sent.body) == {
        "return_sn": RETURN.external_id, "email": "seller@example.test", "dispute_reason_id": 52,
        "dispute_text_reason": "Not ours.",
    }  # fmt: skip


def test_temu_is_told_to_pay_all(server: ScriptedServer) -> None:
    sent = json.loads(send(server, "temu", answer(raw_status="3")).body)
    assert (sent["type"], sent["openApiRefundType"]) == ("temu.aftersales.refund.issue", 1)
    assert (sent["parentAfterSalesSn"], sent["parentOrderSn"]) == (RETURN.external_id, "PO-1")


@pytest.mark.parametrize(
    ("given", "action"),
    [
        (answer(kind=ReturnKind.REFUND), "instantRefund"),
        (answer(), "agreeReturn"),
        (answer(raw_status="REFUND_AUTHORIZED", custody=Custody.SELLER), "agreeRefund"),
        (reject(reason_code="7"), "refuseReturn"),
        (reject(reason_code="7", kind=ReturnKind.REFUND, images=("https://img.example.test/1",)), "refuseRefund"),
    ],
)
def test_lazada_is_told_an_action_on_lines(server: ScriptedServer, given: AnswerToReturn, action: str) -> None:
    sent = send(server, "lazada", replace(given, raw_status=given.raw_status or REQUESTED, line_ids=("11",)))
    assert sent.path == "/rest/order/reverse/return/update"
    assert (sent.query["action"], sent.query["reverse_order_item_ids"]) == (action, "[11]")
    is_refusal = given.decision == Decision.REJECT
    assert sent.query.get("reason_id") == ("7" if is_refusal else None)
    assert sent.query.get("comment") == ("Not ours." if is_refusal else None)


def test_goods_that_lazada_says_are_back_are_not_asked_for_again(server: ScriptedServer) -> None:
    sent = send(server, "lazada", answer(raw_status="RTM_RECEIVE_ITEM", custody=Custody.UNKNOWN, line_ids=("11",)))
    assert sent.query["action"] == "agreeRefund"


def test_lazadas_refunds_may_have_a_call_of_their_own(server: ScriptedServer, monkeypatch: Any) -> None:
    monkeypatch.setattr(LazadaAnswerer, "answers_refunds_apart", True)
    asked = {"raw_status": REQUESTED, "kind": ReturnKind.REFUND, "line_ids": ("11",)}
    sent = send(server, "lazada", answer(**asked))
    assert sent.path == "/rest/order/reverse/onlyrefund/seller/decide"
    assert (sent.query["action"], sent.query["reverse_order_item_ids"]) == ("agreeRefund", "[11]")
    dispute = reject(**asked, reason_code="7", images=("https://img.example.test/1",))
    sent = send(server, "lazada", dispute)
    assert (sent.query["action"], sent.query["comment"]) == ("startDispute", "Not ours.")
    assert json.loads(sent.query["image_info_list"]) == [
        {"file_name": "image 1", "file_url": "https://img.example.test/1"}
    ]
    made = len(server.requests)
    for untaken in (replace(dispute, images=()), replace(dispute, line_ids=("11", "12"))):
        with pytest.raises(errors.NotAnswerable):
            build("lazada", server.url).send_answer(untaken)
    assert len(server.requests) == made


def test_lazadas_cancellations_have_a_call_of_their_own(server: ScriptedServer) -> None:
    sent = send(server, "lazada", answer(kind=ReturnKind.CANCEL, raw_status=REQUESTED))
    assert (sent.path, sent.query["agree_cancel"]) == ("/rest/order/reverse/cancel/seller/decide", "true")


@pytest.mark.parametrize(
    ("code", "given"),
    [
        ("tiktok", answer(raw_status="AWAITING_BUYER_SHIP")),
        ("tiktok", answer(raw_status="CANCELLATION_REQUEST_COMPLETE", kind=ReturnKind.CANCEL)),
        ("tiktok", reject(raw_status=PENDING)),  # without one of its reasons
        ("shopee", answer(raw_status="JUDGING")),
        ("shopee", reject(raw_status="REFUND_PAID", reason_code="52")),
        ("shopee", reject(raw_status="REQUESTED", reason_code="52", email="")),
        ("shopee", reject(raw_status="REQUESTED")),
        ("temu", reject(raw_status="1")),
        ("temu", answer(raw_status="10")),  # would pay before the goods are back
        ("temu", answer(raw_status="1", kind=ReturnKind.CANCEL)),
        ("lazada", answer(raw_status="REQUEST_CANCEL", line_ids=("1",))),
        ("lazada", answer(raw_status=REQUESTED)),  # whose lines are not known
        ("lazada", answer(raw_status=REQUESTED, kind=ReturnKind.UNKNOWN, line_ids=("1",))),
        ("lazada", reject(raw_status=REQUESTED, line_ids=("1",))),
        ("lazada", reject(raw_status=REQUESTED, line_ids=("1", "2"), reason_code="7")),
        ("lazada", reject(raw_status=REQUESTED, line_ids=("1",), reason_code="7", kind=ReturnKind.REFUND)),
    ],
)
def test_what_a_marketplace_does_not_take_is_refused_before_any_call(
    server: ScriptedServer, code: str, given: AnswerToReturn
) -> None:
    with pytest.raises(errors.NotAnswerable):
        build(code, server.url).send_answer(given)
    assert server.requests == []


SHOPEE_REASONS = [
    {"dispute_reason": "50", "dispute_requirement": "Photos.", "evidence_module_list": [{"is_required": True}]},
    {"dispute_reason": "52", "dispute_requirement": "Tell us more.", "evidence_module_list": [{"is_required": False}]},
    {"dispute_reason": 53, "sample_evidence": []},
    {"dispute_requirement": "Without a number."},
]


@pytest.mark.parametrize(
    ("code", "body", "reasons"),
    [
        (
            "tiktok",
            {"code": 0, "data": {"reasons": [{"name": "a_1", "text": "Used"}, {"text": "?"}]}},
            [("a_1", "Used")],
        ),
        (
            "shopee",
            {"error": "", "response": {"dispute_reason_list": SHOPEE_REASONS}},
            [("52", "Tell us more."), ("53", "")],
        ),
        ("lazada", {"code": "0", "data": [{"reason_id": 7, "text": "Used"}]}, [("7", "Used")]),
    ],
)
def test_reasons_for_a_rejection_are_read(server: ScriptedServer, code: str, body: Any, reasons: Any) -> None:
    server.answer(body)
    found = build(code, server.url).fetch_reject_reasons("4041", ["11"])
    assert found == tuple(RejectReason(*reason) for reason in reasons)
    assert "4041" in server.requests[0].query.values() or server.requests[0].query["reverse_order_line_id"] == "11"


@pytest.mark.parametrize("code", sorted(registry.MARKETPLACES))
@pytest.mark.parametrize("body", [{}, [], b"", b"<html>maintenance</html>"])
def test_a_broken_reply_is_no_consent(server: ScriptedServer, code: str, body: Any) -> None:
    server.answer(body)
    with pytest.raises(errors.MarketplaceError) as failure:
        build(code, server.url).send_answer(waiting_at(code))
    assert is_in_doubt(failure.value)


@pytest.mark.parametrize("code", sorted(registry.MARKETPLACES))
def test_the_limit_is_asked_before_an_answer(server: ScriptedServer, code: str) -> None:
    with pytest.raises(errors.OwnLimitReached):
        build(code, server.url, limiter=Waiting()).send_answer(waiting_at(code))
    assert server.requests == []


@pytest.mark.parametrize("code", sorted(registry.MARKETPLACES))
def test_a_lost_reply_leaves_doubt_and_a_missing_connection_does_not(server: ScriptedServer, code: str) -> None:
    given = waiting_at(code)
    connector = build(code, server.url)
    server.answer_raw(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{")
    with pytest.raises((errors.NetworkFailure, errors.UnreadableAnswer)) as lost:
        connector.send_answer(given)
    assert is_in_doubt(lost.value)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        with pytest.raises(errors.NotReached) as refused:
            build(code, f"http://127.0.0.1:{taken.getsockname()[1]}").send_answer(given)
    assert not is_in_doubt(refused.value)
