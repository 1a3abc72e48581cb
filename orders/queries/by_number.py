"""Finds rows that others name by the marketplace's number: parcels and money name their orders so."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

Pair = tuple[int, str]  # a shop's id and a number


def find_ids(rows: QuerySet[Any], pairs: Iterable[Pair]) -> dict[Pair, int]:
    """Return our ids of the rows that are here, in one query; no query where nothing is named."""
    wanted = {(shop_id, number) for shop_id, number in pairs if number}
    if not wanted:
        return {}
    named = rows.filter(shop_id__in={one[0] for one in wanted}, external_id__in={one[1] for one in wanted})
    found = {(shop_id, number): pk for pk, shop_id, number in named.values_list("pk", "shop_id", "external_id")}
    return {pair: pk for pair, pk in found.items() if pair in wanted}
