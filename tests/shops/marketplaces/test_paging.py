"""The end of a list is believed only where the answer says so."""

from typing import Any

import pytest

from shops.marketplaces.errors import UnreadableAnswer
from shops.marketplaces.paging import Slice, TokenPaging

PAGING = TokenPaging(rows_field="orders")


def test_the_first_request_sends_no_token() -> None:
    assert PAGING.prepare("") == {}
    assert PAGING.prepare("abc") == {"page_token": "abc"}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"orders": [1], "next_page_token": "b", "total_count": 9}, Slice([1], "b", 9)),
        ({"orders": [1], "next_page_token": "", "total_count": 9}, Slice([1], "", 9)),
        ({"orders": [1], "total_count": 1}, Slice([1], "", 1)),
        ({"orders": []}, Slice([], "", None)),
        ({"total_count": 0}, Slice([], "", 0)),
        ({"orders": None, "total_count": 0}, Slice([], "", 0)),
        ({"orders": [], "next_page_token": "b"}, Slice([], "b", None)),
    ],
)
def test_reads_an_answer(data: dict[str, Any], expected: Slice) -> None:
    assert PAGING.look(data) == expected


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"orders": None},
        {"orders": {}, "total_count": 0},
        {"total_count": 3, "next_page_token": ""},
        {"orders": [1], "next_page_token": 7},
        {"orders": [1], "next_page_token": {}},
        {"orders": [1], "total_count": 2},
    ],
)
def test_a_broken_answer_is_not_the_end_of_the_list(data: dict[str, Any]) -> None:
    with pytest.raises(UnreadableAnswer):
        PAGING.look(data)


def test_the_last_page_may_lack_the_token_field() -> None:
    assert PAGING.look({"orders": [1], "total_count": 101}, asked_token="b").next_token == ""


def test_a_token_that_leads_back_to_its_own_page_is_an_error() -> None:
    with pytest.raises(UnreadableAnswer):
        PAGING.look({"orders": [1], "next_page_token": "b"}, asked_token="b")
