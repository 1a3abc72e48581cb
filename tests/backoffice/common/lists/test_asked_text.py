"""A bulk action that needs a reason asks for it once, for all rows, and does nothing until it has one."""

import pytest
from django.urls import reverse

from backoffice.common.errors import NotPossible
from backoffice.common.lists.batches import run_batch, start_batch
from backoffice.common.lists.models import Batch, BatchItem
from tests.architecture.rows import make_superuser
from tests.backoffice.common.lists.acting import make_shops, plant_action

pytestmark = pytest.mark.django_db
LIST = "admin:shops_shop_changelist"


class Farewell:
    """Says goodbye with a reason; refuses without one."""

    def __init__(self):
        self.said = []

    def __call__(self, shop, person, text):
        if not text:
            raise NotPossible("Say why.")
        self.said.append((shop.name, text))
        return f"{shop.name}: {text}"


@pytest.fixture
def farewell():
    return Farewell()


@pytest.fixture
def action(monkeypatch, farewell):
    return plant_action(monkeypatch, farewell, asks_for="Reason", is_dangerous=True)


@pytest.fixture
def send(client, action):
    client.force_login(make_superuser())

    def post(shops, **more):
        chosen = {"action": action.key, "_selected_action": [shop.pk for shop in shops], **more}
        return client.post(reverse(LIST), chosen, follow=True)

    return post


def test_every_row_gets_the_text(action, farewell):
    shops = make_shops("one", "two")
    batch = start_batch(action=action, rows=[shop.pk for shop in shops], person=make_superuser(), text="Closed")
    run_batch(batch.pk, seconds=60)
    assert farewell.said == [("one", "Closed"), ("two", "Closed")]
    assert set(BatchItem.objects.values_list("state", flat=True)) == {"done"}


def test_the_list_asks_before_anything_is_done(send, farewell):
    shops = make_shops("one", "two")
    page = send(shops).content.decode()
    assert "Reason" in page
    for shop in shops:
        assert f'name="_selected_action" value="{shop.pk}"' in page
    assert not Batch.objects.exists()
    assert "This is needed." in send(shops, text="  ").content.decode()
    assert farewell.said == []


def test_with_the_text_there_is_a_result_for_each_row_and_the_text_is_shown(send, farewell):
    page = send(make_shops("one", "two"), text=" Closed <b>today</b>\0 ").content.decode()
    assert sorted(farewell.said) == [("one", "Closed <b>today</b>"), ("two", "Closed <b>today</b>")]
    assert "Closed &lt;b&gt;today&lt;/b&gt;" in page


def test_all_rows_that_match_can_be_taken(send, farewell):
    shops = make_shops("one", "two", "three")
    assert 'name="select_across" value="1"' in send(shops[:1], select_across="1").content.decode()
    send(shops[:1], select_across="1", text="Closed")
    assert len(farewell.said) == 3


def test_the_button_of_one_row_hands_the_text_over(client, action, farewell):
    client.force_login(make_superuser())
    (shop,) = make_shops("one")
    do = reverse("admin:shops_shop_do", args=[shop.pk, action.key])
    assert "Say why." in client.post(do, follow=True).content.decode()
    client.post(do, {"text": "Closed"})
    assert farewell.said == [("one", "Closed")]
