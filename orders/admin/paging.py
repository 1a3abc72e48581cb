"""Pages of lists of synced rows, which must not take longer for a person whose shops have been quiet for a year."""

from typing import Any

from django.core.paginator import Page

from backoffice.common.admin import CappedPaginator
from backoffice.common.sorting import SORTED_AT_MOST
from orders.queries.newest import take_first_of_shops


class ShopPaginator(CappedPaginator):
    """Where a list of many rows shows several shops, puts a page together from each shop's first ones."""

    shop_ids: frozenset[int] | None = None

    def page(self, number: int | str) -> Page[Any]:
        """Return one page."""
        if self.count > SORTED_AT_MOST:
            last = self.validate_number(number) * self.per_page
            rows: Any = self.object_list
            self.object_list = take_first_of_shops(rows, self.shop_ids, last)
        return super().page(number)
