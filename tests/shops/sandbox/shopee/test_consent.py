"""The pages on which a seller lets the app in: the signed link, and the unsigned one with a state."""

from urllib.parse import parse_qs, urlencode, urlsplit

from tests.shops.sandbox.calling import send

BACK = "https://app.example.test/back?state=abc"


def location(answer):
    assert answer.status == 302, answer.body
    parts = urlsplit(answer.headers["Location"])
    return f"{parts.scheme}://{parts.netloc}{parts.path}", {
        name: values[0] for name, values in parse_qs(parts.query).items()
    }


def test_the_signed_link_shows_the_shops_and_leads_back_with_a_code(client):
    page = client.call("/shop/auth_partner", {"redirect": BACK}, public=True)
    assert page.status == 200 and page.headers["content-type"].startswith("text/html")
    assert client.shop["name"] in page.body.decode()
    chosen = client.call("/shop/auth_partner", {"redirect": BACK, "shop": client.shop_id}, public=True)
    address, back = location(chosen)
    # There is no state of the link's own: it stands in the address to come back to.
    assert address == "https://app.example.test/back" and back["state"] == "abc"
    assert back["shop_id"] == client.shop_id
    assert client.redeem(back["code"]).json["error"] == ""


def test_the_signed_link_must_be_signed(client):
    assert client.call("/shop/auth_partner", {"redirect": BACK}, public=True, sign="0").json["error"] == "error_sign"


def test_the_unsigned_link_hands_the_state_back(client):
    query = {"partner_id": client.app["app_key"], "auth_type": "seller", "response_type": "code", "state": "x y"}
    query |= {"redirect_uri": "https://app.example.test/back", "shop": client.shop_id}
    answer = send(client.app["api_url"], "GET", "/auth?" + urlencode(query))
    _, back = location(answer)
    assert (back["state"], back["shop_id"]) == ("x y", client.shop_id)
    assert client.redeem(back["code"]).json["error"] == ""


def test_nonsense_is_refused(client):
    foreign = client.call("/shop/auth_partner", {"redirect": BACK, "shop": "5"}, public=True)
    assert foreign.json["error"] == "error_param"
    no_address = client.call("/shop/auth_partner", {"redirect": "javascript:x", "shop": client.shop_id}, public=True)
    assert no_address.status == 400
    assert send(client.app["api_url"], "GET", "/auth?partner_id=1").json["error"] == "invalid_partner_id"
