"""Who may see a shop is said on its page: giving and taking a grant, and who may do it."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from shops.models import Shop, ShopGrant
from tests.factories.people import make_person
from tests.shops.admin.test_shop import address, open_form

pytestmark = pytest.mark.django_db
GRANTER = (
    "shops.view_shop", "shops.view_shopgrant", "shops.add_shopgrant", "shops.delete_shopgrant", "auth.view_user"
)  # fmt: skip


@pytest.fixture
def newcomer(db):
    return User.objects.create(username="newcomer", is_staff=True)


def send(client, shop, first, **row):
    """Save the page with one grant in its first row; those that are there already count as `first`."""
    row = {f"grants-0-{name}": value for name, value in {"shop": shop.pk, **row}.items()}
    counts = {"grants-TOTAL_FORMS": 1, "grants-INITIAL_FORMS": first}
    return client.post(address(shop), open_form(client, shop) | counts | row)


def test_a_grant_lets_a_person_see_the_shop_and_taking_it_away_ends_that(client, shop, newcomer):
    client.force_login(make_person(*GRANTER, "shops.change_shop", shops=(shop,)))
    assert not Shop.objects.visible_to(newcomer).exists()
    assert send(client, shop, 0, user=newcomer.pk).status_code == 302
    assert Shop.objects.visible_to(newcomer).get() == shop
    mine, grant = ShopGrant.objects.order_by("pk")
    assert send(client, shop, 1, id=grant.pk, user=newcomer.pk, DELETE="on").status_code == 302
    assert ShopGrant.objects.get() == mine
    assert not Shop.objects.visible_to(User.objects.get(pk=newcomer.pk)).exists()


def test_who_may_not_change_the_shop_is_offered_no_row_to_fill_in(client, shop, newcomer):
    client.force_login(make_person(*GRANTER, shops=(shop,)))
    (grants,) = client.get(address(shop)).context["inline_admin_formsets"]
    assert not grants.has_add_permission
    assert client.post(address(shop), {}).status_code == 403


def test_a_shop_that_was_not_granted_cannot_be_granted_on(client, shop, newcomer):
    client.force_login(make_person(*GRANTER, "shops.change_shop"))
    client.post(address(shop), {"grants-TOTAL_FORMS": 1, "grants-INITIAL_FORMS": 0, "grants-0-user": newcomer.pk})
    assert not ShopGrant.objects.exists()
    assert client.get(reverse("admin:shops_shop_changelist")).context["cl"].result_count == 0
