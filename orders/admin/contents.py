"""Says in words what is in a parcel. Marketplaces name lines by their ids; people know goods by their names."""

from collections.abc import Iterable, Mapping
from typing import Any

from orders.models import OrderLine


def name_lines(lines: Iterable[OrderLine]) -> dict[str, str]:
    """Return what was bought by each line's id."""
    return {line.external_id: name_line(line) for line in lines}


def name_line(line: OrderLine) -> str:
    """Name a line by what was bought."""
    name = line.product_name or line.seller_sku or line.external_id
    return f"{name} ({line.sku_name})" if line.sku_name else name


def describe_contents(contents: Iterable[Any], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """List how many of what; ids without a name stay ids, and what makes no sense is left out."""
    items = [item for item in contents if isinstance(item, dict)]
    return [
        {"quantity": item.get("quantity", "?"), "name": names.get(str(item.get("line")), f"line {item.get('line')}")}
        for item in items
    ]
