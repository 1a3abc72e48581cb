"""Marketplaces' words as states, types and reasons: the tables hold what the specification says, and nothing else."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from aftersales.choices import Reason
from aftersales.states import CaseState
from aftersales.vocabulary import STATES, awaits_seller, tell_reason, tell_state, tell_type
from shops.marketplaces import registry
from shops.marketplaces.lazada.mapping.statuses import RETURN_STATUSES as LAZADA_WORDS
from shops.marketplaces.records import Resource, ReturnRecord, Window
from shops.marketplaces.shopee.mapping.returns import STATUSES as SHOPEE_WORDS
from shops.marketplaces.temu.mapping.statuses import CASE_STATES as TEMU_WORDS
from shops.marketplaces.tiktok.mapping.return_states import CANCELLATION_STATUSES, RETURN_STATUSES
from shops.sandbox.server import Running, start
from tests.shops.marketplaces.reading_all import read_all
from tests.shops.marketplaces.samples import SAMPLES
from tests.shops.marketplaces.test_against_sandbox import connect

CODES = sorted(registry.MARKETPLACES)
EPOCH = 1_785_571_200  # a fixed past moment
# The specification's table, group by group. Temu's groups are by status here: see the comment at its table.
EXPECTED = {
    "tiktok": {
        "PENDING_APPROVAL": "RETURN_OR_REFUND_REQUEST_PENDING REPLACEMENT_REQUEST_PENDING CANCELLATION_REQUEST_PENDING",
        "REJECTED": "REFUND_OR_RETURN_REQUEST_REJECT REPLACEMENT_REQUEST_REJECT",
        "PENDING_MODIFICATION": "AWAITING_BUYER_RESPONSE",
        "PENDING_RETURN": "AWAITING_BUYER_SHIP",
        "PENDING_RECEIVE": "BUYER_SHIPPED_ITEM",
        "CS_INTERVENTION": "REJECT_RECEIVE_PACKAGE",
        "PENDING_REFUND": "RETURN_OR_REFUND_REQUEST_SUCCESS REPLACEMENT_REQUEST_REFUND_SUCCESS",
        "COMPLETED": "RETURN_OR_REFUND_REQUEST_COMPLETE REPLACEMENT_REQUEST_COMPLETE CANCELLATION_REQUEST_COMPLETE",
        "CANCELLED": "RETURN_OR_REFUND_REQUEST_CANCEL REPLACEMENT_REQUEST_CANCEL CANCELLATION_REQUEST_CANCELLED",
    },
    "shopee": {
        "PENDING_APPROVAL": "REQUESTED",
        "PENDING_RETURN": "PROCESSING",
        "CS_INTERVENTION": "JUDGING SELLER_DISPUTE",
        "PENDING_REFUND": "ACCEPTED",
        "COMPLETED": "REFUND_PAID",
        "CANCELLED": "CANCELLED CLOSED",
    },
    "lazada": {
        "PENDING_APPROVAL": "CANCEL_INIT REQUEST_INITIATE",
        "PENDING_RETURN": "RTM_INIT",
        "PENDING_RECEIVE": "RTM_SHIPPING_BACK",
        "PENDING_REFUND": "RTM_RECEIVE_ITEM REFUND_AUTHORIZED",
        "COMPLETED": "CANCEL_SUCCESS CANCEL_REFUND_ISSUED REFUND_SUCCESS REQUEST_COMPLETE",
        "REJECTED": "REQUEST_REJECT REFUND_REJECT REFUND_REJECTED",
        "CANCELLED": "RTM_CANCELED REQUEST_CANCEL",
    },
    "temu": {
        "PENDING_APPROVAL": "1 10",
        "PENDING_RETURN": "8",
        "PENDING_RECEIVE": "2 3",
        "PENDING_REFUND": "4 9",
        "CS_INTERVENTION": "11",
        "COMPLETED": "5",
        "REJECTED": "7",
        "CANCELLED": "6",
    },
}


def told(raw_status, **changes):
    """What a marketplace says of a return, which is of a kind that decides nothing unless it is given."""
    usual = {
        "status": "unknown", "kind": "return_refund", "custody": "unknown", "money_state": "pending",
        "raw_logistics_status": "",
    }  # fmt: skip
    return SimpleNamespace(raw_status=raw_status, **usual | changes)


@pytest.mark.parametrize("code", CODES)
def test_every_word_of_the_specification_means_what_it_says(code):
    for state, words in EXPECTED[code].items():
        assert {word: tell_state(code, told(word)) for word in words.split()} == dict.fromkeys(words.split(), state)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("tiktok", {*RETURN_STATUSES, *CANCELLATION_STATUSES}),
        ("shopee", SHOPEE_WORDS),
        ("lazada", LAZADA_WORDS),
        ("temu", TEMU_WORDS),
    ],
)
def test_every_word_that_a_mapping_knows_has_a_state(code, words):
    assert {word for word in words if word not in STATES[code]} == set()


@pytest.mark.parametrize("code", [*CODES, "fifth"])
@pytest.mark.parametrize("word", ["NEVER_SEEN", "", "99", "requested"])
def test_defect_15_an_unknown_word_stays_unknown(code, word):
    assert tell_state(code, told(word)) == CaseState.UNKNOWN
    assert tell_reason(code, word) == Reason.UNKNOWN
    assert tell_type("unknown", Decimal(1)) == "unknown"


@pytest.mark.parametrize("code", CODES)
def test_a_dispute_goes_before_the_word_of_the_request(code):
    for word in STATES[code]:
        assert tell_state(code, told(word, status="disputed")) == CaseState.CS_INTERVENTION


@pytest.mark.parametrize(
    ("money", "state"), [("pending", "PENDING_REFUND"), ("unknown", "PENDING_REFUND"), ("refunded", "COMPLETED")]
)
def test_tiktoks_success_waits_for_the_payment(money, state):
    for word in ("RETURN_OR_REFUND_REQUEST_SUCCESS", "CANCELLATION_REQUEST_SUCCESS"):
        assert tell_state("tiktok", told(word, money_state=money)) == state


@pytest.mark.parametrize(
    ("custody", "state"),
    [("buyer", "PENDING_RETURN"), ("unknown", "PENDING_RETURN"), ("on_the_way", "PENDING_RECEIVE"),
     ("warehouse", "PENDING_RECEIVE")],
)  # fmt: skip
def test_shopees_processing_depends_on_the_way_back(custody, state):
    assert tell_state("shopee", told("PROCESSING", custody=custody)) == state


@pytest.mark.parametrize(
    ("logistics", "custody", "state"),
    [("", "unknown", "PENDING_REFUND"), ("RETURN_PENDING", "unknown", "PENDING_RETURN"),
     ("RETURN_IN_TRANSIT", "on_the_way", "PENDING_RECEIVE"), ("RETURN_DELIVERED", "seller", "PENDING_REFUND")],
)  # fmt: skip
def test_lazadas_granted_return_is_where_its_goods_are(logistics, custody, state):
    granted = told("REFUND_AUTHORIZED", custody=custody, raw_logistics_status=logistics)
    assert tell_state("lazada", granted) == state
    granted.kind = "refund"
    assert tell_state("lazada", granted) == "PENDING_REFUND"


@pytest.mark.parametrize(
    ("words", "state"),
    [("REFUND_SUCCESS,REQUEST_INITIATE", "PENDING_APPROVAL"), ("REFUND_SUCCESS,REQUEST_CANCEL", "COMPLETED"),
     ("REQUEST_CANCEL,REQUEST_REJECT", "REJECTED"), ("NEW_WORD,REFUND_SUCCESS", "UNKNOWN")],
)  # fmt: skip
def test_of_lazadas_lines_what_is_open_counts_first(words, state):
    assert tell_state("lazada", told(words)) == state


@pytest.mark.parametrize(
    ("kind", "amount", "case_type"),
    [("refund", 5, "refund_only"), ("return_refund", None, "return_refund"), ("exchange", 0, "exchange"),
     ("cancel", None, "cancel"), ("cancel", 0, "cancel"), ("cancel", 5, "refund_only")],
)  # fmt: skip
def test_a_cancellation_that_gives_money_back_is_a_refund(kind, amount, case_type):
    assert tell_type(kind, None if amount is None else Decimal(amount)) == case_type


@pytest.mark.parametrize(
    ("code", "word", "reason"),
    [("tiktok", "ecom_order_delivered_refund_and_return_reason_damaged", "damaged"),
     ("tiktok", "ecom_order_to_ship_canceled_reason_high_delivery_costs", "price_issue"),
     ("tiktok", "ecom_order_delivered_refund_reason_not_received", "not_received"),
     ("tiktok", "ecom_order_delivered_refund_reason_new", "unknown"),
     ("shopee", "FUNCTIONAL_DMG", "quality_issue"), ("shopee", "NONE", "unknown"), ("lazada", "10000001", "dont_want"),
     ("lazada", "34", "unknown"), ("temu", "34", "dont_want")],
)  # fmt: skip
def test_reasons_are_mapped_one_by_one(code, word, reason):
    assert tell_reason(code, word) == reason
    assert reason in Reason.values


@pytest.mark.parametrize(
    ("code", "state", "custody", "is_his_turn"),
    [("shopee", "PENDING_RECEIVE", "on_the_way", False), ("shopee", "PENDING_RECEIVE", "seller", True),
     ("shopee", "PENDING_APPROVAL", "unknown", True), ("shopee", "PENDING_RECEIVE", "", True),
     ("tiktok", "PENDING_RECEIVE", "on_the_way", True), ("tiktok", "PENDING_RETURN", "buyer", False),
     ("temu", "COMPLETED", "unknown", False)],
)  # fmt: skip
def test_the_seller_has_to_act_when_the_parcel_is_there(code, state, custody, is_his_turn):
    assert awaits_seller(code, state, custody) is is_his_turn


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Running]:
    with start(port=0, seed=5, orders=1_500, shops=1, now=EPOCH) as running:
        yield running


@pytest.mark.parametrize("code", CODES)
def test_every_return_of_the_demo_has_a_state_and_a_type(sandbox, code):
    connector, _ = connect(sandbox, code, 0)
    now = datetime.fromtimestamp(EPOCH, UTC)
    records = read_all(connector, Resource.RETURNS, Window(now - timedelta(days=8), now + timedelta(days=1)))
    states = {tell_state(code, record) for record in records}
    assert CaseState.UNKNOWN not in states
    assert len(states) > 3
    assert "unknown" not in {tell_type(record.kind, record.refund_amount) for record in records}


@pytest.mark.parametrize("code", CODES)
def test_every_sample_of_a_return_has_a_state(sandbox, code):
    connector, _ = connect(sandbox, code, 0)
    for payload in SAMPLES[code]()[Resource.RETURNS]:
        record = connector.map_payload(Resource.RETURNS, payload)
        assert isinstance(record, ReturnRecord)
        assert tell_state(code, record) != CaseState.UNKNOWN
