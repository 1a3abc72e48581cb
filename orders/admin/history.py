"""The page that compares any two payloads of a row."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from backoffice.common.admin.run_links import name_runs
from backoffice.common.ids import read_id
from backoffice.common.models import StoredPayload
from orders.queries.payloads import compare_payloads, list_payload_choices


def compare_view(pages: Any, request: HttpRequest, row_id: int) -> HttpResponse:
    """Show what differs between two chosen payloads; the last two unless others are chosen."""
    row: Any = pages.get_object(request, str(row_id))
    noun = pages.opts.verbose_name
    if row is None:
        raise Http404(f"There is no {noun} {row_id} here.")
    if not pages.has_view_permission(request, row):
        raise PermissionDenied
    choices = list_payload_choices(row)
    from_id = _read_id(request, "from", choices[1:2] or choices)
    to_id = _read_id(request, "to", choices)
    runs = name_runs(request, row.shop_id, {choice.run_id for choice in choices})
    context = {
        **pages.admin_site.each_context(request),
        "opts": pages.opts,
        "media": pages.media,
        "title": f"Payloads of {noun} {row.external_id}",
        "original": row,
        "back": reverse(f"admin:{pages.opts.app_label}_{pages.opts.model_name}_change", args=[row.pk]),
        "choices": [{"row": choice, "run": runs.get(choice.run_id)} for choice in choices],
        "from_id": from_id,
        "to_id": to_id,
        "comparison": compare_payloads(row, from_id, to_id),
    }
    return TemplateResponse(request, "synced/compare.html", context)


def _read_id(request: HttpRequest, name: str, otherwise: list[StoredPayload]) -> int:
    chosen = read_id(request.GET.get(name, ""))
    if chosen is not None:
        return chosen
    return otherwise[0].pk if otherwise else 0
