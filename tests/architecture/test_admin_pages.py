"""Every page of the admin opens: lists with and without a search term, with each filter and order; forms; histories."""

import pytest
from django.contrib import admin
from django.urls import reverse

from tests.architecture.rows import list_registered, make_shop_rows, make_superuser, make_unscoped_rows

pytestmark = pytest.mark.django_db
MODELS = list_registered()


def page(model, name, *arguments):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=arguments)


@pytest.fixture
def chief(client):
    make_shop_rows("first")
    make_unscoped_rows()
    client.force_login(make_superuser())
    return client


@pytest.fixture(params=MODELS, ids=lambda model: model._meta.label)
def model(request):
    return request.param


def test_every_model_has_rows_to_show(chief, model):
    assert model._default_manager.exists(), "add rows of it to tests/architecture/rows.py"


def test_the_list_opens(chief, model):
    answer = chief.get(page(model, "changelist"))
    assert answer.status_code == 200
    assert answer.context["cl"].result_count == model._default_manager.count()


def test_the_list_can_be_searched(chief, model):
    assert chief.get(page(model, "changelist"), {"q": "first"}).status_code == 200


def test_the_list_opens_with_each_choice_of_each_filter(chief, model):
    answer = chief.get(page(model, "changelist"))
    changelist = answer.context["cl"]
    choices = [choice["query_string"] for spec in changelist.filter_specs for choice in spec.choices(changelist)]
    for choice in choices:
        assert chief.get(page(model, "changelist") + choice).status_code == 200, choice


def test_the_list_can_be_ordered_by_each_column(chief, model):
    columns = len(chief.get(page(model, "changelist")).context["cl"].list_display)
    for number in range(columns):
        assert chief.get(page(model, "changelist"), {"o": f"-{number}"}).status_code == 200


def test_a_row_and_its_history_open(chief, model):
    row = model._default_manager.first()
    for name in ("change", "history"):
        assert chief.get(page(model, name, row.pk)).status_code == 200


def test_adding_and_deleting_open_where_they_are_allowed(chief, model, rf):
    row = model._default_manager.first()
    pages = admin.site.get_model_admin(model)
    request = rf.get("/")
    request.user = make_superuser()
    allowed = {True: 200, False: 403}
    assert chief.get(page(model, "add")).status_code == allowed[pages.has_add_permission(request)]
    may_delete = pages.has_delete_permission(request, row)
    assert chief.get(page(model, "delete", row.pk)).status_code == allowed[may_delete]


def test_home_and_the_pages_of_each_app_open(chief):
    assert chief.get(reverse("admin:index")).status_code == 200
    for label in {model._meta.app_label for model in MODELS}:
        assert chief.get(reverse("admin:app_list", args=[label])).status_code == 200


def test_nobody_reads_a_page_without_logging_in(client, model):
    make_shop_rows("first")
    answer = client.get(page(model, "changelist"))
    assert (answer.status_code, answer.url.split("?")[0]) == (302, reverse("admin:login"))
