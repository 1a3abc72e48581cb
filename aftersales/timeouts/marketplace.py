"""Cases that a marketplace decides on: read again first, as the marketplace has mostly acted by itself already.

What is then still due is reported once, or approved by a call where the shop wants that. No transaction is open while
a marketplace is asked.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.db import connection

from aftersales import remote
from aftersales.models import Case
from aftersales.services.asking import SYSTEM, Ask, Inputs
from aftersales.services.moving import move_cases
from aftersales.states import Action
from aftersales.timeouts.batches import choose_actions, move_batch
from aftersales.timeouts.finding import select_overdue
from aftersales.timeouts.outcomes import Handled, Outcome, name_error, put_off, skip, wait_for
from aftersales.vocabulary import awaits_seller
from backoffice.common.errors import BackofficeError

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 20  # each may cost a call of a second: a sweep must be able to end when its time is over
TRAVELLING = timedelta(hours=6)  # how long a parcel on its way back is not looked at again


def handle_batch(cases: Sequence[Case], at: datetime) -> list[Handled]:
    """Read cases again, then do what the settings say with those whose time had run out then and still has."""
    reread = remote.read_again([case.pk for case in cases])
    unread = [case for case in cases if case.pk not in reread.read]
    handled = [put_off(case, reread.failed.get(case.pk, "There is no return to read it from.")) for case in unread]
    read = [case for case in cases if case.pk in reread.read]
    rows = select_overdue(at).filter(pk__in=[case.pk for case in read]).select_related("shop", "synced_return")
    still_due = {case.pk: case for case in rows}
    handled += [skip(case, "the marketplace had moved it on") for case in read if case.pk not in still_due]
    waiting = [case for case in still_due.values() if _waits_for_goods(case)]
    handled += [wait_for(case, TRAVELLING, "the goods are still on their way back") for case in waiting]
    due = [case for case in still_due.values() if case not in waiting]
    actions = choose_actions(due)
    handled += [_approve(case, at) for case in due if actions[case.pk] == Action.APPROVE]
    alerts = [case for case in due if actions[case.pk] != Action.APPROVE]
    return handled + (move_batch(alerts, at) if alerts else [])


def _waits_for_goods(case: Case) -> bool:
    """Whether it would be the seller's turn if the goods were there: some marketplaces set a deadline before."""
    custody = case.synced_return.custody if case.synced_return else ""
    marketplace = case.shop.marketplace
    return awaits_seller(marketplace, case.state) and not awaits_seller(marketplace, case.state, custody)


def _approve(case: Case, at: datetime) -> Handled:
    """Approve at the marketplace. One whose state did not follow at once is noted as handled: it is asked only once."""
    try:
        remote.act(case.pk, Action.APPROVE, SYSTEM, Inputs(reason="Time ran out."))
        said = Inputs(reason="Approved at the marketplace, as its time had run out.")
        move_cases({case.pk: Ask(Action.TIMEOUT_ALERT, said)}, SYSTEM, if_due_at=at)
    except BackofficeError as error:
        return put_off(case, str(error))
    except Exception as error:
        if not connection.is_usable():
            raise  # nothing is wrong with the case
        log.exception("case_not_approved", case=case.pk)
        return put_off(case, name_error(error))
    return Handled(case, Outcome.APPROVED, "at the marketplace")
