"""Links to rows that are named by the marketplace's number: a link where they are here and may be seen, else text."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from orders.models import Order, Statement
from orders.queries.by_number import Pair, find_ids


class Links:
    """The rows of one model that a page names, found in one query."""

    def __init__(self, request: HttpRequest, model: type[Order] | type[Statement], pairs: Iterable[Pair]) -> None:
        may_see = request.user.has_perm(f"orders.view_{model._meta.model_name}")
        self.page = f"admin:orders_{model._meta.model_name}_change"
        self.ids = find_ids(model.objects.visible_to(request.user), pairs) if may_see else {}

    def show(self, shop_id: int, number: str) -> SafeString:
        """Show the number as a link if it leads anywhere."""
        row_id = self.ids.get((shop_id, number))
        if row_id is None:
            return format_html('<span class="one-line">{}</span>', number)
        return format_html('<a class="text-link one-line" href="{}">{}</a>', reverse(self.page, args=[row_id]), number)
