"""Writes lists as files in the background, keeps them for a while, and says who may fetch them."""

import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import QueryDict
from django.utils import timezone

from backoffice.common import clock
from backoffice.common.counting import count_up_to
from backoffice.common.errors import BackofficeError, NotPossible
from backoffice.common.lists import leases
from backoffice.common.lists.exporters import Column, Exporter, get_exporter
from backoffice.common.lists.files import open_list_file
from backoffice.common.lists.models import Export, ExportFormat, JobState
from backoffice.common.lists.models.saved_view import QUERY_LENGTH
from backoffice.common.models import visible_shop_ids
from backoffice.common.stopping import is_stopping

AT_ONCE = 5  # unfinished exports of one person
READ_AT_ONCE = 2_000  # rows from the database's cursor
BEAT_ROWS = 1_000  # rows between two heartbeats
WORK_PREFIX = "work-"
WHAT_TO_DO = "Whoever runs the servers must look at EXPORT_DIR: is there room, and may the workers write there?"

log = structlog.get_logger(__name__)


class Stopping(Exception):
    """The worker must end; another one begins anew."""


def start_export(*, kind: str, person: Any, query: str, columns: Sequence[str], file_format: str) -> Export:
    """Write down that a person wants a list as a file."""
    exporter = get_exporter(kind)
    if not person.has_perm(exporter.permission):
        raise PermissionDenied
    unknown = [name for name in columns if name not in exporter.columns]
    if unknown or file_format not in ExportFormat.values:
        raise NotPossible(f"There is no {', '.join(unknown) or file_format} in this export. Load the form again.")
    if len(query) > QUERY_LENGTH:
        raise NotPossible(f"The filters are longer than {QUERY_LENGTH:,} characters. Take fewer of them.")
    filters_in_words = exporter.describe(person, QueryDict(query))  # a filter that makes no sense is told now
    unfinished = Export.objects.filter(user=person, state__in=[JobState.DUE, JobState.RUNNING])
    if unfinished.count() >= AT_ONCE:
        raise NotPossible(f"{AT_ONCE} of your exports are not finished yet. Wait for one, or delete one.")
    return Export.objects.create(
        user=person,
        kind=kind,
        query=query,
        filters_in_words=filters_in_words,
        columns=list(columns),
        format=file_format,
    )


def run_export(export_id: int) -> None:
    """Write the file of an export, if nobody else does."""
    owner = leases.new_owner()
    export = leases.claim(Export, export_id, owner)
    if export is None:
        return
    with suppress(leases.LeaseLost), timezone.override(ZoneInfo(settings.OPERATOR_TIME_ZONE)):
        try:
            _write(export, owner)
        except Stopping:
            leases.give_back(export, owner)
        except BackofficeError as refusal:
            _fail(export, owner, str(refusal))
        except leases.LeaseLost:
            raise
        except Exception as error:
            log.exception("export_failed", export=export.pk)
            _note_failure(export, owner, error)


def _note_failure(export: Export, owner: str, error: Exception) -> None:
    """Fail what a person must look at; anything else is tried again."""
    if isinstance(error, OSError):
        _fail(export, owner, f"The file could not be written: {error.strerror or error}. {WHAT_TO_DO}")
    elif export.attempt_count >= leases.TRIES:
        _fail(export, owner, f"Unexpected error in each of {leases.TRIES} tries; the log says more.")
    else:
        leases.give_back(export, owner, reason="Unexpected error; it is tried again.", counts_as_try=True)


def refusal_to_fetch(export: Export, person: Any) -> str:
    """Say why a person may not fetch the file of an export that they see; empty where they may."""
    shop_ids = visible_shop_ids(person)
    try:
        exporter = get_exporter(export.kind)
    except KeyError:
        return "Exports of this kind are gone from this version."
    if not person.has_perm(exporter.permission):
        return f"The permission to see what is in it ({exporter.label}) was withdrawn since."
    if shop_ids is not None and not shop_ids.issuperset(export.shop_ids):
        return "It holds rows of a shop that you may not see any more. Make a new export; it holds what you may see."
    return ""


def find_file(export: Export) -> Path | None:
    """Find the file of an export that may still be fetched."""
    is_over = export.expires_at is not None and export.expires_at <= clock.now()
    if export.state != JobState.DONE or not export.file_name or is_over:
        return None
    path = _folder() / export.file_name
    return path if path.is_file() else None


