"""The figures: what is open now and what the days brought, of the shops that one may see, without reading the table."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from aftersales.models import Case, CaseLine, Refund
from aftersales.queries.figures import Product, judge_review, list_days, read_figures
from aftersales.services.asking import SYSTEM
from aftersales.states import Action, CaseState, CaseType
from backoffice.common import clock
from tests.architecture.rows import make_superuser
from tests.factories.cases import act, make_case, make_due
from tests.factories.people import make_person
from tests.factories.shops import make_shop
from tests.plans import explain, indexes, read_whole

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def move_back(case, **times):
    """Write when it was made or ended, as it is long ago."""
    now = clock.now()
    Case.objects.filter(pk=case.pk).update(**{name: now - span for name, span in times.items()})


def test_what_is_open_is_counted_by_state_and_urgency(shop):
    make_case(shop)
    late, soon = make_case(shop), make_case(shop, state=CaseState.PENDING_RECEIVE)
    make_case(shop, state=CaseState.REJECTED)
    make_case(shop, state=CaseState.CANCELLED)
    make_due(late)
    make_due(soon, hours=-3)
    figures = read_figures(make_superuser(), 7)
    assert figures.open_by_state == {"PENDING_APPROVAL": 2, "PENDING_RECEIVE": 1}
    assert (figures.overdue, figures.due_soon) == (1, 1)


def test_what_was_made_and_ended_is_counted_by_day(shop, noon):
    old, ended, _ = make_case(shop), make_case(shop, state=CaseState.CANCELLED), make_case(shop)
    move_back(old, created_at=timedelta(days=7))
    move_back(ended, created_at=timedelta(days=2), completed_at=timedelta(days=1))
    figures = read_figures(make_superuser(), 7)
    today = timezone.localdate(noon)
    assert (figures.first_day, figures.last_day) == (today - timedelta(days=6), today)
    assert figures.made == {today: 1, today - timedelta(days=2): 1}
    assert figures.ended == {today - timedelta(days=1): 1}
    assert len(list_days(figures)) == 7


def test_handling_takes_from_the_beginning_to_the_end(shop):
    for hours in (10, 20):
        move_back(make_case(shop, state=CaseState.CANCELLED), created_at=(hours + 1) * HOUR, completed_at=HOUR)
    mean = read_figures(make_superuser(), 7).mean_handling
    assert mean is not None
    assert round(mean / HOUR) == 15


def test_shares_are_of_what_was_decided_and_of_what_ended(shop):
    make_case(shop)  # undecided
    make_case(shop, state=CaseState.REJECTED)
    closed = make_case(shop, state=CaseState.REJECTED)
    act(closed, Action.CANCEL)
    make_case(shop, CaseType.REFUND_ONLY, CaseState.COMPLETED)
    case = make_case(shop, state=CaseState.PENDING_RETURN)
    make_due(case)
    act(case, Action.TIMEOUT_CANCEL, operator=SYSTEM)
    figures = read_figures(make_superuser(), 7)
    assert (figures.approved, figures.rejected) == (1, 2)
    assert figures.approval_rate == pytest.approx(1 / 3)
    assert figures.timeout_share == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("state", "was_rejected", "approved"),
    [
        ("PENDING_APPROVAL", False, None), ("PENDING_RETURN", False, True), ("COMPLETED", True, True),
        ("REJECTED", True, False), ("CANCELLED", True, False), ("CANCELLED", False, None), ("UNKNOWN", False, None),
    ],
)  # fmt: skip
def test_a_review_is_judged_by_what_became_of_the_case(state, was_rejected, approved):
    assert judge_review(state, was_rejected=was_rejected) is approved


def test_where_there_is_nothing_there_is_no_share(shop):
    figures = read_figures(make_superuser(), 7)
    assert (figures.approval_rate, figures.mean_handling, figures.timeout_share) == (None, None, None)


def test_refunds_that_failed_or_were_not_answered_are_counted(shop):
    for action in (Action.REFUND_FAILED, Action.START_REFUND):
        act(make_case(shop, CaseType.REFUND_ONLY, CaseState.PENDING_REFUND), action)
    figures = read_figures(make_superuser(), 7)
    assert (figures.failed_refunds, figures.unanswered_refunds) == (1, 1)
    Refund.objects.update(created_at=clock.now() - timedelta(days=8))
    figures = read_figures(make_superuser(), 7)
    assert (figures.failed_refunds, figures.unanswered_refunds) == (0, 0)


def test_reasons_and_products_are_ranked(shop):
    for quantity, sku in ((1, "A"), (2, "B"), (2, "A")):
        case = make_case(shop, reason="damaged", amount=Decimal(1))
        CaseLine.objects.filter(case=case).update(
            quantity=quantity, requested_quantity=quantity, seller_sku=sku, product_name=f"Product {sku}",
            product_external_id=sku,
        )  # fmt: skip
    make_case(shop, CaseType.CANCEL, reason="dont_want")
    figures = read_figures(make_superuser(), 7)
    assert figures.reasons.most_common() == [("damaged", 3), ("dont_want", 1)]
    assert figures.products == [Product("Product A", "A", 3, 2), Product("Product B", "B", 2, 1)]


def test_only_the_shops_that_one_sees_are_counted(shop):
    other = make_shop(app=shop.app)
    for one in (shop, other, other):
        act(make_case(one, CaseType.REFUND_ONLY, CaseState.PENDING_REFUND), Action.REFUND_FAILED)
        make_case(one, CaseType.REFUND_ONLY, CaseState.COMPLETED)
        make_due(make_case(one))
    figures = read_figures(make_person(shops=[shop]), 7)
    assert (figures.open_by_state.total(), figures.overdue, figures.failed_refunds) == (2, 1, 1)
    assert (figures.made.total(), figures.ended.total(), figures.products[0].pieces) == (3, 1, 3)
    assert read_figures(make_superuser(), 7, [other.pk]).made.total() == 6
    assert read_figures(make_person(shops=[shop], name="other"), 7, [other.pk]).made.total() == 0


def test_a_million_cases_are_not_read_for_the_figures_of_a_week(shop):
    """Twenty thousand cases of two years stand for them: what is open and what the days hold is found by indexes."""
    case = make_case(shop)
    fill_with_ended(case, 20_000)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL random_page_cost = 1.1")
        cursor.execute("ANALYZE order_aftersales, order_aftersales_line")
    with CaptureQueriesContext(connection) as captured:
        read_figures(make_superuser(), 7)
    reading = [query["sql"] for query in captured if '"order_aftersales"' in query["sql"]]
    assert len(reading) >= 5
    plans = [explain(statement) for statement in reading]
    assert "order_aftersales" not in read_whole(plans)
    assert {"case_created", "case_completed"} <= indexes(plans)


COPIED = (
    "shop_id, origin, type, reason, raw_status, order_external_id, raw_reason_code, raw_reason_text, description,"
    " images, currency, requested_amount, amount, is_amount_modified, modification_count, rejection_count,"
    " escalated_from, snapshot, sweep_failed_count, sweep_error"
)
FILL = f"""
    INSERT INTO order_aftersales (
        number, state, state_entered_at, created_at, updated_at, completed_at, {COPIED}
    )
    SELECT 'old-' || n, 'COMPLETED', at, at, at, at + interval '1 day', {COPIED}
    FROM order_aftersales, generate_series(1, %s) n, LATERAL (SELECT now() - (n + 24) * interval '1 hour' AS at) times
    WHERE id = %s
"""


def fill_with_ended(case, number):
    """Add cases that were made and ended in the last years, one an hour."""
    with connection.cursor() as cursor:
        cursor.execute(FILL, [number, case.pk])
