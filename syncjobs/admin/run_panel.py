"""What the page of a run shows: how far it is, what it waits for, where the time went, chunks and events."""

from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.safestring import SafeString

from backoffice.common import clock
from backoffice.common.admin import in_a_word, show_span
from backoffice.common.admin.times import describe_span, show_distance
from shops.choices import ShopState
from syncjobs.models import Chunk, ChunkState, Run, RunEvent, RunState
from syncjobs.queries import NO_CHUNKS, Progress, list_chunks, list_events, read_progress

STATE_COLOURS = {
    "open": "info", "due": "warning", "running": "info", "done": "success", "failed": "danger", "cancelled": "warning",
    "stopped": "warning", "buffered": "warning", "skipped": "warning",
}  # fmt: skip
LEVEL_COLOURS = {"info": "info", "warning": "warning", "error": "danger"}
BAR_COLOURS = {RunState.DONE: "done", RunState.FAILED: "failed"}
COUNTS = {
    "fetched_count": "Read", "inserted_count": "New", "updated_count": "Updated", "unchanged_count": "Unchanged",
    "invalid_count": "Invalid", "unreadable_count": "Unreadable", "buffered_count": "Buffered", "call_count": "Calls",
    "failed_call_count": "Failed calls",
}  # fmt: skip
STAGES = {"call_seconds": "Calls", "store_seconds": "Storing", "wait_seconds": "Waiting for limits and retries"}
MOST_CHUNKS = 100
MOST_EVENTS = 50


def build_panel(run: Run) -> dict[str, Any]:
    """Return what the template needs beside the run."""
    progress = read_progress([run]).get(run.pk, NO_CHUNKS)
    counts: dict[str, Any] = progress.counts or vars(run)
    chunks = list_chunks(run, progress.chunk_count, MOST_CHUNKS)
    return {
        "progress": progress,
        "bar": BAR_COLOURS.get(RunState(run.state), ""),
        "state": (STATE_COLOURS[run.state], in_a_word(run.get_state_display())),
        "waits_for": describe_wait(run, progress),
        "facts": _list_facts(run, progress, counts),
        "stages": _list_stages(progress, counts),
        "chunks": [_line_of(chunk) for chunk in chunks],
        "hidden_chunk_count": progress.chunk_count - len(chunks),
        "events": [_line_of_event(event) for event in list_events(run, MOST_EVENTS)],
        "most_events": MOST_EVENTS,
    }


def describe_wait(run: Run, progress: Progress) -> str:
    """Say in a sentence what an open run waits for; empty while it is worked on, or is not open."""
    if run.state != RunState.OPEN or progress.running_count or progress.next_due_at is None:
        return ""
    if run.shop.state != ShopState.ACTIVE and not run.is_forced:
        return f"Waits until the shop is active. It is not now: {run.shop.get_state_display().lower()}."
    if progress.next_due_at > clock.now():
        return f"Waits until {_moment(progress.next_due_at)}."
    return "Waits for a worker."


def _list_facts(run: Run, progress: Progress, counts: dict[str, Any]) -> list[tuple[str, str | SafeString]]:
    seconds = ((run.finished_at or clock.now()) - run.created_at).total_seconds()
    calls = counts["call_count"]
    return [
        *((label, f"{counts[name]:,}") for name, label in COUNTS.items()),
        ("Mean response", f"{counts['call_seconds'] / calls:,.2f} s" if calls else "–"),
        ("Received", filesizeformat(counts["received_bytes"])),
        ("Tries of chunks", f"{progress.try_count:,}"),
        ("Speed", f"{counts['fetched_count'] / seconds:,.0f} a second" if seconds >= 1 else "–"),
        ("Began", show_distance(run.started_at) if run.started_at else "–"),
        ("Duration", describe_span((run.finished_at or clock.now()) - run.created_at)),
    ]


def _list_stages(progress: Progress, counts: dict[str, Any]) -> list[dict[str, Any]]:
    """Say where the workers' time went, over all of them; several at once make more than passed on the clock."""
    known = {label: float(counts[name]) for name, label in STAGES.items()}
    rest = progress.worked_seconds - sum(known.values())
    if rest > 0:
        known["Mapping and all else"] = rest
    total = sum(known.values())
    if not total:
        return []
    return [
        {"label": label, "seconds": f"{seconds:,.1f} s", "percent": round(seconds * 100 / total)}
        for label, seconds in known.items()
    ]


def _line_of(chunk: Chunk) -> dict[str, Any]:
    """Return what the table shows of a chunk."""
    note = chunk.error
    if chunk.state == ChunkState.DUE and chunk.due_at > clock.now():
        note = f"Due at {_moment(chunk.due_at)}. {chunk.error}"
    return {
        "number": chunk.number,
        "window": show_span(chunk.window_start, chunk.window_end),
        "colour": STATE_COLOURS[chunk.state],
        "state": in_a_word(chunk.get_state_display()),
        "tries": chunk.attempt_count,
        "counts": [
            ("Read", f"{chunk.fetched_count:,}"),
            ("New", f"{chunk.inserted_count:,}"),
            ("Updated", f"{chunk.updated_count:,}"),
            ("Unchanged", f"{chunk.unchanged_count:,}"),
            ("Problems", f"{chunk.invalid_count + chunk.unreadable_count:,}"),
            ("Calls", f"{chunk.call_count:,}"),
        ],
        "note": note,
    }


def _line_of_event(event: RunEvent) -> dict[str, Any]:
    return {
        "at": show_distance(event.at),
        "colour": LEVEL_COLOURS[event.level],
        "level": event.get_level_display(),
        "chunk": event.chunk_number or "–",
        "text": event.text,
    }


def _moment(moment: Any) -> str:
    """Write a moment near now: the day only where it is another one."""
    local = timezone.localtime(moment)
    is_today = local.date() == timezone.localtime(clock.now()).date()
    return f"{local:%H:%M:%S %Z}" if is_today else f"{local:%Y-%m-%d %H:%M:%S %Z}"