def open_file(export: Export) -> BinaryIO:
    """Open the file of an export; raises FileNotFoundError where it is gone, even since a moment ago."""
    path = find_file(export)
    if path is None:
        raise FileNotFoundError(f"{export} has no file")
    return path.open("rb")


def delete_export(export: Export) -> None:
    """Forget an export and its file; a worker that writes it notices and stops."""
    file_name = export.file_name
    export.delete()
    _remove(file_name)


def tidy_exports() -> None:
    """Delete files whose time is over, and those that no export knows: left by dead workers or deleted people."""
    over = Export.objects.filter(state=JobState.DONE, expires_at__lte=clock.now())
    for export in over:
        if over.filter(pk=export.pk).update(state=JobState.EXPIRED, file_name=""):
            _remove(export.file_name)
    # The folder is read first: what lies there was written into its row before it was made.
    found = list(_folder().iterdir()) if _folder().is_dir() else []
    known = set(Export.objects.exclude(file_name="").values_list("file_name", flat=True))
    running = Export.objects.filter(state=JobState.RUNNING)
    known |= {_work_name(owner) for owner in running.values_list("lease_owner", flat=True)}
    for path in found:
        if path.name not in known:
            log.info("export_orphan_deleted", name=path.name)
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def _write(export: Export, owner: str) -> None:
    if export.attempt_count > leases.TRIES:
        raise NotPossible(f"{leases.TRIES} workers ended without a word while they wrote this file.")
    exporter = _permitted_exporter(export)
    rows = exporter.select(export.user, QueryDict(export.query))
    limit = settings.EXPORT_MAX_ROWS
    total = count_up_to(limit, rows)
    if total > limit:
        raise NotPossible(f"The list has more than {limit:,} rows, the most that one file may hold. Narrow it first.")
    leases.keep(export, owner, total_count=total, done_count=0, reason="")
    columns = [exporter.columns[name] for name in export.columns or exporter.columns if name in exporter.columns]
    name = f"{secrets.token_hex(16)}.{export.format}"
    with _work_folder(owner) as folder:
        shop_ids, count = _write_rows(export, owner, folder / name, columns, rows)
        leases.keep(export, owner, done_count=count, file_name=name)
        (folder / name).replace(_folder() / name)
    try:
        _finish(export, owner, name, shop_ids, count)
    except leases.LeaseLost:
        _remove(name)
        raise


def _write_rows(export: Export, owner: str, path: Path, columns: Sequence[Column], rows: Any) -> tuple[set[int], int]:
    """Write row by row from a cursor of the database; return the shops whose rows they are, and how many."""
    shop_ids: set[int] = set()
    count = 0
    with open_list_file(export.format, path, columns, ZoneInfo(settings.OPERATOR_TIME_ZONE)) as file:
        for row in rows.iterator(chunk_size=READ_AT_ONCE):
            file.add(column.read(row) for column in columns)
            shop_ids.add(row.shop_id)
            count += 1
            if count % BEAT_ROWS == 0:
                leases.keep(export, owner, done_count=count)
                if is_stopping():
                    raise Stopping
    return shop_ids, count


def _finish(export: Export, owner: str, name: str, shop_ids: set[int], count: int) -> None:
    leases.end(
        export,
        owner,
        JobState.DONE,
        size_bytes=(_folder() / name).stat().st_size,
        shop_ids=sorted(shop_ids),
        total_count=count,
        done_count=count,
        reason="",
        expires_at=clock.now() + timedelta(hours=settings.EXPORT_KEEP_HOURS),
    )


def _permitted_exporter(export: Export) -> Exporter:
    try:
        exporter = get_exporter(export.kind)
    except KeyError:
        raise NotPossible("Exports of this kind are gone from this version.") from None
    if not export.user.is_active or not export.user.has_perm(exporter.permission):
        raise NotPossible("Whoever asked for it may not see this list any more.")
    return exporter


def _fail(export: Export, owner: str, reason: str) -> None:
    leases.end(export, owner, JobState.FAILED, reason=reason, file_name="")


def _folder() -> Path:
    return Path(settings.EXPORT_DIR)


def _work_name(owner: str) -> str:
    return WORK_PREFIX + owner.replace("/", "-")


@contextmanager
def _work_folder(owner: str) -> Iterator[Path]:
    """Make a folder for what is not finished; it is beside the finished files, so that moving one is atomic."""
    _folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = _folder() / _work_name(owner)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove(file_name: str) -> None:
    if file_name:
        (_folder() / file_name).unlink(missing_ok=True)
