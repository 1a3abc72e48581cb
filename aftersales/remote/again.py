"""What a person asks of a marketplace once more about one case: what it says, and which answer of theirs was lost."""

from aftersales.choices import AnswerState
from aftersales.models import Case, SellerAnswer
from aftersales.queries.actions import list_possible
from aftersales.remote.answers import end_by_reading
from aftersales.remote.reading import NotRead, read_again
from aftersales.services.asking import refuse
from aftersales.states import Action, CaseOrigin
from backoffice.common.locks import wait_advisory_lock
from shops.marketplaces.rate_limit import Lane


def read_one_again(case_id: int) -> Case:
    """Read a marketplace's case for somebody who waits, and end what is in doubt about it if that tells.

    Makes calls, so no transaction may be open. Raises NotAllowed for a case that was made here, and NotRead. Of two who
    ask at once the second one waits.
    """
    case = Case.objects.get(pk=case_id)
    if case.origin != CaseOrigin.MARKETPLACE:
        raise refuse(case, Action.SYNC, "it was made here: no marketplace knows of it.")
    with wait_advisory_lock("case", case.pk):
        failed = read_again([case.pk], lane=Lane.INTERACTIVE).failed
        if failed:
            raise NotRead(failed[case.pk])
        answer = find_in_doubt(case)
        if answer is not None:
            end_by_reading(answer.pk)
    return Case.objects.select_related("shop").get(pk=case.pk)


def find_in_doubt(case: Case) -> SellerAnswer | None:
    """Find the answer of a case whose reply was lost; there is one at most."""
    return SellerAnswer.objects.filter(case=case, state=AnswerState.IN_DOUBT).first()


def get_in_doubt(case: Case) -> SellerAnswer:
    """Return the answer of a case whose reply was lost; raises NotAllowed."""
    answer = find_in_doubt(case)
    if answer is None:
        possible = [one.move.action for one in list_possible(case)]
        raise refuse(case, Action.SYNC, "no answer of it is in doubt.", among=possible)
    return answer
