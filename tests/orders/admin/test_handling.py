"""The form for note, tags and assignee: who may use it, what it refuses, and what happens when two people collide."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from orders.models import OrderHandling
from orders.services import change_handling
from tests.factories.orders import make_staff, store_order
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(shop):
    return store_order(shop)


def address(order, name="handling"):
    return reverse(f"admin:orders_order_{name}", args=[order.pk])


@pytest.fixture
def send(client, editor, order):
    client.force_login(editor)

    def post(**typed):
        return client.post(address(order), {"version": 0, "note": "", "tags": "", "assignee": "", **typed})

    return post


def kept():
    return OrderHandling.objects.values_list("note", "tags", "assignee__username", "version").get()


def test_what_is_typed_is_kept_and_leads_back_to_the_order(send, order, client):
    answer = send(note="call\r\nfirst", tags=" VIP, gift wrap,, vip ", assignee="editor")
    assert (answer.status_code, answer.url) == (302, address(order, "change"))
    assert kept() == ("call\nfirst", ["vip", "gift wrap"], "editor", 1)
    page = client.get(answer.url).content.decode()
    assert "Note, tags and assignee are saved." in page
    assert 'value="vip, gift wrap"' in page
    assert '<option value="editor" selected>editor</option>' in page


def test_the_second_of_two_sees_both_and_loses_nothing(send, order, shop, client):
    mai = make_staff("mai", shop)
    change_handling(order, version=0, note="theirs <b>", tags=["late"], assignee=mai, person=mai)
    answer = send(note="mine", tags="vip")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "mai changed note, tags or assignee on" in page
    for part in ("theirs &lt;b&gt;", "late", "mine", 'value="vip"', 'name="version" value="1"', "Save mine"):
        assert part in page, part
    assert kept()[0] == "theirs <b>"
    assert send(note="mine", tags="vip", version=1).status_code == 302
    assert kept() == ("mine", ["vip"], None, 2)


def test_a_third_who_comes_between_is_seen_too(send, order, shop):
    mai = make_staff("mai", shop)
    change_handling(order, version=0, note="one", tags=[], assignee=None, person=mai)
    assert "one" in send(note="mine").content.decode()
    change_handling(order, version=1, note="two", tags=[], assignee=None, person=mai)
    assert "two" in send(note="mine", version=1).content.decode()
    assert kept()[0] == "two"


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ({"tags": "x" * 31}, "A tag has at most 30 characters"),
        ({"tags": ",".join(f"t{n}" for n in range(11))}, "An order has at most 10 tags"),
        ({"note": "x" * 5_001}, "A note has at most 5,000 characters"),
        ({"assignee": "nobody"}, "Nobody of this name may be assigned"),
        ({"assignee": "x" * 500}, "at most 150 characters"),
        ({"note": "a\x00b"}, "Null characters are not allowed"),
        *(({"version": odd}, "Open the order again") for odd in ("", "-1", "99999999999999999999", "x")),
    ],
)
def test_what_cannot_be_kept_is_refused_beside_what_was_typed(send, typed, reason):
    answer = send(**{"note": "typed with care", **typed})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert reason in page
    assert "typed with care" in page or "note" in typed
    assert not OrderHandling.objects.exists()


def test_an_assignee_who_may_not_see_the_shop_any_more_does_not_hinder_others_changes(send, order, shop):
    leaver = make_staff("leaver", shop)
    change_handling(order, version=0, note="", tags=[], assignee=leaver, person=leaver)
    leaver.is_active = False
    leaver.save()
    assert send(note="who takes over?", assignee="leaver", version=1).status_code == 302
    assert kept()[2] == "leaver"


def test_whoever_may_only_look_sees_it_and_has_no_form(client, person, editor, order):
    change_handling(order, version=0, note="call first", tags=["vip"], assignee=editor, person=editor)
    client.force_login(person)
    page = client.get(address(order, "change")).content.decode()
    for part in ("call first", "vip", "editor"):
        assert part in page, part
    assert address(order) not in page
    assert client.post(address(order), {"version": 1, "note": "mine"}).status_code == 403
    assert client.get(address(order)).status_code == 403
    assert kept()[0] == "call first"


def test_leave_to_change_without_leave_to_see_orders_is_not_enough(client, shop, order):
    client.force_login(make_staff("odd", shop, may=("change_orderhandling",)))
    assert client.post(address(order), {"version": 0, "note": "mine"}).status_code == 403


def test_an_order_of_a_foreign_shop_is_not_there(client, editor):
    foreign = store_order(make_shop(), "foreign")
    client.force_login(editor)
    assert client.get(address(foreign)).status_code == 404
    assert client.post(address(foreign), {"version": 0, "note": "mine"}).status_code == 404
    assert not OrderHandling.objects.exists()


def test_nobody_else_gets_anywhere(client, order):
    answer = client.post(address(order), {"version": 0, "note": "mine"})
    assert (answer.status_code, reverse("admin:login") in answer.url) == (302, True)


def test_looking_changes_nothing(client, editor, order):
    client.force_login(editor)
    assert client.get(address(order) + "?version=0&note=mine").status_code == 200
    assert (OrderHandling.objects.count(), LogEntry.objects.count()) == (0, 0)


def test_a_form_from_another_site_is_refused(editor, order):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(editor)
    assert strict.post(address(order), {"version": 0, "note": "mine"}).status_code == 403
    assert not OrderHandling.objects.exists()


def test_used_tags_are_those_of_ones_own_shops(send, client, order, shop, editor):
    change_handling(order, version=0, note="", tags=["ours"], assignee=None, person=editor)
    foreign = make_shop()
    stranger = make_staff("stranger", foreign)
    change_handling(store_order(foreign), version=0, note="", tags=["theirs"], assignee=None, person=stranger)
    page = client.get(address(order)).content.decode()
    assert ('data-tag="ours"' in page, "theirs" in page) == (True, False)
