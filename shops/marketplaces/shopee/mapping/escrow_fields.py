"""How the amounts of an escrow make its total; to be laid beside the vendor's page.

Source: Shopee Open Platform, v2.payment.get_escrow_detail, the formula of `escrow_amount`. Each key counts with the
sign given here: fees and taxes are positive numbers there that are taken off. What is not listed is no part of the sum.
"""

from collections.abc import Mapping
from enum import Enum


class Part(Enum):
    """Which amount of a transaction a key belongs to."""

    REVENUE = "revenue"
    SHIPPING = "shipping"
    FEE = "fee"
    TAX = "tax"


COMPONENTS: Mapping[str, tuple[int, Part]] = {
    "original_cost_of_goods_sold": (1, Part.REVENUE),
    "original_shopee_discount": (-1, Part.REVENUE),
    "seller_return_refund": (1, Part.REVENUE),  # negative already
    "shopee_discount": (1, Part.REVENUE),
    "voucher_from_seller": (-1, Part.REVENUE),
    "seller_coin_cash_back": (-1, Part.REVENUE),
    "trade_in_bonus_by_seller": (-1, Part.REVENUE),
    "buyer_paid_shipping_fee": (1, Part.SHIPPING),
    "actual_shipping_fee": (-1, Part.SHIPPING),
    "shopee_shipping_rebate": (1, Part.SHIPPING),
    "shipping_fee_discount_from_3pl": (1, Part.SHIPPING),
    "reverse_shipping_fee": (-1, Part.SHIPPING),
    "rsf_seller_protection_fee_claim_amount": (1, Part.SHIPPING),
    "final_return_to_seller_shipping_fee": (-1, Part.SHIPPING),
    "buyer_paid_packaging_fee": (1, Part.SHIPPING),
    "seller_transaction_fee": (-1, Part.FEE),
    "service_fee": (-1, Part.FEE),
    "commission_fee": (-1, Part.FEE),
    "campaign_fee": (-1, Part.FEE),
    "delivery_seller_protection_fee_premium_amount": (-1, Part.FEE),
    "shipping_seller_protection_fee_amount": (-1, Part.FEE),
    "final_product_protection": (-1, Part.FEE),
    "order_ams_commission_fee": (-1, Part.FEE),
    "seller_order_processing_fee": (-1, Part.FEE),
    "fbs_fee": (-1, Part.FEE),
    "ads_escrow_top_up_fee_or_technical_support_fee": (-1, Part.FEE),
    "escrow_tax": (-1, Part.TAX),
    "final_escrow_product_gst": (-1, Part.TAX),
    "final_escrow_shipping_gst": (-1, Part.TAX),
    "final_product_vat_tax": (-1, Part.TAX),
    "final_shipping_vat_tax": (-1, Part.TAX),
    "shipping_fee_sst": (-1, Part.TAX),
    "reverse_shipping_fee_sst": (-1, Part.TAX),
    "sales_tax_on_lvg": (-1, Part.TAX),
    "vat_on_imported_goods": (-1, Part.TAX),
    "withholding_tax": (-1, Part.TAX),
    "withholding_vat_tax": (-1, Part.TAX),
    "withholding_pit_tax": (-1, Part.TAX),
    "th_import_duty": (-1, Part.TAX),
}
# A shop sells, and its wallet is kept, in the currency of its region; neither escrow nor wallet rows name it.
CURRENCIES: Mapping[str, str] = {
    "BR": "BRL",
    "CL": "CLP",
    "CO": "COP",
    "ID": "IDR",
    "MX": "MXN",
    "MY": "MYR",
    "PH": "PHP",
    "SG": "SGD",
    "TH": "THB",
    "TW": "TWD",
    "VN": "VND",
}
