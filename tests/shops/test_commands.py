"""What people type: what it answers, and with which exit code."""

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from shops.management.commands import connect_shop
from shops.models import MarketplaceApp, Shop, ShopCredential
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
NAMES = ("APP_KEY", "APP_SECRET", "ACCESS_TOKEN", "REFRESH_TOKEN", "SHOP_CIPHER")


def run(name, *arguments, **options):
    out = StringIO()
    try:
        call_command(name, *arguments, stdout=out, **options)
    except CommandError as error:
        error.add_note(out.getvalue())
        raise
    return out.getvalue()


@pytest.fixture
def environment(sandbox, monkeypatch):
    """The variables as somebody would export them for the sandbox's first shop."""
    facts = sandbox.shop_facts()
    values = {
        "APP_KEY": sandbox.app["app_key"], "APP_SECRET": sandbox.app["app_secret"], "SHOP_CIPHER": facts["cipher"],
        "ACCESS_TOKEN": facts["access_token"], "REFRESH_TOKEN": facts["refresh_token"],
    }  # fmt: skip
    for name in NAMES:
        monkeypatch.setenv(f"TIKTOK_{name}", f" {values[name]}\n")
    return values


def connect(sandbox, *arguments):
    return run("connect_shop", "--api-url", sandbox.app["api_url"], *arguments)


def test_connect_shop_takes_its_values_from_the_environment(sandbox, environment):
    shown = connect(sandbox, "--from-env")
    shop = Shop.objects.get()
    assert shop.external_id == sandbox.shop_facts()["external_id"]
    assert shown == f"Connected: {shop}, our id {shop.pk}. Next: python manage.py sync_orders --shop {shop.pk}\n"
    assert shop.credential.refresh_token == environment["REFRESH_TOKEN"]
    assert (shop.app.app_secret, shop.app.auth_url) == (environment["APP_SECRET"], sandbox.app["api_url"])
    assert not [value for name, value in environment.items() if name != "APP_KEY" and value in shown]


def test_the_cipher_may_be_left_out(sandbox, environment, monkeypatch):
    monkeypatch.delenv("TIKTOK_SHOP_CIPHER")
    connect(sandbox, "--from-env")
    assert ShopCredential.objects.get().cipher == environment["SHOP_CIPHER"]


def test_what_is_missing_in_the_environment_is_named(sandbox, environment, monkeypatch):
    monkeypatch.delenv("TIKTOK_APP_SECRET")
    monkeypatch.setenv("TIKTOK_REFRESH_TOKEN", "  ")
    with pytest.raises(CommandError, match=r"Not set in the environment: TIKTOK_APP_SECRET, TIKTOK_REFRESH_TOKEN\. "):
        connect(sandbox, "--from-env")
    assert not MarketplaceApp.objects.exists()


def test_connect_shop_asks_for_what_it_needs_and_hides_secrets(sandbox, environment, monkeypatch):
    seen: list[str] = []
    hidden: list[str] = []
    answers = iter([environment[name] for name in NAMES])

    def read(labels):
        def ask(label):
            labels.append(label)
            return next(answers)

        return ask

    monkeypatch.setattr("builtins.input", read(seen))
    monkeypatch.setattr(connect_shop, "getpass", read(hidden))
    connect(sandbox)
    assert seen == ["App key: "]
    assert hidden == ["App secret: ", "Access token: ", "Refresh token: ", "Shop cipher (may be empty): "]
    assert Shop.objects.count() == 1


@pytest.mark.parametrize(("marketplace", "names"), [
    ("temu", ("APP_KEY", "APP_SECRET", "ACCESS_TOKEN")),
    ("shopee", ("APP_KEY", "APP_SECRET", "ACCESS_TOKEN", "REFRESH_TOKEN", "SHOP_ID")),
    ("lazada", ("APP_KEY", "APP_SECRET", "ACCESS_TOKEN", "REFRESH_TOKEN", "SHOP_ID", "REGION")),
])  # fmt: skip
def test_shops_of_the_other_marketplaces_are_connected_from_the_environment(sandbox, monkeypatch, marketplace, names):
    world = sandbox.control("GET", "/world")["marketplaces"][marketplace]
    facts = world["shops"][0]
    values = {
        "APP_KEY": world["app_key"], "APP_SECRET": world["app_secret"], "ACCESS_TOKEN": facts["access_token"],
        "REFRESH_TOKEN": facts["refresh_token"], "SHOP_ID": facts["external_id"], "REGION": facts["region"],
    }  # fmt: skip
    for name in names:
        monkeypatch.setenv(f"{marketplace.upper()}_{name}", values[name])
    address = "://".join(urlsplit(world["api_url"])[:2])
    run("connect_shop", "--from-env", "--marketplace", marketplace, "--api-url", address)
    shop = Shop.objects.get()
    assert (shop.external_id, shop.region) == (facts["external_id"], facts["region"])
    assert run("check_shop", str(shop.pk))


def test_an_empty_answer_is_refused(monkeypatch):
    monkeypatch.setattr("builtins.input", lambda _: " ")
    with pytest.raises(CommandError, match="App key is needed"):
        run("connect_shop")


