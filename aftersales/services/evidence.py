"""What may be given as evidence with a case: addresses of images. They are stored as they are, never loaded here."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from aftersales.models import IMAGES_AT_MOST
from aftersales.services.asking import Unacceptable

ADDRESS_LENGTH = 2_000  # characters; longer ones do not work in every browser
BEGINNINGS = ("https://", "http://")


def check_images(images: Sequence[str]) -> None:
    """Refuse more images than a case may have, and what is no web address; raises Unacceptable."""
    if len(images) > IMAGES_AT_MOST:
        raise Unacceptable("images", f"At most {IMAGES_AT_MOST} images; these are {len(images):,}.")
    wrong = next((one for one in images if not _is_web_address(one)), None)
    if wrong is not None:
        raise Unacceptable(
            "images",
            f"“{wrong[:80]}” is no address of an image: one begins with https:// or http://, has no blanks and at most"
            f" {ADDRESS_LENGTH:,} characters.",
        )


def _is_web_address(text: str) -> bool:
    if len(text) > ADDRESS_LENGTH or not text.startswith(BEGINNINGS) or " " in text or not text.isprintable():
        return False
    try:
        return bool(urlsplit(text).hostname)
    except ValueError:
        return False
