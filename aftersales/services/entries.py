"""Rows of a case's log: made in one place, so that all of them say the same about who acted and when."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aftersales.models import Case, CaseLog
from aftersales.services.asking import Operator
from aftersales.states import LogAction


def make_entry(
    case: Case,
    action: LogAction,
    operator: Operator,
    *,
    previous: str,
    at: datetime,
    text: str = "",
    context: Mapping[str, Any] | None = None,
    request_id: str = "",
) -> CaseLog:
    """Make a row for a case that is in its new state by now; whoever changes the case stores it with the change."""
    return CaseLog(
        case=case,
        action=action.value,
        operator_kind=operator.kind.value,
        operator_id=operator.id,
        operator_name=operator.name[:150],
        previous_state=previous,
        state=case.state,
        text=text,
        context=dict(context or {}),
        at=at,
        request_id=request_id[:64],
    )
