"""Writes the rows of statements in the flat shape of 202309 and in the nested one of 202501."""

from typing import Any

from shops.sandbox.money import Adjustment, Settlement
from shops.sandbox.tiktok.lists import Row
from shops.sandbox.tiktok.seller import Seller
from shops.sandbox.tiktok.statements import PAID_AFTER_SECONDS, Statement, Statements, sums_of

_ORDER_ROW_BASE = 7_669_000_000_000_000_000
_ADJUSTMENT_ROW_BASE = 7_760_000_000_000_000_000
_ADJUSTMENT_BASE = 7_238_000_000_000_000_000
_TYPES = {"advertising": "GMV_PAYMENT_FOR_ADS", "penalty": "PLATFORM_PENALTY"}
# Where 202309 tells shipping apart; elsewhere it is inside fee_amount [A: seen live in Vietnam].
_SHIPPING_APART = frozenset({"US", "GB"})


class TransactionWriter:
    """Writes the money of one shop."""

    def __init__(self, seller: Seller, statements: Statements) -> None:
        self._seller = seller
        self._money = seller.region.money
        self._book = seller.lives.book
        self._statements = statements
        self._has_shipping_apart = seller.region.code in _SHIPPING_APART

    def order_row_id(self, settlement: Settlement) -> str:
        """Return the id of an order's row."""
        return str(self._book.number_of(settlement.order.position) - self._book.numbers.base + _ORDER_ROW_BASE)

    def adjustment_id(self, adjustment: Adjustment, base: int = _ADJUSTMENT_ROW_BASE) -> str:
        """Return the id of a row without an order."""
        return str(base + self._seller.number * 10**9 + adjustment.number)

    def statement(self, statement: Statement, now: int) -> Row:
        """Return a row of the list of statements."""
        money, sums, is_paid = self._money, statement.sums, statement.is_paid(now)
        return {
            "id": self._statements.id_of(statement),
            "currency": self._seller.region.currency,
            "statement_time": statement.drawn_at,
            "payment_id": self._statements.payment_id_of(statement) if is_paid else "0",
            "payment_status": self.payment_status(statement, now),
            "payment_time": statement.drawn_at + PAID_AFTER_SECONDS if is_paid else 0,
            "revenue_amount": money(sums.revenue),
            "net_sales_amount": money(sums.revenue),
            **self._fees_and_shipping(sums.fees, sums.shipping),
            "adjustment_amount": money(sums.adjustments),
            "settlement_amount": money(sums.net),
        }

    def payment_status(self, statement: Statement, now: int) -> str:
        """Return the statement's status."""
        return "PAID" if statement.is_paid(now) else "PROCESSING"

    def head_202309(self, statement: Statement) -> Row:
        """Return what stands beside the list of transactions."""
        money, sums = self._money, statement.sums
        return {
            "statement_id": self._statements.id_of(statement),
            "currency": self._seller.region.currency,
            "statement_time": statement.drawn_at,
            "revenue_amount": money(sums.revenue),
            **self._fees_and_shipping(sums.fees, sums.shipping),
            "adjustment_amount": money(sums.adjustments),
            "settlement_amount": money(sums.net),
        }

    def head_202501(self, statement: Statement) -> Row:
        """Return what stands beside the list of transactions."""
        money, sums = self._money, statement.sums
        return {
            "id": self._statements.id_of(statement),
            "create_time": statement.drawn_at,
            "status": "SETTLED",
            "currency": self._seller.region.currency,
            "payable_amount": money(sums.net),
            "total_settlement_amount": money(sums.net),
            "total_reserve_amount": money(0),
            "total_settlement_breakdown": {
                "total_revenue_amount": money(sums.revenue),
                "total_fee_tax_amount": money(sums.fees),
                "total_shipping_cost_amount": money(sums.shipping),
                "total_adjustment_amount": money(sums.adjustments),
            },
        }

    def order_202309(self, settlement: Settlement) -> Row:
        """Return an order's row in the flat shape."""
        money, bill, sums = self._money, self._seller.goods.bill(settlement.order), sums_of(settlement)
        return {
            "id": self.order_row_id(settlement),
            "type": "ORDER",
            "currency": self._seller.region.currency,
            "order_id": str(self._book.number_of(settlement.order.position)),
            "order_create_time": settlement.order.created,
            "gross_sales_amount": money(bill.original),
            "seller_discount_amount": money(-bill.seller_discount),
            "after_seller_discounts_subtotal_amount": money(settlement.revenue),
            "net_sales_amount": money(sums.revenue),
            "customer_payment_amount": money(bill.total),
            "customer_refund_amount": money(settlement.refund),
            "platform_discount_amount": money(bill.platform_discount),
            "revenue_amount": money(sums.revenue),
            "actual_shipping_fee_amount": money(settlement.shipping_paid),
            "platform_shipping_fee_discount_amount": money(bill.shipping_platform_discount),
            "shipping_fee_amount": money(settlement.shipping),
            "platform_commission_amount": money(settlement.commission),
            "transaction_fee_amount": money(settlement.payment_fee),
            "sfp_service_fee_amount": money(settlement.service_fee),
            "pit_amount": money(settlement.tax),
            **self._fees_and_shipping(sums.fees, sums.shipping),
            "adjustment_amount": money(0),
            "settlement_amount": money(sums.net),
        }

    def order_202501(self, settlement: Settlement) -> Row:
        """Return an order's row in the nested shape."""
        money, bill, sums = self._money, self._seller.goods.bill(settlement.order), sums_of(settlement)
        zero = money(0)
        return {
            "id": self.order_row_id(settlement),
            "type": "ORDER",
            "order_id": str(self._book.number_of(settlement.order.position)),
            "order_create_time": settlement.order.created,
            "revenue_amount": money(sums.revenue),
            "revenue_breakdown": {
                "subtotal_before_discount_amount": money(bill.original),
                "seller_discount_amount": money(-bill.seller_discount),
                "refund_subtotal_before_discount_amount": money(settlement.refund),
                "seller_discount_refund_amount": zero,
                "cod_service_fee_amount": zero,
                "refund_cod_service_fee_amount": zero,
            },
            "fee_tax_amount": money(sums.fees),
            "fee_tax_breakdown": {
                "fee": {
                    "platform_commission_amount": money(settlement.commission),
                    "transaction_fee_amount": money(settlement.payment_fee),
                    "sfp_service_fee_amount": money(settlement.service_fee),
                },
                "tax": {"pit_amount": money(settlement.tax)},
            },
            "shipping_cost_amount": money(sums.shipping),
            "shipping_cost_breakdown": {
                "actual_shipping_fee_amount": money(settlement.shipping_paid),
                "shipping_fee_discount_amount": money(bill.shipping_platform_discount),
                "customer_paid_shipping_fee_amount": money(bill.shipping),
                "return_shipping_fee_amount": zero,
                "supplementary_component": {
                    "platform_shipping_fee_discount_amount": money(bill.shipping_platform_discount),
                    "seller_shipping_fee_discount_amount": money(bill.shipping_seller_discount),
                    "shipping_fee_subsidy_amount": zero,
                },
            },
            "adjustment_amount": zero,
            "reserve_amount": zero,
            "settlement_amount": money(sums.net),
            "supplementary_component": {
                "customer_payment_amount": money(bill.total),
                "customer_refund_amount": money(settlement.refund),
                "platform_discount_amount": money(bill.platform_discount),
                "platform_discount_refund_amount": zero,
            },
        }

    def adjustment(self, adjustment: Adjustment, *, is_flat: bool) -> Row:
        """Return a row without an order. The flat shape fills its order id with a zero [B]."""
        money, zero = self._money, self._money(0)
        row: Row = {
            "id": self.adjustment_id(adjustment),
            "type": _TYPES[adjustment.kind],
            "adjustment_id": self.adjustment_id(adjustment, _ADJUSTMENT_BASE),
            "revenue_amount": zero,
            "adjustment_amount": money(adjustment.amount),
            "settlement_amount": money(adjustment.amount),
        }
        if is_flat:
            return row | {"currency": self._seller.region.currency, "order_id": "0", "fee_amount": zero}
        return row | {"fee_tax_amount": zero, "shipping_cost_amount": zero}

    def payment(self, statement: Statement) -> Row:
        """Return the payment of a statement."""
        amount = {"currency": self._seller.region.currency, "value": self._money(statement.sums.net)}
        return {
            "id": self._statements.payment_id_of(statement),
            "status": "PAID",
            "create_time": statement.drawn_at + PAID_AFTER_SECONDS - 4,
            "paid_time": statement.drawn_at + PAID_AFTER_SECONDS,
            "amount": amount,
            "settlement_amount": amount,
            "payment_amount_before_exchange": amount,
            "reserve_amount": {"currency": self._seller.region.currency, "value": self._money(0)},
            "exchange_rate": "1",
            "bank_account": "*************000000",
        }

    def truth(self, row: Settlement | Adjustment, statement: Statement) -> dict[str, Any]:
        """Return what a copy of a transaction must agree with. It has no time but that of its statement."""
        fees: dict[str, str] = {}
        if isinstance(row, Settlement):
            known, order = self.order_row_id(row), str(self._book.number_of(row.order.position))
            kind, amount = "ORDER", row.net
            named = {
                "platform_commission_amount": row.commission,
                "transaction_fee_amount": row.payment_fee,
                "sfp_service_fee_amount": row.service_fee,
                "pit_amount": row.tax,
            }
            fees = {name: self._money(minor) for name, minor in named.items() if minor}
        else:
            known, order, kind, amount = self.adjustment_id(row), "", _TYPES[row.kind], row.amount
        return {
            "id": known,
            "order": order,
            "kind": kind,
            "amount": self._money(amount),
            "currency": self._seller.region.currency,
            "time": statement.drawn_at,
            "statement": self._statements.id_of(statement),
            "fees": fees,
        }

    def _fees_and_shipping(self, fees: int, shipping: int) -> Row:
        if self._has_shipping_apart:
            return {"fee_amount": self._money(fees), "shipping_cost_amount": self._money(shipping)}
        return {"fee_amount": self._money(fees + shipping), "shipping_cost_amount": self._money(0)}
