"""How the database answers: a world that is filled once for a file of tests, and the plans of a page's statements."""

import json
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.many_orders import BOSS

Plan = dict[str, Any]


@contextmanager
def filled_once(blocker: Any, fill: Callable[[], object]) -> Iterator[None]:
    """Fill for all tests of a file; afterwards it is as if nothing had been."""
    with blocker.unblock(), transaction.atomic():
        fill()
        with connection.cursor() as cursor:
            # As the embedded server has it and README.md says; the default is for disks that turn.
            cursor.execute("SET LOCAL random_page_cost = 1.1")
            cursor.execute("ANALYZE")
        yield
        transaction.set_rollback(True)


def make_filled(fill: Callable[[], object]) -> Any:
    """The fixture `filled` of a file of tests."""

    @pytest.fixture(scope="module")
    def filled(django_db_setup, django_db_blocker):
        with filled_once(django_db_blocker, fill):
            yield

    return filled


def make_plans_of(large: Collection[str], root: str = "") -> Any:
    """The fixture `plans_of`: the plans of a page's statements that read large tables, but for counts."""

    @pytest.fixture
    def plans_of(filled, client):
        def plans(address: str, who: str = BOSS) -> list[Plan]:
            return explain_large(list(filter(is_no_count, capture_page(client, root + address, who))), large)

        return plans

    return plans_of


def capture_page(client: Client, address: str, who: str) -> list[str]:
    """Open a page as somebody, and return its statements."""
    client.force_login(User.objects.get(username=who))
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in queries]


def explain_large(statements: Collection[str], large: Collection[str]) -> list[Plan]:
    """Return the plans of the statements that read large tables."""
    return [explain(one) for one in statements if any(f'FROM "{table}"' in one for table in large)]


def explain(statement: str) -> Plan:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}")
        found = cursor.fetchone()[0]
    plan: Plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return plan


def is_no_count(statement: str) -> bool:
    """Counting up to a limit may read a table from its start: that ends early, and counts what is in any order."""
    return "LIMIT 10001" not in statement


def nodes(plan: Plan) -> Iterator[Plan]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


def read_whole(plans: Collection[Plan]) -> set[str]:
    """The tables that are read from one end to the other."""
    return {node["Relation Name"] for plan in plans for node in nodes(plan) if node["Node Type"] == "Seq Scan"}


def indexes(plans: Collection[Plan]) -> set[str]:
    return {node["Index Name"] for plan in plans for node in nodes(plan) if "Index Name" in node}
