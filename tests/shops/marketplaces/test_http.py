"""One HTTP call: what comes back, what counts as a failure, and what never reaches a log."""

import gzip
import logging
import math
import socket
from pathlib import Path
from typing import Any

import orjson
import pytest

from shops.marketplaces.errors import BadRequest, NetworkFailure, UnreadableAnswer
from shops.marketplaces.http import Answer, CallReport, HttpClient, read_json, read_retry_after
from tests.shops.marketplaces.scripted_server import ScriptedServer

SECRET = "secret_2f7d0c9a41"


def test_sends_query_headers_and_body_as_given(server: ScriptedServer) -> None:
    server.answer({"code": 0})
    query = {"page_token": "a+b/c==", "ids": "1,2", "name": "đ &="}
    answer = HttpClient().send("POST", f"{server.url}/p", query=query, headers={"x-token": "t"}, body=b'{"a": 1}')
    arrived = server.requests[0]
    assert (arrived.method, arrived.path, arrived.query, arrived.body) == ("POST", "/p", query, b'{"a": 1}')
    assert arrived.headers["x-token"] == "t"
    assert (answer.status, answer.json()) == (200, {"code": 0})


def test_any_status_is_an_answer_and_redirects_are_not_followed(server: ScriptedServer) -> None:
    server.answer(b"", status=302, headers={"Location": f"{server.url}/elsewhere"})
    server.answer(b"<html>", status=503, headers={"Retry-After": "7"})
    assert HttpClient().send("GET", server.url).status == 302
    assert HttpClient().send("GET", server.url).retry_after_seconds == 7
    assert len(server.requests) == 2


def test_nothing_is_repeated_and_no_cookie_is_kept(server: ScriptedServer) -> None:
    server.answer({}, headers={"Set-Cookie": "a=b"})
    server.answer_raw(b"")
    server.answer({})
    client = HttpClient()
    client.send("GET", server.url)
    with pytest.raises(NetworkFailure):
        client.send("GET", server.url)
    client.send("GET", server.url)
    assert len(server.requests) == 3
    assert "cookie" not in server.requests[2].headers


def test_reads_compressed_answers(server: ScriptedServer) -> None:
    server.answer(gzip.compress(b'{"a": 1}'), headers={"Content-Encoding": "gzip"})
    assert HttpClient().send("GET", server.url).json() == {"a": 1}


