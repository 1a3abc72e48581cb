"""Escrows and wallet rows into transactions: signs, splits, links, and the ids that Shopee does not give."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from shops.marketplaces.records import TransactionKind, TransactionRecord, UnreadableRecord
from shops.marketplaces.shopee.mapping import transactions
from tests.shops.marketplaces.shopee.samples import response, wallet_row


def utc(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def movement(payload: dict[str, Any], region: str = "SG") -> TransactionRecord:
    record = transactions.map_transaction(payload, region)
    assert isinstance(record, TransactionRecord)
    return record


def escrow(number: int = 0, **income: Any) -> dict[str, Any]:
    detail = response("escrow_detail_batch")[number]["escrow_detail"]
    detail["order_income"] |= income
    return {"escrow": response("escrow_list")["escrow_list"][number], "detail": detail}


@pytest.mark.parametrize(("number", "amount"), [(0, "35.01"), (1, "-3.0")])
def test_an_escrow_s_parts_make_its_amount(number: int, amount: str) -> None:
    record = movement(escrow(number))
    parts = (record.revenue_amount, record.fee_amount, record.shipping_amount, record.tax_amount)
    assert None not in parts
    assert sum(part for part in parts if part is not None) == record.amount == Decimal(amount)
    assert "unexplained_amount" not in record.attributes
    assert (record.kind, record.raw_kind) == (TransactionKind.SETTLEMENT, "escrow")


def test_fees_are_taken_off_and_named_as_shopee_does() -> None:
    record = movement(escrow())
    assert record.fees == {
        "buyer_paid_shipping_fee": "1.99",
        "actual_shipping_fee": "-3.49",
        "shopee_shipping_rebate": "1.5",
        "seller_transaction_fee": "-0.8",
        "service_fee": "-0.8",
        "commission_fee": "-1.19",
    }
    assert (record.revenue_amount, record.fee_amount) == (Decimal("37.8"), Decimal("-2.79"))
    assert (record.shipping_amount, record.tax_amount) == (Decimal(0), Decimal(0))
    assert record.attributes["voucher_from_seller"] == 2.0


def test_an_escrow_belongs_to_its_order_and_the_moment_of_its_release() -> None:
    record = movement(escrow())
    assert record.external_id == "240115AB3CD4EF:1705860000"
    assert (record.order_external_id, record.statement_external_id) == ("240115AB3CD4EF", "")
    assert record.source_updated_at == utc(1705860000)


def test_items_of_an_escrow_stay_the_subtotals_that_they_are() -> None:
    (item,) = movement(escrow()).attributes["items"]
    assert (item["quantity_purchased"], item["discounted_price"]) == (2, 39.8)  # 19.9 each in the order


def test_a_part_that_we_do_not_know_is_shown_and_not_hidden() -> None:
    record = movement(escrow(escrow_amount=34.01, new_fee=1))
    assert (record.attributes["unexplained_amount"], record.attributes["new_fee"]) == ("-1.00", 1)


def test_a_part_that_cannot_be_read_leaves_its_sum_empty() -> None:
    record = movement(escrow(service_fee="much"))
    assert (record.fee_amount, record.revenue_amount) == (None, Decimal("37.8"))
    assert record.problems == ("detail.order_income.service_fee is 'much' instead of an amount.",)


@pytest.mark.parametrize(("region", "currency"), [("SG", "SGD"), ("VN", "VND"), ("BR", "BRL"), ("", ""), ("XX", "")])
def test_the_currency_is_that_of_the_shop_s_region(region: str, currency: str) -> None:
    assert movement(escrow(), region).currency == currency


@pytest.mark.parametrize(
    ("told", "flow", "amount"),
    [(-12.5, "MONEY_OUT", "-12.5"), (12.5, "MONEY_OUT", "-12.5"), (12.5, "MONEY_IN", "12.5"), (-12.5, "", "-12.5")],
)
def test_the_flow_says_the_sign_of_a_wallet_row(told: float, flow: str, amount: str) -> None:
    record = movement({"wallet": wallet_row() | {"amount": told, "money_flow": flow}})
    assert (record.amount, record.problems) == (Decimal(amount), ())
    assert record.external_id == f"wallet:1705895000:PAID_ADS_CHARGE:{Decimal(amount):.2f}:"


def test_a_sign_that_contradicts_the_flow_is_a_problem() -> None:
    assert movement({"wallet": wallet_row() | {"amount": -1, "money_flow": "MONEY_IN"}}).problems


def test_a_wallet_row_says_what_it_was() -> None:
    record = movement({"wallet": wallet_row() | {"order_sn": "240118PQ7RS8TU"}})
    assert (record.kind, record.raw_kind, record.raw_status) == (
        TransactionKind.ADVERTISING,
        "PAID_ADS_CHARGE",
        "COMPLETED",
    )
    assert (record.description, record.source_updated_at) == ("Keyword ads", utc(1705895000))
    assert record.order_external_id == "240118PQ7RS8TU"
    assert record.external_id == "wallet:1705895000:PAID_ADS_CHARGE:-12.50:240118PQ7RS8TU"
    assert movement({"wallet": wallet_row() | {"transaction_type": "NEW"}}).kind is TransactionKind.UNKNOWN


@pytest.mark.parametrize("missing", ["create_time", "transaction_type", "amount"])
def test_a_wallet_row_without_what_makes_its_id_is_no_record(missing: str) -> None:
    payload = {"wallet": wallet_row() | {missing: None}}
    assert transactions.map_transaction(payload) == UnreadableRecord(payload, f"wallet.{missing} is missing.")
