"""The page docs/aftersales.md is drawn from the table of moves, keeps what people wrote below, and is never stale."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from aftersales.policy import PRODUCT_POLICY, Policy
from aftersales.states import MOVES, ROUTES, TERMINAL, CaseState
from backoffice.env import BASE_DIR
from backoffice.management.commands import aftersales_states
from backoffice.management.pages import PageCommand

PAGE = (BASE_DIR / aftersales_states.PAGE).read_text(encoding="utf-8")


@pytest.fixture
def page(tmp_path, monkeypatch):
    (tmp_path / "docs").mkdir()
    monkeypatch.setattr(PageCommand, "folder", tmp_path)
    return tmp_path / aftersales_states.PAGE


def test_the_page_in_the_tree_is_up_to_date():
    call_command("aftersales_states", check=True)


def test_every_move_and_setting_has_a_row():
    for action in MOVES:
        assert f"| `{action}` | " in PAGE
    for name in Policy.__dataclass_fields__:
        assert f"| `{name}` | " in PAGE
    assert f"| `return_timeout_hours` | {PRODUCT_POLICY.return_timeout_hours} |" in PAGE


def test_the_diagram_shows_each_fixed_move_and_each_route():
    for action, move in MOVES.items():
        for source in move.sources if isinstance(move.target, CaseState) else ():
            edges = [line for line in PAGE.splitlines() if line.startswith(f"    {source} --> {move.target}: ")]
            assert action in edges[0].split(": ")[1].split(", ")
    for target in ROUTES.values():
        assert f"    APPROVED --> {target}: type " in PAGE
    for state in TERMINAL:
        assert f"    {state} --> COMPLETED" not in PAGE
    assert "    CANCELLED --> [*]" in PAGE


def test_what_was_written_by_hand_stays_and_a_stale_page_is_noticed(page):
    with pytest.raises(CommandError, match=r"out of date\. Run: python manage.py aftersales_states"):
        call_command("aftersales_states", check=True)
    call_command("aftersales_states", stdout=StringIO())
    page.write_text(page.read_text(encoding="utf-8") + "\n## Ours\n", encoding="utf-8")
    call_command("aftersales_states", stdout=StringIO())
    call_command("aftersales_states", check=True)
    assert page.read_text(encoding="utf-8").endswith("\n## Ours\n")
    page.write_text(page.read_text(encoding="utf-8").replace("| 168 h |", "| 24 h |"), encoding="utf-8")
    with pytest.raises(CommandError):
        call_command("aftersales_states", check=True)
