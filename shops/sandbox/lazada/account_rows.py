"""Splits the money of a shop into the rows of its account: one row for each fee of an order's line."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from shops.sandbox.lazada.dates import day_text
from shops.sandbox.lazada.numbers import line_id, short_id
from shops.sandbox.lazada.orders import OrderWriter
from shops.sandbox.lazada.periods import Periods
from shops.sandbox.lazada.seller import Seller
from shops.sandbox.lazada.switches import Switches
from shops.sandbox.money import Adjustment, Settlement


class Fee(NamedTuple):
    """A kind of row: its number, its name and the group that it belongs to."""

    type: str
    name: str
    group: str


# Numbers and names from the reference's table of fee types [A], except those marked.
ITEM_PRICE = Fee("13", "Item Price Credit", "Orders-Sales")
REVERSAL = Fee("14", "Reversal Item Price", "Refunds-Sales")
COMMISSION = Fee("16", "Commission", "Orders-Lazada Fees")
PAYMENT = Fee("3", "Payment Fee", "Orders-Lazada Fees")
PROMOTION = Fee("117", "Promotional Charges", "Orders-Marketing Fees")  # the name is not certain [C]
SHIPPING_BY_CUSTOMER = Fee("8", "Shipping Fee (Paid By Customer)", "Orders-Logistics")
SHIPPING_BY_SELLER = Fee("7", "Shipping Fee Paid by Seller", "Orders-Logistics")
ADVERTISING = Fee("112", "Sponsored Product Fee", "Other Services-Marketing Fees")
CLAIM = Fee("61", "Claims", "Other Services-Claims")  # neither name nor group is certain [C]
# A withdrawal is the payout itself and no row of the account.
ADJUSTMENT_FEES = {"advertising": ADVERTISING, "penalty": CLAIM}
_LABELS = {"delivered": "Delivered", "confirmed": "Confirmed"}


class Row(NamedTuple):
    """One row of an order: which fee, of which of its lines, how much of it is tax withheld."""

    fee: Fee
    position: int
    amount: int
    withheld: int = 0


def rows_of(settlement: Settlement, seller: Seller) -> list[Row]:
    """Return the rows of an order, which add up to its net exactly. What concerns all lines stands on the first."""
    units = seller.goods.units(settlement.order)
    rows = [Row(ITEM_PRICE, at, unit.original - unit.seller_discount) for at, unit in enumerate(units)]
    for case in seller.cases.of(settlement.order, settlement.settled):
        if case.event == "refunded":
            rows += [Row(REVERSAL, at, -refund) for at, refund in zip(case.units, case.refunds, strict=True)]
    # Tax on income is withheld with the commission.
    rows.append(Row(COMMISSION, 0, settlement.commission + settlement.tax, settlement.tax))
    rows.append(Row(PAYMENT, 0, settlement.payment_fee))
    rows.append(Row(PROMOTION, 0, settlement.service_fee))
    rows.append(Row(SHIPPING_BY_CUSTOMER, 0, settlement.shipping_charged))
    rows.append(Row(SHIPPING_BY_SELLER, 0, settlement.shipping_paid))
    return [row for row in rows if row.amount]


class RowWriter:
    """Writes the rows of one shop's account (QueryTransactionDetails); every value is text [A]."""

    def __init__(self, seller: Seller, periods: Periods, orders: OrderWriter, switches: Switches) -> None:
        self._seller = seller
        self._periods = periods
        self._orders = orders
        self._switches = switches

    def write(self, settlement: Settlement, number: int, row: Row, now: int) -> dict[str, str]:
        """Return a row of an order."""
        seller, state = self._seller, settlement.order
        order_number = seller.order_number(state.position)
        sku = seller.goods.units(state)[row.position].sku
        item, variant = short_id(sku.product_id), short_id(sku.sku_id)
        line = str(line_id(order_number, row.position))
        status = self._orders.statuses(state)[0]
        return {
            "order_no": str(order_number),
            "orderItem_no": line,
            **self._of_any(settlement.settled, row.fee, row.amount, now),
            "WHT_amount": self._amount(row.withheld),
            "WHT_included_in_amount": "Yes" if row.withheld else "No",
            "transaction_number": self.number_of_row(order_number, number),
            "reference": line,
            "seller_sku": sku.seller_sku,
            "lazada_sku": f"{item}_{seller.region.code}-{variant}",
            "orderItem_status": _LABELS.get(status, status.capitalize()),
            "shipping_provider": self._orders.carrier(state.digest),
            "shipment_type": "Dropshipping",
        }

    def write_adjustment(self, adjustment: Adjustment, now: int) -> dict[str, str]:
        """Return a row that belongs to no order."""
        fee = ADJUSTMENT_FEES[adjustment.kind]
        return {
            "order_no": "",
            "orderItem_no": "",
            **self._of_any(adjustment.time, fee, adjustment.amount, now),
            "WHT_amount": self._amount(0),
            "WHT_included_in_amount": "No",
            "transaction_number": self._adjustment_number(adjustment),
            "reference": "",
            "seller_sku": "",
            "lazada_sku": "",
            "orderItem_status": "",
            "shipping_provider": "",
            "shipment_type": "",
        }

    def truths(self, settlement: Settlement, as_of: int) -> Iterator[dict[str, Any]]:
        """Yield what a copy of an order's rows must agree with."""
        order_number = self._seller.order_number(settlement.order.position)
        for number, row in enumerate(rows_of(settlement, self._seller)):
            key = f"{self.number_of_row(order_number, number)}:{row.fee.type}:{line_id(order_number, row.position)}"
            key += self._day_and_amount(row.amount, settlement.settled)
            yield self._truth(key, str(order_number), row.fee, row.amount, settlement.settled, as_of)

    def truth_of_adjustment(self, adjustment: Adjustment, as_of: int) -> dict[str, Any]:
        """Return what a copy of a row without an order must agree with."""
        fee = ADJUSTMENT_FEES[adjustment.kind]
        key = f"{self._adjustment_number(adjustment)}:{fee.type}:"
        key += self._day_and_amount(adjustment.amount, adjustment.time)
        return self._truth(key, "", fee, adjustment.amount, adjustment.time, as_of)

    def number_of_row(self, order_number: int, number: int) -> str:
        """Return the transaction number of an order's row."""
        return f"{self._seller.short_code}-{order_number}{number:02d}"

    def _adjustment_number(self, adjustment: Adjustment) -> str:
        return f"{self._seller.short_code}-A{adjustment.number}"

    def _of_any(self, moment: int, fee: Fee, amount: int, now: int) -> dict[str, str]:
        day = self._seller.zone.day(moment)
        statement = self._periods.statement_on(day, now)
        return {
            "transaction_date": day_text(day),
            "transaction_type": fee.group,
            "fee_type": fee.type,
            "fee_name": fee.name,
            "amount": self._amount(amount),
            "VAT_in_amount": self._amount(0),
            # The documents say Yes or No, the examples "Not paid" [C].
            "paid_status": "Paid" if statement is not None and statement.is_paid(now) else "Not paid",
            "statement": self._periods.text(day),
            "payment_ref_id": "",
            "shipping_speed": "",
            "details": "",
            "comment": "",
        }

    def _amount(self, minor: int) -> str:
        number = self._seller.amount(minor)
        return f"{number:,.2f}" if self._switches.amounts_with_commas else f"{number:.2f}"

    def _day_and_amount(self, minor: int, moment: int) -> str:
        return f":{self._seller.zone.day(moment).isoformat()}:{self._seller.amount(minor):.2f}"

    def _truth(self, key: str, order: str, fee: Fee, minor: int, moment: int, as_of: int) -> dict[str, Any]:
        seller, day = self._seller, self._seller.zone.day(moment)
        statement = self._periods.statement_on(day, as_of)
        return {
            "id": key,
            "order": order,
            # The number says what a row is; its group holds several kinds.
            "kind": fee.type,
            "amount": seller.money(minor),
            "currency": seller.region.currency,
            # A row tells the day alone: its first second in the shop's zone.
            "time": seller.zone.midnight(day),
            "statement": statement.number if statement is not None else "",
            "fees": {fee.name: seller.money(minor)},
        }
