"""Shopee's money: escrows obey their formula, the wallet agrees with them, and both agree with the truth."""

from decimal import Decimal

import pytest

from tests.shops.sandbox.shopee.calling import DAY, Client

SIGNS = {
    "buyer_paid_shipping_fee": 1, "actual_shipping_fee": -1, "shopee_shipping_rebate": 1, "commission_fee": -1,
    "service_fee": -1, "seller_transaction_fee": -1, "escrow_tax": -1,
}  # fmt: skip


def exact(value):
    return Decimal(str(value))


def escrows_of(client, **query):
    wanted = {"release_time_from": client.now - 15 * DAY, "release_time_to": client.now, **query}
    return client.numbered("/payment/get_escrow_list", "escrow_list", first=1, page_size=50, **wanted)


def wallet_of(client, **query):
    wanted = {"create_time_from": client.now - 15 * DAY, "create_time_to": client.now, **query}
    return client.numbered("/payment/get_wallet_transaction_list", "transaction_list", page_size=50, **wanted)


def details_of(client, rows):
    found = []
    for at in range(0, len(rows), 50):
        numbers = [row["order_sn"] for row in rows[at : at + 50]]
        found += client.get("/payment/get_escrow_detail_batch", {"order_sn_list": ",".join(numbers)})
    return [one["escrow_detail"] for one in found]


@pytest.mark.parametrize("number", [0, 2], ids=["VND", "THB"])
def test_escrows_agree_with_the_truth_and_with_their_formula(control_url, number):
    one = Client(control_url, number)
    rows = escrows_of(one)
    truth = {row["id"]: row for row in one.truth("transactions") if row["kind"] == "escrow"}
    assert len(truth) == len(rows) > 50
    for row, detail in zip(rows, details_of(one, rows), strict=True):
        income = detail["order_income"]
        fees = {name: sign * exact(income[name]) for name, sign in SIGNS.items() if income[name]}
        goods = exact(income["original_cost_of_goods_sold"]) + exact(income["seller_return_refund"])
        assert exact(income["escrow_amount"]) == goods + sum(fees.values())
        assert income["escrow_amount"] == row["payout_amount"]
        expected = truth[f"{row['order_sn']}:{row['escrow_release_time']}"]
        assert Decimal(expected["amount"]) == exact(row["payout_amount"])
        assert {name: Decimal(text) for name, text in expected["fees"].items()} == fees
        assert (expected["order"], expected["time"]) == (row["order_sn"], row["escrow_release_time"])
    assert any(detail["return_order_sn_list"] for detail in details_of(one, rows))


def test_items_of_an_income_are_sums_and_those_of_an_order_are_for_one_piece(client):
    rows = escrows_of(client)
    incomes = {detail["order_sn"]: detail["order_income"]["items"] for detail in details_of(client, rows)}
    several = 0
    for order in client.details(list(incomes)):
        for line, item in zip(order["item_list"], incomes[order["order_sn"]], strict=True):
            several += line["model_quantity_purchased"] > 1
            assert item["discounted_price"] == line["model_discounted_price"] * line["model_quantity_purchased"]
    assert several


def test_a_single_detail_is_the_same_as_one_of_a_batch_asked_with_either_verb(client):
    row = escrows_of(client)[0]
    single = client.get("/payment/get_escrow_detail", {"order_sn": row["order_sn"]})
    assert details_of(client, [row]) == [single]
    body = {"order_sn_list": [row["order_sn"], "unknown"]}
    posted = client.call("/payment/get_escrow_detail_batch", method="POST", body=body).json
    assert posted["response"] == [{"escrow_detail": single}]
    assert [one["fail_error"] for one in posted["escrow_detail_list"]] == ["error_not_found"]


def test_an_order_that_is_not_settled_has_no_income(client):
    waiting = next(order["id"] for order in client.truth("orders") if order["status"] == "READY_TO_SHIP")
    assert client.call("/payment/get_escrow_detail", {"order_sn": waiting}).json["error"] == "income_not_found"


@pytest.mark.parametrize("number", [0, 2], ids=["VND", "THB"])
def test_the_wallet_agrees_with_escrows_and_truth(control_url, number):
    one = Client(control_url, number)
    rows = wallet_of(one)
    assert [row["create_time"] for row in rows] == sorted((row["create_time"] for row in rows), reverse=True)
    of_orders = {(row["order_sn"], row["create_time"], row["amount"]) for row in rows if row["order_sn"]}
    escrows = escrows_of(one)
    assert of_orders == {(row["order_sn"], row["escrow_release_time"], row["payout_amount"]) for row in escrows}
    others = {
        f"wallet:{row['create_time']}:{row['transaction_type']}:{row['amount']:.2f}:": exact(row["amount"])
        for row in rows
        if not row["order_sn"]
    }
    truth = {row["id"]: Decimal(row["amount"]) for row in one.truth("transactions") if row["kind"] != "escrow"}
    assert others == truth
    assert {row["transaction_type"] for row in rows} >= {"ESCROW_VERIFIED_ADD", "WITHDRAWAL_CREATED", "PAID_ADS_CHARGE"}


def test_the_sign_of_deductions_can_be_switched(client):
    assert all(row["amount"] < 0 for row in wallet_of(client, money_flow="MONEY_OUT"))
    client.switch(wallet_amounts_are_signed=False)
    rows = wallet_of(client, money_flow="MONEY_OUT")
    assert rows and all(row["amount"] > 0 for row in rows)
    truth = {row["id"]: Decimal(row["amount"]) for row in client.truth("transactions") if row["kind"] != "escrow"}
    assert all(amount < 0 for amount in truth.values())
    # The id holds the effect on the balance, which the flow of money tells.
    assert {f"wallet:{row['create_time']}:{row['transaction_type']}:-{row['amount']:.2f}:" for row in rows} == set(
        truth
    )


def test_filters_by_name_and_by_code(client):
    named = wallet_of(client, transaction_type="PAID_ADS_CHARGE")
    assert named and named == wallet_of(client, transaction_type="450")
    assert named == [row for row in wallet_of(client) if row["transaction_type"] == "PAID_ADS_CHARGE"]


def test_there_are_no_statements(client):
    assert client.truth("statements") == []


@pytest.mark.parametrize(
    ("path", "query", "error"),
    [
        ("get_escrow_list", {}, "error_param"),
        ("get_escrow_list", {"release_time_from": 5, "release_time_to": 4}, "time_invalid"),
        ("get_escrow_list", {"release_time_from": "x", "release_time_to": 4}, "error_param"),
        ("get_escrow_list", {"release_time_from": 1, "release_time_to": 4, "page_no": 0}, "error_param"),
        ("get_escrow_list", {"release_time_from": 1, "release_time_to": 4, "page_size": 101}, "error_param"),
        ("get_escrow_detail", {"order_sn": "5"}, "error_not_found"),
        ("get_escrow_detail_batch", {}, "error_param"),
        ("get_escrow_detail_batch", {"order_sn_list": ",".join(str(one) for one in range(51))}, "error_param"),
        ("get_wallet_transaction_list", {"page_size": 5}, "error_param"),
        (
            "get_wallet_transaction_list",
            {"page_size": 5, "page_no": 0, "create_time_from": 0, "create_time_to": 15 * DAY + 1},
            "time_period_too_large",
        ),
    ],
)
def test_what_is_refused(client, path, query, error):
    assert client.call(f"/payment/{path}", query).json["error"] == error
