"""A person keeps filters and columns of a list under a name, and nobody else sees or changes it."""

import re
from html import escape

import pytest
from django.urls import reverse

from backoffice.common.errors import NotPossible
from backoffice.common.lists import saved_views
from backoffice.common.lists.models import SavedView
from orders.admin.order import OrderAdmin
from orders.models import Order
from tests.architecture.rows import make_person, make_shop_rows, make_superuser

pytestmark = pytest.mark.django_db
ADDRESS = reverse("admin:orders_order_changelist")
SAVE = reverse("admin:orders_order_views")
USUAL = [name if isinstance(name, str) else name.__name__ for name in OrderAdmin.list_display]
COLUMNS = [USUAL[0], USUAL[3], USUAL[2]]


@pytest.fixture
def rows(db):
    return make_shop_rows("ownown")


@pytest.fixture
def person(client, rows):
    person = make_person([rows.shop])
    client.force_login(person)
    return person


def keep(person, name="Mine", query="q=ownown", columns=COLUMNS, **more):
    return saved_views.save_view(
        person=person, list_label="orders.order", name=name, query=query, columns=columns, **more
    )


def send(client, **values):
    return client.post(SAVE, {"do": "create", "name": "Mine", "query": "", "columns": COLUMNS, **values}, follow=True)


def columns_of(answer):
    shown = [name if isinstance(name, str) else name.__name__ for name in answer.context["cl"].list_display]
    return [name for name in shown if name != "action_checkbox"]


def test_saving_keeps_the_filters_and_the_columns_in_their_order_and_shows_the_view(client, person):
    answer = send(client, name="Late ones", query="q=own&p=3&o=-1&e=1&view=9&empty=")
    view = SavedView.objects.get()
    assert (view.user, view.list_label, view.name) == (person, "orders.order", "Late ones")
    assert view.query == "q=own"
    assert answer.redirect_chain[0][0] == f"{ADDRESS}?view={view.pk}&{view.query}"
    assert columns_of(answer) == COLUMNS
    assert "Late ones" in answer.content.decode()


def test_the_first_column_leads_to_the_row_and_stays_and_unknown_ones_are_left_out(client, person):
    view = keep(person, columns=[USUAL[2], "gone_since", USUAL[0]])
    answer = client.get(ADDRESS, {"view": view.pk})
    assert columns_of(answer) == [USUAL[0], USUAL[2]]


def test_a_view_without_columns_shows_all(client, person):
    everything = columns_of(client.get(ADDRESS))
    assert columns_of(client.get(ADDRESS, {"view": keep(person, columns=[]).pk})) == everything


def test_a_column_that_the_list_does_not_have_is_refused(client, person):
    answer = send(client, columns=[USUAL[0], "buyer_email"])
    assert not SavedView.objects.exists()
    assert "not saved" in answer.content.decode()


def test_paging_sorting_searching_and_filtering_keep_the_view(client, person, monkeypatch):
    monkeypatch.setattr(OrderAdmin, "list_per_page", 1)
    view = keep(person)
    page = client.get(ADDRESS, {"view": view.pk, "q": "ownown"}).content.decode()
    links = re.findall(r'href="\?([^"]*)"', page)
    assert [link for link in links if "p=2" in link]
    assert all(f"view={view.pk}" in link for link in links if "p=2" in link or "o=" in link)
    forms = re.findall(r"<form.*?</form>", page, re.DOTALL)
    kept = f'name="view" value="{view.pk}"'
    assert all(kept in form for form in forms if 'method="get"' in form and ("searchbar" in form or "filter" in form))
    assert [form for form in forms if "searchbar" in form]


def test_the_view_narrows_nothing_by_itself(client, person):
    answer = client.get(ADDRESS, {"view": keep(person).pk})
    assert answer.context["cl"].result_count == Order.objects.visible_to(person).count() > 0


