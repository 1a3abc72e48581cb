"""Cases that are due, many of them by SQL alone: copies of what the services made, each with order, line and log."""

from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.db.models import Model

from aftersales.models import Case, CaseLine, CaseLog
from aftersales.services import bundles as bundling
from aftersales.services import moving
from aftersales.states import CaseState, CaseType
from orders.models import Order, OrderLine
from shops.models import Shop
from tests.factories.cases import make_case, make_due

COPIES = "{table} AS original, generate_series(1, %s) AS copy WHERE original.id = %s ORDER BY copy"
OF_ORDERS = (
    "orders_orderline AS original JOIN orders_order AS source ON source.id = original.order_id JOIN orders_order AS"
    " copied ON copied.external_id LIKE source.external_id || '-%%' WHERE original.order_id = %s"
)
OF_CASES = (
    "{table} AS original JOIN order_aftersales AS source ON source.id = original.case_id"
    " JOIN order_aftersales AS copied ON copied.number LIKE source.number || '-%%' WHERE original.case_id = %s"
)
# What a copy has of its own.
ORDER = {"external_id": "original.external_id || '-' || copy"}
CASE = {
    "number": "original.number || '-' || copy",
    "auto_process_time": "original.auto_process_time + copy * interval '1 millisecond'",
    "order_external_id": "original.order_external_id || '-' || copy",
    "order_id": "(SELECT id FROM orders_order AS own WHERE own.shop_id = original.shop_id"
    " AND own.external_id = original.order_external_id || '-' || copy)",
}


def make_due_case(
    shop: Shop,
    case_type: CaseType = CaseType.RETURN_REFUND,
    state: CaseState = CaseState.PENDING_APPROVAL,
    **facts: Any,
) -> Case:
    """A case whose time ran out an hour ago."""
    case = make_case(shop, case_type, state, **facts)
    make_due(case)
    return Case.objects.get(pk=case.pk)


def poison(monkeypatch: Any, *cases: Case) -> None:
    """Let the writing of these cases fail, with whatever batch they are in."""
    whole, ids = bundling.write_bundles, {case.pk for case in cases}

    def write(bundles: Any, now: Any) -> None:
        if any(bundle.case.pk in ids for bundle in bundles):
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")
        whole(bundles, now)

    monkeypatch.setattr(moving, "write_bundles", write)


def read_tables() -> dict[str, list[Any]]:
    """Every row of the tables that a sweep may write to."""
    with connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names(cursor) if name.startswith("order_aftersales")]
        rows = {}
        for name in tables:
            cursor.execute(f"SELECT * FROM {name} ORDER BY id")
            rows[name] = cursor.fetchall()
    return rows


def copy_cases(case: Case, count: int) -> None:
    """Copy a case so many times; each is due a millisecond later than the one before."""
    _insert(Order, ORDER, COPIES, [count, case.order_id])
    _insert(OrderLine, {"order_id": "copied.id"}, OF_ORDERS, [case.order_id])
    _insert(Case, CASE, COPIES, [count, case.pk])
    _insert(CaseLine, {"case_id": "copied.id", "order_id": "copied.order_id"}, OF_CASES, [case.pk])
    _insert(CaseLog, {"case_id": "copied.id"}, OF_CASES, [case.pk])


def _insert(model: type[Model], own: Mapping[str, str], rows: str, parameters: list[int | None]) -> None:
    table = model._meta.db_table
    fields = [field for field in model._meta.concrete_fields if not field.generated and not field.primary_key]
    columns = [field.attname for field in fields]
    values = [own.get(column, f"original.{column}") for column in columns]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {rows.format(table=table)}",
            parameters,
        )
