"""The control server shows the world, limits and counts calls, and answers mistakes with a sentence."""

import time

import pytest

from shops.sandbox.quotas import Quotas
from shops.sandbox.targets import Known, Targets
from tests.shops.sandbox.calling import SHOPS, Client, control, lines_of, send
from tests.shops.sandbox.conftest import EPOCH, ORDERS


def calls(sandbox):
    return control(sandbox.control_url, "GET", "/calls").json["tiktok"]


def test_the_world_has_exactly_the_agreed_fields(sandbox):
    world = control(sandbox.control_url, "GET", "/world").json
    assert list(world) == ["seed", "now", "marketplaces"]
    tiktok = world["marketplaces"]["tiktok"]
    assert set(tiktok) == {"api_url", "auth_url", "authorise_url", "app_key", "app_secret", "service_id", "shops"}
    assert [shop["region"] for shop in tiktok["shops"]] == ["VN", "US", "ID"]
    fields = ["external_id", "name", "region", "currency", "timezone", "access_token", "refresh_token", "cipher"]
    fields += ["access_token_expires_at", "refresh_token_expires_at"]
    assert all(list(shop) == fields for shop in tiktok["shops"])
    assert (world["seed"], world["now"]) == (7, EPOCH)


def test_the_truth_of_all_shops(sandbox):
    lines = lines_of(control(sandbox.control_url, "GET", "/truth/orders?marketplace=tiktok"))
    assert len(lines) == ORDERS


@pytest.mark.parametrize(
    ("method", "target", "wanted", "status", "words"),
    [
        ("GET", "/truth/orders", None, 400, "known are tiktok"),
        ("GET", "/truth/orders?marketplace=tiktok&shop=1", None, 400, "Unknown shop"),
        ("GET", f"/truth/orders?marketplace=tiktok&as_of={EPOCH + 1}", None, 400, "at most the world's now"),
        ("GET", "/truth/orders?marketplace=tiktok&as_off=1", None, 400, "as_of"),
        ("GET", "/nowhere", None, 404, "/world"),
        ("DELETE", "/world", None, 405, "takes GET"),
        ("POST", "/clock", {"mode": "fast"}, 400, "frozen"),
        ("POST", "/quotas", {"marketplace": "tiktok", "calls": 0, "seconds": 1}, 400, "calls"),
        ("POST", "/quotas", {"marketplace": "tiktok", "calls": 1}, 400, "seconds"),
        ("POST", "/switches", {"marketplace": "tiktok", "turbo": True}, 400, "accept_unsigned_empty_object"),
        ("POST", "/switches", {"marketplace": "tiktok", "refresh_ends_access_token": 1}, 400, "true or false"),
        ("POST", "/switches", {"marketplace": "tiktok", "granted_scopes": "all"}, 400, "list"),
        ("POST", "/switches", {"marketplace": "tiktok", "access_token_seconds": -1}, 400, "whole number"),
        ("POST", "/auth_codes", {"marketplace": "tiktok"}, 400, "Unknown shop"),
    ],
)
def test_mistakes_are_answered_with_a_sentence(sandbox, method, target, wanted, status, words):
    answer = control(sandbox.control_url, method, target, wanted)
    assert answer.status == status
    assert words in answer.json["error"]


def test_broken_json_is_answered_with_a_sentence(sandbox):
    answer = send(sandbox.control_url, "POST", "/clock", b"{")
    assert (answer.status, answer.json["error"]) == (400, "The body must be JSON.")


def test_the_help_lists_every_path(sandbox):
    listed = " ".join(control(sandbox.control_url, "GET", "/").json)
    for path in ("/world", "/truth/<resource>", "/clock", "/faults", "/quotas", "/calls", "/switches", "/auth_codes"):
        assert path in listed


