"""Pages that say what is wrong and lead back; they need nothing but themselves."""

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from tests.factories.people import make_person


@pytest.mark.django_db
def test_a_page_without_permission_says_whom_to_ask(client):
    client.force_login(make_person())
    answer = client.get(reverse("admin:auth_user_changelist"))
    assert answer.status_code == 403
    assert "ask an administrator" in answer.content.decode()
    assert f'href="{reverse("admin:index")}"' in answer.content.decode()


@pytest.mark.django_db
def test_an_address_that_is_none_says_so_and_does_not_repeat_it(client):
    assert not settings.DEBUG
    answer = client.get("/<b>nothing</b>/")
    assert answer.status_code == 404
    assert "There is nothing at this address." in answer.content.decode()
    assert "nothing</b>" not in answer.content.decode()


def test_the_page_of_a_fault_needs_neither_request_nor_database():
    assert "Something went wrong here." in render_to_string("500.html")
