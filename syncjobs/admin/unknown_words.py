"""The page of words that marketplaces say and nobody here knows: stored as they came, shown, counted, never guessed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from backoffice.common.admin.times import show_distance
from backoffice.common.counting import COUNT_LIMIT
from backoffice.common.models import visible_shop_ids
from shops.choices import Marketplace
from syncjobs.streams import STREAMS, Stream

WORDS_AT_MOST = 200  # of one resource; a marketplace that says more has renamed everything


@dataclass(frozen=True)
class UnknownWord:
    """One word of a marketplace that has no meaning here: how many rows say it, and when one last came in."""

    resource: str
    marketplace: str
    raw_word: str
    count: int
    last_stored_at: datetime
    address: str


def may_look(request: HttpRequest) -> bool:
    """Whether the person may see any of the rows."""
    return any(_may_see(request.user, stream) for stream in STREAMS.values())


def count_unknown(user: Any) -> int:
    """Count the visible rows with such a word, of each resource up to the limit, in one query."""
    first, *others = [rows.values_list("pk")[: COUNT_LIMIT + 1] for _, rows in _list_visible(user)] or [None]
    return 0 if first is None else first.union(*others, all=True).count()


def list_unknown_words(user: Any) -> list[UnknownWord]:
    """List the words in rows that the person may see, those of most rows first within each resource."""
    return [word for stream, rows in _list_visible(user) for word in _group(stream, rows)]


def unknown_words_view(request: HttpRequest) -> HttpResponse:
    """Show the words."""
    if not may_look(request):
        raise PermissionDenied
    labels = dict(Marketplace.choices)
    lines = [
        {"word": word, "marketplace": labels.get(word.marketplace, word.marketplace),
         "last_stored": show_distance(word.last_stored_at)}
        for word in list_unknown_words(request.user)
    ]  # fmt: skip
    context = {**admin.site.each_context(request), "title": "Unknown words", "lines": lines}
    return TemplateResponse(request, "syncjobs/unknown_words.html", context)


def _may_see(user: Any, stream: Stream) -> bool:
    options = stream.rows().model._meta
    return bool(user.has_perm(f"{options.app_label}.view_{options.model_name}"))


def _list_visible(user: Any) -> list[tuple[Stream, Any]]:
    shop_ids = visible_shop_ids(user)  # asked for once: it is a query
    narrowed = {} if shop_ids is None else {"shop_id__in": shop_ids}
    streams = [stream for stream in STREAMS.values() if _may_see(user, stream)]
    return [(stream, stream.list_unknown().filter(**narrowed).order_by()) for stream in streams]


def _group(stream: Stream, rows: Any) -> Iterator[UnknownWord]:
    groups = rows.values_list("shop__marketplace", f"raw_{stream.word}")
    counted = groups.annotate(Count("pk"), Max("synced_at")).order_by("-pk__count", "shop__marketplace")
    options = stream.rows().model._meta
    page = reverse(f"admin:{options.app_label}_{options.model_name}_changelist")
    for marketplace, raw_word, count, last_stored_at in counted[:WORDS_AT_MOST]:
        # An empty word cannot be filtered by: then all unknown ones are shown.
        said = {"unknown": raw_word} if raw_word else {stream.word: "unknown"}
        query = urlencode({"marketplace": marketplace, **said})
        yield UnknownWord(stream.resource.value, marketplace, raw_word, count, last_stored_at, f"{page}?{query}")
