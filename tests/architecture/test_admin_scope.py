"""Who was granted one shop sees nothing of another: not in lists, forms, searches, choices, actions or by address.

The addresses are read from the admin site itself, so that a page that is added later is walked too.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.forms.models import model_to_dict
from django.urls import NoReverseMatch, URLPattern, URLResolver, reverse

from backoffice.common.lists.actions import list_actions
from orders.models import Order
from shops.models import Shop
from tests.architecture.rows import list_registered, list_scoped, make_person, make_shop_rows
from tests.architecture.test_admin_pages import page

pytestmark = pytest.mark.django_db

# Which shop a row belongs to, written apart from the product's own rule.
SHOP_OF = {
    "aftersales.AftersalesSettings": "shop",
    "aftersales.Case": "shop",
    "aftersales.CaseLog": "case__shop",
    "aftersales.Exchange": "shop",
    "aftersales.Refund": "shop",
    "aftersales.ReturnAddress": "shop",
    "aftersales.ReturnParcel": "shop",
    "aftersales.SellerAnswer": "case__shop",
    "aftersales.SweepRun": "shop_id",
    "aftersales.SyncedReturn": "shop",
    "orders.Order": "shop",
    "orders.Product": "shop",
    "orders.Shipment": "shop",
    "orders.Sku": "product__shop",
    "orders.Statement": "shop",
    "orders.Transaction": "shop",
    "shops.Shop": "pk",
    "shops.MarketplaceApp": "shops",
    "syncjobs.Backfill": "runs__shop",
    "syncjobs.BufferedBatch": "shop",
    "syncjobs.EnrichmentTask": "shop",
    "syncjobs.FailedRecord": "shop",
    "syncjobs.GapReport": "shop",
    "syncjobs.Run": "shop",
    "syncjobs.Watermark": "shop",
}


@pytest.fixture
def own(db):
    return make_shop_rows("ownown")


@pytest.fixture
def neighbour(own):
    """Another shop of the same app."""
    return make_shop_rows("nextdoor", own.shop.app)


@pytest.fixture
def stranger(db):
    """A shop of another app."""
    return make_shop_rows("faraway")


@pytest.fixture
def person(client, own, neighbour, stranger):
    client.force_login(make_person([own.shop]))
    return client


@pytest.fixture(params=list_scoped(), ids=lambda model: model._meta.label)
def model(request):
    return request.param


def rows_of(model, *shops):
    return model._default_manager.filter(**{f"{SHOP_OF[model._meta.label]}__in": [shop.pk for shop in shops]})


def foreign_rows(model, own, neighbour, stranger):
    """Rows that are the others' alone: an app may be shared."""
    return rows_of(model, neighbour.shop, stranger.shop).exclude(pk__in=rows_of(model, own.shop))


def shows_nothing_foreign(answer):
    text = answer.content.decode()
    return "nextdoor" not in text and "faraway" not in text


def test_every_scoped_model_is_known_here():
    assert {model._meta.label for model in list_scoped()} == set(SHOP_OF)


def test_the_list_shows_their_own_rows_only(person, own, model):
    answer = person.get(page(model, "changelist"))
    assert {row.pk for row in answer.context["cl"].result_list} == set(
        rows_of(model, own.shop).values_list("pk", flat=True)
    )
    assert shows_nothing_foreign(answer)


def test_a_search_for_a_foreign_row_finds_nothing(person, neighbour, stranger, model):
    if not admin.site.get_model_admin(model).search_fields:
        pytest.skip("cannot be searched")
    for term in (neighbour.mark, stranger.mark):
        answer = person.get(page(model, "changelist"), {"q": term})
        assert list(answer.context["cl"].result_list) == []


