"""Statements and their transactions agree, or the difference is told, in one query for any number of them."""

from decimal import Decimal

import pytest
from django.db.models import F

from orders.models import Statement, Transaction
from orders.queries.statement_sums import sum_statements
from tests.factories.shops import make_shop
from tests.factories.synced import store_record

pytestmark = pytest.mark.django_db


def look(statement):
    return sum_statements([statement])[statement.pk]


def test_a_statement_agrees_with_what_its_transactions_add_up_to(shop):
    statement = store_record(shop, "statement", "st-1", amount=Decimal("100.25"))
    for number, amount in (("a", "150.5"), ("b", "-50.25"), ("c", "0")):
        store_record(shop, "transaction", number, statement_external_id="st-1", amount=Decimal(amount))
    found = look(statement)
    assert (found.amount, found.difference, found.transaction_count, found.agrees) == (Decimal("100.25"), 0, 3, True)


def test_what_is_missing_is_told_to_the_last_digit(shop):
    statement = store_record(shop, "statement", "st-1", amount=Decimal("100.0001"))
    store_record(shop, "transaction", "a", statement_external_id="st-1", amount=Decimal(100))
    assert (look(statement).difference, look(statement).agrees) == (Decimal("0.0001"), False)


def test_neither_another_shops_nor_another_statements_transactions_count(shop):
    other = make_shop()
    mine, theirs = (store_record(one, "statement", "st-1", amount=Decimal(7)) for one in (shop, other))
    store_record(shop, "transaction", "a", statement_external_id="st-1", amount=Decimal(7))
    store_record(other, "transaction", "a", statement_external_id="st-1", amount=Decimal(5))
    store_record(shop, "transaction", "b", statement_external_id="st-2", amount=Decimal(9))
    store_record(shop, "transaction", "c", statement_external_id="", amount=Decimal(9))
    assert (look(mine).agrees, look(theirs).difference) == (True, 2)


@pytest.mark.parametrize("change", [{"amount": None}, {"currency": "USD"}])
def test_what_cannot_be_added_up_is_counted_and_hinders_agreement(shop, change):
    statement = store_record(shop, "statement", "st-1", amount=Decimal(7))
    store_record(shop, "transaction", "a", statement_external_id="st-1", amount=Decimal(7))
    store_record(shop, "transaction", "b", **{"statement_external_id": "st-1", "amount": Decimal(1), **change})
    found = look(statement)
    assert (found.amount, found.transaction_count, found.left_out_count, found.agrees) == (7, 2, 1, False)


def test_without_an_amount_or_a_transaction_nothing_is_claimed(shop):
    untold = store_record(shop, "statement", "st-1", amount=None)
    store_record(shop, "transaction", "a", statement_external_id="st-1", amount=Decimal(7))
    empty = store_record(shop, "statement", "st-2", amount=Decimal(7))
    assert (look(untold).amount, look(untold).difference, look(untold).agrees) == (7, None, None)
    assert (look(empty).amount, look(empty).difference, look(empty).agrees) == (0, 7, None)


def test_many_statements_take_one_query_and_none_take_none(shop, django_assert_num_queries):
    for number in range(12):
        store_record(shop, "statement", f"st-{number}", amount=Decimal(number))
        store_record(shop, "transaction", f"t-{number}", statement_external_id=f"st-{number}", amount=Decimal(number))
    statements = list(Statement.objects.all())
    Transaction.objects.filter(external_id="t-3").update(amount=F("amount") + 1)
    with django_assert_num_queries(1):
        sums = sum_statements(statements)
    assert [one.external_id for one in statements if not sums[one.pk].agrees] == ["st-3"]
    with django_assert_num_queries(0):
        assert sum_statements([]) == {}
