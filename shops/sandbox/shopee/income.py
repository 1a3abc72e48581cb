"""Writes what an order brings its seller as Shopee shows it, and the rows of the wallet."""

from typing import Any, NamedTuple

from shops.sandbox.baskets import Bill, Unit, bill_for
from shops.sandbox.money import Adjustment, Settlement
from shops.sandbox.regions import two_decimals
from shops.sandbox.shopee.lines import Line, lines_of
from shops.sandbox.shopee.looks import look_of
from shops.sandbox.shopee.orders import OrderWriter
from shops.sandbox.shopee.returns import ReturnWriter
from shops.sandbox.shopee.seller import Seller

# The terms of the escrow amount that are fees, taxes or shipping, and whether they are added or subtracted; all are
# printed as positive numbers (Shopee Open Platform, get_escrow_detail) [A].
TERMS: tuple[tuple[str, int], ...] = (
    ("buyer_paid_shipping_fee", 1),
    ("actual_shipping_fee", -1),
    ("shopee_shipping_rebate", 1),
    ("commission_fee", -1),
    ("service_fee", -1),
    ("seller_transaction_fee", -1),
    ("escrow_tax", -1),
)
# What no order of this world has.
_ZEROS = (
    "shopee_discount", "original_shopee_discount", "voucher_from_seller", "coins", "buyer_transaction_fee",
    "cross_border_tax", "payment_promotion", "seller_lost_compensation", "seller_coin_cash_back",
    "final_shipping_fee", "shipping_fee_discount_from_3pl", "drc_adjustable_refund", "reverse_shipping_fee",
    "rsf_seller_protection_fee_claim_amount", "final_return_to_seller_shipping_fee", "campaign_fee",
    "order_ams_commission_fee", "withholding_tax", "seller_order_processing_fee", "total_adjustment_amount",
)  # fmt: skip
# transaction_type, transaction_tab_type and filter code of rows without an order. The tabs' words are unsure [C].
_WALLET = {
    "withdrawal": ("WITHDRAWAL_CREATED", "wallet_withdrawals"),
    "advertising": ("PAID_ADS_CHARGE", "wallet_wallet_payment"),
    "penalty": ("ADJUSTMENT_MINUS", "wallet_adjustment_filter"),
}
CODES = {
    "101": "ESCROW_VERIFIED_ADD", "102": "ESCROW_VERIFIED_MINUS", "201": "WITHDRAWAL_CREATED",
    "402": "ADJUSTMENT_MINUS", "450": "PAID_ADS_CHARGE",
}  # fmt: skip


class WalletRow(NamedTuple):
    """One movement of the wallet, in minor units; without an order_sn it belongs to no order."""

    created: int
    kind: str
    tab: str
    amount: int
    order_sn: str
    buyer: str
    number: int


