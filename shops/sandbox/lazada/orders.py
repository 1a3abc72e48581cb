"""Writes an order and its lines as Lazada shows them, computed afresh from the hash each time they are asked for."""

from typing import Any

from shops.sandbox.baskets import Unit
from shops.sandbox.lazada.looks import LOOKS, Look
from shops.sandbox.lazada.numbers import line_id, package_id, short_id
from shops.sandbox.lazada.seller import Seller
from shops.sandbox.lazada.switches import Switches
from shops.sandbox.life import HOUR, TIMINGS, time_of
from shops.sandbox.parcels import parcels_of
from shops.sandbox.windows import OrderState

# Digest bytes; life.py, baskets.py, people.py and parcels.py use others, or the same for the same thing.
_PAYMENT, _CARRIER, _MISC = 57, 58, 60
_SLA_HOURS = 48


class OrderWriter:
    """Writes the orders of one shop."""

    def __init__(self, seller: Seller, switches: Switches) -> None:
        self._seller = seller
        self._switches = switches
        self._line_parts: dict[str, dict[str, Any]] = {}

    def statuses(self, state: OrderState) -> list[str]:
        """Return the distinct words of the lines, which are all the status that an order has [A]."""
        look = LOOKS[state.path.number][state.step]
        return sorted({self.word(look.first_status), self.word(look.status)})

    def truth(self, state: OrderState) -> dict[str, Any]:
        """Return what a copy of this order must agree with."""
        seller = self._seller
        number, units, bill = seller.order_number(state.position), seller.goods.units(state), seller.goods.bill(state)
        return {
            "id": str(number),
            "status": ",".join(self.statuses(state)),
            "update_time": state.updated,
            "total_amount": seller.money(bill.sub_total + bill.shipping),
            "currency": seller.region.currency,
            "lines": [
                {
                    "id": str(line_id(number, at)),
                    "sku_id": str(short_id(unit.sku.sku_id)),
                    "quantity": 1,
                    "price": seller.money(unit.sale),
                }
                for at, unit in enumerate(units)
            ],
        }

    def write(self, state: OrderState) -> dict[str, Any]:
        """Return an order without its lines (GetOrders, GetOrder); types as two captures have them [A]."""
        seller, amount, digest = self._seller, self._seller.amount, state.digest
        look = LOOKS[state.path.number][state.step]
        number, bill = seller.order_number(state.position), seller.goods.bill(state)
        address = self._address(state, look)
        changed = time_of(TIMINGS["address_changed"], digest, state.created) if look.has_new_address else None
        return {
            "voucher_platform": amount(bill.platform_discount),
            "voucher": amount(bill.seller_discount + bill.platform_discount),
            "warehouse_code": "dropshipping",
            "order_number": number,
            "voucher_seller": amount(bill.seller_discount),
            "created_at": self.date(state.created),
            "voucher_code": "",
            "gift_option": False,
            "shipping_fee_discount_platform": amount(bill.shipping_platform_discount),
            "customer_last_name": "",
            "updated_at": self.date(state.updated),
            "promised_shipping_times": "",
            "price": _price_text(amount(bill.original)),
            "national_registration_number": "",
            "shipping_fee_original": amount(bill.original_shipping),
            "payment_method": self._payment_method(look, digest),
            "address_updated_at": self.date(changed) if changed else "",
            "customer_first_name": address["first_name"],
            "shipping_fee_discount_seller": amount(bill.shipping_seller_discount),
            "shipping_fee": amount(bill.shipping),
            "branch_number": "",
            "tax_code": "",
            "items_count": len(seller.goods.units(state)),
            "delivery_info": "",
            "statuses": self.statuses(state),
            "address_billing": address,
            "extra_attributes": '{"TaxInvoiceRequested":false}',
            "order_id": number,
            "gift_message": "",
            "remarks": "",
            "address_shipping": address,
        }

    def write_lines(self, state: OrderState, now: int) -> list[dict[str, Any]]:
        """Return one line for each unit; there is no quantity (GetOrderItems) [A]."""
        seller, look = self._seller, LOOKS[state.path.number][state.step]
        units, bill = seller.goods.units(state), seller.goods.bill(state)
        number = seller.order_number(state.position)
        common = self._common(state, look, number)
        lines: list[dict[str, Any]] = []
        shipping = split_evenly(bill.shipping, len(units))
        for at, unit in enumerate(units):
            lines.append(self._line(unit, shipping[at]) | common | {"order_item_id": line_id(number, at)})
        if look.is_split_now:
            for line in lines[:-1]:
                line["status"] = self.word(look.first_status)
        for parcel in parcels_of(state, now, seller.region.code):
            # A package exists once the seller has packed it.
            for at in parcel.units if parcel.tracking_number else ():
                lines[at]["tracking_code"] = parcel.tracking_number
                lines[at]["package_id"] = package_id(number, parcel.number)
        return lines

    def date(self, moment: int) -> str:
        """Write a moment in the shop's zone."""
        zone = self._seller.zone
        return zone.iso(moment) if self._switches.iso_dates else zone.text(moment)

    def carrier(self, digest: bytes) -> str:
        """Return who carries the order's parcels."""
        carriers = self._seller.region.carriers
        return carriers[digest[_CARRIER] % len(carriers)]

    def word(self, status: str) -> str:
        """Return the word for a status of a line."""
        return self._switches.completed_status if status == "confirmed" else status

    def _common(self, state: OrderState, look: Look, number: int) -> dict[str, Any]:
        """Return what all lines of an order share."""
        created, digest = state.created, state.digest
        common = {
            "order_id": number,
            "shop_id": self._seller.name,
            "status": self.word(look.status),
            "currency": self._seller.region.currency,
            "shipment_provider": self.carrier(digest),
            "tracking_code": "",
            "package_id": "",
            "sla_time_stamp": self._seller.zone.iso(created + _SLA_HOURS * HOUR),
            "reason": look.reason,
            "cancel_return_initiator": look.initiator,
            "need_cancel_confirm": look.is_cancel_pending,
            "is_cancel_pending": look.is_cancel_pending,
            "buyer_id": self._seller.buyer_id(digest),
            "created_at": self.date(created),
            "updated_at": self.date(state.updated),
        }
        if look.is_paid:
            # Milliseconds, as other numbers of that kind [?].
            common["payment_time"] = time_of(TIMINGS["paid"], digest, created) * 1000
        return common

    def _line(self, unit: Unit, shipping: int) -> dict[str, Any]:
        sku, amount = unit.sku, self._seller.amount
        part = self._line_parts.get(sku.sku_id)
        if part is None:
            part = self._line_parts[sku.sku_id] = self._line_part(unit)
        return {
            **part,
            "item_price": amount(unit.original),
            "paid_price": amount(unit.sale),
            "tax_amount": amount(unit.tax),
            "voucher_amount": amount(unit.seller_discount + unit.platform_discount),
            "voucher_platform": amount(unit.platform_discount),
            "voucher_seller": amount(unit.seller_discount),
            "shipping_amount": amount(shipping),
            "shipping_fee_original": amount(shipping),
        }

    def _line_part(self, unit: Unit) -> dict[str, Any]:
        """Return what all lines with this sku share."""
        sku = unit.sku
        item, variant = short_id(sku.product_id), short_id(sku.sku_id)
        return {
            "name": sku.product_name,
            "sku": sku.seller_sku,
            "shop_sku": f"{item}_{self._seller.region.code}-{variant}",
            "sku_id": str(variant),
            "product_id": str(item),
            "variation": f"Variation:{sku.sku_name}",
            "voucher_code": "",
            "voucher_platform_lpi": 0.0,
            "voucher_seller_lpi": 0.0,
            "shipping_service_cost": 0.0,
            "shipping_fee_discount_seller": 0.0,
            "shipping_fee_discount_platform": 0.0,
            "shipping_type": "Dropshipping",
            "shipping_provider_type": "standard",
            "tracking_code_pre": "",
            "promised_shipping_time": "",
            "warehouse_code": "dropshipping",
            "invoice_number": "",
            "purchase_order_id": "",
            "purchase_order_number": "",
            "product_main_image": f"https://img.example.test/sandbox/{item}.jpg",
            "product_detail_url": f"https://www.example.test/products/i{item}-s{variant}.html",
            "reason_detail": "",
            # Words of returns stay away from orders here: a return changes nothing of when the order was updated.
            "return_status": "",
            "digital_delivery_info": "",
            "extra_attributes": "",
            "is_digital": 0,
            "is_fbl": 0,
            "is_reroute": 0,
            "order_type": "Normal",
            "order_flag": "NORMAL",
            "stage_pay_status": "",
            "wallet_credits": 0.0,
        }

    def _address(self, state: OrderState, look: Look) -> dict[str, str]:
        """Masked for most sellers; address1 to 5 are detail, unused, state, city and post code [A]."""
        digest = state.digest
        if look.has_new_address:
            # That of a neighbouring slice, so that it really differs from before.
            digest = digest[:40] + bytes([digest[40] ^ 1]) + digest[41:]
        person = self._seller.people.recipient(digest, masked=True)
        places = [level["address_name"] for level in person["district_info"]]
        return {
            "country": self._seller.region.name,
            "address1": person["address_line1"],
            "address2": "",
            "address3": places[1],
            "address4": places[-1],
            "address5": "0***0",
            "city": places[-1],
            "phone": person["phone_number"].strip("(+").replace(")", ""),
            "phone2": "",
            "first_name": person["name"],
            "last_name": "",
            "customer_email": "",
            "post_code": "0***0",
        }

    def _payment_method(self, look: Look, digest: bytes) -> str:
        if look.is_cod:
            return "COD"
        methods = self._seller.region.payment_methods
        return methods[digest[_PAYMENT] % len(methods)].upper().replace(" ", "_")


def _price_text(amount: float) -> str:
    # The one amount of an order that is text; two decimals in every country.
    return f"{amount:.2f}"


def split_evenly(total: int, count: int) -> list[int]:
    """Split an amount over the units; what does not divide evenly falls on the last."""
    each = total // count
    return [each] * (count - 1) + [total - each * (count - 1)]
