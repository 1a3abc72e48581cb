"""Days: a shop's own, 23 to 25 hours long, touching each other."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from shops.marketplaces.records import Window
from syncjobs.engine.days import cut_into_days

HANOI, KOLKATA, BERLIN = ZoneInfo("Asia/Ho_Chi_Minh"), ZoneInfo("Asia/Kolkata"), ZoneInfo("Europe/Berlin")


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def cut(start, end, zone, days=1):
    return list(cut_into_days(Window(utc(start), utc(end)), zone, days))


@pytest.mark.parametrize(("zone", "hour"), [(HANOI, "17:00"), (KOLKATA, "18:30"), (UTC, "00:00")])
def test_days_begin_at_the_shops_midnight_and_the_ends_are_cut(zone, hour):
    pieces = cut("2026-03-01T12:00", "2026-03-04T12:00", zone)
    assert (pieces[0].start, pieces[-1].end) == (utc("2026-03-01T12:00"), utc("2026-03-04T12:00"))
    assert all(f"{piece.start:%H:%M}" == hour for piece in pieces[1:])
    assert [piece.end for piece in pieces[:-1]] == [piece.start for piece in pieces[1:]]
    assert len(pieces) == 4


def test_a_window_of_whole_days_has_no_short_piece():
    pieces = cut("2026-02-28T17:00", "2026-03-30T17:00", HANOI)
    assert {piece.end - piece.start for piece in pieces} == {timedelta(days=1)}
    assert len(pieces) == 30


def test_days_are_as_long_as_the_clocks_make_them():
    spring = cut("2026-03-27T23:00", "2026-03-30T22:00", BERLIN)
    autumn = cut("2026-10-23T22:00", "2026-10-26T23:00", BERLIN)
    assert [(piece.end - piece.start) / timedelta(hours=1) for piece in spring] == [24, 23, 24]
    assert [(piece.end - piece.start) / timedelta(hours=1) for piece in autumn] == [24, 25, 24]


def test_several_days_in_one_piece_end_at_midnight_too():
    pieces = cut("2026-03-01T12:00", "2026-03-16T17:00", HANOI, days=7)
    assert [f"{piece.end:%d %H}" for piece in pieces] == ["07 17", "14 17", "16 17"]


def test_years_are_cut_without_a_gap():
    pieces = cut("2016-01-01T00:00", "2026-01-01T00:00", BERLIN)
    assert all(one.end == other.start for one, other in pairwise(pieces))
    assert sum((piece.end - piece.start for piece in pieces), timedelta()) == timedelta(days=3653)
