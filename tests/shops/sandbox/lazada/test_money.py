"""Rows of the account and statements: text, local days, exact sums, and the truth of both."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from tests.shops.sandbox.conftest import EPOCH
from tests.shops.sandbox.lazada.calling import PAYOUTS, TRANSACTIONS, code

START, END = "2026-07-01", "2026-08-15"


def key_of(row):
    day = datetime.strptime(row["transaction_date"], "%d %b %Y").date()
    amount = row["amount"].replace(",", "")
    return f"{row['transaction_number']}:{row['fee_type']}:{row['orderItem_no']}:{day}:{amount}"


def test_rows_agree_with_the_truth(clients):
    for client in clients:
        rows = client.transactions(START, END)
        truth = {line["id"]: line for line in client.truth("transactions")}
        statements = {payout["statement_number"] for payout in client.data(PAYOUTS, created_after=START)}
        assert len(rows) == len({key_of(row) for row in rows})
        assert {key_of(row) for row in rows} == set(truth)
        for row in rows:
            agreed = truth[key_of(row)]
            assert Decimal(row["amount"]) == Decimal(agreed["amount"]) == Decimal(agreed["fees"][row["fee_name"]])
            assert (row["order_no"], row["fee_type"]) == (agreed["order"], agreed["kind"])
            midnight = datetime.strptime(row["transaction_date"] + " +0700", "%d %b %Y %z")
            assert agreed["time"] == int(midnight.timestamp())
            assert all(isinstance(value, str) for value in row.values())
            assert agreed["statement"] in statements | {""}


def test_a_statement_is_the_sum_of_its_rows_and_made_the_day_after(clients):
    for client in clients:
        rows = client.transactions(START, END)
        payouts = client.data(PAYOUTS, created_after=START)
        truth = {line["id"]: line for line in client.truth("statements")}
        assert payouts and len(payouts) == len(truth)
        assert sum(Decimal(line["amount"]) for line in truth.values()) != 0
        for payout in payouts:
            agreed = truth[payout["statement_number"]]
            created = datetime.strptime(payout["created_at"], "%Y-%m-%d %H:%M:%S %z")
            assert agreed["time"] == int(created.timestamp())
            assert (Decimal(payout["payout"]), payout["paid"]) == (Decimal(agreed["amount"]), agreed["status"])
            last = created.date() - timedelta(days=1)
            first = last - timedelta(days=6)
            period = " - ".join(f"{day.day} {day:%b} {day.year}" for day in (first, last))
            assert Decimal(payout["subtotal2"]) == Decimal(payout["item_revenue"]) + Decimal(payout["refunds"])
            on_it = [row for row in rows if row["statement"] == period]
            assert sum(Decimal(row["amount"]) for row in on_it) == Decimal(payout["payout"])
            assert {row["paid_status"] for row in on_it} <= {"Paid" if payout["paid"] == "1" else "Not paid"}
            named = [line for line in client.truth("transactions") if line["statement"] == payout["statement_number"]]
            assert len(named) == len(on_it)


def test_the_rows_of_an_order_tell_its_whole_story(thai_client):
    rows = thai_client.transactions(START, END)
    kinds = {row["fee_type"]: row["fee_name"] for row in rows}
    assert {"13", "14", "16", "3", "8", "7", "112"} <= set(kinds)
    assert kinds["13"] == "Item Price Credit" and kinds["112"] == "Sponsored Product Fee"
    reversal = next(row for row in rows if row["fee_type"] == "14")
    assert Decimal(reversal["amount"]) < 0
    refunds = {
        line["order_line"]: Decimal(line["refund_amount"])
        for one in thai_client.truth("returns")
        if one["status"] == "REFUND_SUCCESS"
        for line in one["lines"]
    }
    assert -Decimal(reversal["amount"]) == refunds[reversal["orderItem_no"]]
    commission = next(row for row in rows if row["fee_type"] == "16")
    assert commission["WHT_included_in_amount"] == "Yes"
    assert Decimal(commission["amount"]) < Decimal(commission["WHT_amount"]) < 0


def test_filters_and_days(thai_client):
    rows = thai_client.transactions(START, END)
    some = next(row for row in rows if row["order_no"])
    by_type = thai_client.transactions(START, END, trans_type="16")
    assert by_type == [row for row in rows if row["fee_type"] == "16"]
    of_order = thai_client.transactions(START, END, trade_order_id=some["order_no"], trans_type="-1")
    assert of_order == [row for row in rows if row["order_no"] == some["order_no"]]
    of_line = thai_client.transactions(START, END, trade_order_line_id=some["orderItem_no"])
    assert of_line == [row for row in rows if row["orderItem_no"] == some["orderItem_no"]]
    day = datetime.strptime(some["transaction_date"], "%d %b %Y").date().isoformat()
    assert thai_client.transactions(day, day) == [
        row for row in rows if row["transaction_date"] == some["transaction_date"]
    ]
    assert thai_client.transactions(START, END, limit="33") == rows


def test_amounts_may_have_commas(client):
    plain = client.transactions(START, END)
    client.switch(amounts_with_commas=True)
    with_commas = client.transactions(START, END)
    assert any("," in row["amount"] for row in with_commas)
    assert [row["amount"].replace(",", "") for row in with_commas] == [row["amount"] for row in plain]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"start_time": None}, "MissingParameter"),
        ({"end_time": None}, "MissingParameter"),
        ({"start_time": "2026-07-01T00:00:00+07:00"}, "17"),
        ({"start_time": "2026-02-30"}, "17"),
        ({"start_time": "2026-01-01", "end_time": "2026-06-30"}, "1000012"),
        ({"limit": "501"}, "19"),
        ({"offset": "x"}, "14"),
        ({"trans_type": "sales"}, "1000014"),
    ],
)
def test_what_cannot_be_asked_is_refused(client, parameters, expected):
    assert code(client.get(TRANSACTIONS, **{"start_time": START, "end_time": END, **parameters})) == expected


def test_a_window_of_less_than_180_days_passes(client):
    assert code(client.get(TRANSACTIONS, start_time="2026-01-01", end_time="2026-06-29")) == "0"


def test_payouts_since_a_day(client):
    everything = client.data(PAYOUTS, created_after=START)
    created = everything[-1]["created_at"][:10]
    assert everything[-1] in client.data(PAYOUTS, created_after=created)
    later = (date.fromisoformat(created) + timedelta(days=1)).isoformat()
    assert everything[-1] not in client.get(PAYOUTS, created_after=later).json["data"]
    assert code(client.get(PAYOUTS)) == "MissingParameter"


def test_a_statement_is_paid_a_day_after_it_was_made(client):
    statement = client.truth("statements")[-1]
    for moment, statuses in ((-1, []), (0, ["0"]), (86_399, ["0"]), (86_400, ["1"])):
        if statement["time"] + moment <= EPOCH:
            seen = client.truth("statements", as_of=statement["time"] + moment)
            assert [one["status"] for one in seen if one["id"] == statement["id"]] == statuses
