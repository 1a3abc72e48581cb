"""Addresses and forms that nobody meant: lists refuse them with a reason, and none of them is an error of ours."""

import pytest
from django.contrib import admin
from django.db import transaction
from django.urls import reverse

from tests.architecture.rows import list_registered, make_owned_rows, make_shop_rows, make_superuser, make_unscoped_rows

pytestmark = pytest.mark.django_db
TOO_LONG = "9" * 5_000  # Python refuses to read so many digits
MODELS = list_registered()


@pytest.fixture
def chief(client):
    chief = make_superuser()
    client.force_login(chief)
    return chief


@pytest.fixture(params=MODELS, ids=lambda model: model._meta.label)
def address(request):
    return reverse(f"admin:{request.param._meta.app_label}_{request.param._meta.model_name}_changelist")


@pytest.mark.parametrize(
    "query", ["id__regex=(", "id__year=0", "pk__contains=%00", "q=%00", "id__startswith=1", "password__startswith=a"]
)
def test_a_list_is_narrowed_by_its_filters_only(client, chief, address, query):
    answer = client.get(f"{address}?{query}")
    refusals = [str(message) for message in answer.context["messages"]] if answer.context else []
    assert answer.status_code in (302, 400) or refusals or query.startswith("q=")
    assert answer.status_code < 500


@pytest.mark.parametrize(
    "model", [model for model in MODELS if admin.site.get_model_admin(model).list_filter], ids=lambda m: m._meta.label
)
def test_no_filter_trips_over_a_character_that_no_text_has(client, chief, model):
    model_admin = admin.site.get_model_admin(model)
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    for one in model_admin.list_filter:
        name = one if isinstance(one, str) else getattr(one, "parameter_name", None)
        for suffix in ("", "__exact", "__in", "__isnull", "__id__exact") if name else ():
            assert client.get(address, {f"{name}{suffix}": ["\x00", "a"]}).status_code in (200, 302, 400)


@pytest.mark.parametrize("chosen", ["abc", "", "-1", "\x00", "9" * 30, TOO_LONG, "٣"])
def test_an_action_on_what_is_no_id_does_nothing_and_says_so(client, chief, chosen):
    shop = make_shop_rows("some").shop
    selected = {"action": "shops.pause", "_selected_action": [str(shop.pk), chosen]}
    answer = client.post(reverse("admin:shops_shop_changelist"), selected, follow=True)
    assert "Nothing was done" in " ".join(map(str, answer.context["messages"]))
    shop.refresh_from_db()
    assert shop.state == "active"


@pytest.fixture(scope="module")
def owner(django_db_setup, django_db_blocker):
    """Somebody with rows of their own, and the rows of nobody; made once for all lists."""
    with django_db_blocker.unblock(), transaction.atomic():
        make_unscoped_rows()
        owner = make_superuser()
        make_owned_rows(owner, "own")
        yield owner
        transaction.set_rollback(True)


def test_no_list_trips_over_an_action_on_what_is_no_id(client, owner, address):
    client.force_login(owner)
    for action in ("delete_selected", "run_tasks", "shops.revoke_token", "syncjobs.cancel_run"):
        assert client.post(address, {"action": action, "_selected_action": "abc"}).status_code in (200, 302, 403)


def test_suggestions_for_a_character_that_no_text_has_are_no_error(client, chief):
    for field in ("shops", "user"):
        asked = {"app_label": "shops", "model_name": "apitoken", "field_name": field, "term": "\x00"}
        assert client.get(reverse("admin:autocomplete"), asked).status_code == 200


@pytest.mark.parametrize("query", ["view=", "shop="])
def test_a_number_that_is_too_long_to_be_read_is_no_error(client, chief, query):
    address = reverse("admin:orders_order_changelist")
    assert client.get(f"{address}?{query}{TOO_LONG}", follow=True).status_code == 200
    assert client.get(f"{address}export/?{query}{TOO_LONG}").status_code == 200
    assert client.post(f"{address}views/", {"view": TOO_LONG, "do": "delete"}).status_code == 404


def test_filters_that_are_too_long_to_be_kept_are_refused_by_the_export(client, chief):
    asked = {"format": "csv", "columns": ["external_id"], "query": f"q={'a' * 2_000}"}
    answer = client.post(reverse("admin:orders_order_export"), asked)
    assert answer.status_code == 200
    assert "longer than 2,000 characters" in answer.content.decode()


@pytest.mark.parametrize("page", ["abc", "0", "9", TOO_LONG])
def test_the_palette_has_no_such_page(client, chief, page):
    assert client.get(reverse("admin:search"), {"s": "orders", "page": page}).status_code == 404
