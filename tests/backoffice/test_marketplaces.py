"""The page of all marketplaces is generated from the connectors, keeps what people wrote below, and is never stale."""

import importlib
import operator
import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from backoffice.env import BASE_DIR
from backoffice.management.commands import marketplaces
from backoffice.management.pages import BY_HAND, PageCommand
from shops.marketplaces.records import Resource
from shops.marketplaces.registry import MARKETPLACES

PAGE = (BASE_DIR / marketplaces.PAGE).read_text(encoding="utf-8")
SWITCH = re.compile(rf"`((?:{'|'.join(MARKETPLACES)})\.[a-z_]+(?:\.\w+)*)`")


@pytest.fixture
def page(tmp_path, monkeypatch):
    (tmp_path / "docs").mkdir()
    monkeypatch.setattr(PageCommand, "folder", tmp_path)
    return tmp_path / marketplaces.PAGE


def test_the_page_in_the_tree_is_up_to_date():
    call_command("marketplaces", check=True)


def test_each_marketplace_has_a_table_with_every_resource():
    generated, _, _ = PAGE.partition(BY_HAND.format(command="marketplaces"))
    for code, entry in MARKETPLACES.items():
        section = generated.split(f"\n## {entry.label}\n")[1].split("\n## ")[0]
        assert f"Code `{code}`" in section
        for resource in Resource:
            offered = entry.connector.capabilities.get(resource)
            assert f"| {resource} | {offered.note if offered else 'Not given.'} |" in section


def test_what_was_written_by_hand_stays(page):
    out = StringIO()
    call_command("marketplaces", stdout=out)
    page.write_text(page.read_text(encoding="utf-8") + "\n## Ours\n", encoding="utf-8")
    call_command("marketplaces", stdout=out)
    call_command("marketplaces", check=True)
    assert page.read_text(encoding="utf-8").endswith("\n## Ours\n")
    assert out.getvalue() == "wrote marketplaces.md\n" * 2


def test_a_stale_or_missing_page_is_noticed_and_left_alone(page):
    with pytest.raises(CommandError):
        call_command("marketplaces", check=True)
    assert not page.exists()
    call_command("marketplaces", stdout=StringIO())
    stale = page.read_text(encoding="utf-8").replace("| 15 days |", "| 14 days |")
    page.write_text(stale, encoding="utf-8")
    with pytest.raises(CommandError, match=r"is out of date\. Run: python manage.py marketplaces"):
        call_command("marketplaces", check=True)
    assert page.read_text(encoding="utf-8") == stale


def test_a_page_without_the_line_above_what_is_written_by_hand_is_left_alone(page):
    page.write_text("# Marketplaces\n\n## Ours\n", encoding="utf-8")
    with pytest.raises(CommandError, match=r"docs/marketplaces.md lacks the line .* Put it back: <!-- From here on"):
        call_command("marketplaces", stdout=StringIO())
    assert page.read_text(encoding="utf-8") == "# Marketplaces\n\n## Ours\n"


def test_every_switch_on_the_page_exists():
    switches = SWITCH.findall(PAGE)
    assert len(switches) > 15
    assert [name for name in switches if not exists(name)] == []


def exists(name):
    """Tell whether a dotted name below shops.marketplaces is a module, or something in one."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            module = importlib.import_module(".".join(("shops.marketplaces", *parts[:length])))
        except ModuleNotFoundError:
            continue
        try:
            return length == len(parts) or operator.attrgetter(".".join(parts[length:]))(module) is not None
        except AttributeError:
            return False
    return False
