"""Every command that this product adds has a test that calls it by its name."""

import re

import pytest

from backoffice.env import BASE_DIR
from tests.architecture.tree import list_product_sources, list_sources

COMMANDS = sorted(
    source.parts[-1]
    for source in list_product_sources()
    if source.parts[-3:-1] == ("management", "commands") and not source.parts[-1].startswith("_")
)


def test_commands_are_found():
    assert len(COMMANDS) == len(list(BASE_DIR.glob("*/management/commands/[a-z]*.py")))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_test(command):
    named = re.compile(rf"\b{command}\b")
    tests = [s for s in list_sources() if s.parts[0] == "tests" and s.parts[-1].startswith("test_")]
    mentioned = [s.name for s in tests if "architecture" not in s.parts and named.search(s.text)]
    assert mentioned, f"no test calls {command}"
