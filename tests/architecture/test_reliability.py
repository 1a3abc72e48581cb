"""Every test that docs/reliability.md names for what it promises is there, and none of the 33 lines lacks one."""

import re

import pytest

from backoffice.env import BASE_DIR
from tests.architecture.tree import list_sources

TEXT = (BASE_DIR / "docs" / "reliability.md").read_text(encoding="utf-8")
LINES = {int(number): line for line, number in re.findall(r"^(\| (\d+) \|.*)$", TEXT, re.M)}
NAMED = re.findall(r"`([\w/]+\.py)`: ((?:`test_\w+`(?:, )?)+)", TEXT)


def test_every_line_is_there_and_names_a_test():
    assert sorted(LINES) == list(range(1, 34))
    assert [number for number, line in LINES.items() if "`test_" not in line] == []


@pytest.mark.parametrize(("path", "names"), NAMED, ids=lambda value: value if value.endswith(".py") else "")
def test_every_test_that_is_named_is_there(path, names):
    sources = [source for source in list_sources() if f"/{source.name}".endswith(f"/{path}")]
    assert sources, f"there is no {path}"
    defined = {name for source in sources for name, _ in source.definitions()}
    assert [name for name in re.findall(r"test_\w+", names) if name not in defined] == []
