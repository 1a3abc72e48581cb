"""What the readable difference of two payloads says, and that no payload can make it long."""

import time

import pytest
from django.utils import timezone

from orders.queries.diffs import CHANGES_AT_MOST, LONGEST_VALUE, diff_payloads


def said(before, after):
    diff = diff_payloads(before, after)
    assert diff.is_whole
    return [(change.path, change.before, change.after) for change in diff.changes]


def test_equal_payloads_do_not_differ():
    assert said({"a": [{"id": 1, "b": None}]}, {"a": [{"id": 1, "b": None}]}) == []


def test_a_field_is_named_by_its_path():
    before = {"status": "AWAITING_SHIPMENT", "payment": {"total": "10", "tax": {"rate": 8}}}
    after = {"status": "IN_TRANSIT", "payment": {"total": "10", "tax": {"rate": 10}}}
    assert said(before, after) == [
        ("status", "AWAITING_SHIPMENT", "IN_TRANSIT"),
        ("payment.tax.rate", "8", "10"),
    ]


def test_what_was_added_and_what_was_removed_is_marked():
    diff = diff_payloads({"note": "soon", "same": 1}, {"same": 1, "packages": [{"id": "p1"}]})
    assert [(change.kind, change.path, change.before, change.after) for change in diff.changes] == [
        ("removed", "note", "soon", None),
        ("added", "packages", None, '[{"id": "p1"}]'),
    ]


def test_items_with_ids_are_matched_by_id_wherever_they_stand():
    before = {"lines": [{"id": "a", "n": 1}, {"id": "b", "n": 1}, {"id": "c", "n": 1}]}
    after = {"lines": [{"id": "d", "n": 1}, {"id": "c", "n": 1}, {"id": "b", "n": 2}]}
    assert said(before, after) == [
        ("lines[a]", '{"id": "a", "n": 1}', None),
        ("lines[b].n", "1", "2"),
        ("lines[d]", None, '{"id": "d", "n": 1}'),
    ]


@pytest.mark.parametrize("name", ["order_item_id", "skuId", "orderSn", "package_number"])
def test_each_marketplace_has_its_own_name_for_an_id(name):
    before = [{"n": 1, name: "a"}, {"n": 1, name: "b"}]
    assert said(before, [before[1], {"n": 2, name: "a"}]) == [("[a].n", "1", "2")]


def test_what_looks_like_an_id_and_is_shared_is_none():
    before = [{"shop_id": 1, "model_id": "a", "n": 1}, {"shop_id": 1, "model_id": "b", "n": 1}]
    assert said(before, [before[1], before[0]]) == []


@pytest.mark.parametrize(
    "items", [[{"id": 1, "n": 1}, {"id": 1, "n": 2}], [{"id": 1, "n": 1}, {"n": 2}], [{"id": None, "n": 1}, 5], [1, 2]]
)
def test_items_without_an_id_of_their_own_are_matched_by_position(items):
    assert said([*items, "x"], [*items, "y"]) == [("[2]", "x", "y")]


def test_an_id_may_be_a_number_on_one_side_and_a_text_on_the_other():
    assert said([{"id": 7}], [{"id": "7"}]) == [("[7].id", "7", '"7"')]


@pytest.mark.parametrize(
    ("before", "after"), [(1, "1"), (1, True), (0, False), (1, 1.0), (None, "null"), ("", None), ({}, []), ([], "[]")]
)
def test_a_change_of_kind_alone_is_seen(before, after):
    [(path, old, new)] = said({"a": before}, {"a": after})
    assert path == "a"
    assert old != new or type(before) is not type(after)


def test_a_text_and_a_number_of_the_same_digits_can_be_told_apart():
    assert said({"a": 1}, {"a": "1"}) == [("a", "1", '"1"')]


def test_numbers_that_are_times_are_shown_as_times_too():
    with timezone.override("Asia/Ho_Chi_Minh"):
        assert said({"update_time": 1785571200, "count": 1}, {"update_time": 1785571260, "count": 1785571200}) == [
            ("update_time", "1785571200 (2026-08-01 15:00:00 +07)", "1785571260 (2026-08-01 15:01:00 +07)"),
            ("count", "1", "1785571200"),
        ]


@pytest.mark.parametrize("odd", [-1, 0, 10**9 - 1, 10**10, 10**30, True, 1.5e9])
def test_numbers_that_are_no_times_stay_numbers(odd):
    [(_, _, shown)] = said({"time": None}, {"time": odd})
    assert "(" not in shown


def test_long_values_are_shortened_and_still_differ_where_they_were_cut():
    [(_, old, new)] = said({"a": "x" * 10_000}, {"a": "y" * 10_000})
    assert len(old) == len(new) == LONGEST_VALUE
    assert len(said({"a": "x" * 10_000}, {"a": "x" * 10_001})) == 1


def test_a_path_of_any_length_is_shortened_to_its_end():
    [(path, _, _)] = said({"k" * 10_000: {"end": 1}}, {"k" * 10_000: {"end": 2}})
    assert (len(path), path[-5:]) == (LONGEST_VALUE, "k.end")


def test_payloads_that_are_no_objects_are_compared_all_the_same():
    assert said(None, {"a": 1}) == [("(all of it)", "null", '{"a": 1}')]
    assert said([1], {"a": 1}) == [("(all of it)", "[1]", '{"a": 1}')]


def test_there_are_never_more_differences_than_people_read():
    diff = diff_payloads({}, {f"key {n}": n for n in range(1_000)})
    assert (len(diff.changes), diff.is_whole) == (CHANGES_AT_MOST, False)


def test_exactly_as_many_differences_as_are_shown_are_the_whole():
    diff = diff_payloads({}, {f"key {n}": n for n in range(CHANGES_AT_MOST)})
    assert (len(diff.changes), diff.is_whole) == (CHANGES_AT_MOST, True)


def test_a_payload_of_any_size_is_left_after_a_while():
    large = {"items": [{"id": n, "values": list(range(50))} for n in range(20_000)]}
    began = time.monotonic()
    diff = diff_payloads(large, {"items": [*large["items"], {"id": "new"}]})
    assert (diff.changes, diff.is_whole) == ((), False)
    assert time.monotonic() - began < 5  # seconds; it takes a tenth of one


def test_a_payload_of_any_depth_is_compared():
    def nested(bottom, levels):
        for _ in range(levels):
            bottom = {"in": bottom}
        return bottom

    [change] = diff_payloads(nested(1, 5_000), nested(2, 5_000)).changes
    assert (change.before, change.after) == ("1", "2")
    [change] = diff_payloads({"a": nested(1, 100_000)}, {}).changes
    assert change.kind == "removed"
