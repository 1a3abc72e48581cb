"""Each of the seventeen defects of docs/aftersales.md has a test that bears its number."""

import re
from pathlib import Path

TESTS = Path(__file__).parents[1] / "aftersales"


def test_every_defect_has_a_test_with_its_number():
    sources = "".join(path.read_text() for path in TESTS.rglob("test_*.py"))
    numbers = {int(number) for number in re.findall(r"def test_defect_(\d\d)_", sources)}
    assert numbers == set(range(1, 18))