@pytest.mark.parametrize("name", ["shop", "shop__id__exact"])
def test_a_filter_by_a_foreign_shop_finds_nothing(person, own, neighbour, stranger, model, name):
    """Lists with a FilterSet have the first name, the others the library's; what no list has is refused."""
    answer = person.get(page(model, "changelist"), {name: neighbour.shop.pk}, follow=True)
    assert shows_nothing_foreign(answer)
    if answer.status_code != 400:
        assert not set(answer.context["cl"].result_list) & set(foreign_rows(model, own, neighbour, stranger))


def walk(patterns: Any) -> Iterator[URLPattern]:
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from walk(one.url_patterns)
        else:
            yield one


def addresses_of(row: Any) -> dict[str, str]:
    """Every address that its admin page serves for one row, by the end of its name."""
    found = {}
    model_admin: Any = admin.site.get_model_admin(type(row))
    prefix = f"{model_admin.opts.app_label}_{model_admin.opts.model_name}_"
    for pattern in walk(model_admin.get_urls()):
        takes = pattern.pattern.converters
        # Buttons have a key: test_buttons_... A way through a consent page has a number of its own, and is nobody's
        # row: tests/shops/admin/test_connect.py.
        if pattern.name and takes and not {"key", "number"} & takes.keys():
            found[pattern.name.removeprefix(prefix)] = reverse(
                f"admin:{pattern.name}", kwargs=dict.fromkeys(takes, row.pk)
            )
    return found


def test_the_addresses_of_foreign_rows_lead_nowhere(person, own, neighbour, stranger, model):
    foreign = foreign_rows(model, own, neighbour, stranger)
    assert foreign
    for row in foreign:
        before = model_to_dict(row)
        addresses = addresses_of(row)
        assert {"change", "history", "delete"} <= set(addresses)
        for name, address in addresses.items():
            for send in (person.get, person.post):
                answer = send(address, follow=True)
                assert answer.redirect_chain or answer.status_code in (403, 404, 405), name
                assert shows_nothing_foreign(answer), name
        assert model_to_dict(model._default_manager.get(pk=row.pk)) == before


def test_buttons_do_nothing_to_foreign_rows(person, own, neighbour, stranger, model):
    for row in foreign_rows(model, own, neighbour, stranger):
        before = model_to_dict(row)
        for action in list_actions(model):
            answer = person.post(page(model, "do", row.pk, action.key))
            assert answer.status_code == 404, action.key
            assert shows_nothing_foreign(answer)
        assert model_to_dict(model._default_manager.get(pk=row.pk)) == before


def pages_without_a_row() -> Iterator[Any]:
    """Every other address of the admin: home, lists, forms, suggestions, exports."""
    for pattern in walk(admin.site.get_urls()):
        try:
            address = reverse(f"admin:{pattern.name}")
        except NoReverseMatch:
            continue
        if pattern.name != "logout":
            yield pytest.param(address, id=pattern.name)


@pytest.mark.parametrize("address", list(pages_without_a_row()))
def test_no_page_shows_anything_foreign(person, own, neighbour, stranger, address):
    # The beginnings only: a page may repeat what it was asked for.
    for query in ({}, {"term": "nextd"}, {"q": "faraw"}, {"shop": stranger.shop.pk}):
        assert shows_nothing_foreign(person.get(address, query, follow=True))


