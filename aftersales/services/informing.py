"""What another system, or staff, correct in a case that goes on: its words, its evidence, its reason."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from aftersales.models import Case
from aftersales.services.asking import NotAllowed, Operator
from aftersales.services.entries import make_entry
from aftersales.states import TERMINAL, CaseOrigin, LogAction, list_allowed
from backoffice.common import clock


def change_information(
    case_id: int,
    operator: Operator,
    *,
    description: str | None = None,
    images: Sequence[str] | None = None,
    reason: str | None = None,
    request_id: str = "",
) -> Case:
    """Change what is given and differs, with a row of the log that holds the old and the new value.

    Raises NotAllowed for a case that a marketplace decides on, and for a change of one that has ended: another system
    may well tell of that once more as it is.
    """
    given: dict[str, Any] = {"description": description, "reason": reason}
    if images is not None:
        given["images"] = list(images)
    with transaction.atomic():
        case = Case.objects.select_for_update().get(pk=case_id)
        changes = {
            name: [getattr(case, name), value]
            for name, value in given.items()
            if value is not None and value != getattr(case, name)
        }
        _refuse_closed(case, has_changes=bool(changes))
        if changes:
            _write(case, changes, operator, request_id)
    return case


def _refuse_closed(case: Case, *, has_changes: bool) -> None:
    allowed = list_allowed(case.case_state, case.case_type, case.case_origin)
    if case.origin == CaseOrigin.MARKETPLACE:
        raise NotAllowed(f"Case {case.number} is the marketplace's, whose words are not changed here.", allowed)
    if case.state in TERMINAL and has_changes:
        raise NotAllowed(f"Case {case.number} has ended: it is “{case.get_state_display()}”.", allowed)


def _write(case: Case, changes: dict[str, list[Any]], operator: Operator, request_id: str) -> None:
    now = clock.now()
    for name, (_, new) in changes.items():
        setattr(case, name, new)
    case.updated_at = now
    case.save(update_fields=[*changes, "updated_at"])
    entry = make_entry(
        case, LogAction.MODIFY_INFO, operator, previous=case.state, at=now, context=changes, request_id=request_id
    )
    entry.save()
