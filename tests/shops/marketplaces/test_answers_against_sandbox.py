"""A seller's answers, given by every connector to the sandbox: taken once, and seen by the next reading."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import uuid4

import pytest

from shops.marketplaces import errors, registry
from shops.marketplaces.contract import Connector
from shops.marketplaces.records import (
    AnswerToReturn,
    Decision,
    Resource,
    ReturnKind,
    ReturnRecord,
    ReturnStatus,
    Window,
)
from shops.sandbox.server import Running, start
from tests.shops.marketplaces.reading_all import read_all
from tests.shops.marketplaces.test_against_sandbox import EPOCH, EVERYTHING, ask, connect

CODES = sorted(registry.MARKETPLACES)
LATELY = Window(EVERYTHING.end - timedelta(hours=20), EVERYTHING.end)
Find = Callable[[str, ReturnKind], tuple[Connector, ReturnRecord]]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Running]:
    with start(port=0, seed=7, orders=15_000, shops=2, now=EPOCH) as running:
        ask(f"{running.control_url}/clock", {"mode": "frozen", "now": EPOCH})
        yield running


@pytest.fixture(scope="module")
def open_requests(sandbox: Running) -> dict[str, list[ReturnRecord]]:
    """Requests of the first shop of each marketplace that wait for an answer; each test takes its own."""
    found = {}
    for code in CODES:
        records = read_all(connect(sandbox, code, 0)[0], Resource.RETURNS, LATELY)
        found[code] = [one for one in records if one.status == ReturnStatus.REQUESTED]
    return found


@pytest.fixture
def find(sandbox: Running, open_requests: dict[str, list[ReturnRecord]]) -> Find:
    def take(code: str, kind: ReturnKind) -> tuple[Connector, ReturnRecord]:
        waiting = open_requests[code]
        # Of a reverse order with several lines none can be refused at Lazada.
        found = min((one for one in waiting if one.kind == kind), key=lambda one: len(one.lines))
        waiting.remove(found)
        return connect(sandbox, code, 0)[0], found

    return take


def make_answer(connector: Connector, record: ReturnRecord, decision: Decision) -> AnswerToReturn:
    lines = tuple(line.external_id for line in record.lines)
    reasons = connector.fetch_reject_reasons(record.external_id, lines) if decision == Decision.REJECT else ()
    return AnswerToReturn(
        external_id=record.external_id, decision=decision, idempotency_key=str(uuid4()), kind=record.kind,
        order_external_id=record.order_external_id, raw_status=record.raw_status, custody=record.custody,
        requested_action=record.requested_action, line_ids=lines, reason_code=reasons[-1].code if reasons else "",
        comment="It is as described.", images=("https://img.example.test/1.jpeg",), email="seller@example.test",
    )  # fmt: skip


def read(connector: Connector, external_id: str) -> ReturnRecord:
    page = connector.fetch_by_ids(Resource.RETURNS, [external_id])
    while page.stubs:
        page = connector.fetch_details(Resource.RETURNS, page.stubs[:1])
    record: ReturnRecord = page.records[0]
    return record


def truth(sandbox: Running, code: str, external_id: str) -> dict[str, str]:
    lines = ask(f"{sandbox.control_url}/truth/returns?marketplace={code}").splitlines()
    found: dict[str, str] = next(one for one in map(json.loads, lines) if one["id"] == external_id)
    return found


@pytest.mark.parametrize("code", CODES)
def test_an_approval_is_taken_once_and_seen(sandbox: Running, find: Find, code: str) -> None:
    connector, record = find(code, ReturnKind.REFUND)
    answer = make_answer(connector, record, Decision.APPROVE)
    connector.send_answer(answer)
    now = read(connector, record.external_id)
    assert now.status == ReturnStatus.APPROVED
    assert now.raw_status == truth(sandbox, code, record.external_id)["status"] != record.raw_status
    again = make_answer(connector, record, Decision.APPROVE)
    with pytest.raises(errors.MarketplaceError) as refusal:
        connector.send_answer(again)
    assert refusal.value.action == errors.Action.GIVE_UP
    if connector.answers.takes_idempotency_key:
        connector.send_answer(answer)


REJECTED = {"shopee": ReturnStatus.DISPUTED}


@pytest.mark.parametrize("code", [code for code in CODES if code != "temu"])
def test_a_rejection_names_a_reason_and_is_seen(sandbox: Running, find: Find, code: str) -> None:
    connector, record = find(code, ReturnKind.RETURN_REFUND)
    connector.send_answer(make_answer(connector, record, Decision.REJECT))
    now = read(connector, record.external_id)
    assert now.status == REJECTED.get(code, ReturnStatus.REJECTED)
    assert now.raw_status == truth(sandbox, code, record.external_id)["status"]


@pytest.mark.parametrize("code", ["tiktok", "lazada"])
@pytest.mark.parametrize("decision", Decision)
def test_cancellations_are_answered_as_well(find: Find, code: str, decision: Decision) -> None:
    connector, record = find(code, ReturnKind.CANCEL)
    connector.send_answer(make_answer(connector, record, decision))
    assert read(connector, record.external_id).raw_status != record.raw_status


@pytest.mark.parametrize("code", CODES)
def test_another_shops_return_and_an_unknown_one_are_refused(sandbox: Running, find: Find, code: str) -> None:
    connector, record = find(code, ReturnKind.REFUND)
    answer = make_answer(connector, record, Decision.APPROVE)
    stranger = connect(sandbox, code, 1)[0]
    with pytest.raises(errors.MarketplaceError) as refusal:
        stranger.send_answer(answer)
    assert refusal.value.action == errors.Action.GIVE_UP
    assert read(connector, record.external_id).raw_status == record.raw_status


@pytest.mark.parametrize("code", CODES)
def test_an_answer_whose_reply_is_lost_was_given(sandbox: Running, find: Find, code: str) -> None:
    connector, record = find(code, ReturnKind.REFUND)
    ask(f"{sandbox.control_url}/faults", {"kind": "cut_off", "marketplace": code})
    with pytest.raises(errors.MarketplaceError) as lost:
        connector.send_answer(make_answer(connector, record, Decision.APPROVE))
    assert lost.value.action == errors.Action.RETRY
    assert read(connector, record.external_id).status == ReturnStatus.APPROVED
