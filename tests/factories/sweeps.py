"""Many due cases by SQL alone: copies of cases that the services made, each with its order, its line and its log."""

from collections.abc import Mapping

from django.db import connection
from django.db.models import Model

from aftersales.models import Case, CaseLine, CaseLog
from orders.models import Order, OrderLine

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