def test_reads_answers_in_chunks(server: ScriptedServer) -> None:
    server.answer_raw(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{"a"\r\n4\r\n: 1}\r\n0\r\n\r\n')
    assert HttpClient().send("GET", server.url).json() == {"a": 1}


@pytest.mark.parametrize(
    "wire",
    [
        b"",
        b"no HTTP at all\r\n\r\n",
        b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"code": 0, "data": {"orders": [',
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"c',
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"cod\r\n',
    ],
)
def test_a_broken_connection_is_a_network_failure(server: ScriptedServer, wire: bytes) -> None:
    server.answer_raw(wire)
    with pytest.raises(NetworkFailure):
        HttpClient().send("GET", server.url)


def test_broken_compression_is_unreadable(server: ScriptedServer) -> None:
    server.answer(b"no gzip", headers={"Content-Encoding": "gzip"})
    with pytest.raises(UnreadableAnswer):
        HttpClient().send("GET", server.url)


def test_too_much_is_not_read_to_its_end(server: ScriptedServer) -> None:
    server.answer(gzip.compress(b" " * 3_000_000), headers={"Content-Encoding": "gzip"})
    with pytest.raises(UnreadableAnswer, match="larger than 1000000 bytes"):
        HttpClient(largest_body_bytes=1_000_000).send("GET", server.url)


def test_a_silent_server_is_left_after_the_time_limit(server: ScriptedServer) -> None:
    server.hold_seconds = 5
    server.answer({})
    with pytest.raises(NetworkFailure, match="ReadTimeout"):
        HttpClient(timeout_seconds=0.2).send("GET", server.url)


def test_nobody_listening_is_a_network_failure() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(NetworkFailure, match=r"127\.0\.0\.1: ConnectionError"):
            HttpClient().send("GET", f"http://127.0.0.1:{taken.getsockname()[1]}/p")


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("no-url", {}),
        ("ftp://host/", {}),
        ("http://", {}),
        ("http://127.0.0.1:1/", {"x-token": f"{SECRET}\n"}),
        ("http://127.0.0.1:1/", {"x-token": f"{SECRET}đ"}),
    ],
)
def test_what_cannot_be_sent_is_our_mistake(url: str, headers: dict[str, str]) -> None:
    with pytest.raises(BadRequest) as caught:
        HttpClient().send("GET", url, headers=headers)
    assert SECRET not in repr(caught.getrepr(style="long"))


def test_the_observer_hears_of_every_call(server: ScriptedServer) -> None:
    reports: list[CallReport] = []
    client = HttpClient(observe=reports.append)
    server.answer({"a": 1})
    server.answer({}, status=500)
    server.answer_raw(b"")
    client.send("GET", f"{server.url}/orders")
    client.send("GET", server.url)
    with pytest.raises(NetworkFailure):
        client.send("GET", server.url)
    assert [(report.status, report.ok) for report in reports] == [(200, True), (500, False), (None, False)]
    assert (reports[0].path, reports[0].received_bytes) == ("/orders", len(b'{"a": 1}'))
    assert all(report.seconds > 0 for report in reports)


def test_no_secret_reaches_a_log_or_an_error(server: ScriptedServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client = HttpClient()
    server.answer({})
    server.answer_raw(b"")
    sent: dict[str, Any] = {"query": {"app_secret": SECRET}, "headers": {"x-token": SECRET}, "body": SECRET.encode()}
    client.send("POST", f"{server.url}/token/get", **sent)
    with pytest.raises(NetworkFailure) as caught:
        client.send("POST", f"{server.url}/token/get", **sent)
    assert "POST 127.0.0.1/token/get: 200" in caplog.text
    assert SECRET not in caplog.text
    assert SECRET not in str(caught.value)
    assert caught.value.__context__ is None


def test_no_password_is_taken_from_a_netrc_file(
    server: ScriptedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    server.answer({})
    HttpClient().send("GET", server.url)
    assert "authorization" not in server.requests[0].headers


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"a": "\\ud83d\\ude00"}', {"a": "😀"}),
        (b'{"a": "x\\ud800y"}', {"a": "xy"}),
        (b'{"a\\u0000": ["x\\u0000y"]}', {"a": ["xy"]}),
        (b'{"a": NaN, "b": -Infinity}', {"a": "NaN", "b": "-Infinity"}),
        (b'{"a": 123456789012345678901234567890, "b": NaN}', {"a": "123456789012345678901234567890", "b": "NaN"}),
    ],
)
def test_reads_json_into_what_a_database_keeps(body: bytes, expected: object) -> None:
    read = read_json(body)
    assert read == expected
    assert b"\\u0000" not in orjson.dumps(read)


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"a": ', b"\xff", b"[" * 100_000, b'{"a": "\\ud800'])
def test_what_is_no_json_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableAnswer):
        read_json(body)


def test_only_a_refusal_may_come_without_an_object_around_it() -> None:
    assert Answer(200, {}, b'{"code": 0}').envelope() == Answer(500, {}, b'{"code": 0}').envelope() == {"code": 0}
    assert Answer(502, {}, b"<html>").envelope() == {}
    with pytest.raises(UnreadableAnswer):
        Answer(200, {}, b"<html>").envelope()


def test_retry_after_is_seconds_or_a_date() -> None:
    now = 1785571200.0
    assert read_retry_after("120", now) == 120
    assert read_retry_after("Sat, 01 Aug 2026 08:01:00 GMT", now) == 60
    assert read_retry_after("Sat, 01 Aug 2020 08:01:00 GMT", now) == 0
    assert read_retry_after("1e300", now) == 86_400
    assert [read_retry_after(header, now) for header in (None, "", "soon", str(math.nan))] == [None] * 4


def test_calls_say_what_they_are_for(server: ScriptedServer) -> None:
    client = HttpClient()
    for purpose in ("", "orders; chunk 17"):
        server.answer({})
        client.announce(purpose)
        client.send("GET", server.url)
    assert [request.headers["user-agent"] for request in server.requests] == [
        "backoffice",
        "backoffice (orders; chunk 17)",
    ]
