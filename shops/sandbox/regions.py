"""What differs from country to country: currency, clock, language, tax, fees and ways to pay."""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple


# Twenty amounts an order and mostly the same ones; 16384 of them take 2 MB.
@lru_cache(maxsize=16_384)
def two_decimals(minor: int) -> str:
    """Return hundredths as decimal text."""
    return f"{'-' if minor < 0 else ''}{abs(minor) // 100}.{abs(minor) % 100:02d}"


class Fee(NamedTuple):
    """A payment field beside the usual ones, charged on `share` of 256 orders and "0" on the others."""

    field: str
    minor: int
    share: int


@dataclass(frozen=True)
class Region:
    """A country with shops."""

    code: str
    name: str
    currency: str
    decimals: int
    timezone: str
    language: str
    # Minor units of the currency for one US cent; round figures, not exchange rates.
    minor_per_cent: float
    # Prices are rounded to this many minor units.
    price_step: int
    # Tax as numerator and denominator: of the price with tax inside, or on top of it.
    tax: tuple[int, int]
    tax_on_top: bool
    shipping_fee: int
    dialling_code: str
    payment_methods: tuple[str, ...]
    # The first cash name is what the marketplace shows for cash on delivery; None where there is none.
    cash_name: str | None
    carriers: tuple[str, ...]
    fees: tuple[Fee, ...] = ()

    def money(self, minor: int) -> str:
        """Return an amount as the marketplaces write it: charges negative, no decimals where the currency has none."""
        return two_decimals(minor) if self.decimals else str(minor)


_CASH = "Cash on delivery"

# Shops take these in turn.
REGIONS: tuple[Region, ...] = (
    Region(
        "VN", "Việt Nam", "VND", 0, "Asia/Ho_Chi_Minh", "vi", 250, 1000, (1, 11), False, 30_000, "84",
        ("Bank transfer", "MoMo", "ZaloPay"), _CASH, ("Mẫu Express", "Giao Hàng Ví Dụ"),
        (Fee("item_insurance_fee", 0, 40), Fee("small_order_fee", 0, 25)),
    ),
    Region(
        "US", "United States", "USD", 2, "America/New_York", "en", 1, 1, (875, 10_000), True, 599, "1",
        ("Credit/debit card", "PayPal", "Klarna"), None, ("Sample Parcel", "Example Post"),
        (Fee("retail_delivery_fee", 28, 30), Fee("item_insurance_fee", 0, 60)),
    ),
    Region(
        "ID", "Indonesia", "IDR", 0, "Asia/Jakarta", "id", 160, 100, (11, 111), False, 15_000, "62",
        ("Bank transfer", "GoPay"), _CASH, ("Contoh Kilat", "Kurir Contoh"),
        (Fee("buyer_service_fee", 1000, 128), Fee("handling_fee", 1000, 64)),
    ),
    Region(
        "TH", "ประเทศไทย", "THB", 2, "Asia/Bangkok", "th", 35, 100, (7, 107), False, 3_800, "66",
        ("PromptPay", "Credit/debit card"), _CASH, ("Tuayang Express",), (Fee("shipping_insurance_fee", 0, 30),),
    ),
    Region(
        "MY", "Malaysia", "MYR", 2, "Asia/Kuala_Lumpur", "ms", 4.5, 10, (0, 100), False, 490, "60",
        ("Online banking", "Touch 'n Go"), _CASH, ("Contoh Ekspres",),
    ),
    Region(
        "PH", "Philippines", "PHP", 2, "Asia/Manila", "en", 56, 100, (12, 112), False, 4_500, "63",
        ("GCash", "Credit/debit card"), _CASH, ("Halimbawa Courier",), (Fee("payment_platform_discount", 0, 40),),
    ),
    Region(
        "GB", "United Kingdom", "GBP", 2, "Europe/London", "en", 0.8, 1, (1, 6), False, 349, "44",
        ("Credit/debit card", "PayPal"), None, ("Example Mail",),
    ),
    Region(
        "SG", "Singapore", "SGD", 2, "Asia/Singapore", "en", 1.35, 10, (9, 109), False, 199, "65",
        ("Credit/debit card", "PayNow"), None, ("Sample Ninja",),
    ),
)  # fmt: skip
