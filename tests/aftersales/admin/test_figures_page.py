"""The page of figures: numbers with the lists behind them, for 7, 30 or 90 days, of the shops that one may see."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from aftersales.admin.figures import make_bars, make_columns, show_share
from aftersales.queries.figures import Figures
from aftersales.states import Action, CaseState, CaseType
from tests.factories.cases import act, make_case, make_due
from tests.factories.pages import log_in
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def look(client, shop):
    log_in(client, "aftersales.view_case", "aftersales.view_refund", shops=[shop])

    def page(**query):
        return client.get(reverse("admin:aftersales_figures"), query)

    return page


def tiles(answer):
    return {tile.title: tile.number for tile in (*answer.context["now_tiles"], *answer.context["range_tiles"])}


def test_the_numbers_lead_to_their_lists(look, shop):
    make_due(make_case(shop, reason="damaged"))
    act(make_case(shop, CaseType.REFUND_ONLY, CaseState.PENDING_REFUND), Action.REFUND_FAILED)
    answer = look(days=7)
    assert tiles(answer) == {
        "Open": "2", "Overdue": "1", "Due soon": "0", "Approval rate": "100 %", "Mean handling time": "–",
        "Ended by time-out": "–", "Failed refunds": "1",
    }  # fmt: skip
    text = answer.content.decode()
    for part in ("Awaiting review", "state=PENDING_REFUND", "due=overdue", "reason=damaged", "state=FAILED"):
        assert part in text, part


def test_days_and_shops_are_chosen_and_nonsense_is_not(look, shop, client):
    make_case(shop)
    other = make_shop(app=shop.app)
    make_case(other)
    assert [len(look(days=days).context["columns"]) for days in (7, 30, 90)] == [7, 30, 13]
    assert look(days="x").context["chosen_days"] == 30
    assert tiles(look(shop=shop.pk))["Open"] == "1"
    assert tiles(look(shop=other.pk))["Open"] == "1"  # not theirs, so not chosen: what is shown is their own
    assert str(other) not in look(shop=other.pk).content.decode()


def test_who_may_not_see_cases_gets_no_figures(client, shop):
    log_in(client, "orders.view_order", shops=[shop])
    assert client.get(reverse("admin:aftersales_figures")).status_code == 403


def test_a_share_says_no_more_than_is_so():
    assert [show_share(share) for share in (None, 0.0, 1.0, 0.5, 0.9999, 1 / 3)] == [
        "–", "0 %", "100 %", "50 %", "99.9 %", "33.3 %",
    ]  # fmt: skip


def test_bars_and_columns_are_measured_by_the_highest():
    assert [bar.percent for bar in make_bars([("a", 400, "", ""), ("b", 100, "", ""), ("c", 1, "", "")])] == [
        100,
        25,
        1,
    ]
    last = date(2026, 11, 22)
    figures = Figures(last - timedelta(days=89), last)
    figures.made[last], figures.made[last - timedelta(days=6)], figures.ended[last - timedelta(days=7)] = 1, 1, 4
    columns = make_columns(figures)
    assert [(column.made, column.ended) for column in columns[-2:]] == [(0, 4), (2, 0)]
    assert (columns[-1].made_percent, columns[-2].ended_percent) == (50, 100)
    assert sum(column.made for column in columns) == 2
