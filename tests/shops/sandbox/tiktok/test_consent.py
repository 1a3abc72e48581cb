"""The consent page brings the seller's browser back with a code that works once."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.shops.sandbox.calling import control, send

CALLBACK = "http://127.0.0.1:1/back"


@pytest.fixture
def page(sandbox, client):
    control(sandbox.control_url, "POST", "/switches", {"marketplace": "tiktok", "callback_url": CALLBACK})
    app = client.app

    def ask(**query):
        asked = {"service_id": app["service_id"], "state": "s 1", **query}
        target = "/open/authorize?" + "&".join(f"{key}={value.replace(' ', '%20')}" for key, value in asked.items())
        return send(app["api_url"], "GET", target)

    return ask


def test_the_page_shows_every_shop_as_a_link(client, page):
    assert client.app["authorise_url"].endswith("/open/authorize")
    shown = page()
    assert shown.status == 200
    assert shown.headers["Content-Type"].startswith("text/html")
    for shop in client.app["shops"]:
        assert f"shop={shop['external_id']}" in shown.body.decode()


def test_a_shop_brings_back_code_and_state(client, page):
    answer = page(shop=client.shop["external_id"])
    assert answer.status == 302
    back = urlsplit(answer.headers["Location"])
    came = {key: values[0] for key, values in parse_qs(back.query).items()}
    assert f"{back.scheme}://{back.netloc}{back.path}" == CALLBACK
    assert came["state"] == "s 1"
    app = client.app
    target = (
        f"/api/v2/token/get?app_key={app['app_key']}&app_secret={app['app_secret']}&auth_code={came['code']}"
        "&grant_type=authorized_code"
    )
    first = send(app["auth_url"], "GET", target)
    assert first.json["data"]["seller_name"] == client.shop["name"]
    assert send(app["auth_url"], "GET", target).code == 36004004


def test_a_refusal_comes_back_too(page):
    came = parse_qs(urlsplit(page(deny="1").headers["Location"]).query)
    assert (came["code"], came["error"], came["state"]) == (["null"], ["auth_denied"], ["s 1"])


def test_the_older_page_goes_by_the_app_key(client, page):
    page()
    target = f"/oauth/authorize?app_key={client.app['app_key']}&state=1&shop={client.shop['external_id']}"
    assert send(client.app["api_url"], "GET", target).status == 302


@pytest.mark.parametrize("query", [{"service_id": "1"}, {"shop": "17"}])
def test_mistakes_are_refused(page, query):
    assert page(**query).code == 36009004


def test_without_a_callback_a_sentence_says_so(sandbox, client, page):
    control(sandbox.control_url, "POST", "/switches", {"marketplace": "tiktok", "callback_url": ""})
    answer = page(shop=client.shop["external_id"])
    assert answer.status == 400
    assert b"web address" in answer.body
