"""A log line is one JSON object, and no secret is in it, whichever way it came."""

import io
import json
import logging

import pytest
import structlog

from backoffice.common.logging import REMOVED, configure_logging

SECRET = "ROW_aFq0kQAAAAA.abcdef=="


@pytest.fixture
def stream():
    """What was written; the logging that was set up before comes back at the end."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    written = io.StringIO()
    configure_logging("INFO", written)
    yield written
    root.handlers[:], root.level = handlers, level


def last_line(stream):
    return json.loads(stream.getvalue().splitlines()[-1])


def test_a_line_is_one_json_object_with_time_level_and_logger(stream):
    structlog.get_logger("here").warning("page_read", shop=7, took=1.5)
    line = last_line(stream)
    assert (line["event"], line["level"], line["logger"]) == ("page_read", "warning", "here")
    assert (line["shop"], line["took"]) == (7, 1.5)
    assert line["timestamp"].endswith("Z")


@pytest.mark.parametrize(
    "name",
    ["access_token", "refresh_token", "app_secret", "password", "shop_cipher", "Authorization", "sign", "signature",
     "x-tts-access-token", "sessionid_cookie", "auth_code"],
)  # fmt: skip
def test_a_value_with_a_secret_name_is_removed(stream, name):
    structlog.get_logger().info("called", **{name: SECRET})
    assert last_line(stream)[name] == REMOVED
    assert SECRET not in stream.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        f"GET https://example.test/order?app_key=1&access_token={SECRET}&page=2",
        f"GET https://example.test/order?sign={SECRET}&timestamp=1",
        f"POST /token?app_secret={SECRET}",
        f'{{"access_token": "{SECRET}", "refresh_token": "{SECRET}"}}',
        f"{{'refresh_token': '{SECRET}'}}",
        f"shop_cipher={SECRET} was refused",
        f"password: {SECRET}",
        f"x-tts-access-token: {SECRET}",
        f"Authorization: Bearer {SECRET}",
        f"{{'accessToken': '{SECRET}'}}",
        f"connection to postgresql://user:{SECRET}@host/name failed",
        f"redis://:{SECRET}@host:6379/0",
    ],
)
def test_a_secret_inside_a_text_is_removed(stream, text):
    structlog.get_logger().info("called", url=text)
    logging.getLogger("library").warning("called %s", text)
    assert SECRET not in stream.getvalue()
    assert REMOVED in last_line(stream)["event"]


def test_what_stands_beside_a_secret_stays(stream):
    structlog.get_logger().info("called", url=f"/order?access_token={SECRET}&page_size=50")
    assert last_line(stream)["url"] == f"/order?access_token={REMOVED}&page_size=50"


@pytest.mark.parametrize("text", ["assign=5", "design: blue", "sign in at /login", "http://host:80/a@b", "12:30:45"])
def test_words_that_only_look_like_a_secret_stay(stream, text):
    structlog.get_logger().info(text)
    assert last_line(stream)["event"] == text


def test_a_secret_inside_an_object_is_removed(stream):
    structlog.get_logger().info(
        "called", error=ValueError(f"access_token={SECRET}"), also={1: Exception(f"sign={SECRET}")}
    )
    assert SECRET not in stream.getvalue()


def test_a_secret_inside_a_nested_value_is_removed(stream):
    structlog.get_logger().info("called", query={"access_token": SECRET, "page": 2}, tried=[{"sign": SECRET}])
    assert SECRET not in stream.getvalue()
    assert last_line(stream)["query"]["page"] == 2


def test_a_secret_in_a_traceback_is_removed(stream):
    try:
        raise ValueError(f"refused: access_token={SECRET}")
    except ValueError:
        structlog.get_logger().exception("failed")
    assert SECRET not in stream.getvalue()
    assert "ValueError" in last_line(stream)["exception"]


def test_lines_of_libraries_are_json_too(stream):
    logging.getLogger("some.package").error("%s of %s", 1, "two")
    assert (last_line(stream)["event"], last_line(stream)["logger"]) == ("1 of two", "some.package")


def test_what_json_cannot_hold_is_written_as_text(stream):
    structlog.get_logger().info("odd", value={1, 2}, error=ValueError("no"))
    assert last_line(stream)["error"] == "no"


def test_quiet_levels_are_left_out(stream):
    logging.getLogger("here").debug("not this")
    logging.getLogger("urllib3").info("nor this")
    assert stream.getvalue() == ""