class IncomeWriter:
    """Writes the money of one shop."""

    def __init__(self, seller: Seller, orders: OrderWriter, returns: ReturnWriter) -> None:
        self._seller = seller
        self._orders = orders
        self._returns = returns

    def order_sn(self, settlement: Settlement) -> str:
        """Return the number of the order."""
        names = self._seller.names
        number = names.number(self._seller.number, settlement.order.position)
        return names.order_sn(number, settlement.order.created)

    def row(self, settlement: Settlement) -> dict[str, Any]:
        """Return a row of the escrow list."""
        return {
            "order_sn": self.order_sn(settlement),
            "payout_amount": self._seller.money(settlement.net),
            "escrow_release_time": settlement.settled,
        }

    def detail(self, settlement: Settlement) -> dict[str, Any]:
        """Return the reply of get_escrow_detail."""
        state = settlement.order
        units = self._seller.goods.units(state)
        bill = bill_for(units, state.digest, self._seller.region)
        look = look_of(state.path.number, state.step)
        method, money = self._orders.payment_method(look, state.digest), self._seller.money
        cases = self._seller.cases.of(state, settlement.settled)
        return {
            "order_sn": self.order_sn(settlement),
            "buyer_user_name": self._orders.buyer_name(state.digest),
            "return_order_sn_list": [self._returns.return_sn(case) for case in cases if case.kind != "cancel"],
            "order_income": {
                **self._income(settlement, bill),
                "buyer_payment_method": method,
                "instalment_plan": "N/A",
                "seller_voucher_code": [],
                "items": [self._item(line, units) for line in lines_of(units)],
            },
            "buyer_payment_info": {
                "buyer_payment_method": method,
                "buyer_service_fee": 0,
                "buyer_tax_amount": 0,
                "buyer_total_amount": money(bill.total),
                "merchant_subtotal": money(settlement.revenue),
                "seller_voucher": 0,
                "shipping_fee": money(bill.shipping),
                "shopee_voucher": money(-bill.platform_discount),
                "shopee_coins_redeemed": 0,
                "is_paid_by_credit_card": "card" in method,
            },
        }

    def truth(self, settlement: Settlement) -> dict[str, Any]:
        """Return what a copy of this escrow must agree with; it has no type of its own, and no statement."""
        money, order_sn = self._seller.region.money, self.order_sn(settlement)
        terms = self._terms(settlement, self._seller.goods.bill(settlement.order))
        return {
            "id": f"{order_sn}:{settlement.settled}",
            "order": order_sn,
            "kind": "escrow",
            "amount": money(settlement.net),
            "currency": self._seller.region.currency,
            "time": settlement.settled,
            "statement": "",
            "fees": {name: money(sign * terms[name]) for name, sign in TERMS if terms[name]},
        }

    def wallet_row_of(self, settlement: Settlement) -> WalletRow:
        """Return the row of the wallet that an escrow leaves."""
        kind = "ESCROW_VERIFIED_ADD" if settlement.net >= 0 else "ESCROW_VERIFIED_MINUS"
        buyer = self._orders.buyer_name(settlement.order.digest)
        tab, position = "wallet_order_income", settlement.order.position
        return WalletRow(settlement.settled, kind, tab, settlement.net, self.order_sn(settlement), buyer, position)

    def wallet_row_without_order(self, adjustment: Adjustment) -> WalletRow:
        """Return the row of the wallet of a withdrawal, of advertising or of a penalty."""
        kind, tab = _WALLET[adjustment.kind]
        return WalletRow(adjustment.time, kind, tab, adjustment.amount, "", "", adjustment.number)

    def wallet_row(self, row: WalletRow, *, signed: bool) -> dict[str, Any]:
        """Return a row of the wallet; it has no id of its own [A]."""
        is_withdrawal = row.kind.startswith("WITHDRAWAL")
        return {
            "status": "COMPLETED",
            "transaction_type": row.kind,
            "amount": self._seller.money(row.amount if signed else abs(row.amount)),
            # Made up: a true balance would need the sum of everything before.
            "current_balance": self._seller.money(1_000_000 + row.created % 100_000),
            "create_time": row.created,
            "order_sn": row.order_sn,
            "refund_sn": "",
            "withdrawal_type": "MANUAL" if is_withdrawal else "",
            "transaction_fee": 0,
            "description": "",
            "buyer_name": row.buyer,
            "pay_order_list": [],
            "shop_name": "",
            "withdrawal_id": row.number if is_withdrawal else 0,
            "reason": "",
            "root_withdrawal_id": 0,
            "transaction_tab_type": row.tab,
            "money_flow": "MONEY_IN" if row.amount >= 0 else "MONEY_OUT",
        }

    def wallet_truth(self, row: WalletRow) -> dict[str, Any]:
        """Return what a copy of a row without an order must agree with; its id holds the effect on the balance."""
        minor = row.amount * (1 if self._seller.region.decimals else 100)
        return {
            "id": f"wallet:{row.created}:{row.kind}:{two_decimals(minor)}:{row.order_sn}",
            "order": row.order_sn,
            "kind": row.kind,
            "amount": self._seller.region.money(row.amount),
            "currency": self._seller.region.currency,
            "time": row.created,
            "statement": "",
            "fees": {},
        }

    def _income(self, settlement: Settlement, bill: Bill) -> dict[str, Any]:
        money = self._seller.money
        amounts = {
            "escrow_amount": settlement.net,
            "escrow_amount_after_adjustment": settlement.net,
            "buyer_total_amount": bill.total,
            "order_original_price": bill.original,
            "original_price": bill.original,
            "order_discounted_price": settlement.revenue,
            "order_selling_price": settlement.revenue,
            "order_seller_discount": bill.seller_discount,
            "seller_discount": bill.seller_discount,
            # Paid for by Shopee: it lowers what the buyer pays, and not what the seller gets.
            "voucher_from_shopee": bill.platform_discount,
            "estimated_shipping_fee": bill.original_shipping,
            "seller_shipping_discount": bill.shipping_seller_discount,
            "cost_of_goods_sold": settlement.revenue + settlement.refund,
            "original_cost_of_goods_sold": settlement.revenue,
            "seller_return_refund": settlement.refund,
            "credit_card_transaction_fee": -settlement.payment_fee,
            **self._terms(settlement, bill),
        }
        return {name: money(minor) for name, minor in amounts.items()} | dict.fromkeys(_ZEROS, 0)

    def _terms(self, settlement: Settlement, bill: Bill) -> dict[str, int]:
        return {
            "buyer_paid_shipping_fee": bill.shipping,
            "actual_shipping_fee": -settlement.shipping_paid,
            "shopee_shipping_rebate": settlement.shipping_charged - bill.shipping,
            "commission_fee": -settlement.commission,
            "service_fee": -settlement.service_fee,
            "seller_transaction_fee": -settlement.payment_fee,
            "escrow_tax": -settlement.tax,
        }

    def _item(self, line: Line, units: list[Unit]) -> dict[str, Any]:
        """Return a line of the income: its amounts are sums for all of its pieces [A]."""
        sku, money = line.sku, self._seller.money
        model_id = self._seller.model_id(sku)
        original, discounted = line.original * line.quantity, line.discounted * line.quantity
        return {
            "item_id": self._seller.item_id(sku),
            "item_name": sku.product_name,
            "item_sku": "" if model_id else sku.seller_sku,
            "model_id": model_id,
            "model_name": sku.sku_name if model_id else "",
            "model_sku": sku.seller_sku if model_id else "",
            "original_price": money(original),
            "selling_price": money(discounted),
            "discounted_price": money(discounted),
            "seller_discount": money(original - discounted),
            "shopee_discount": 0,
            "discount_from_coin": 0,
            "discount_from_voucher_shopee": money(sum(units[at].platform_discount for at in line.units)),
            "discount_from_voucher_seller": 0,
            "activity_type": "",
            "activity_id": 0,
            "is_main_item": False,
            "quantity_purchased": line.quantity,
            "is_b2c_shop_item": False,
            "ams_commission_fee": 0,
            "promotion_list": [],
        }
