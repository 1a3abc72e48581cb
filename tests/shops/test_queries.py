"""How shops are found."""

import pytest

from shops.queries import NoSuchShop, get_shop, list_syncable_shops
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db


def test_a_shop_is_found_by_our_id_and_by_the_marketplaces(shop):
    assert get_shop(str(shop.pk)) == shop
    assert get_shop(f"tiktok:{shop.external_id}") == shop


@pytest.mark.parametrize(
    "reference", ["", "0", "-1", "abc", "9" * 40, "tiktok:", "tiktok:1", "temu:1", ":1", "1.0", "²"]
)
def test_an_unknown_shop_is_answered_with_the_known_ones(shop, reference):
    with pytest.raises(NoSuchShop) as error:
        get_shop(reference)
    known = f"{shop.pk} = tiktok:{shop.external_id}"
    assert str(error.value) == f"There is no shop {reference!r}. Known shops: {known}."


def test_without_shops_it_says_so():
    with pytest.raises(NoSuchShop, match="Known shops: none yet"):
        get_shop("1")


def test_the_marketplaces_id_may_be_that_of_two_regions(shop):
    make_shop(external_id=shop.external_id, region="TH")
    with pytest.raises(NoSuchShop, match=r"More than one shop .* Use our id"):
        get_shop(f"tiktok:{shop.external_id}")


def test_the_schedule_lists_active_shops_with_a_credential(shop):
    paused = make_shop(state="paused")
    make_shop().credential.delete()
    assert list(list_syncable_shops()) == [shop]
    assert list(list_syncable_shops(force=True)) == [shop, paused]
    assert list(list_syncable_shops("temu")) == []
