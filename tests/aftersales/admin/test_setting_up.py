"""What is set up once: carriers, return addresses, settings. By those who may, of their own shops, with a history."""

from decimal import Decimal

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from aftersales.admin.carrier import check_tracking_link
from aftersales.models import AftersalesSettings, Carrier, ReturnAddress
from backoffice.common.admin.versions import CHANGED_MEANWHILE
from tests.architecture.rows import make_superuser
from tests.factories.cases import make_carrier, set_policy
from tests.factories.pages import address, log_in
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db


def rights(name):
    return [f"aftersales.{verb}_{name}" for verb in ("view", "add", "change")]


def filled(client, where):
    """What a browser would send back from a form."""
    form = client.get(where).context["adminform"].form
    values = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    return {name: "" if value is None else value for name, value in values.items() if value is not False}


def send(client, where, **changes):
    return client.post(where, filled(client, where) | changes, follow=True).content.decode()


@pytest.mark.parametrize(
    ("link", "is_right"),
    [
        ("https://example.test/track?n={number}", True), ("https://example.test/{number}/now", True),
        ("http://example.test/{number}", False), ("javascript:alert({number})", False),
        ("https://{number}/", False),
        ("https://example.test/", False), ("https://example.test/{number}/{number}", False),
        ("https://example.test/{number}?{x}", False), ('https://example.test/{number}"', False),
        ("https:///{number}", False),
    ],
)  # fmt: skip
def test_a_tracking_link_leads_to_a_safe_page_of_the_carrier(link, is_right):
    assert (check_tracking_link(link) == "") is is_right


def test_a_carrier_is_added_and_switched_off_and_keeps_its_code(client):
    log_in(client, *rights("carrier"))
    add = reverse("admin:aftersales_carrier_add")
    assert "begin with https://" in send(client, add, code="ghn", name="GHN", tracking_link="http://x.test/{number}")
    send(client, add, code="ghn", name="GHN", tracking_link="https://x.test/{number}", is_active="on")
    carrier = Carrier.objects.get()
    sent = filled(client, address(carrier, "change"))
    sent.pop("is_active")
    client.post(address(carrier, "change"), sent | {"code": "other", "name": "GHN 2"})
    carrier.refresh_from_db()
    assert (carrier.code, carrier.name, carrier.is_active) == ("ghn", "GHN 2", False)
    assert client.post(address(carrier, "delete"), {"post": "yes"}).status_code == 403
    assert LogEntry.objects.filter(object_id=str(carrier.pk)).count() == 2


def test_of_two_editors_the_second_is_told(client):
    log_in(client, *rights("carrier"))
    carrier = make_carrier()
    first, second = (filled(client, address(carrier, "change")) for _ in range(2))
    client.post(address(carrier, "change"), first | {"name": "First"})
    said = client.post(address(carrier, "change"), second | {"name": "Second"}).content.decode()
    assert CHANGED_MEANWHILE in said
    assert Carrier.objects.get().name == "First"


def make_address(shop, **changes):
    return ReturnAddress.objects.create(shop=shop, contact_name="Kho", phone="1", address="1 Street", **changes)


def test_a_new_default_takes_it_from_the_other(client, shop):
    log_in(client, *rights("returnaddress"), "shops.view_shop", shops=[shop])
    old = make_address(shop, is_default=True)
    elsewhere = make_address(make_shop(app=shop.app), is_default=True)
    add = reverse("admin:aftersales_returnaddress_add")
    send(client, add, shop=shop.pk, contact_name="New", phone="2", address="2 Street", is_active="on", is_default="on")
    assert list(ReturnAddress.objects.filter(shop=shop, is_default=True).values_list("contact_name", flat=True)) == [
        "New"
    ]
    send(client, address(old, "change"), is_default="on")
    old.refresh_from_db()
    elsewhere.refresh_from_db()
    assert (old.is_default, elsewhere.is_default) == (True, True)
    assert ReturnAddress.objects.filter(shop=shop, is_default=True).count() == 1


def test_the_default_address_is_active(client, shop):
    log_in(client, *rights("returnaddress"), "shops.view_shop", shops=[shop])
    row = make_address(shop, is_default=True)
    sent = filled(client, address(row, "change"))
    sent.pop("is_active")
    assert "must be active" in client.post(address(row, "change"), sent).content.decode()


def test_nothing_is_set_for_a_foreign_shop_or_for_all(client, shop):
    log_in(client, *rights("returnaddress"), *rights("aftersalessettings"), "shops.view_shop", shops=[shop])
    other = make_shop(app=shop.app)
    send(
        client, reverse("admin:aftersales_returnaddress_add"), shop=other.pk, contact_name="x", phone="1", address="1",
        is_active="on",
    )  # fmt: skip
    add = reverse("admin:aftersales_aftersalessettings_add")
    send(client, add, shop=other.pk, approval_timeout_hours=1)
    said = send(client, add, shop="", approval_timeout_hours=1)
    assert "Choose a shop" in said
    assert (ReturnAddress.objects.count(), AftersalesSettings.objects.count()) == (0, 0)


def test_an_empty_field_says_what_applies_and_where_that_comes_from(client, shop):
    log_in(client, *rights("aftersalessettings"), "shops.view_shop", shops=[shop])
    set_policy(None, return_timeout_hours=100, calls_marketplace=True)
    row = set_policy(shop, approval_timeout_hours=24)
    page = client.get(address(row, "change")).content.decode()
    for part in (
        "While it is empty, 100 applies, as set for all shops.", "While it is empty, 72 applies, as built in.",
        "“Yes” applies, as set for all shops", "“Take as received” applies, as built in",
        "1000 applies, as built in",
        "digital, made_to_order, perishable applies",
    ):  # fmt: skip
        assert part in page, part
    form = client.get(address(row, "change")).context["adminform"].form
    assert "While it is empty" not in form.fields["approval_timeout_hours"].help_text


def test_settings_are_checked(client, shop):
    client.force_login(make_superuser())
    add = reverse("admin:aftersales_aftersalessettings_add")
    for name, value, said in (
        ("approval_timeout_hours", 0, "greater than or equal to 1"),
        ("stale_case_hours", 8761, "less than or equal to 8760"),
        ("auto_approve_amount", -1, "greater than or equal to 0"),
        ("refused_categories", '["a", 1]', "list of texts"),
        ("refused_categories", '{"a": 1}', "list of texts"), ("refused_categories", '[""]', "1 to 40 characters"),
    ):  # fmt: skip
        assert said in send(client, add, shop=shop.pk, **{name: value}), name
    assert not AftersalesSettings.objects.exists()
    send(client, add, shop=shop.pk, approval_timeout_hours=8760, auto_approve_amount=0, refused_categories="[]",
         calls_marketplace="true")  # fmt: skip
    row = AftersalesSettings.objects.get()
    assert (row.approval_timeout_hours, row.auto_approve_amount, row.refused_categories) == (8760, Decimal(0), [])
    assert (row.calls_marketplace, row.reviews_automatically) == (True, None)
    assert LogEntry.objects.filter(object_id=str(row.pk)).count() == 1


def test_there_is_one_row_for_all_shops(client):
    client.force_login(make_superuser())
    add = reverse("admin:aftersales_aftersalessettings_add")
    send(client, add, approval_timeout_hours=24)
    assert "There are settings for all shops already" in send(client, add, approval_timeout_hours=48)
    assert AftersalesSettings.objects.get().approval_timeout_hours == 24
    send(client, address(AftersalesSettings.objects.get(), "change"), approval_timeout_hours=12)
    assert AftersalesSettings.objects.get().approval_timeout_hours == 12
