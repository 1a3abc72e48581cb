"""Moves of one case that meet: one waits for the other, and the log tells them as they happened."""

import threading
import time

import pytest
from django.db import connection, transaction

from aftersales.models import Case
from aftersales.services.asking import Inputs
from aftersales.states import Action
from tests.factories.cases import act, make_case
from tests.factories.shops import make_shop

WAITING = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def wait_until_somebody_waits() -> None:
    """In this database, as other tests wait for locks in theirs; a thread may take long to begin on a busy machine."""
    give_up_at = time.monotonic() + 30
    with connection.cursor() as cursor:
        while time.monotonic() < give_up_at:
            cursor.execute("SELECT pg_stat_clear_snapshot()")  # else a transaction sees one state of it to its end
            cursor.execute(WAITING)
            if cursor.fetchone():
                return
    raise AssertionError("nobody waits for a lock")


@pytest.mark.django_db(transaction=True)
def test_what_waited_for_another_move_is_later_in_the_log_too():
    case = make_case(make_shop())

    def remark() -> None:
        act(case, Action.REMARK, Inputs(reason="waited"))
        connection.close()

    waiting = threading.Thread(target=remark)
    with transaction.atomic():
        Case.objects.select_for_update().get(pk=case.pk)
        waiting.start()
        wait_until_somebody_waits()
        act(case, Action.REMARK, Inputs(reason="first"))
    waiting.join()
    earlier, later = case.log.filter(action="ADD_REMARK").order_by("pk")
    assert (earlier.text, later.text) == ("first", "waited")
    assert later.at >= earlier.at
