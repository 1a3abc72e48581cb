"""What staff may change about an order. The order itself is the marketplace's and is never written here."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from backoffice.common import clock
from backoffice.common.errors import BackofficeError, NotPossible
from backoffice.common.history import note_change
from orders.models import Order, OrderHandling
from orders.models.handling import NOTE_LENGTH, TAG_LENGTH, TAGS_AT_MOST
from orders.queries.handling import find_handling, list_assignable

SHOWN_OF_NOTE = 200  # characters of a note in the history


class Stale(BackofficeError):
    """Somebody else has changed what is to be changed since it was read; `present` is what they made of it."""

    def __init__(self, present: OrderHandling) -> None:
        self.present = present
        who = present.changed_by.get_username() if present.changed_by else "Somebody"
        when = f"{timezone.localtime(present.changed_at):%Y-%m-%d %H:%M:%S %Z}"
        super().__init__(
            f"{who} changed note, tags or assignee on {when}, while you had them open. Nothing of yours was saved. "
            "Compare, then save once more or keep what is there."
        )


def change_handling(
    order: Order, *, version: int, note: str, tags: Iterable[str], assignee: User | None, person: User
) -> OrderHandling | None:
    """Change what staff keep about an order, if it is still the version that the person has read (0: none yet).

    Writes one row and one line of history, or neither. Returns what is kept now. Raises Stale where somebody was
    faster, unless they have written the very same.
    """
    before = find_handling(order)
    wanted = {"note": clean_note(note), "tags": clean_tags(tags), "assignee": assignee}
    changes = _describe_changes(before or OrderHandling(order=order), wanted)
    if not changes:
        return before
    if before is not None and before.version != version:
        raise Stale(before)
    version = before.version if before else 0
    if assignee is not None and (before is None or before.assignee_id != assignee.pk):
        _check_assignee(order, assignee)
    with transaction.atomic():
        if not _write(order, version, {**wanted, "changed_at": clock.now(), "changed_by": person}):
            raise Stale(OrderHandling.objects.select_related("assignee", "changed_by").get(order=order))
        note_change(person, order, " ".join(changes))
    return find_handling(order)


def clean_tags(tags: Iterable[str]) -> list[str]:
    """Return tags as they are kept: in lower case, each once, in the order given."""
    known = dict.fromkeys(" ".join(tag.lower().replace("\x00", "").split()) for tag in tags)
    known.pop("", None)
    if too_long := [tag for tag in known if len(tag) > TAG_LENGTH]:
        raise NotPossible(f"A tag has at most {TAG_LENGTH} characters; “{too_long[0][:60]}” has {len(too_long[0])}.")
    if len(known) > TAGS_AT_MOST:
        raise NotPossible(f"An order has at most {TAGS_AT_MOST} tags; these are {len(known)}. Leave some out.")
    return list(known)


def clean_note(note: str) -> str:
    """Return a note as it is kept: without what surrounds it, and with one kind of line end."""
    kept = note.replace("\x00", "").replace("\r\n", "\n").strip()
    if len(kept) > NOTE_LENGTH:
        raise NotPossible(f"A note has at most {NOTE_LENGTH:,} characters; this one has {len(kept):,}. Shorten it.")
    return kept


def _check_assignee(order: Order, assignee: User) -> None:
    if not list_assignable(order.shop_id).filter(pk=assignee.pk).exists():
        raise NotPossible(
            f"{assignee.get_username()} cannot be assigned: only active staff who may see the shop can. Choose "
            "somebody else, or have the shop granted to them."
        )


def _write(order: Order, version: int, values: dict[str, Any]) -> bool:
    """Insert the first version, or replace the one that was read; false where it is not the present one any more."""
    if version == 0:
        _, created = OrderHandling.objects.get_or_create(order=order, defaults=values)
        return created
    present = OrderHandling.objects.filter(order=order, version=version)
    return present.update(**values, version=version + 1) == 1


def _describe_changes(before: OrderHandling, wanted: dict[str, Any]) -> list[str]:
    """Say what changes, a sentence each, for the history."""
    changes = []
    if wanted["note"] != before.note:
        shown = wanted["note"][:SHOWN_OF_NOTE] + ("…" if len(wanted["note"]) > SHOWN_OF_NOTE else "")
        changes.append(f"Note: “{shown}”." if shown else "Note removed.")
    if wanted["tags"] != before.tags:
        added = [f"+{tag}" for tag in wanted["tags"] if tag not in before.tags]
        removed = [f"−{tag}" for tag in before.tags if tag not in wanted["tags"]]
        changes.append(f"Tags: {' '.join(added + removed) or 'in another order'}.")
    if wanted["assignee"] != before.assignee:
        was, becomes = (one.get_username() if one else "nobody" for one in (before.assignee, wanted["assignee"]))
        changes.append(f"Assignee: {was} → {becomes}.")
    return changes
