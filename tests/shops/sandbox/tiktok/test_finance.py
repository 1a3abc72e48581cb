"""Statements are the sums of their transactions, to the last digit, in both versions."""

from decimal import Decimal

import pytest

from tests.shops.sandbox.conftest import EPOCH
from tests.shops.sandbox.tiktok.reading import STATEMENTS, by_id, get, pages, rows, truth

DAY = 86_400
SUMS = ("revenue_amount", "fee_amount", "shipping_cost_amount", "adjustment_amount")


def all_statements(client, **query):
    return rows(client, "GET", STATEMENTS, "statements", page_size="100", sort_field="statement_time", **query)


def transactions_of(client, statement, version):
    path = f"{STATEMENTS.replace('statements', 'statements/' + statement)}/statement_transactions"
    path = path.replace("202309", version)
    field = "transactions" if version == "202501" else "statement_transactions"
    read = list(pages(client, "GET", path, page_size="37", sort_field="order_create_time"))
    return read[0], [row for page in read for row in page[field]]


def test_statements_agree_with_the_truth(sandbox, each_client):
    found = all_statements(each_client)
    assert len(found) >= 5
    assert truth(sandbox, "statements", each_client) == [
        {
            "id": row["id"],
            "amount": row["settlement_amount"],
            "currency": row["currency"],
            "time": row["statement_time"],
            "status": row["payment_status"],
        }
        for row in found
    ]
    for row in found:
        assert row["statement_time"] % DAY == 0
        assert Decimal(row["settlement_amount"]) == sum(Decimal(row[name]) for name in SUMS)


def test_transactions_of_202501_agree_with_the_truth(sandbox, each_client):
    known = by_id(truth(sandbox, "transactions", each_client))
    found = {}
    for statement in all_statements(each_client):
        head, listed = transactions_of(each_client, statement["id"], "202501")
        assert head["total_settlement_amount"] == statement["settlement_amount"]
        total = sum(Decimal(row["settlement_amount"]) for row in listed)
        assert total == Decimal(statement["settlement_amount"])
        for row in listed:
            breakdown = row.get("fee_tax_breakdown", {"fee": {}, "tax": {}})
            fees = {**breakdown["fee"], **breakdown["tax"]}
            assert sum(map(Decimal, fees.values())) == Decimal(row["fee_tax_amount"])
            parts = ("revenue_amount", "fee_tax_amount", "shipping_cost_amount", "adjustment_amount")
            assert Decimal(row["settlement_amount"]) == sum(Decimal(row[part]) for part in parts)
            found[row["id"]] = {
                "id": row["id"],
                "order": row.get("order_id", ""),
                "kind": row["type"],
                "amount": row["settlement_amount"],
                "currency": head["currency"],
                "time": head["create_time"],
                "statement": head["id"],
                "fees": {name: text for name, text in fees.items() if Decimal(text)},
            }
    assert found == known
    assert {row["kind"] for row in known.values()} == {"ORDER", "GMV_PAYMENT_FOR_ADS", "PLATFORM_PENALTY"}


def test_the_flat_shape_says_the_same(each_client):
    # Shipping stands apart in the US, and inside fee_amount in Vietnam.
    for statement in all_statements(each_client):
        head, flat = transactions_of(each_client, statement["id"], "202309")
        _, nested = transactions_of(each_client, statement["id"], "202501")
        assert [(row["id"], row["settlement_amount"]) for row in flat] == [
            (row["id"], row["settlement_amount"]) for row in nested
        ]
        assert head["settlement_amount"] == statement["settlement_amount"]
        for row in flat:
            parts = [Decimal(row.get(name, "0")) for name in SUMS]
            assert Decimal(row["settlement_amount"]) == sum(parts)
        assert all(Decimal(row.get("shipping_cost_amount", "0")) == 0 for row in flat) or each_client.shop_number == 1


def test_the_sums_follow_the_orders(client):
    orders = by_id(client.orders())
    settled = [row for one in all_statements(client) for row in transactions_of(client, one["id"], "202501")[1]]
    rows_of_orders = [row for row in settled if row["type"] == "ORDER"]
    assert len(rows_of_orders) > 50
    for row in rows_of_orders:
        order, parts = orders[row["order_id"]], row["revenue_breakdown"]
        assert order["status"] in ("DELIVERED", "COMPLETED")
        assert parts["subtotal_before_discount_amount"] == order["payment"]["original_total_product_price"]
        assert Decimal(parts["seller_discount_amount"]) == -Decimal(order["payment"]["seller_discount"])
    assert any(
        Decimal(row["revenue_breakdown"]["refund_subtotal_before_discount_amount"]) < 0 for row in rows_of_orders
    )


def test_windows_and_states(client):
    found = all_statements(client)
    middle = found[2]["statement_time"]
    assert all_statements(client, statement_time_ge=str(middle), statement_time_lt=str(middle + 1)) == [found[2]]
    assert all_statements(client, payment_status="PROCESSING") == [
        row for row in found if row["payment_status"] == "PROCESSING"
    ]
    assert all_statements(client, sort_order="DESC") == found[::-1]
    paid = rows(client, "GET", "/finance/202309/payments", "payments", sort_field="create_time")
    assert [row["id"] for row in paid] == [row["payment_id"] for row in found if row["payment_status"] == "PAID"]
    newer = rows(client, "GET", "/finance/202605/payments", "payments", sort_field="create_time")
    assert newer == [{name: value for name, value in row.items() if name != "reserve_amount"} for row in paid] != paid


def test_today_is_on_no_statement_yet(sandbox, client):
    assert max(row["statement_time"] for row in all_statements(client)) == EPOCH - EPOCH % DAY
    assert get(client, f"{STATEMENTS}/1/statement_transactions", sort_field="order_create_time").code == 33001001


@pytest.mark.parametrize(
    "query", [{}, {"sort_field": "create_time"}, {"sort_field": "statement_time", "page_size": "101"}]
)
def test_mistakes_are_refused(client, query):
    answer = get(client, STATEMENTS, **query)
    assert (answer.status, answer.code) == (400, 36009004)
