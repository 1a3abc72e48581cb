"""What is an id in an address, and what is not."""

import pytest

from backoffice.common.ids import read_id


@pytest.mark.parametrize(("text", "row_id"), [("7", 7), ("0", 0), ("9" * 18, 10**18 - 1)])
def test_whole_numbers_are_ids(text, row_id):
    assert read_id(text) == row_id


@pytest.mark.parametrize("text", ["", "-1", "1.5", " 7", "0x7", "1e3", "9" * 19, "٧", "²", "7\x00"])
def test_what_the_database_would_trip_over_is_none(text):
    assert read_id(text) is None
