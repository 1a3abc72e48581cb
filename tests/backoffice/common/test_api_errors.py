"""Every error of the API has one shape, wherever it comes from, and says what is wrong and what is allowed."""

import json
from io import BytesIO

import pytest
from django.test import Client, RequestFactory
from django.test.client import ClientHandler

from backoffice.common.api.views import ListView
from shops.api import views

pytestmark = pytest.mark.django_db
NO_ADDRESSES = (
    "/api", "/api/", "/api/v1", "/api/v1/", "/api/v2/shops/", "/api/v1/shops", "/api/v1/orders/5", "/api/v1/no/",
    "/api/v1/%0A", "/api/v1/orders/5/lines/", "/api/v1/shops//", "/api/v1/%00", "/api/v1/%FF%FE", "/api/v1/../admin/",
)  # fmt: skip


def error(answer, status, code):
    """Check the shape and return it."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/json"
    body = json.loads(answer.content)
    assert set(body) <= {"code", "message", "fields", "allowed"}
    assert body["code"] == code
    assert body["message"]
    assert "fields" not in body or all(isinstance(said, list) and said for said in body["fields"].values())
    return body


@pytest.mark.parametrize("method", ["get", "post", "put", "delete", "patch", "options"])
def test_an_address_that_is_none(method):
    for address in NO_ADDRESSES:
        answer = getattr(Client(enforce_csrf_checks=True), method)(address)
        assert "/api/v1/docs/" in error(answer, 404, "not_found")["message"]


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
@pytest.mark.parametrize(("address", "allowed"), [
    ("shops/", "GET, HEAD"), ("shops/1/", "GET, HEAD"), ("orders/", "GET, HEAD"), ("runs/", "GET, POST, HEAD"),
    ("runs/1/", "GET, HEAD"),
])  # fmt: skip
def test_a_method_that_the_address_does_not_take(caller, method, address, allowed):
    answer = getattr(caller.client, method)(f"/api/v1/{address}", headers=caller.headers)
    names = set(allowed.split(", "))
    said = error(answer, 405, "method_not_allowed")["message"]
    assert set(said.removeprefix("This address takes ").rstrip(".").split(", ")) == names
    assert set(answer["Allow"].split(", ")) == names


def test_a_method_is_not_taken_from_a_header_or_a_field(caller):
    answer = caller.client.get("/api/v1/runs/", headers={**caller.headers, "X-HTTP-Method-Override": "POST"})
    assert answer.status_code == 200
    assert error(caller.get("shops/", _method="DELETE"), 400, "invalid")


def test_an_answer_in_another_language_than_json(caller):
    answer = caller.client.get("/api/v1/shops/", headers={**caller.headers, "Accept": "application/xml"})
    assert "application/json" in error(answer, 406, "not_acceptable")["message"]
    assert (
        caller.client.get("/api/v1/shops/", headers={**caller.headers, "Accept": "text/html, */*"}).status_code == 200
    )


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "x"]
)
def test_a_body_that_is_not_json_by_its_type(caller, kind):
    answer = caller.client.post("/api/v1/runs/", "shop=1", content_type=kind, headers=caller.headers)
    assert "application/json" in error(answer, 415, "unsupported_media_type")["message"]


@pytest.mark.parametrize("body", [
    b"{", b"nope", b"{'shop': 1}", b'{"shop": NaN}', b'{"shop": 1}}', b'\xff\xfe', b'{"kind": "\xc3\x28"}', b"[" * 5000,
    b'{"a":' * 3000 + b"1" + b"}" * 3000, b'"\\ud800"', b"\x00",
])  # fmt: skip
def test_a_body_that_cannot_be_read(caller, body):
    answer = caller.client.post("/api/v1/runs/", body, content_type="application/json", headers=caller.headers)
    assert "not JSON" in error(answer, 400, "malformed")["message"]


@pytest.mark.parametrize("body", [b"[]", b"5", b"null", b'"text"', b"[" * 900 + b"]" * 900, b"true"])
def test_a_body_that_is_json_but_no_object(caller, body):
    answer = caller.client.post("/api/v1/runs/", body, content_type="application/json", headers=caller.headers)
    error(answer, 400, "invalid")


def test_a_body_that_is_too_large_is_refused_unread(caller, settings):
    settings.API_MAX_BODY_BYTES = 100
    body = b'{"kind": "' + b"x" * 100 + b'"}'
    answer = caller.client.post("/api/v1/runs/", body, content_type="application/json", headers=caller.headers)
    assert "100 bytes" in error(answer, 413, "too_large")["message"]
    just_fits = b'{"kind":"' + b"x" * 89 + b'"}'
    assert len(just_fits) == 100
    answer = caller.client.post("/api/v1/runs/", just_fits, content_type="application/json", headers=caller.headers)
    error(answer, 400, "invalid")


def test_a_large_body_is_refused_at_every_address_and_of_anybody(client, settings):
    settings.API_MAX_BODY_BYTES = 100
    for address in ("/api/v1/shops/", "/api/nowhere", "/api/v1/schema/"):
        error(client.post(address, b"x" * 101, content_type="application/json"), 413, "too_large")
        error(client.generic("GET", address, b"x" * 101, content_type="application/json"), 413, "too_large")


def send(caller, body, **environ):
    """Call as a WSGI server does that knows of the body what `environ` says."""
    usual = RequestFactory(headers=caller.headers).post("/api/v1/runs/", content_type="application/json").environ
    del usual["CONTENT_LENGTH"]
    return ClientHandler()({**usual, "wsgi.input": body, **environ})


def test_a_body_that_comes_in_pieces_without_a_length_is_read_and_measured(caller, shop, settings):
    settings.API_MAX_BODY_BYTES = 100
    pieces = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    body = json.dumps({"shop": shop.pk, "kind": "full"}).encode()
    assert send(caller, BytesIO(body), **pieces).status_code == 201
    error(send(caller, BytesIO(body + b" " * 100), **pieces), 413, "too_large")


@pytest.mark.parametrize("length", ["5", "-1", "abc", "", "٣"])
def test_a_length_that_lies_or_is_none_cuts_the_body_off_and_never_reads_more(caller, length):
    stream = BytesIO(b'{"shop": 1, "kind": "full"}' + b"x" * 5_000_000)
    assert send(caller, stream, CONTENT_LENGTH=length).status_code == 400
    assert stream.tell() <= 5


def test_a_length_beyond_the_body_is_refused_by_what_it_says(caller):
    error(send(caller, BytesIO(b"{}"), CONTENT_LENGTH="99999999999999"), 413, "too_large")


@pytest.mark.parametrize(
    "parameters", [{"sort": "id"}, {"page": "2"}, {"format": "json"}, {"ids": "1"}, {"Status": "x"}]
)
@pytest.mark.parametrize("address", ["shops/", "orders/", "runs/"])
def test_a_parameter_that_is_not_known_is_refused_with_those_that_are(caller, address, parameters):
    fields = error(caller.get(address, **parameters), 400, "invalid")["fields"]
    assert list(fields) == list(parameters)
    assert "page_size" in fields[next(iter(parameters))][0]


def test_a_single_row_takes_no_parameters(caller, shop):
    assert error(caller.get(f"shops/{shop.pk}/", cursor="x"), 400, "invalid")["fields"]


@pytest.mark.parametrize("size", ["0", "-1", "501", "1e2", "abc", "1.5", "9" * 30, "٣", " ", "\x00"])
def test_a_page_size_that_is_none(caller, size):
    fields = error(caller.get("shops/", page_size=size), 400, "invalid")["fields"]
    assert fields == {"page_size": ["A whole number from 1 to 500."]}


def test_a_host_that_is_not_ours(caller):
    answer = caller.client.get("/api/v1/shops/", headers={**caller.headers, "Host": "evil.example"})
    assert error(answer, 400, "malformed")


def test_nobody_on_the_way_keeps_an_answer(caller, client):
    for answer in (caller.get("shops/"), client.get("/api/v1/shops/"), client.get("/api/nowhere")):
        assert answer["Cache-Control"] == "no-store"


def test_outside_the_api_errors_stay_pages(client):
    assert client.get("/nowhere")["Content-Type"].startswith("text/html")
    assert client.get("/apis")["Content-Type"].startswith("text/html")


def test_what_nobody_foresaw_is_logged_and_says_nothing_of_the_inside(caller, monkeypatch):
    def fail(*_):
        raise RuntimeError("secret inside")

    monkeypatch.setattr(views.ShopList, "filter_queryset", fail)
    caller.client.raise_request_exception = False
    body = error(caller.get("shops/"), 500, "server_error")
    assert "secret" not in str(body)


def test_a_fault_in_a_view_fails_a_test(caller, monkeypatch):
    monkeypatch.setattr(ListView, "list_parameters", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        caller.get("shops/")


@pytest.mark.parametrize("address", ["shops/", "orders/", "runs/", "orders/1/", "schema/", "docs/"])
def test_more_parameters_than_are_read(caller, address):
    query = "&".join("shop=1" for _ in range(1_500))
    error(caller.client.get(f"/api/v1/{address}?{query}", headers=caller.headers), 400, "malformed")


def test_of_fields_that_nobody_knows_some_are_named(caller):
    few = error(caller.post("runs/", {"colour": 1, "size": 2}), 400, "invalid")["fields"]
    assert set(few) == {"colour", "size"}
    many = caller.post("runs/", dict.fromkeys(map(str, range(50_000)), 1))
    assert 0 < len(error(many, 400, "invalid")["fields"]) <= 20
    assert len(many.content) < 10_000


def test_of_parameters_that_nobody_knows_some_are_named(caller):
    parameters = {f"unknown{number}": 1 for number in range(500)}
    assert len(error(caller.get("aftersales/", **parameters), 400, "invalid")["fields"]) == 20