def filled_form(client, model, row):
    """What the browser would send back from the page of a row, had its name been changed."""
    context = client.get(page(model, "change", row.pk)).context
    sent = {name: "" if value is None else value for name, value in context["adminform"].form.initial.items()}
    for inline in context["inline_admin_formsets"]:
        management = inline.formset.management_form
        sent |= {management.add_prefix(name): value for name, value in management.initial.items()}
        sent |= {management.add_prefix(name): 0 for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    return sent | {"name": "taken over"}


def test_their_own_shop_can_be_saved(person, own):
    person.post(page(Shop, "change", own.shop.pk), filled_form(person, Shop, own.shop))
    assert Shop.objects.get(pk=own.shop.pk).name == "taken over"


def test_foreign_rows_cannot_be_saved_or_deleted(person, own, neighbour, stranger, model):
    sent = filled_form(person, model, rows_of(model, own.shop).first())
    for row in foreign_rows(model, own, neighbour, stranger):
        before = model_to_dict(row)
        person.post(page(model, "change", row.pk), sent)
        person.post(page(model, "delete", row.pk), {"post": "yes"})
        assert model_to_dict(model._default_manager.get(pk=row.pk)) == before


def test_their_own_pages_show_nothing_foreign(person, own, model):
    for row in rows_of(model, own.shop):
        for name in ("change", "history"):
            answer = person.get(page(model, name, row.pk))
            assert answer.status_code == 200
            assert shows_nothing_foreign(answer)


def test_their_own_delete_pages_show_nothing_foreign(person, own, model):
    for row in rows_of(model, own.shop):
        assert shows_nothing_foreign(person.get(page(model, "delete", row.pk)))


def test_actions_do_not_reach_foreign_rows(person, own, neighbour, stranger, model, rf):
    request = rf.get("/")
    request.user = person.get(page(model, "changelist")).context["user"]
    foreign = {row.pk: model_to_dict(row) for row in foreign_rows(model, own, neighbour, stranger)}
    for action in admin.site.get_model_admin(model).get_actions(request):
        chosen = {"action": action, "_selected_action": list(foreign), "post": "yes", "select_across": "1"}
        assert shows_nothing_foreign(person.post(page(model, "changelist"), chosen, follow=True))
    assert {row.pk: model_to_dict(row) for row in model._default_manager.filter(pk__in=foreign)} == foreign


def searchable_relations():
    for model in list_registered():
        for field in model._meta.get_fields():
            remote = field.related_model if field.concrete and field.is_relation else None
            if remote in admin.site._registry and admin.site.get_model_admin(remote).search_fields:
                yield pytest.param(field, id=f"{model._meta.label}.{field.name}")


def suggestions(client, field, term):
    query = {"app_label": field.model._meta.app_label, "model_name": field.model._meta.model_name}
    answer = client.get(reverse("admin:autocomplete"), {**query, "field_name": field.name, "term": term})
    return [choice["text"] for choice in answer.json()["results"]] if answer.status_code == 200 else []


@pytest.mark.parametrize("field", list(searchable_relations()))
def test_suggestions_name_nothing_foreign(person, field):
    for term in ("", "nextdoor", "faraway"):
        found = " ".join(suggestions(person, field, term))
        assert "nextdoor" not in found
        assert "faraway" not in found


def test_suggestions_name_their_own_shop(person, own):
    assert suggestions(person, Order._meta.get_field("shop"), "ownown") == [str(own.shop)]


def test_every_relation_in_a_form_is_searched_and_not_listed_whole(rf, django_user_model):
    """A choice of all rows is a leak where rows belong to shops, and a page of a million lines where they do not."""
    request = rf.get("/")
    request.user = django_user_model(is_superuser=True, is_active=True)
    listed_whole = []
    for model in list_scoped():
        pages = admin.site.get_model_admin(model)
        for form in (pages, *pages.get_inline_instances(request)):
            editable = set(flatten_fieldsets(form.get_fieldsets(request))) - set(form.get_readonly_fields(request))
            relations = {field.name for field in form.model._meta.fields if field.is_relation} & editable
            if form.has_change_permission(request) or form.has_add_permission(request, None):  # type: ignore[call-arg]
                listed_whole += [f"{form}.{name}" for name in relations - set(form.autocomplete_fields)]
    assert listed_whole == []


def test_who_was_granted_no_shop_sees_nothing(client, own, model):
    client.force_login(make_person())
    assert list(client.get(page(model, "changelist")).context["cl"].result_list) == []


def test_who_has_no_permission_gets_no_page(client, own, model):
    nobody = make_person([own.shop])
    nobody.user_permissions.clear()
    client.force_login(nobody)
    assert client.get(page(model, "changelist")).status_code == 403
