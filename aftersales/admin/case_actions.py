"""What is done to cases with one press: approving and rejecting many, reading marketplaces' cases again."""

from django.contrib.auth.models import AbstractUser

from aftersales import remote
from aftersales.admin.case_acting import act, may_act
from aftersales.models import Case
from aftersales.services.asking import Inputs, as_staff
from aftersales.states import MOVES, Action, CaseOrigin, name_permission
from backoffice.common.errors import NotPossible
from backoffice.common.lists.actions import RowAction, register_action


def approve(case: Case, person: AbstractUser) -> str:
    """Approve a case."""
    return _say(act(case, Action.APPROVE, Inputs(), person))


def reject(case: Case, person: AbstractUser, reason: str) -> str:
    """Reject a case."""
    return _say(act(case, Action.REJECT, Inputs(reason=reason), person))


def read_again(case: Case, person: AbstractUser) -> str:
    """Read a case from its marketplace, and end what is in doubt about it if that tells."""
    case = remote.read_one_again(case.pk)
    said = case.raw_status or case.get_state_display()
    return f"{case.shop.get_marketplace_display()} says “{said}”. {_say(case)}"


def send_again(case: Case, person: AbstractUser) -> str:
    """Send the answer in doubt once more, under its old key."""
    answer = remote.get_in_doubt(case)
    if not may_act(person, Action(answer.decision)):
        raise NotPossible("You may not give such an answer.")
    return _say(remote.send_again(answer.pk, as_staff(person), person=person))


def is_in_doubt(case: Case) -> bool:
    """Whether an answer of a case is in doubt."""
    return case.origin == CaseOrigin.MARKETPLACE and remote.find_in_doubt(case) is not None


def _say(case: Case) -> str:
    return f"Now “{case.get_state_display()}”."


def register() -> None:
    """Add the actions. A case's own page has forms of its own for them."""
    for action in (
        RowAction(
            "aftersales.approve", Case, MOVES[Action.APPROVE].title, "check",
            f"aftersales.{name_permission(Action.APPROVE)}", approve, is_offered=lambda case: False, is_dangerous=True,
        ),
        RowAction(
            "aftersales.reject", Case, MOVES[Action.REJECT].title, "block",
            f"aftersales.{name_permission(Action.REJECT)}", reject, is_offered=lambda case: False, is_dangerous=True,
            asks_for="Reason",
        ),
        RowAction(
            "aftersales.read_case", Case, "Read again", "sync", "aftersales.change_case", read_again,
            is_offered=lambda case: case.origin == CaseOrigin.MARKETPLACE,
        ),
        RowAction(
            "aftersales.send_again", Case, "Send the answer again", "send", "aftersales.change_case", send_again,
            is_offered=is_in_doubt, is_dangerous=True, is_bulk=False,
        ),
    ):  # fmt: skip
        register_action(action)
