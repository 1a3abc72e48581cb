"""Which tokens are renewed and when, by the rule, the task and the command; and what is said of those that are not."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from backoffice.common import clock
from backoffice.env import BASE_DIR
from shops import tasks
from shops.models import ConnectAttempt, MarketplaceApp, Shop, ShopCredential
from shops.services.authorising import start_attempt
from shops.services.renewing import is_due, list_renewable_shops, renew_tokens
from tests.factories.shops import make_app, make_shop

NOW = datetime(2026, 8, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("life", "left", "due"), [
    (7 * 24 * HOUR, 23 * HOUR, True),
    (7 * 24 * HOUR, 25 * HOUR, False),
    (7 * 24 * HOUR, -HOUR, True),
    (4 * HOUR, 3 * HOUR, False),  # it always ends within a day
    (4 * HOUR, 2 * HOUR, True),
    (4 * HOUR, -HOUR, True),
])  # fmt: skip
def test_a_token_is_due_near_its_end_but_not_before_half_of_its_life_is_over(life, left, due):
    assert is_due(NOW + left, NOW + left - life, NOW, 24 * HOUR) == due


def test_a_token_of_unknown_end_is_never_due():
    assert not is_due(None, NOW, NOW, 24 * HOUR)


@pytest.fixture
def shops(sandbox):
    return sandbox.connect()


def set_end(shop, left, life=timedelta(days=7)):
    ends_at = clock.now() + left
    ShopCredential.objects.filter(shop=shop).update(access_token_expires_at=ends_at, changed_at=ends_at - life)


def refresh(*arguments):
    out = StringIO()
    try:
        call_command("refresh_tokens", *arguments, stdout=out)
    except CommandError as error:
        return out.getvalue(), str(error)
    return out.getvalue(), ""


def tokens():
    return dict(ShopCredential.objects.values_list("shop", "version"))


def test_the_task_renews_what_ends_within_its_hours_and_nothing_else(shops):
    set_end(shops[0], 23 * HOUR)
    set_end(shops[1], 30 * HOUR)
    assert tasks.refresh_tokens(hours=24) == {"renewed": 1, "good": 1}
    assert tokens() == {shops[0].pk: 2, shops[1].pk: 1}
    assert tasks.refresh_tokens(hours=48) == {"renewed": 1, "good": 1}
    assert tasks.refresh_tokens(hours=48) == {"good": 2}


def test_the_task_forgets_what_somebody_brought_back_a_day_ago_and_never_finished(shops):
    person = User.objects.create_superuser("chief")
    old, new = (start_attempt(person, "session", app=shops[0].app) for _ in range(2))
    for attempt, hours in ((old, 25), (new, 23)):
        ConnectAttempt.objects.filter(pk=attempt.pk).update(started_at=clock.now() - timedelta(hours=hours))
    tasks.refresh_tokens()
    assert list(ConnectAttempt.objects.all()) == [new]


def test_one_shop_in_trouble_keeps_no_other_from_its_turn(sandbox, shops):
    sandbox.switch(revoked_shops=[shops[0].external_id])
    for shop in shops:
        set_end(shop, HOUR)
    assert tasks.refresh_tokens() == {"needs the seller": 1, "renewed": 1}
    assert Shop.objects.get(pk=shops[0].pk).state == "needs_reauthorisation"


def test_paused_shops_are_kept_alive_and_those_that_wait_for_the_seller_are_left_alone(shops):
    Shop.objects.filter(pk=shops[0].pk).update(state="paused")
    Shop.objects.filter(pk=shops[1].pk).update(state="needs_reauthorisation")
    assert [shop.pk for shop in list_renewable_shops()] == [shops[0].pk]
    assert len(list_renewable_shops(force=True)) == 2


def test_shops_of_one_authorisation_cost_one_call(sandbox, shops):
    first, second = ShopCredential.objects.order_by("shop")
    facts = {"authorisation": first.authorisation, "access_token": first.access_token}
    ShopCredential.objects.filter(pk=second.pk).update(**facts, refresh_token=first.refresh_token)
    sandbox.forget_calls()
    assert [one.outcome for one in renew_tokens(shops, force=True)] == ["renewed", "renewed"]
    assert sandbox.calls()["ok"] == 1
    assert len(set(ShopCredential.objects.values_list("version", flat=True))) == 1


def test_the_command_shows_every_shop_and_renews_what_it_is_told_to(shops):
    shown, error = refresh()
    assert error == ""
    assert shown.count("good") == 2
    shown, _ = refresh("--force", "--shop", str(shops[0].pk))
    assert "renewed" in shown
    assert str(shops[0]) in shown
    assert tokens() == {shops[0].pk: 2, shops[1].pk: 1}
    set_end(shops[1], 5 * HOUR)
    refresh("--within", "4")
    assert tokens()[shops[1].pk] == 1
    refresh("--within", "6")
    assert tokens()[shops[1].pk] == 2


def test_the_command_says_why_a_token_was_not_renewed_and_ends_with_an_error(sandbox, shops):
    sandbox.switch(revoked_shops=[shops[0].external_id])
    shown, error = refresh("--force")
    assert error == "Somebody is needed for 1 of 2 shops; the remarks say why."
    words = " ".join(shown.replace("│", " ").split())
    assert "needs the seller" in words
    assert "authorise the app" in words


def test_it_heals_a_shop_whose_refresh_token_is_taken_after_all(shops):
    Shop.objects.filter(pk=shops[0].pk).update(state="needs_reauthorisation", state_reason="It was refused.")
    refresh("--force", "--shop", str(shops[0].pk))
    assert Shop.objects.get(pk=shops[0].pk).state == "active"


def test_what_a_marketplace_does_not_renew_is_shown_with_its_end(sandbox):
    sandbox.connect("temu")
    sandbox.control("DELETE", "/calls")
    shown, error = refresh("--force")
    assert error == ""
    assert shown.count("cannot be renewed") == 2


def test_a_credential_that_no_key_opens_is_a_failure_and_no_end_of_the_others(shops, settings):
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    shown, error = refresh()
    assert shown.count("failed") == 2
    assert "CREDENTIAL_KEYS" in shown
    assert error


def test_without_a_shop_it_says_so():
    assert refresh() == ("There is no shop whose token could be renewed.\n", "")


def test_every_marketplaces_token_is_renewed_where_it_can_be(sandbox):
    shops = sandbox.connect("tiktok", "shopee", "lazada")
    assert {one.outcome for one in renew_tokens(shops, force=True)} == {"renewed"}
    assert {one.outcome for one in renew_tokens(shops, force=True)} == {"renewed"}  # with what the first one brought


KILLED = """
import os, signal
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
import django; django.setup()
from django.db import connection
from django.conf import settings
connection.settings_dict["NAME"] = os.environ["TEST_DATABASE"]
from shops.tokens import renewing
from shops.models import Shop
renewing._store_or_keep = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
shop = Shop.objects.get(pk=int(os.environ["SHOP"]))
renewing.renew_token(shop.pk, renewing.as_token(shop.credential), renewing.open_without_renewal(shop).connector)
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("seconds", "outcome"), [(3600, "renewed"), (0, "needs the seller")])
def test_a_process_that_is_killed_between_answer_and_storing(sandbox, seconds, outcome):
    """Where the old refresh token is taken for a while nothing is lost; else the reason tells what happened."""
    from django.db import connection

    sandbox.switch("shopee", old_refresh_token_seconds=seconds)
    shop = sandbox.connect("shopee")[0]
    environment = {"TEST_DATABASE": connection.settings_dict["NAME"], "SHOP": str(shop.pk)}
    ended = subprocess.run([sys.executable, "-c", KILLED], cwd=BASE_DIR, env={**os.environ, **environment}, timeout=60)
    assert ended.returncode == -signal.SIGKILL
    assert ShopCredential.objects.get(shop=shop).renewal_began_at is not None
    (renewal,) = renew_tokens([shop], force=True)
    assert renewal.outcome == outcome
    shop.refresh_from_db()
    assert ("no answer of it was stored" in shop.state_reason) == (outcome != "renewed")
    sandbox.switch("shopee", old_refresh_token_seconds=0)


def test_a_failed_call_is_a_failure_and_says_nothing_about_the_authorisation(waits):
    shop = make_shop(app=make_app(api_url="http://127.0.0.1:9", auth_url="http://127.0.0.1:9"))
    (renewal,) = renew_tokens([shop], force=True)
    assert renewal.outcome == "failed"
    assert "cannot be reached" in renewal.text
    assert Shop.objects.get().state == "active"
    assert MarketplaceApp.objects.exists()
