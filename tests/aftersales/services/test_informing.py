"""What staff and other systems correct in a case that goes on."""

from datetime import timedelta

import pytest

from aftersales.models import Case, ReturnParcel
from aftersales.services.asking import NotAllowed, Unacceptable
from aftersales.services.informing import change_information
from aftersales.services.tracking import EVENTS_AT_MOST, TrackingEvent
from aftersales.states import Action, CaseState, CaseType
from backoffice.common import clock
from tests.factories.cases import STAFF, act, make_case
from tests.factories.claims import ask_one, make_claimable

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(shop):
    """A request for quality, which is possible for 15 days, of goods that came 12 days before it."""
    now = clock.now()
    order = make_claimable(shop, delivered_at=now - timedelta(days=12), source_created_at=now - timedelta(days=20))
    return ask_one(order)


def change_reason(case: Case, reason: str) -> str:
    return change_information(case.pk, STAFF, reason=reason).reason


@pytest.mark.parametrize(("reason", "days"), [("dont_want", 10), ("damaged", 7)])
def test_a_reason_is_not_changed_to_one_that_the_request_came_too_late_for(case, reason, days):
    with pytest.raises(Unacceptable, match=f"possible for {days} days after receipt") as refused:
        change_reason(case, reason)
    assert refused.value.field == "reason"
    assert (Case.objects.get(pk=case.pk).reason, case.log.count()) == ("quality_issue", 1)
    for action in (Action.REJECT, Action.AMEND):
        act(case, action)
        with pytest.raises(Unacceptable):
            change_reason(case, reason)


def test_a_reason_is_held_against_the_day_of_the_request_however_long_the_review_takes(case):
    Case.objects.filter(pk=case.pk).update(created_at=clock.now() - timedelta(days=6))
    assert change_reason(case, "damaged") == "damaged"  # six days after receipt


def test_once_the_request_is_approved_its_reason_decides_nothing(case):
    act(case, Action.APPROVE)
    assert change_reason(case, "dont_want") == "dont_want"


def tell_events(case: Case, *events: TrackingEvent) -> ReturnParcel:
    change_information(case.pk, STAFF, tracking_events=events)
    return case.return_parcels.get()


def test_what_happens_to_a_parcel_is_added_in_the_order_of_its_times_and_once(shop):
    case = make_case(shop, state=CaseState.PENDING_RECEIVE)
    first, second = (TrackingEvent(clock.now() - timedelta(hours=ago), f"Seen {ago} h ago") for ago in (5, 2))
    parcel = tell_events(case, second)
    assert (parcel.state, [one["text"] for one in parcel.tracking_events]) == ("IN_TRANSIT", ["Seen 2 h ago"])
    row = case.log.latest("pk")
    assert (row.action, row.context) == ("MODIFY_INFO", {"tracking_events": [0, 1], "goods": ["SHIPPED", "IN_TRANSIT"]})
    parcel = tell_events(case, second, first, first)
    assert parcel.tracking_events == [first.as_json(), second.as_json()]
    assert case.log.latest("pk").context == {"tracking_events": [1, 2]}
    act(case, Action.CONFIRM_RECEIPT)
    assert tell_events(case, first, second).state == "RECEIVED"  # heard of again, as it is
    assert case.log.filter(action="MODIFY_INFO").count() == 2


def test_nothing_happens_to_a_parcel_that_was_not_sent_or_is_here(shop):
    case = make_case(shop, state=CaseState.PENDING_RETURN)
    event = TrackingEvent(clock.now(), "Seen")
    with pytest.raises(NotAllowed, match="no parcel of it is on its way"):
        tell_events(case, event)
    act(case, Action.FILL_SHIPMENT)
    act(case, Action.CONFIRM_RECEIPT)
    for one in (case, make_case(shop, CaseType.REFUND_ONLY)):
        with pytest.raises(NotAllowed, match="no parcel of it is on its way"):
            tell_events(one, event)


def test_a_parcel_has_no_more_events_than_it_can_bear(shop):
    case = make_case(shop, state=CaseState.PENDING_RECEIVE)
    tell_events(case, *(TrackingEvent(clock.now(), f"Seen {number}") for number in range(EVENTS_AT_MOST)))
    with pytest.raises(Unacceptable) as refused:
        tell_events(case, TrackingEvent(clock.now(), "Once more"))
    assert refused.value.field == "tracking_events"