@pytest.mark.parametrize("wrong", ["0", "-1", "x", "99999999999999999999999", "1.5", "½", "%00", ""])
def test_a_wrong_view_is_left_out_with_a_word(client, person, wrong):
    answer = client.get(f"{ADDRESS}?view={wrong}&q=own", follow=True)
    assert answer.status_code == 200
    assert "view" not in answer.request["QUERY_STRING"]
    assert "no such view" in answer.content.decode()


def test_somebody_elses_view_can_neither_be_used_nor_changed_nor_deleted(client, person):
    foreign = keep(make_superuser(), name="nextdoor")
    other_list = saved_views.save_view(person=person, list_label="shops.shop", name="other", query="", columns=[])
    for view in (foreign, other_list):
        answer = client.get(ADDRESS, {"view": view.pk}, follow=True)
        assert "no such view" in answer.content.decode()
        assert "nextdoor" not in answer.content.decode()
        for do in ("update", "delete"):
            assert client.post(SAVE, {"do": do, "view": view.pk, "name": "taken", "columns": []}).status_code == 404
    assert set(SavedView.objects.values_list("name", flat=True)) == {"nextdoor", "other"}


def test_a_superuser_sees_their_own_views_only(client, person):
    keep(person, name="nextdoor")
    client.force_login(make_superuser())
    assert "nextdoor" not in client.get(ADDRESS).content.decode()


def test_a_view_can_be_renamed_and_changed_and_deleted(client, person):
    view = keep(person)
    send(client, do="update", view=view.pk, name="Newer", query="q=abc", columns=[USUAL[0]])
    view.refresh_from_db()
    assert (view.name, view.query, view.columns) == ("Newer", "q=abc", [USUAL[0]])
    send(client, do="delete", view=view.pk)
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\x00b"])
def test_a_name_that_cannot_be_one_is_refused_and_the_filters_stay(client, person, name):
    answer = send(client, name=name, query="q=abc")
    assert not SavedView.objects.exists()
    assert answer.redirect_chain == [(f"{ADDRESS}?q=abc", 302)]
    assert "The view was not saved." in answer.content.decode()


def test_a_name_is_shown_as_text(client, person):
    name = "<script>alert(1)</script>"
    page = send(client, name=name).content.decode()
    assert name not in page
    assert escape(name) in page


def test_a_name_is_used_once_in_each_list(client, person):
    keep(person)
    assert "already" in send(client).content.decode()
    assert SavedView.objects.count() == 1


def test_filters_that_are_too_long_for_an_address_are_refused(person):
    with pytest.raises(NotPossible, match="longer than"):
        keep(person, query="q=" + "x" * 2_000)


def test_there_is_a_limit_for_each_person_and_list(person, monkeypatch):
    monkeypatch.setattr(saved_views, "VIEWS_AT_MOST", 2)
    keep(person, "one")
    second = keep(person, "two")
    keep(make_superuser(), "three")
    with pytest.raises(NotPossible, match="2 views"):
        keep(person, "three")
    keep(person, "renamed", view=second)


def test_nothing_is_saved_by_opening_an_address_or_without_permission(client, person):
    assert client.get(SAVE).status_code == 405
    person.user_permissions.clear()
    assert client.post(SAVE, {"do": "create", "name": "Mine"}).status_code == 403
    assert not SavedView.objects.exists()


def test_quick_links_are_shown_and_the_present_one_is_marked(client, person, monkeypatch):
    links = (("Broken & new", "q=ownown"),)
    monkeypatch.setattr(OrderAdmin, "get_list_quick_links", lambda self, request: links)
    bar = client.get(ADDRESS, {"q": "ownown"}).context["list_bar"]
    assert [(link["label"], link["active"]) for link in bar["quick_links"]] == [("Broken & new", True)]
    bar = client.get(ADDRESS).context["list_bar"]
    assert (bar["quick_links"][0]["active"], bar["shows_all"]) == (False, True)
    assert "Broken &amp; new" in client.get(ADDRESS).content.decode()
