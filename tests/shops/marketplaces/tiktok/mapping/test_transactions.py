"""Statements and transactions into records: signs, fees, links to order and statement, sums that agree."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from shops.marketplaces.records import Payload, StatementRecord, TransactionKind, TransactionRecord
from shops.marketplaces.tiktok.mapping.transactions import map_money
from tests.shops.marketplaces.tiktok import samples


def transaction(payload: Payload) -> TransactionRecord:
    record = map_money(payload)
    assert isinstance(record, TransactionRecord)
    return record


def statement(payload: Payload) -> StatementRecord:
    record = map_money(payload)
    assert isinstance(record, StatementRecord)
    return record


def test_maps_an_orders_transaction() -> None:
    record = transaction(samples.transaction())
    assert (record.external_id, record.kind) == ("7669000000000000385", TransactionKind.SETTLEMENT)
    assert (record.raw_kind, record.order_external_id) == ("ORDER", "584000000000000001")
    assert (record.statement_external_id, record.currency) == ("7673000000000000785", "VND")
    assert (record.amount, record.revenue_amount) == (Decimal(323840), Decimal(456000))
    assert (record.fee_amount, record.tax_amount) == (Decimal(-132160), None)
    assert (record.shipping_amount, record.adjustment_amount) == (Decimal(0), Decimal(0))
    assert record.source_updated_at == datetime.fromtimestamp(1786752000, UTC)
    assert record.attributes["order_create_time"] == 1785571200
    assert record.problems == ()


def test_charges_are_negative_and_add_up_each_once() -> None:
    record = transaction(samples.transaction())
    assert record.fees["platform_commission_amount"] == "-54720"
    assert record.fees["vat_amount"] == "-4560"
    assert "affiliate_commission_amount_before_pit" not in record.fees
    assert sum(map(Decimal, record.fees.values())) == record.fee_amount
    parts = (record.revenue_amount, record.fee_amount, record.shipping_amount, record.adjustment_amount)
    assert sum(part or Decimal(0) for part in parts) == record.amount


def test_an_adjustment_names_the_order_that_it_adjusts() -> None:
    record = transaction(samples.transaction(1))
    assert (record.kind, record.raw_kind) == (TransactionKind.ADJUSTMENT, "SHIPPING_FEE_ADJUSTMENT")
    assert (record.amount, record.order_external_id) == (Decimal(-25000), "584000000000000001")


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"type": "GMV_PAYMENT_FOR_ADS"}, TransactionKind.ADVERTISING),
        ({"type": "PLATFORM_PENALTY"}, TransactionKind.FEE),
        ({"type": "PLATFORM_REIMBURSEMENT"}, TransactionKind.COMPENSATION),
        ({"type": "SOMETHING_NEW"}, TransactionKind.ADJUSTMENT),
        ({"type": "SOMETHING_NEW", "adjustment_id": "0"}, TransactionKind.UNKNOWN),
    ],
)
def test_kinds_are_an_open_list(changes: Payload, kind: TransactionKind) -> None:
    payload = samples.transaction(1)
    payload["transaction"] |= changes
    assert transaction(payload).kind is kind


def test_an_order_number_of_zero_is_none() -> None:
    payload = samples.transaction(1)
    payload["transaction"] |= {"order_id": "0", "adjustment_order_id": "0"}
    assert transaction(payload).order_external_id == ""


def test_maps_a_statement() -> None:
    record = statement(samples.statement())
    assert (record.external_id, record.currency) == ("7673000000000000785", "VND")
    assert (record.amount, record.revenue_amount, record.fee_amount) == (
        Decimal(298840),
        Decimal(456000),
        Decimal(-132160),
    )
    assert (record.shipping_amount, record.adjustment_amount) == (Decimal(0), Decimal(-25000))
    assert (record.raw_status, record.is_paid) == ("PAID", True)
    assert record.source_updated_at == datetime.fromtimestamp(1786752000, UTC)  # when it was drawn up
    assert record.attributes["payment_time"] == 1786760988
    assert record.attributes["totals"]["status"] == "SETTLED"
    assert record.problems == ()


def test_a_statement_that_is_not_paid_yet() -> None:
    record = statement(samples.statement(1))
    assert (record.raw_status, record.is_paid, record.amount) == ("PROCESSING", False, Decimal(-5000))
    assert record.source_updated_at == datetime.fromtimestamp(1786838400, UTC)


def test_the_transactions_of_a_statement_add_up_to_it() -> None:
    amounts = [transaction(samples.transaction(number)).amount for number in (0, 1)]
    assert sum(amount or Decimal(0) for amount in amounts) == statement(samples.statement()).amount
