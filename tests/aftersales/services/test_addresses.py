"""A shop has one default return address, whoever makes another the default at the same moment."""

from itertools import count

import pytest

from aftersales.models import ReturnAddress
from aftersales.services.addresses import save_address
from tests.factories.races import at_once
from tests.factories.shops import make_shop


def make_address(shop, **changes):
    return ReturnAddress.objects.create(shop=shop, contact_name="Warehouse", phone="1", address="1 Street", **changes)


@pytest.mark.django_db
def test_a_new_default_takes_it_from_the_other_of_its_shop_alone(shop):
    old, elsewhere = make_address(shop, is_default=True), make_address(make_shop(app=shop.app), is_default=True)
    saved_at = old.updated_at
    save_address(ReturnAddress(shop=shop, contact_name="New", phone="2", address="2 Street", is_default=True))
    old.refresh_from_db()
    elsewhere.refresh_from_db()
    assert (old.is_default, elsewhere.is_default) == (False, True)
    assert old.updated_at > saved_at  # who has it open is told that it changed


@pytest.mark.django_db(transaction=True)
def test_of_several_at_once_one_stays_the_default(shop):
    addresses, numbers = [make_address(shop) for _ in range(4)], count()

    def make_default():
        address = ReturnAddress.objects.get(pk=addresses[next(numbers)].pk)
        address.is_default = True
        save_address(address, ["is_default", "updated_at"])
        return True

    assert at_once(make_default) == [True] * 4
    assert ReturnAddress.objects.filter(shop=shop, is_default=True).count() == 1
