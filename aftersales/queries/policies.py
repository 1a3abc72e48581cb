"""The settings of shops, complete: the shop's own, else those of all shops, else the product's."""

from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any

from django.db.models import Q

from aftersales.models import AftersalesSettings
from aftersales.policy import PRODUCT_POLICY, Policy, TimeoutAction


def load_policies(shop_ids: Iterable[int]) -> dict[int, Policy]:
    """Return the settings of each shop, in one query."""
    wanted = list(shop_ids)
    rows = AftersalesSettings.objects.filter(Q(shop__in=wanted) | Q(shop=None)).order_by("pk")
    by_shop = {row.shop_id: row for row in rows}
    general = _apply(PRODUCT_POLICY, by_shop.get(None))
    return {shop_id: _apply(general, by_shop.get(shop_id)) for shop_id in wanted}


def load_policy(shop_id: int) -> Policy:
    """Return the settings of one shop."""
    return load_policies([shop_id])[shop_id]


def _apply(wider: Policy, row: AftersalesSettings | None) -> Policy:
    if row is None:
        return wider
    given = {one.name: getattr(row, one.name) for one in fields(Policy)}
    return replace(wider, **{name: _as_typed(name, value) for name, value in given.items() if value not in (None, "")})


def _as_typed(name: str, value: Any) -> Any:
    if name.endswith("_action"):
        return TimeoutAction(value)
    return tuple(value) if isinstance(value, list) else value


def explain_fallbacks(*, is_general: bool) -> dict[str, tuple[Any, str]]:
    """Return of each setting what applies where a row leaves it empty, and where that comes from.

    A shop falls back to what is set for all shops, that to the product's own.
    """
    row = None if is_general else AftersalesSettings.objects.filter(shop=None).first()
    general = _apply(PRODUCT_POLICY, row)
    given = {name for name in _names() if row is not None and getattr(row, name) not in (None, "")}
    return {
        name: (getattr(general, name), "as set for all shops" if name in given else "as built in") for name in _names()
    }


def _names() -> list[str]:
    return [one.name for one in fields(Policy)]
