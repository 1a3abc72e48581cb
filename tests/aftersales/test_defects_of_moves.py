"""Defects that systems like this one had, by the numbers of docs/aftersales.md: those about states and moves."""

import ast
from pathlib import Path

import pytest

from aftersales.choices import StateLabel
from aftersales.models import Case, CaseLog
from aftersales.services.asking import Inputs, Unacceptable
from aftersales.states import Action, CaseState, CaseType
from tests.factories.cases import act, make_case
from tests.factories.shops import make_shop

ROOT = Path(__file__).parents[2]
MOVER = ROOT / "aftersales" / "services" / "moving.py"
CASE_NAMES = {"case", "bundle"}  # what a case, or what holds one, is called in the product's code


@pytest.mark.django_db
def test_defect_04_goods_that_come_back_move_the_case_and_not_only_a_stage():
    case = make_case(make_shop(), CaseType.RETURN_REFUND)
    stages = [(case.state, case.stage)]
    for action in (Action.APPROVE, Action.FILL_SHIPMENT, Action.CONFIRM_RECEIPT, Action.REFUND_SUCCEEDED):
        moved = act(case, action)
        stages.append((moved.state, moved.stage))
    assert stages == [
        ("PENDING_APPROVAL", "audit"),
        ("PENDING_RETURN", "return"),
        ("PENDING_RECEIVE", "receive"),
        ("PENDING_REFUND", "refund"),
        ("COMPLETED", "complete"),
    ]


def test_defect_08_no_code_but_the_mover_assigns_a_state_of_a_case():
    """Assignments to `.state` of what is called a case, and updates of cases with a state, in all of the product."""
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for app in ("aftersales", "orders", "shops", "syncjobs", "backoffice")
        for path in (ROOT / app).rglob("*.py")
        if path != MOVER and "migrations" not in path.parts
        if "state" in (text := path.read_text())  # to parse the others takes as long again
        for line in _find_assignments(ast.parse(text))
    ]
    assert found == []
    assert _find_assignments(ast.parse(MOVER.read_text()))  # the search does find the one place that may


@pytest.mark.django_db
@pytest.mark.parametrize("action", [Action.REJECT, Action.REJECT_RECEIPT, Action.CHANGE_AMOUNT, Action.ESCALATE])
def test_defect_08_who_refuses_says_why(action):
    state = CaseState.PENDING_RECEIVE if action == Action.REJECT_RECEIPT else CaseState.PENDING_APPROVAL
    case = make_case(make_shop(), CaseType.RETURN_REFUND, state)
    with pytest.raises(Unacceptable):
        act(case, action, Inputs(amount=case.amount))
    assert Case.objects.get(pk=case.pk).state == state


@pytest.mark.django_db
def test_defect_09_the_log_tells_the_state_before_and_the_one_after():
    case = make_case(make_shop(), CaseType.EXCHANGE, CaseState.COMPLETED)
    rows = list(CaseLog.objects.filter(case=case).order_by("pk"))
    assert [row.previous_state for row in rows[1:]] == [row.state for row in rows[:-1]]
    assert [row.action for row in rows if row.previous_state == row.state] == ["SHIP_EXCHANGE"]  # stays where it is


def test_defect_17_there_is_one_vocabulary_of_states():
    assert set(StateLabel.values) == {state.value for state in CaseState}
    assert {*Case._meta.get_field("state").flatchoices} == {*CaseLog._meta.get_field("state").flatchoices}


def _find_assignments(tree: ast.Module) -> list[int]:
    lines = []
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else []
        lines += [
            target.lineno
            for target in ast.walk(ast.Module([ast.Expr(one) for one in targets], []))
            if isinstance(target, ast.Attribute) and target.attr == "state" and _names_a_case(target.value)
        ]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "update":
            is_of_cases = "Case.objects" in ast.unparse(node.func) or "cases" in ast.unparse(node.func)
            lines += [node.lineno for keyword in node.keywords if keyword.arg == "state" and is_of_cases]
    return lines


def _names_a_case(value: ast.expr) -> bool:
    last = value.attr if isinstance(value, ast.Attribute) else getattr(value, "id", "")
    return last in CASE_NAMES
