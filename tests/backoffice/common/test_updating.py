"""Many rows by one statement: every kind of column as it was given, and only rows in which something differs."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from aftersales.models import Case, CaseLine, CaseLog
from backoffice.common import clock
from backoffice.common.updating import insert_rows, update_rows
from tests.factories.cases import make_case
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db


def test_every_kind_of_column_is_written_and_the_others_stay(django_assert_num_queries):
    cases = [make_case(make_shop(), number=f"case-{number}", audited_by=None) for number in range(3)]
    person, now = User.objects.create(username="reviewer"), clock.now()
    for number, case in enumerate(cases):
        case.description = f'it\'s {number}, \\ "quoted" {{and}} more\n'
        case.amount = None if number == 1 else Decimal("12.3400")
        case.images = [{"url": "https://example.test/ü.jpg"}, number, None]
        case.is_amount_modified = True
        case.audited_at, case.audited_by = now, person if number else None
        case.rejection_count = number
        case.number = "not among the columns"
    names = [
        "description", "amount", "images", "is_amount_modified", "audited_at", "audited_by", "rejection_count",
    ]  # fmt: skip
    with django_assert_num_queries(1):
        assert update_rows(cases, names) == 3
    stored = list(Case.objects.order_by("pk"))
    assert [[getattr(row, name) for name in names] for row in stored] == [
        [getattr(case, name) for name in names] for case in cases
    ]
    assert [row.number for row in stored] == ["case-0", "case-1", "case-2"]


def test_a_row_without_a_difference_is_not_written():
    case, other = (make_case(make_shop(), number=number) for number in ("one", "two"))
    other.auto_process_time = clock.now() + timedelta(hours=1)
    assert update_rows([case, other], ["auto_process_time", "images"]) == 1
    lines = list(CaseLine.objects.all())
    assert update_rows(lines, ["quantity", "amount", "holds_line"]) == 0


def test_nothing_costs_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert update_rows([], ["amount"]) == 0


def test_new_rows_get_their_ids_and_every_kind_of_value():
    case = make_case(make_shop())
    rows = [
        CaseLog(case=case, action="ADD_REMARK", operator_kind="ADMIN", operator_id=number or None, state=case.state,
                text="tab\t, line\n, \\. and é", context={"number": [number, None]}, at=clock.now())
        for number in range(2)
    ]  # fmt: skip
    insert_rows(rows)
    stored = list(case.log.order_by("pk"))[1:]
    assert stored == rows
    names = ("text", "context", "at", "operator_id", "request_id")
    assert [[getattr(row, name) for name in names] for row in stored] == [
        [getattr(row, name) for name in names] for row in rows
    ]


def test_what_the_database_computes_of_a_new_row_can_be_read():
    known, shop = make_case(make_shop()), make_shop()
    due = known.auto_process_time
    new = Case(shop=shop, number="new", origin="INTERNAL", type="cancel", state=known.state, auto_process_time=due,
               state_entered_at=clock.now(), created_at=clock.now(), updated_at=clock.now())  # fmt: skip
    insert_rows([new])
    assert (new.due_at, Case.objects.get(number="new")) == (due, new)
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_rows([new])