@pytest.mark.parametrize(("name", "words"), [
    ("APP_KEY", "app key is not known there"), ("APP_SECRET", "signature was refused"),
    ("SHOP_CIPHER", "The authorisation reaches these shops"),
])  # fmt: skip
def test_a_wrong_value_is_explained(sandbox, environment, monkeypatch, name, words):
    monkeypatch.setenv(f"TIKTOK_{name}", "another")
    with pytest.raises(CommandError, match=words):
        connect(sandbox, "--from-env")
    assert not Shop.objects.exists()


def test_a_token_that_is_not_the_apps_is_explained(sandbox, environment, monkeypatch):
    for name in ("ACCESS_TOKEN", "REFRESH_TOKEN"):
        monkeypatch.setenv(f"TIKTOK_{name}", "another")
    with pytest.raises(CommandError, match="authorise the app again"):
        connect(sandbox, "--from-env")


def test_an_address_that_is_not_allowed_gets_no_secrets(sandbox, environment):
    with pytest.raises(CommandError, match="is not an address that credentials may be sent to"):
        run("connect_shop", "--from-env", "--api-url", "https://evil.com")


def test_connect_sandbox_connects_every_shop_of_it(sandbox):
    shown = run("connect_sandbox", "--control", f"{sandbox.control_url}/", "--marketplace", "tiktok")
    shops = list(Shop.objects.order_by("pk"))
    assert [shop.external_id for shop in shops] == [facts["external_id"] for facts in sandbox.app["shops"]]
    assert shown.splitlines() == [f"connected {shop}, our id {shop.pk}" for shop in shops]


def test_connect_sandbox_can_be_repeated(sandbox):
    run("connect_sandbox", control=sandbox.control_url, marketplace=["tiktok"])
    run("connect_sandbox", control=sandbox.control_url, marketplace=["tiktok"])
    assert (MarketplaceApp.objects.count(), Shop.objects.count(), ShopCredential.objects.count()) == (1, 2, 2)


def test_connect_sandbox_needs_leave(sandbox, settings):
    settings.ALLOW_SANDBOX = False
    with pytest.raises(CommandError, match="Set ALLOW_SANDBOX=true"):
        run("connect_sandbox", control=sandbox.control_url)
    assert not Shop.objects.exists()


@pytest.mark.parametrize("control", ["http://127.0.0.1:9", "http://127.0.0.1:99999999", "nonsense", "http://", ""])
def test_connect_sandbox_says_where_nothing_answers(control):
    with pytest.raises(CommandError, match=r"No sandbox answers at .* run_sandbox"):
        run("connect_sandbox", control=control)


def test_connect_sandbox_says_where_something_else_answers(sandbox):
    with pytest.raises(CommandError, match="No sandbox answers at"):
        run("connect_sandbox", control=sandbox.app["api_url"])


def test_check_shop_prints_every_step(sandbox):
    shop = sandbox.connect()[0]
    lines = run("check_shop", f"tiktok:{shop.external_id}").splitlines()
    assert lines[0] == str(shop)
    assert [line.split(":")[0].split(maxsplit=1) for line in lines[1:]] == [
        ["ok", "address"], ["ok", "credential"], ["ok", "clock, signature, token, scope"], ["ok", "shop"],
        ["ok", "read orders"], ["ok", "read products"], ["ok", "read shipments"], ["ok", "read returns"],
        ["ok", "read transactions"], ["ok", "authorisation"], ["ok", "schedule"],
    ]  # fmt: skip


def test_check_shop_fails_with_the_reason(sandbox):
    shop = sandbox.connect()[0]
    MarketplaceApp.objects.update(app_secret="another")
    with pytest.raises(CommandError, match="cannot be synced as it is") as failure:
        run("check_shop", str(shop.pk))
    assert failure.value.returncode == 1
    assert "FAIL  call: " in failure.value.__notes__[0]
    assert "Compare the app secret" in failure.value.__notes__[0]


def test_check_shop_explains_a_secret_that_cannot_be_read(sandbox, settings):
    shop = sandbox.connect()[0]
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(CommandError, match="cannot be decrypted with the keys in CREDENTIAL_KEYS"):
        run("check_shop", str(shop.pk))


def test_check_shop_knows_its_shops():
    with pytest.raises(CommandError, match=r"There is no shop '7'\. Known shops: none yet"):
        run("check_shop", "7")


def test_rotate_credentials_says_how_many_rows(settings):
    make_shop()
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode(), *settings.CREDENTIAL_KEYS]
    assert run("rotate_credentials") == "2 rows use the newest key now.\n"


def test_rotate_credentials_explains_a_missing_key(settings):
    make_shop()
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(CommandError, match="Put the key it was written with back"):
        run("rotate_credentials")


def test_exit_codes_reach_the_shell():
    """Once for all our commands: a sentence on standard error, no traceback, exit code 1."""
    command = [sys.executable, "manage.py", "connect_sandbox", "--control", "http://127.0.0.1:9"]
    environment = {**os.environ, "DEBUG": "true", "ALLOW_SANDBOX": "true"}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("CommandError: No sandbox answers at http://127.0.0.1:9: ConnectionError.")
