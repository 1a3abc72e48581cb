"""The page that compares any two payloads of an order."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from backoffice.common.ids import read_id
from orders.models import Order, OrderPayload
from orders.queries.payloads import compare_payloads, list_payload_choices


def compare_view(pages: Any, request: HttpRequest, order_id: int) -> HttpResponse:
    """Show what differs between two chosen payloads; the last two unless others are chosen."""
    order: Order | None = pages.get_object(request, str(order_id))
    if order is None:
        raise Http404(f"There is no order {order_id} here.")
    if not pages.has_view_permission(request, order):
        raise PermissionDenied
    choices = list_payload_choices(order)
    from_id = _read_id(request, "from", choices[1:2] or choices)
    to_id = _read_id(request, "to", choices)
    runs = pages.link_runs(request, order, {row.run_id for row in choices})
    context = {
        **pages.admin_site.each_context(request),
        "opts": pages.opts,
        "media": pages.media,
        "title": f"Payloads of order {order.external_id}",
        "order": order,
        "original": order,
        "choices": [{"row": row, "run": runs.get(row.run_id)} for row in choices],
        "from_id": from_id,
        "to_id": to_id,
        "comparison": compare_payloads(order, from_id, to_id),
        "runs": runs,
    }
    return TemplateResponse(request, "orders/compare.html", context)


def _read_id(request: HttpRequest, name: str, otherwise: list[OrderPayload]) -> int:
    chosen = read_id(request.GET.get(name, ""))
    if chosen is not None:
        return chosen
    return otherwise[0].pk if otherwise else 0
