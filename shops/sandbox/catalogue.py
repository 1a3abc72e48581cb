"""The goods of the invented shops: one small catalogue per language, priced per region and numbered per shop."""

from dataclasses import dataclass

from shops.sandbox.dataset import World
from shops.sandbox.regions import Region


@dataclass(frozen=True)
class Article:
    """Something a shop sells, before it has a price in a currency."""

    name: str
    cents: int
    variants: tuple[str, ...]
    code: str


@dataclass(frozen=True)
class Sku:
    """One variant in one shop. `parts` are what a bundle is made of, with how many of each."""

    sku_id: str
    product_id: str
    product_name: str
    sku_name: str
    seller_sku: str
    price: int
    parts: tuple[tuple["Sku", int], ...] = ()


_VI = (
    Article("Áo thun cotton cổ tròn Mẫu", 690, ("Đen, M", "Trắng, L", "Xanh rêu, XL"), "AT"),
    Article("Bình giữ nhiệt Ví Dụ 500 ml", 860, ("Bạc", "Hồng phấn"), "BG"),
    Article("Túi vải đựng đồ Thử Nghiệm", 380, ("Trơn", "In chữ"), "TV"),
    Article("Đèn ngủ để bàn ánh sáng ấm", 1250, ("Tròn", "Vuông"), "DN"),
    Article("Nước mắm cá cơm Mẫu 750 ml", 540, ("Một chai", "Hai chai"), "NM"),
    Article("Sổ tay kẻ ngang bìa cứng", 290, ("A5", "A6", "B5"), "ST"),
    Article("Khăn tắm sợi tre", 480, ("Xám", "Kem"), "KT"),
    Article("Ốp lưng điện thoại trong suốt", 240, ("Nhỏ", "Vừa", "Lớn"), "OL"),
)
_EN = (
    Article("Sample cotton T-shirt", 1490, ("Black, M", "White, L", "Navy, XL"), "TS"),
    Article("Stainless example bottle 750 ml", 2100, ("Blue", "Steel"), "BTL"),
    Article("Canvas tote, placeholder print", 990, ("Plain", "Printed"), "TOTE"),
    Article("Bedside lamp, warm white", 2850, ("Round", "Square"), "LMP"),
    Article("Hot sauce No. 0", 790, ("One bottle", "Two bottles"), "SAU"),
    Article("Ruled notebook, hard cover", 650, ("A5", "A6", "B5"), "NB"),
    Article("Bamboo bath towel", 1280, ("Grey", "Cream"), "TWL"),
    Article("Clear phone case", 590, ("Small", "Medium", "Large"), "CASE"),
)
_ID = (
    Article("Kaos katun Contoh", 520, ("Hitam, M", "Putih, L"), "KK"),
    Article("Botol minum Contoh 750 ml", 640, ("Biru", "Perak"), "BM"),
    Article("Tas kain belanja", 310, ("Polos", "Cetak"), "TK"),
    Article("Lampu tidur hangat", 980, ("Bulat", "Kotak"), "LT"),
    Article("Sambal Contoh 200 g", 280, ("Satu botol", "Dua botol"), "SB"),
    Article("Buku catatan bergaris", 230, ("A5", "A6"), "BC"),
)
_TH = (
    Article("เสื้อยืดผ้าฝ้ายตัวอย่าง", 560, ("ดำ, M", "ขาว, L"), "TSH"),
    Article("กระบอกน้ำตัวอย่าง 750 มล.", 720, ("น้ำเงิน", "เงิน"), "BOT"),
    Article("กระเป๋าผ้าลดโลกร้อน", 330, ("เรียบ", "พิมพ์ลาย"), "BAG"),
    Article("โคมไฟหัวเตียง", 1010, ("กลม", "เหลี่ยม"), "LMP"),
    Article("สมุดโน้ตปกแข็ง", 250, ("A5", "A6"), "NOT"),
    Article("ผ้าขนหนูใยไผ่", 430, ("เทา", "ครีม"), "TOW"),
)
_MS = (
    Article("Baju-T kapas Contoh", 610, ("Hitam, M", "Putih, L"), "BT"),
    Article("Botol air Contoh 750 ml", 790, ("Biru", "Perak"), "BA"),
    Article("Beg kain", 350, ("Kosong", "Bercetak"), "BK"),
    Article("Lampu tidur", 1100, ("Bulat", "Segi empat"), "LT"),
    Article("Buku nota bergaris", 270, ("A5", "A6"), "BN"),
    Article("Tuala buluh", 490, ("Kelabu", "Krim"), "TB"),
)
ARTICLES: dict[str, tuple[Article, ...]] = {"vi": _VI, "en": _EN, "id": _ID, "th": _TH, "ms": _MS}
BUNDLE_NAMES = {
    "vi": "Bộ quà tặng Mẫu",
    "en": "Sample gift set",
    "id": "Paket Contoh",
    "th": "ชุดตัวอย่าง",
    "ms": "Set Contoh",
}

# 19 digits as the marketplace has them; nine digits of salt keep the shops apart.
_ID_BASE = 1_729_000_000_000_000_000


def _price(region: Region, cents: int) -> int:
    steps = max(1, round(cents * region.minor_per_cent / region.price_step))
    return steps * region.price_step


def build_catalogue(world: World, region: Region, marketplace: str, shop_number: int) -> tuple[Sku, ...]:
    """All a shop sells: every variant of its language's articles, and one bundle of two of them at the end."""
    salt = _ID_BASE + world.number(marketplace, shop_number, "catalogue") % 10**9 * 100_000
    skus: list[Sku] = []
    for product_number, article in enumerate(ARTICLES[region.language], start=1):
        for variant_number, variant in enumerate(article.variants, start=1):
            sku_number = product_number * 100 + variant_number
            # Every fifth variant has no number of the seller's own; some sellers never fill it in.
            code = "" if len(skus) % 5 == 4 else f"{article.code}-{sku_number}"
            price = _price(region, article.cents + 60 * (variant_number - 1))
            skus.append(Sku(str(salt + sku_number), str(salt + product_number), article.name, variant, code, price))
    first, second = skus[0], skus[3]
    parts = ((first, 1), (second, 2))
    price = first.price + 2 * second.price - region.price_step
    skus.append(
        Sku(str(salt + 99_001), str(salt + 99_000), BUNDLE_NAMES[region.language], "3 in 1", "SET-1", price, parts)
    )
    return tuple(skus)
