"""What the page of a shop shows of its cases: how many are open in which state, and how urgent they are."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from aftersales.choices import Due, StateLabel
from aftersales.models import Case
from aftersales.queries.figures import count_due, count_open
from backoffice.common.counting import show_count
from shops.models import Shop


def read_shop_cases(request: HttpRequest, shop: Shop) -> dict[str, Any] | None:
    """Count a shop's open cases; nothing for those who may not see cases."""
    if not request.user.has_perm("aftersales.view_case"):
        return None
    cases = Case.objects.filter(shop=shop)
    by_state = count_open(cases)
    overdue, due_soon = count_due(cases, Due.OVERDUE), count_due(cases, Due.DUE_24H)
    page = reverse("admin:aftersales_case_changelist")

    def address(**query: str) -> str:
        return f"{page}?{urlencode({'shop': shop.pk, **query})}"

    figures = [("Overdue", overdue, address(due=Due.OVERDUE.value), "danger" if overdue else "")]
    figures.append(("Due in 24 h", due_soon, address(due=Due.DUE_24H.value), "warning" if due_soon else ""))
    figures += [
        (label, by_state[state], address(state=state), "") for state, label in StateLabel.choices if by_state[state]
    ]
    return {
        "open_count": by_state.total(),
        "figures": [(label, show_count(count), where, colour) for label, count, where, colour in figures],
        "address": address(),
        "figures_address": f"{reverse('admin:aftersales_figures')}?{urlencode({'shop': shop.pk})}",
    }