def test_the_clock_over_http(sandbox):
    state = control(sandbox.control_url, "POST", "/clock", {"mode": "frozen", "advance_seconds": 60}).json
    assert (state["now"], state["mode"], state["speed"]) == (EPOCH + 60, "frozen", 0.0)
    assert abs(state["wall"] - time.time()) < 5
    assert control(sandbox.control_url, "GET", "/clock").json == state
    far = control(sandbox.control_url, "POST", "/clock", {"advance_seconds": 10**9}).json
    assert far["now"] <= far["wall"]


def test_a_quota_over_http(sandbox, client, us_client):
    wanted = {"marketplace": "tiktok", "shop": client.shop["external_id"], "calls": 3, "seconds": 60}
    control(sandbox.control_url, "POST", "/quotas", wanted)
    statuses = [client.search(page_size="1").status for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    assert 50 < int(client.last.headers["Retry-After"]) <= 60
    assert us_client.search().status == 200
    assert calls(sandbox)["shops"][client.shop["external_id"]]["order_search"]["throttled"] == 2
    control(sandbox.control_url, "DELETE", "/quotas")
    assert client.search().status == 200


def test_a_quota_slides():
    now = [100.0]
    quotas = Quotas(lambda: now[0])
    targets = Targets({"tiktok": Known(("1", "2"), ())})
    quotas.set({"marketplace": "tiktok", "calls": 2, "seconds": 10}, targets)
    quotas.set({"marketplace": "tiktok", "shop": "1", "calls": 1, "seconds": 4}, targets)
    assert quotas.take("tiktok", "1") is None
    assert quotas.take("tiktok", "1") == 4
    now[0] += 3
    assert quotas.take("tiktok", "2") is None
    assert quotas.take("tiktok", "2") == 7
    now[0] += 7
    assert quotas.take("tiktok", "1") is None


def test_calls_are_counted_beside_the_least_possible(sandbox, client, fault):
    control(sandbox.control_url, "DELETE", "/calls")
    shop = client.shop["external_id"]
    whole = client.orders(page_size="50")
    list(client.pages({"create_time_lt": 5}))
    client.search(page_size="0")
    fault("server_error")
    client.search()
    fault("throttled")
    client.search()
    ids = [order["id"] for order in whole]
    for _ in range(2):
        client.detail(",".join(ids[:30]))
        client.detail(",".join(ids[25:60]))
    client.call("GET", SHOPS)
    client.call("GET", "/nowhere")
    counted = calls(sandbox)
    search_pages = -(-len(whole) // 50)
    assert counted["shops"][shop]["order_search"] == {
        "ok": search_pages + 1,
        "refused": 1,
        "throttled": 1,
        "faulted": 1,
        "least_possible": -(-len(whole) // 100) + 1,
    }
    assert counted["shops"][shop]["order_detail"]["ok"] == 4
    assert counted["shops"][shop]["order_detail"]["least_possible"] == 2
    assert counted["shops"][shop]["authorized_shops"]["least_possible"] == 1
    assert counted["app"]["unknown"]["refused"] == 1
    least = counted["total"]["least_possible"]
    assert least == sum(one["least_possible"] for one in counted["shops"][shop].values())
    control(sandbox.control_url, "DELETE", "/calls")
    assert calls(sandbox)["total"]["ok"] == 0


def test_a_refresh_counts_as_needed_only_if_it_was(sandbox, client, fault):
    control(sandbox.control_url, "DELETE", "/calls")
    shop = client.shop["external_id"]
    client.refresh()
    assert calls(sandbox)["shops"][shop]["token_refresh"]["least_possible"] == 0
    fault("expired_token")
    client.search()
    client.refresh()
    assert calls(sandbox)["shops"][shop]["token_refresh"] == {
        "ok": 2, "refused": 0, "throttled": 0, "faulted": 0, "least_possible": 1
    }  # fmt: skip


def test_faulted_pages_are_counted_once(sandbox, client, fault):
    control(sandbox.control_url, "DELETE", "/calls")
    fault("impossible_record")
    Client(client.world).search()
    counted = calls(sandbox)["shops"][client.shop["external_id"]]["order_search"]
    assert (counted["ok"], counted["faulted"]) == (0, 1)
