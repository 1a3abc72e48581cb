"""What every page shares."""

from backoffice.common.admin import show_json


def test_a_payload_with_large_numbers_or_deep_nesting_can_be_shown():
    deep: object = "deepest"
    for _ in range(300):
        deep = [deep]
    assert "deepest" in show_json({"deep": deep})
    assert str(2**80) in show_json({"large": 2**80})
