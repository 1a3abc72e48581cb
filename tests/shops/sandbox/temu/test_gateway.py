"""Calls are refused for each reason with its code, the signature before everything that is in the body."""

import time
from typing import Any

import pytest

from tests.shops.sandbox.calling import control, send
from tests.shops.sandbox.temu.calling import AMOUNTS, INFO, LIST, sign

# Everything wrong at once; each step of a test puts the first thing right that is refused.
WRONG: dict[str, Any] = {"type": None, "timestamp": None, "data_type": None, "access_token": None}


def test_the_checks_come_in_their_order(client, switch):
    switch(is_data_type_required=True)
    assert client.post({}).json["errorCode"] == 3000025
    assert client.post({"app_key": client.app["app_key"]}).json["errorCode"] == 3000040
    assert client.post({"app_key": client.app["app_key"], "sign": "0" * 32}).json["errorCode"] == 3000001
    bent = dict(WRONG)
    assert client.code(None, **bent) == 3000002
    bent["type"] = "bg.no.such.type"
    assert client.code(None, **bent) == 3000003
    bent["type"] = AMOUNTS
    assert client.code(None, **bent) == 3000010
    bent["timestamp"] = int(time.time())
    assert client.code(None, **bent) == 3000013
    bent["data_type"] = "JSON"
    assert client.code(None, **bent) == 3000030
    bent["access_token"] = "a" * 56
    assert client.code(None, **bent) == 3000031
    switch(granted_scopes=[LIST], is_ip_refused=True)
    bent["access_token"] = client.token
    assert client.code(None, **bent) == 3000032
    bent["type"] = LIST
    assert client.code(None, **bent) == 5000003
    switch(is_ip_refused=False)
    assert client.code(None, **bent, pageSize=101) == 3000000
    assert client.code(None, **bent) == 1000000


def test_a_wrong_secret_is_refused(client):
    body = client.body(INFO)
    assert client.post({**body, "sign": sign("wrong", body)}).json["errorCode"] == 3000001


def test_what_is_changed_after_signing_is_refused(client):
    body = client.body(LIST, pageNumber=1)
    signed = {**body, "sign": sign(client.app["app_secret"], body)}
    assert client.post(signed).json["success"]
    assert client.post({**signed, "pageNumber": 2}).json["errorCode"] == 3000001


def test_booleans_written_as_python_writes_them_are_refused(client):
    body = client.body(LIST, hasPreSaleOrder=True)
    text = "".join(name + str(value) for name, value in sorted(body.items()))
    assert "hasPreSaleOrderTrue" in text
    wrong = sign(client.app["app_secret"], {**body, "hasPreSaleOrder": "True"})
    assert client.post({**body, "sign": wrong}).json["errorCode"] == 3000001
    assert client.code(LIST, hasPreSaleOrder=True) == 1000000


@pytest.mark.parametrize(("unknown_as", "code"), [(True, 4000000), (False, 3000026)])
def test_an_unknown_app_key_has_two_known_codes(client, switch, unknown_as, code):
    switch(is_unknown_app_key_4000000=unknown_as)
    assert client.code(INFO, app_key="0" * 32) == code


@pytest.mark.parametrize(("seconds", "code"), [(-302, 3000012), (310, 3000011), (-290, 1000000), (290, 1000000)])
def test_the_time_may_differ_by_five_minutes(client, seconds, code):
    assert client.code(INFO, timestamp=int(time.time()) + seconds) == code


def test_a_time_is_signed_alike_as_number_and_as_text(client):
    assert client.code(INFO, timestamp=str(int(time.time()))) == 1000000
    assert client.code(INFO, timestamp=int(time.time() * 1000)) == 3000011


@pytest.mark.parametrize(("data_type", "code"), [("json", 1000000), ("XML", 3000014)])
def test_the_data_type_is_json_in_any_case(client, data_type, code):
    assert client.code(INFO, data_type=data_type) == code


def test_the_data_type_can_be_left_out_unless_switched(client, switch):
    assert client.code(INFO, data_type=None) == 1000000
    switch(is_data_type_required=True)
    assert client.code(INFO, data_type=None) == 3000013


def test_what_nobody_knows_is_signed_and_ignored(client):
    # One client sends its version and even its secret.
    assert client.code(INFO, version="V1", app_secret=client.app["app_secret"]) == 1000000


def test_old_names_are_retired_and_writes_never_granted(client):
    assert client.code("bg.order.list.get") == 3000004
    assert client.code("bg.local.goods.stock.edit") == 3000032


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"text"', b"\xff"])
def test_a_body_that_is_no_object_is_refused(client, body):
    answer = client.raw(body)
    assert (answer.status, answer.json["errorCode"]) == (200, 3000000)


def test_there_is_one_path_and_one_method(client):
    assert send(client.app["api_url"], "POST", "/openapi/other").status == 404
    assert send(client.app["api_url"], "GET", "/openapi/router").status == 405


def test_request_ids_begin_with_the_area(client):
    other = type(client)(client.control_url, 1)
    assert client.call(INFO)["requestId"].startswith("us-")
    assert other.call(INFO)["requestId"].startswith("eu-")
    assert other.call(LIST, pageSize=0)["requestId"].startswith("eu-")


def test_an_answer_can_come_wrapped_twice(client, switch):
    plain = client.call(INFO)["result"]
    switch(is_result_wrapped_twice=True)
    inner = client.call(INFO)["result"]
    assert (inner["result"], inner["success"], inner["errorCode"]) == (plain, True, 0)


def test_quotas_answer_with_the_throttle_code_and_no_hint(client):
    control(client.control_url, "POST", "/quotas", {"marketplace": "temu", "calls": 2, "seconds": 60})
    answers = [client.call(INFO) for _ in range(3)]
    assert [answer["errorCode"] for answer in answers] == [1000000, 1000000, 4000004]
    assert client.counts(INFO)["throttled"] == 1
