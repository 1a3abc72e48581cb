"""What the roof adds to shops: the list by need, and the state on a shop's page."""

from datetime import timedelta

import pytest
from django.urls import reverse

from backoffice.common import clock
from syncjobs.models import Watermark
from tests.factories.people import make_person
from tests.factories.shops import make_shop
from tests.factories.sync import make_chunk, make_run

pytestmark = pytest.mark.django_db
SHOPS = reverse("admin:shops_shop_changelist")


def listed(client, **query):
    return [shop.name for shop in client.get(SHOPS, query).context["cl"].result_list]


@pytest.fixture
def shops(db):
    made = {name: make_shop(name=name) for name in ("fine", "stuck", "paused")}
    now = clock.now()
    for name, ago in (("fine", 1), ("stuck", 300)):
        Watermark.objects.create(
            shop=made[name], resource="orders", position_at=now - timedelta(minutes=ago), moved_at=now
        )
    type(made["paused"]).objects.filter(name="paused").update(state="paused")
    return made


def test_the_list_is_narrowed_by_need(admin_client, shops):
    assert listed(admin_client, need="attention") == ["stuck"]
    assert listed(admin_client, need="fine") == ["fine"]
    assert listed(admin_client, need="at_rest") == ["paused"]
    assert listed(admin_client) == ["fine", "paused", "stuck"]


def test_a_need_that_nobody_knows_narrows_nothing(admin_client, shops):
    assert len(listed(admin_client, need="nonsense")) == 3


def test_the_furthest_behind_comes_first_when_ordered_by_lag(admin_client, shops):
    columns = admin_client.get(SHOPS).context["cl"].list_display
    ordered = listed(admin_client, o=str(columns.index("show_lag")), state__exact="active")
    assert ordered == ["fine", "stuck"]


def live(client, shop):
    return client.get(reverse("admin:shops_shop_live", args=[shop.pk])).content.decode()


def test_a_shops_page_renews_itself_while_a_run_is_open(admin_client, shops):
    shop = shops["fine"]
    assert "data-live" not in live(admin_client, shop)
    make_chunk(run=make_run(shop=shop))
    assert 'data-live-seconds="2"' in live(admin_client, shop)


def test_a_shops_page_shows_its_own_runs_only(admin_client, shops):
    own, foreign = make_run(shop=shops["fine"]), make_run(shop=shops["stuck"])
    text = live(admin_client, shops["fine"])
    assert reverse("admin:syncjobs_run_change", args=[own.pk]) in text
    assert reverse("admin:syncjobs_run_change", args=[foreign.pk]) not in text


def test_runs_are_left_out_for_who_may_not_view_them(client, shops):
    run = make_run(shop=shops["fine"])
    client.force_login(make_person("shops.view_shop", shops=(shops["fine"],)))
    assert reverse("admin:syncjobs_run_change", args=[run.pk]) not in live(client, shops["fine"])


def test_a_foreign_shops_state_is_not_there(client, shops):
    client.force_login(make_person("shops.view_shop", shops=(shops["fine"],)))
    assert client.get(reverse("admin:shops_shop_live", args=[shops["stuck"].pk])).status_code == 404
