"""Realistic order payloads for the benches: made from a seed, in TikTok's shape, about two lines each."""

import random
from typing import Any

import orjson

BASE_TIME = 1_785_571_200


def make_payload(number: int, rng: random.Random) -> dict[str, Any]:
    """Make one order payload; numbers give distinct ids."""
    order_id = 584_000_000_000_000_000 + number * 1_000_003
    created = BASE_TIME + number % 80_000
    lines = [_make_line(order_id, position, rng) for position in range(rng.choice((1, 1, 2, 2, 3)))]
    subtotal = sum(int(line["sale_price"]) for line in lines)
    return {
        "id": str(order_id),
        "status": "AWAITING_COLLECTION",
        "commerce_platform": "TIKTOK_SHOP",
        "order_type": "NORMAL",
        "user_id": str(7_494_000_000_000_000_000 + rng.randrange(10**9)),
        "buyer_email": f"v4b{rng.randrange(10**12)}@buyer.example.test",
        "buyer_message": rng.choice(("", "", "Giao giờ hành chính giúp mình")),
        "create_time": created,
        "update_time": created + 630,
        "paid_time": created + 60,
        "rts_time": created + 600,
        "rts_sla_time": created + 172_860,
        "tts_sla_time": created + 259_199,
        "cancel_order_sla_time": created + 518_399,
        "shipping_due_time": created + 518_399,
        "collection_due_time": created + 777_599,
        "delivery_option_id": "7057000000000000858",
        "delivery_option_name": "Standard shipping",
        "delivery_type": "HOME_DELIVERY",
        "shipping_type": "TIKTOK",
        "shipping_provider": "J&T Express",
        "shipping_provider_id": "6841743441349706241",
        "tracking_number": f"JT{rng.randrange(10**12):012}",
        "fulfillment_type": "FULFILLMENT_BY_SELLER",
        "warehouse_id": "7272000000000000726",
        "payment_method_name": "Cash on delivery",
        "is_cod": True,
        "is_on_hold_order": False,
        "is_sample_order": False,
        "is_replacement_order": False,
        "has_updated_recipient_address": False,
        "payment": {
            "currency": "VND",
            "original_total_product_price": str(subtotal + 76_000),
            "seller_discount": "60000",
            "platform_discount": "16000",
            "sub_total": str(subtotal),
            "original_shipping_fee": "30000",
            "shipping_fee_seller_discount": "0",
            "shipping_fee_platform_discount": "30000",
            "shipping_fee_cofunded_discount": "0",
            "shipping_fee": "0",
            "product_tax": str(subtotal // 11),
            "shipping_fee_tax": "0",
            "tax": str(subtotal // 11),
            "total_amount": str(subtotal),
        },
        "recipient_address": _make_recipient(),
        "line_items": lines,
        "packages": [{"id": lines[0]["package_id"]}],
    }


def make_page(first: int, count: int, seed: int = 1) -> bytes:
    """Make the bytes of one search answer."""
    rng = random.Random(seed + first)
    orders = [make_payload(first + offset, rng) for offset in range(count)]
    data = {"next_page_token": "", "orders": orders, "total_count": count}
    return orjson.dumps(
        {"code": 0, "data": data, "message": "Success", "request_id": "20260801080000A1B2C3D4E5F60718293A"}
    )


def _make_line(order_id: int, position: int, rng: random.Random) -> dict[str, Any]:
    sku = 1_729_000_000_000_000_000 + rng.randrange(500)
    return {
        "id": str(order_id + 65_536 * (position + 1)),
        "sku_id": str(sku),
        "product_id": str(sku - 100),
        "product_name": "Áo thun cotton cổ tròn",
        "sku_name": rng.choice(("Đen, M", "Trắng, L")),
        "seller_sku": rng.choice(("AT-DEN-M", "AT-TRANG-L", "")),
        "sku_image": f"https://img.example.test/tos-alisg-i-sbx-sg/{sku}.jpeg",
        "sku_type": "NORMAL",
        "currency": "VND",
        "original_price": "172000",
        "sale_price": str(100_000 + 1_000 * rng.randrange(90)),
        "seller_discount": "20000",
        "platform_discount": "5333",
        "display_status": "AWAITING_COLLECTION",
        "package_id": str(1_209_000_000_000_000_000 + order_id % 10**12),
        "package_status": "PROCESSING",
        "is_gift": False,
        "gift_retail_price": "0",
        "shipping_provider_id": "6841743441349706241",
        "shipping_provider_name": "J&T Express",
        "tracking_number": "",
    }


def _make_recipient() -> dict[str, Any]:
    levels = (("L0", "Country", "Vietnam"), ("L1", "Province", "Ho Chi Minh City"), ("L2", "District", "Quan Mau"))
    blank = ("first_name", "last_name", "first_name_local_script", "last_name_local_script", "postal_code")
    return {
        "name": "N*** V** A**",
        "phone_number": "(+84)90*****12",
        "region_code": "VN",
        **dict.fromkeys((*blank, "address_line2", "address_line3", "address_line4"), ""),
        "address_line1": "S* 1* Đ***********",
        "address_detail": "S* 1* Đ***********",
        "full_address": "Việt Nam, Hồ Chí Minh, Quận Mẫu, Phường T****, S* 1* Đ***********",
        "district_info": [
            {"address_level": level, "address_level_name": kind, "address_name": name} for level, kind, name in levels
        ],
        "delivery_preferences": {"drop_off_location": ""},
    }
