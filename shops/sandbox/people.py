"""Invented buyers and addresses, written in full, masked or blank as the marketplace does."""

from dataclasses import dataclass
from typing import Any

from shops.sandbox.regions import Region

_VI_NAMES = ("Nguyễn Văn Mẫu", "Trần Thị Ví Dụ", "Lê Thử Nghiệm", "Phạm Thị Không Thật", "Đặng Giả Định", "Võ Bịa Đặt")
_EN_NAMES = (
    "Sample Person",
    "Example Buyer",
    "Test McTestface",
    "Nobody Inparticular",
    "Placeholder Smith",
    "Demo Jones",
)
_ID_NAMES = ("Budi Contoh", "Siti Contoh", "Agus Percobaan", "Dewi Fiktif")
_TH_NAMES = ("สมชาย ตัวอย่าง", "สมหญิง ทดสอบ", "มานะ สมมุติ", "มานี ไม่มีจริง")
_MS_NAMES = ("Ali Contoh", "Aminah Contoh", "Ahmad Rekaan", "Siti Rekaan")
NAMES: dict[str, tuple[str, ...]] = {
    "vi": _VI_NAMES,
    "en": _EN_NAMES,
    "id": _ID_NAMES,
    "th": _TH_NAMES,
    "ms": _MS_NAMES,
}

_STREETS = {
    "vi": "Đường Thử Nghiệm",
    "en": "Example Plaza",
    "id": "Jalan Contoh",
    "th": "ถนนตัวอย่าง",
    "ms": "Jalan Contoh",
}

# Level names and places from the country downwards; level names vary by market and in case.
_LEVELS: dict[str, tuple[str, ...]] = {
    "VN": ("Country", "Province", "District", "Ward"),
    "US": ("Country", "State", "County", "City"),
    "ID": ("Country", "province", "City", "Sub-district"),
    "TH": ("Country", "province", "District", "Sub-district"),
}
_PLACES: dict[str, tuple[tuple[str, str, str], ...]] = {
    "VN": (
        ("Hồ Chí Minh", "Quận Mẫu", "Phường Ví Dụ"),
        ("Hà Nội", "Quận Thử", "Phường Giả Định"),
        ("Đà Nẵng", "Huyện Ví Dụ", "Xã Mẫu"),
    ),
    "US": (
        ("California", "Sample County", "Sampleville"),
        ("Colorado", "Example County", "Test City"),
        ("New York", "Demo County", "Nowhere"),
    ),
    "ID": (("Jawa Contoh", "Kota Contoh", "Kecamatan Contoh"),),
    "TH": (("กรุงเทพตัวอย่าง", "เขตตัวอย่าง", "แขวงตัวอย่าง"),),
}
_OTHER_LEVELS = ("Country", "State", "City")
_OTHER_PLACES = (("Sample State", "Sample City"), ("Example State", "Example Town"))
_BLANK_KEYS = (
    "name", "first_name", "last_name", "first_name_local_script", "last_name_local_script", "phone_number",
    "region_code", "postal_code", "address_line1", "address_line2", "address_line3", "address_line4",
    "address_detail", "full_address",
)  # fmt: skip
# Digest bytes.
_NAME, _PLACE, _PHONE, _HOUSE = 38, 40, 42, 44


def blank_recipient() -> dict[str, Any]:
    """Return a recipient whose every text is empty and who has no districts, as on old and on unpaid orders."""
    blank: dict[str, Any] = dict.fromkeys(_BLANK_KEYS, "")
    blank["delivery_preferences"] = {"drop_off_location": ""}
    return blank


def _mask(text: str) -> str:
    return " ".join(word[0] + "*" * max(1, len(word) - 1) for word in text.split())


@dataclass(frozen=True)
class _Place:
    shown: dict[str, Any]
    text: str


class AddressBook:
    """The people of one region."""

    def __init__(self, region: Region) -> None:
        self._region = region
        names, street = NAMES[region.language], _STREETS[region.language]
        lines = [f"{house} {street}" for house in range(256)]
        # Plain and masked: written once here, since every order has them.
        self._names = (names, tuple(_mask(name) for name in names))
        self._lines = (lines, [_mask(line) for line in lines])
        places = _PLACES.get(region.code, _OTHER_PLACES)
        self._plain = tuple(self._place(place, masked=False) for place in places)
        self._masked = tuple(self._place(place, masked=True) for place in places)

    def recipient(self, digest: bytes, *, masked: bool) -> dict[str, Any]:
        """Return the recipient of an order: masked when the marketplace ships, plain when the seller does."""
        places = self._masked if masked else self._plain
        place = places[digest[_PLACE] % len(places)]
        names = self._names[masked]
        name, line = names[digest[_NAME] % len(names)], self._lines[masked][digest[_HOUSE]]
        first, _, last = name.partition(" ")
        return {
            **place.shown,
            "name": name,
            "first_name": first,
            "last_name": last,
            "phone_number": self._phone(digest, masked=masked),
            "address_line1": line,
            "address_detail": line,
            "full_address": f"{place.text}, {line}",
        }

    def _phone(self, digest: bytes, *, masked: bool) -> str:
        code, tail = self._region.dialling_code, f"{digest[_PHONE]:03d}"
        # 555-0100 to 555-0199 are set aside in the US for invented people; 000 is given out nowhere here.
        if code == "1":
            return f"(+1)555-***-01{tail[1:]}" if masked else f"(+1)555-555-01{tail[1:]}"
        return f"(+{code})90*****{tail[1:]}" if masked else f"(+{code})900000{tail}"

    def _place(self, place: tuple[str, ...], *, masked: bool) -> _Place:
        region = self._region
        levels = _LEVELS.get(region.code, _OTHER_LEVELS)
        names = [region.name, *place]
        if masked:
            names[-1] = _mask(names[-1])
        districts: list[dict[str, str]] = [
            {"address_level": f"L{at}", "address_level_name": level, "address_name": name}
            for at, (level, name) in enumerate(zip(levels, names, strict=True))
        ]
        if region.code == "US":
            districts[0]["iso_code"] = region.code
        shown: dict[str, Any] = {
            "first_name_local_script": "",
            "last_name_local_script": "",
            "region_code": region.code,
            "postal_code": "00000" if region.code == "US" else "",
            "address_line2": "",
            "address_line3": "",
            "address_line4": "",
            "district_info": districts,
            "delivery_preferences": {"drop_off_location": "Front Door" if region.code == "US" else ""},
        }
        return _Place(shown, ", ".join(names))
