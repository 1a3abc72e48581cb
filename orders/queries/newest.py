"""The first rows of several shops at any size: each shop's own first ones, put together."""

from collections.abc import Collection, Iterable
from typing import TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Func, Model, OuterRef, QuerySet

from backoffice.common.ids import read_id
from backoffice.common.models import Viewer, visible_shop_ids
from backoffice.common.sorting import hide_order
from shops.models import Shop

ModelT = TypeVar("ModelT", bound=Model)

READ_AT_MOST = 50_000  # rows of an index, some 30 ms; a page far behind of many shops would need more


def shown_shop_ids(viewer: Viewer, chosen: Iterable[str]) -> frozenset[int] | None:
    """Return the shops that a list shows: those that the person chose among their own; None stands for all."""
    visible = visible_shop_ids(viewer)
    ids = frozenset(shop_id for shop_id in map(read_id, chosen) if shop_id is not None)
    if not ids:
        return visible
    return ids if visible is None else ids & visible


def take_first_of_shops(rows: QuerySet[ModelT], shop_ids: Collection[int] | None, first: int) -> QuerySet[ModelT]:
    """Narrow a list of several shops to few rows that hold its `first` ones; leave any other list as it is.

    An index has the order of all shops together, or of each shop alone. Walking through all shops' rows takes long
    where the chosen ones have been quiet for a year; so each shop is asked for its first ones.
    """
    if shop_ids is None or len(shop_ids) < 2 or len(shop_ids) * first > READ_AT_MOST:
        return rows
    of_shop = rows.filter(shop_id=OuterRef("pk")).values("pk")[:first]
    found = Shop.objects.filter(pk__in=shop_ids).values_list(Func(ArraySubquery(of_shop), function="unnest"))
    return hide_order(rows.filter(pk__in=found))
