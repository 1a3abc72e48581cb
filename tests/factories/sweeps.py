"""Many due cases by SQL alone: copies of cases that the services made, each with its line and its log."""

from django.db import connection

from aftersales.models import Case, CaseLine, CaseLog

# A copy has a number, a deadline and an order line of its own.
OWN = {
    "number": "original.number || '-' || copy",
    "auto_process_time": "original.auto_process_time + copy * interval '1 millisecond'",
    "case_id": "copied.id",
    "order_line_external_id": "original.order_line_external_id || '-' || copied.id",
}
COPY_CASES = "order_aftersales AS original, generate_series(1, %s) AS copy WHERE original.id = %s ORDER BY copy"
COPY_ROWS = (
    "{table} AS original JOIN order_aftersales AS source ON source.id = original.case_id"
    " JOIN order_aftersales AS copied ON copied.number LIKE source.number || '-%%' WHERE original.case_id = %s"
)


def copy_cases(case: Case, count: int) -> None:
    """Copy a case so many times; each is due a millisecond later than the one before."""
    with connection.cursor() as cursor:
        cursor.execute(_insert(Case, COPY_CASES), [count, case.pk])
        for model in (CaseLine, CaseLog):
            cursor.execute(_insert(model, COPY_ROWS.format(table=model._meta.db_table)), [case.pk])


def _insert(model: type[Case] | type[CaseLine] | type[CaseLog], rows: str) -> str:
    fields = [field for field in model._meta.concrete_fields if not field.generated and not field.primary_key]
    columns = [field.attname for field in fields]
    values = [OWN.get(column, f"original.{column}") for column in columns]
    return f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {rows}"
