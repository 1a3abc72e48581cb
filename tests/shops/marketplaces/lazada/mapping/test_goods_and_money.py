"""Products, reverse orders, transactions and payouts into records: units and zones by country."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from shops.marketplaces.lazada.mapping.products import map_product
from shops.marketplaces.lazada.mapping.returns import map_return
from shops.marketplaces.lazada.mapping.statements import map_statement
from shops.marketplaces.lazada.mapping.statuses import money_state, return_status
from shops.marketplaces.lazada.mapping.transactions import map_transaction
from shops.marketplaces.records import (
    Custody,
    MoneyState,
    ProductRecord,
    ProductStatus,
    ReturnKind,
    ReturnRecord,
    ReturnStatus,
    StatementRecord,
    TransactionKind,
    TransactionRecord,
    UnreadableRecord,
)
from tests.shops.marketplaces import payloads
from tests.shops.marketplaces.lazada.samples import payout


def product(region: str = "TH", sku: dict[str, Any] | None = None, **changes: Any) -> ProductRecord:
    payload = payloads.load("lazada/products_get")["data"]["products"][0] | changes
    payload["skus"][0] |= sku or {}
    record = map_product(payload, region)
    assert isinstance(record, ProductRecord)
    return record


def reverse(region: str = "TH", line: dict[str, Any] | None = None, **changes: Any) -> ReturnRecord:
    payload = payloads.load("lazada/reverse_orders_for_seller")["result"]["items"][0] | changes
    payload["reverse_order_lines"][0] |= line or {}
    record = map_return(payload, region)
    assert isinstance(record, ReturnRecord)
    return record


def mapped_movement(region: str = "TH", **changes: Any) -> TransactionRecord | UnreadableRecord:
    row = payloads.load("lazada/finance_transaction_details_get")["data"][0] | changes
    return map_transaction(row, region)


def movement(region: str = "TH", **changes: Any) -> TransactionRecord:
    record = mapped_movement(region, **changes)
    assert isinstance(record, TransactionRecord)
    return record


def statement(region: str = "TH", **changes: Any) -> StatementRecord:
    record = map_statement(payout() | changes, region)
    assert isinstance(record, StatementRecord)
    return record


def test_maps_a_whole_product_with_times_in_milliseconds() -> None:
    record = product()
    assert (record.external_id, record.title, record.brand_name) == ("2293000000", "Demo mug", "No Brand")
    assert (record.status, record.category_external_id) == (ProductStatus.ACTIVE, "8707")
    assert record.source_created_at == datetime(2022, 2, 18, 9, 29, 33, tzinfo=UTC)  # "1645176573000"
    assert record.source_updated_at == datetime(2024, 1, 14, 2, 40, tzinfo=UTC)
    assert record.image_url == "https://img.example.test/p/1.jpg"
    assert record.attributes["attributes"]["short_description"] == "demo"
    assert record.problems == ()


def test_a_sku_has_its_special_price_and_what_can_be_sold() -> None:
    (sku,) = product().skus
    assert (sku.external_id, sku.seller_sku, sku.raw_status) == ("7724000001", "MUG-BLU", "active")
    assert (sku.price, sku.original_price, sku.currency, sku.stock_count) == (Decimal(129), Decimal(149), "THB", 20)
    assert sku.attributes["special_to_time"] == "2024-12-31 00:00"


@pytest.mark.parametrize(
    ("special", "price"),
    [(0, Decimal(149)), ("", Decimal(149)), (None, Decimal(149)), ("1,5", None), (99, Decimal(99))],
)
def test_only_a_special_price_that_is_one_counts(special: Any, price: Decimal | None) -> None:
    assert product(sku={"special_price": special}).skus[0].price == price


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("InActive", ProductStatus.INACTIVE),
        ("Pending QC", ProductStatus.UNDER_REVIEW),
        ("Deleted", ProductStatus.DELETED),
        ("Levitating", ProductStatus.UNKNOWN),
    ],
)
def test_words_for_a_products_state_are_compared_without_regard_to_case(word: str, status: ProductStatus) -> None:
    assert (product(status=word).status, product(status=word).raw_status) == (status, word)


def test_a_product_of_no_known_country_has_no_currency() -> None:
    record = product("US")
    assert (record.skus[0].currency, len(record.problems)) == ("", 1)


@pytest.mark.parametrize(
    ("region", "amount", "currency"),
    [("TH", "30", "THB"), ("SG", "30", "SGD"), ("ID", "30", "IDR"), ("VN", "3000", "VND"), ("vn", "3000", "VND")],
)
def test_amounts_of_reverse_orders_are_hundredths_except_in_vietnam(region: str, amount: str, currency: str) -> None:
    record = reverse(region)
    assert (record.refund_amount, record.currency) == (Decimal(amount), currency)
    assert record.lines[0].refund_amount == Decimal(amount)


def test_where_the_country_is_not_known_an_amount_is_not_guessed() -> None:
    record = reverse("")
    assert (record.refund_amount, record.currency, len(record.problems)) == (None, "", 1)


def test_maps_a_whole_return_with_request_money_and_goods_apart() -> None:
    record = reverse()
    assert (record.external_id, record.order_external_id) == ("501900000000001", "418530001000001")
    assert (record.kind, record.status) == (ReturnKind.RETURN_REFUND, ReturnStatus.REQUESTED)
    assert (record.money_state, record.custody) == (MoneyState.PENDING, Custody.ON_THE_WAY)
    assert (record.reason_code, record.reason_text) == ("10000001", "Change of mind")
    assert record.source_created_at == datetime(2024, 1, 18, 17, 46, 40, tzinfo=UTC)  # seconds
    assert record.source_updated_at == datetime(2024, 1, 20, 3, 9, 5, tzinfo=UTC)
    assert record.respond_by_at == datetime(2024, 1, 23, 8, 53, 20, tzinfo=UTC)  # milliseconds
    assert record.tracking_number == "LEXTHR000000001"
    (line,) = record.lines
    assert (line.external_id, line.order_line_external_id) == ("502400000000001", "418530001200001")
    assert (line.product_external_id, line.seller_sku) == ("2293000001", "COASTER-1")
    assert line.sku_external_id == "7724000002"  # the end of its platform_sku_id
    assert reverse(line={"platform_sku_id": "2293000001"}).lines[0].sku_external_id == ""


@pytest.mark.parametrize("zero", [0, "0"])
def test_a_time_of_zero_to_answer_by_is_none_and_no_problem(zero: object) -> None:
    record = reverse(line={"sla": zero})
    assert (record.respond_by_at, record.problems) == (None, ())


def test_the_size_of_a_time_tells_its_unit() -> None:
    assert reverse(line={"return_order_line_gmt_modified": "1705720145000"}).source_updated_at == datetime(
        2024, 1, 20, 3, 9, 5, tzinfo=UTC
    )


def test_list_and_detail_say_the_same_with_other_keys() -> None:
    detail = map_return(payloads.load("lazada/reverse_order_detail")["data"], "TH")
    assert isinstance(detail, ReturnRecord)
    assert detail.lines[0].sku_external_id == "7724000002"
    for name in ("external_id", "kind", "status", "money_state", "custody", "refund_amount", "source_updated_at"):
        assert getattr(detail, name) == getattr(reverse(), name)


@pytest.mark.parametrize(
    ("kind", "logistics", "is_rtm", "custody"),
    [
        ("CANCEL", "", False, Custody.NOT_SENT),
        ("ONLY_REFUND", "", False, Custody.BUYER),
        ("RETURN", "RETURN_CANCELED", True, Custody.BUYER),
        ("RETURN", "RETURN_DELIVERED", "true", Custody.SELLER),
        ("RETURN", "RETURN_DELIVERED", False, Custody.WAREHOUSE),
        ("RETURN", "RETURN_DELIVERED", None, Custody.UNKNOWN),
        ("RETURN", "", True, Custody.UNKNOWN),
        ("SWAP", "RETURN_CANCELED", True, Custody.UNKNOWN),
    ],
)
def test_who_has_the_goods(kind: str, logistics: str, is_rtm: Any, custody: Custody) -> None:
    assert reverse(request_type=kind, is_rtm=is_rtm, line={"ofc_status": logistics}).custody is custody


@pytest.mark.parametrize(
    ("words", "status", "money"),
    [
        ({"REQUEST_INITIATE", "REFUND_SUCCESS"}, ReturnStatus.REQUESTED, MoneyState.PENDING),
        ({"REFUND_SUCCESS", "REFUND_REJECT"}, ReturnStatus.COMPLETED, MoneyState.UNKNOWN),
        ({"REQUEST_REJECT"}, ReturnStatus.REJECTED, MoneyState.REFUSED),
        ({"REQUEST_CANCEL"}, ReturnStatus.WITHDRAWN, MoneyState.NONE),
        ({"CANCEL_SUCCESS"}, ReturnStatus.COMPLETED, MoneyState.UNKNOWN),
        ({"NEVER_SEEN"}, ReturnStatus.UNKNOWN, MoneyState.UNKNOWN),
        (set(), ReturnStatus.UNKNOWN, MoneyState.UNKNOWN),
    ],
)
def test_a_reverse_orders_states_are_made_of_its_lines(
    words: set[str], status: ReturnStatus, money: MoneyState
) -> None:
    assert (return_status(words), money_state(words)) == (status, money)


def test_a_dispute_counts_while_the_request_is_open() -> None:
    assert reverse(line={"is_dispute": "true"}).status is ReturnStatus.DISPUTED
    assert reverse(line={"is_dispute": True, "reverse_status": "REFUND_SUCCESS"}).status is ReturnStatus.COMPLETED


def test_where_no_line_needs_a_refund_there_is_no_money_to_give_back() -> None:
    assert reverse(line={"is_need_refund": "false"}).money_state is MoneyState.NONE


@pytest.mark.parametrize(
    ("region", "begins"),
    [("TH", datetime(2024, 1, 17, 17, tzinfo=UTC)), ("SG", datetime(2024, 1, 17, 16, tzinfo=UTC))],
)
def test_a_transactions_day_is_the_shops(region: str, begins: datetime) -> None:
    assert movement(region).source_updated_at == begins


def test_maps_a_whole_transaction() -> None:
    record = movement()
    assert record.external_id == "TH0DEMO1-0000001:13:418530001100001:2024-01-18:129.00"
    assert (record.kind, record.raw_kind, record.description) == (TransactionKind.SETTLEMENT, "13", "Item Price Credit")
    assert (record.amount, record.revenue_amount, record.fee_amount) == (Decimal(129), Decimal(129), None)
    assert (record.currency, record.order_external_id) == ("THB", "418530001000001")
    assert (record.raw_status, record.fees) == ("Not paid", {"Item Price Credit": "129.00"})
    assert record.statement_external_id == ""  # a period is told, no number
    assert record.attributes["statement"] == "15 Jan 2024 - 21 Jan 2024"
    assert record.attributes["statement_period_ends_on"] == "2024-01-21"
    assert "statement_period_ends_on" not in movement(statement="15 Jan 2024 - 31 Feb 2024").attributes
    numbered = movement(statement="TH0DEMO1-2024-0121")  # what the reference says stands there
    assert numbered.statement_external_id == "TH0DEMO1-2024-0121"
    assert not movement(statement="x" * 65).is_valid


@pytest.mark.parametrize(
    ("fee_type", "amount", "kind", "part"),
    [
        ("14", "-30.00", TransactionKind.REFUND, "revenue_amount"),
        ("16", "-7.74", TransactionKind.FEE, "fee_amount"),
        ("15", "1.80", TransactionKind.FEE, "fee_amount"),
        ("8", "23.57", TransactionKind.SETTLEMENT, "shipping_amount"),
        ("21", "-9", TransactionKind.FEE, "shipping_amount"),
        ("112", "-5", TransactionKind.ADVERTISING, "fee_amount"),
        ("61", "5", TransactionKind.COMPENSATION, ""),
        ("999", "5", TransactionKind.UNKNOWN, ""),
    ],
)
def test_the_fees_number_says_what_moved(fee_type: str, amount: str, kind: TransactionKind, part: str) -> None:
    record = movement(fee_type=fee_type, amount=amount)
    assert (record.kind, record.amount, record.problems) == (kind, Decimal(amount), ())
    split = {name: getattr(record, name) for name in ("revenue_amount", "fee_amount", "shipping_amount")}
    assert {name for name, found in split.items() if found is not None} == ({part} if part else set())


@pytest.mark.parametrize(
    ("told", "read"),
    [("-1,234.50", "-1234.50"), ("1,234,567", "1234567"), ("1,50", None), ("1,2345", None), ("12,34,567", None)],
)
def test_commas_between_thousands_are_read_and_others_are_not(told: str, read: str | None) -> None:
    record = mapped_movement(amount=told)
    if read is None:
        assert isinstance(record, UnreadableRecord)
    else:
        assert isinstance(record, TransactionRecord)
        assert (record.amount, record.is_valid) == (Decimal(read), True)


def test_movements_that_share_a_number_do_not_take_each_others_place() -> None:
    same = [movement(), movement(amount="-129.00"), movement(transaction_date="19 Jan 2024"), movement(fee_type="14")]
    assert len({record.external_id for record in same}) == 4
    assert movement(amount="129").external_id == movement(amount="129.00", paid_status="Paid").external_id


@pytest.mark.parametrize("day", ["31 Feb 2024", "2024-01-18", "18 Mai 2024", "", None, 7])
def test_a_day_that_is_none_is_not_guessed(day: Any) -> None:
    record = mapped_movement(transaction_date=day)
    assert isinstance(record, UnreadableRecord)
    assert "transaction_date is" in record.error


def test_maps_a_whole_payout() -> None:
    record = statement()
    assert (record.external_id, record.is_paid, record.amount) == ("TH0DEMO1-2024-0121", True, Decimal("115.68"))
    assert (record.revenue_amount, record.fee_amount, record.shipping_amount) == (
        Decimal(129),
        Decimal("-10.32"),
        Decimal(-3),
    )
    assert record.source_updated_at == datetime(2024, 1, 21, 19, 0, tzinfo=UTC)  # 02:00 on the 22nd in Bangkok
    assert record.attributes["updated_at"] == "2024-01-24 09:30:00 +0700"  # when it was paid, perhaps


def test_a_payouts_amount_may_name_its_currency_and_its_time_be_the_shops() -> None:
    record = statement(payout="1,115.68 THB", created_at="2024-01-22 02:00:00", paid=0)
    assert (record.amount, record.is_paid) == (Decimal("1115.68"), False)
    assert record.source_updated_at == datetime(2024, 1, 21, 19, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("mapping", "key"),
    [
        (map_product, "item_id"),
        (map_return, "reverse_order_id"),
        (map_transaction, "transaction_number"),
        (map_statement, "statement_number"),
    ],
)
@pytest.mark.parametrize("told", [None, "", [], "x" * 65, 1.5])
def test_without_an_id_it_is_no_record(mapping: Any, key: str, told: Any) -> None:
    payload = {key: told}
    record = mapping(payload, "TH")
    assert isinstance(record, UnreadableRecord)
    assert record.payload is payload
    assert record.error.endswith(".")
