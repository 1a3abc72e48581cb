"""What belongs to a person is seen by them alone, and by superusers: in lists, by address, in searches and actions."""

import pytest
from django.contrib import admin
from django.forms.models import model_to_dict

from tests.architecture.rows import list_owned, make_owned_rows, make_person, make_superuser
from tests.architecture.test_admin_pages import page

pytestmark = pytest.mark.django_db


@pytest.fixture(params=list_owned(), ids=lambda model: model._meta.label)
def model(request):
    return request.param


@pytest.fixture
def person(client):
    """A person with rows of their own beside somebody else's, and without any permission."""
    person = make_person()
    person.user_permissions.clear()
    make_owned_rows(person, "ownown")
    make_owned_rows(make_person(), "nextdoor")
    client.force_login(person)
    return person


def test_the_list_shows_their_own_rows_only(client, person, model):
    answer = client.get(page(model, "changelist"))
    assert {row.user_id for row in answer.context["cl"].result_list} == {person.pk}
    assert "nextdoor" not in answer.content.decode()


def test_their_own_pages_open_and_show_nothing_foreign(client, person, model):
    row = model._default_manager.get(user=person)
    for name in ("change", "history"):
        answer = client.get(page(model, name, row.pk))
        assert answer.status_code == 200
        assert "nextdoor" not in answer.content.decode()


def test_the_addresses_of_foreign_rows_lead_nowhere(client, person, model):
    row = model._default_manager.exclude(user=person).get()
    before = model_to_dict(row)
    own_pages = [url.name for url in admin.site.get_model_admin(model).get_urls() if url.name]
    prefix = f"{model._meta.app_label}_{model._meta.model_name}_"
    names = {name.removeprefix(prefix) for name in own_pages} - {"changelist", "add", "views", "export", "do"}
    assert {"change", "history", "delete", "cell"} <= names
    for name in names:
        for send in (client.get, client.post):
            answer = send(page(model, name, row.pk), follow=True)
            assert answer.redirect_chain or answer.status_code in (403, 404, 405), name
            assert "nextdoor" not in answer.content.decode()
    assert model_to_dict(model._default_manager.get(pk=row.pk)) == before


def test_actions_do_not_reach_foreign_rows(client, person, model, rf):
    request = rf.get("/")
    request.user = person
    foreign = model._default_manager.exclude(user=person)
    for action in admin.site.get_model_admin(model).get_actions(request):
        chosen = {"action": action, "_selected_action": list(foreign.values_list("pk", flat=True)), "post": "yes"}
        answer = client.post(page(model, "changelist"), chosen | {"select_across": "1"}, follow=True)
        assert "nextdoor" not in answer.content.decode()
    assert foreign.count() == 1


def test_superusers_see_everybodys(client, person, model):
    client.force_login(make_superuser())
    assert client.get(page(model, "changelist")).context["cl"].result_count == 2


def test_nobody_sees_them_without_being_staff(client, person, model):
    person.is_staff = False
    person.save()
    assert client.get(page(model, "changelist")).status_code == 302
