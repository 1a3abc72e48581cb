"""Exports from their start to their file."""

from backoffice.common.lists.exports import find_file, run_export, start_export
from tests.backoffice.common.lists.sheets import read_csv

KIND = "orders.orders"


def start(person, query="", columns=(), file_format="csv"):
    return start_export(kind=KIND, person=person, query=query, columns=columns, file_format=file_format)


def run(export):
    run_export(export.pk)
    export.refresh_from_db()
    return export


def file_of(export):
    path = find_file(export)
    assert path is not None
    return path


def rows_of(export):
    return read_csv(file_of(export))


def numbers_of(export):
    return [row[0] for row in rows_of(export)[1:]]
