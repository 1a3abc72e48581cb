"""What another system, or staff, correct in a case that goes on: its words, its evidence, its reason, its parcel."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from aftersales.models import Case
from aftersales.queries.policies import load_policy
from aftersales.services.asking import NotAllowed, Operator
from aftersales.services.creating.checks import check_window
from aftersales.services.entries import make_entry
from aftersales.services.evidence import check_images
from aftersales.services.tracking import TrackingEvent, add_events
from aftersales.states import TERMINAL, CaseOrigin, LogAction, Stage, list_allowed
from backoffice.common import clock


def change_information(
    case_id: int,
    operator: Operator,
    *,
    description: str | None = None,
    images: Sequence[str] | None = None,
    reason: str | None = None,
    tracking_events: Sequence[TrackingEvent] = (),
    request_id: str = "",
) -> Case:
    """Change what is given and differs, with a row of the log that holds the old and the new value.

    Raises NotAllowed for a case that a marketplace decides on, and for a change of one that has ended: another system
    may well tell of that once more as it is. Raises Unacceptable for a reason that the request came too late for, and
    for what is no address of an image.
    """
    given: dict[str, Any] = {"description": description, "reason": reason}
    if images is not None:
        check_images(images)
        given["images"] = list(images)
    with transaction.atomic():
        case = Case.objects.select_for_update().get(pk=case_id)
        _refuse_marketplaces(case)
        now = clock.now()
        changes = {
            name: [getattr(case, name), value]
            for name, value in given.items()
            if value is not None and value != getattr(case, name)
        }
        if "reason" in changes:
            _check_reason(case, changes["reason"][1])
        of_parcel = add_events(case, tracking_events, now) if tracking_events else {}
        if changes or of_parcel:
            _refuse_ended(case)
            _write(case, changes, now)
            make_entry(
                case, LogAction.MODIFY_INFO, operator, previous=case.state, at=now, context=changes | of_parcel,
                request_id=request_id,
            ).save()  # fmt: skip
    return case


def _refuse_marketplaces(case: Case) -> None:
    if case.origin == CaseOrigin.MARKETPLACE:
        allowed = list_allowed(case.case_state, case.case_type, case.case_origin)
        raise NotAllowed(f"Case {case.number} is the marketplace's, whose words are not changed here.", allowed)


def _refuse_ended(case: Case) -> None:
    if case.state in TERMINAL:
        allowed = list_allowed(case.case_state, case.case_type, case.case_origin)
        raise NotAllowed(f"Case {case.number} has ended: it is “{case.get_state_display()}”.", allowed)


def _check_reason(case: Case, reason: str) -> None:
    """Hold a reason against its window of days, while it decides anything: as of when the request was made."""
    if case.stage == Stage.AUDIT and case.order is not None:
        check_window(reason, case.order.delivered_at, case.created_at, load_policy(case.shop_id))


def _write(case: Case, changes: Mapping[str, list[Any]], now: datetime) -> None:
    for name, (_, new) in changes.items():
        setattr(case, name, new)
    case.updated_at = now
    case.save(update_fields=[*changes, "updated_at"])
