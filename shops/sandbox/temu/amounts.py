"""Writes what an order costs (bg.order.amount.query): whole numbers of the currency's smallest unit [A]."""

from typing import Any

from shops.sandbox.baskets import Bill
from shops.sandbox.temu.lines import Child, children_of
from shops.sandbox.temu.seller import Seller
from shops.sandbox.temu.statuses import Status, status_of
from shops.sandbox.windows import OrderState

# What Temu keeps of the retail price; the rest is the base price that a seller gets.
_BASE_PERCENT = 88


class AmountWriter:
    """Writes the amounts of one shop's orders."""

    def __init__(self, seller: Seller) -> None:
        self._seller = seller
        self._currency = seller.region.currency

    def write(self, state: OrderState) -> dict[str, Any]:
        """Return the totals and the lines.

        customerPaid = retailPriceTotal + shippingAmountTotal + taxTotal - refundsTotal - totalDiscount, and
        estimatedRevenue = basePriceTotal + shippingAmountTotal - estimatedRevenueDeduction [A]. Tax that is inside
        the price is not part of these sums; where it is inside, fields of its own tell it beside them.
        """
        children = children_of(self._seller, state)
        bill = self._seller.goods.bill(state)
        base = sum(_base(child) for child in children)
        money = self._money
        totals = {
            "parentOrderSn": self._seller.names.parent(state.position),
            "basePriceTotal": money(base),
            "shippingAmountTotal": money(bill.shipping),
            "taxTotal": money(bill.total - bill.sub_total - bill.shipping),
            "discountFromSeller": money(bill.seller_discount),
            "discountFromTEMU": money(bill.platform_discount),
            "totalDiscount": money(bill.seller_discount + bill.platform_discount),
            "refundsTotal": money(self._refunded(state, bill)),
            "estimatedRevenueDeduction": money(0),
            "estimatedRevenue": money(base + bill.shipping),
            "retailPriceTotal": money(bill.original),
            "customerPaid": money(self.customer_paid(state)),
            "signOnDelivery": None,
            **self._inner_tax("retailPriceTotalTaxIncl", "retailPriceTotalTaxExcl", bill.original),
        }
        shares = _shares(bill.shipping, len(children))
        lines = [self._line(child, share) for child, share in zip(children, shares, strict=True)]
        return {"parentOrderMap": totals, "orderList": lines, "warning": []}

    def customer_paid(self, state: OrderState) -> int:
        """Return what the buyer has paid and not got back by a cancellation, in minor units."""
        bill = self._seller.goods.bill(state)
        return bill.total - self._refunded(state, bill)

    def _refunded(self, state: OrderState, bill: Bill) -> int:
        """Return what a cancellation has given back.

        Refunds after delivery are left to the after-sales lists: the update time of an order does not move with them,
        and its amounts must not change behind a client's back.
        """
        is_paid = "paid" in state.path.path.events[: state.step]
        return bill.total if is_paid and status_of(state.path.number, state.step) == Status.CANCELLED else 0

    def _line(self, child: Child, shipping: int) -> dict[str, Any]:
        """Discounts and shipping are those of the whole line; a unit's own price begins with `unit`."""
        base, quantity, unit = _base(child), child.quantity, child.unit
        return {
            "orderSn": child.order_sn,
            "basePrice": self._money(base),
            "unitBasePrice": self._money(round(base / quantity)),
            "quantity": quantity,
            "unitRetailPrice": self._money(unit.original),
            "discountFromSeller": self._money(unit.seller_discount * quantity),
            "discountFromTEMU": self._money(unit.platform_discount * quantity),
            "shipAmountTotal": self._money(shipping),
            **self._inner_tax("unitRetailPriceVatIncl", "unitRetailPriceVatExcl", unit.original),
        }

    def _inner_tax(self, with_tax: str, without_tax: str, minor: int) -> dict[str, Any]:
        """Return an amount with and without the tax that is inside it; such fields come outside of the US [V]."""
        region = self._seller.region
        if region.tax_on_top:
            return {}
        tax = minor * region.tax[0] // region.tax[1]
        return {with_tax: self._money(minor), without_tax: self._money(minor - tax)}

    def _money(self, minor: int) -> dict[str, Any]:
        return {"currency": self._currency, "amount": minor}


def _base(child: Child) -> int:
    return child.unit.original * child.quantity * _BASE_PERCENT // 100


def _shares(total: int, count: int) -> list[int]:
    """Split an amount over lines; the last takes what does not divide evenly."""
    each = total // count
    return [each] * (count - 1) + [total - each * (count - 1)]
