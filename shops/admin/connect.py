"""The pages that connect shops: marketplace, app and way; then the shops that are reached.

Secrets go in and never come out again, not even where a form is refused.
"""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters

from backoffice.common.errors import BackofficeError
from backoffice.common.history import note_change
from backoffice.common.ids import read_id
from shops.choices import Marketplace
from shops.forms import ConnectForm
from shops.marketplaces import registry
from shops.marketplaces.errors import MarketplaceError
from shops.marketplaces.records import ShopRecord
from shops.models import ConnectAttempt, Shop
from shops.services import check_shop, grant_shop
from shops.services.authorising import (
    Connected,
    find_attempt,
    find_consent_page,
    finish_attempt,
    name_record,
    open_app,
    read_answer,
    start_attempt,
    take_token,
)
from shops.services.connecting import REGIONS

PASTE, AUTHORISE = "paste", "authorise"
MOST_TESTS = 10  # of connections at once: each makes some calls while the browser waits


@sensitive_post_parameters()
def connect_view(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Let a person choose marketplace, app and way; then lead them to the marketplace, or on with a pasted token."""
    _check_permission(request)
    shop = _find_shop(request)
    marketplace = shop.marketplace if shop else request.GET.get("marketplace", "")
    if marketplace not in registry.MARKETPLACES:
        return TemplateResponse(
            request, "admin/shops/shop/connect_marketplace.html", {**context, "choices": Marketplace.choices}
        )
    pastes = request.POST.get("way", "") == PASTE
    form = ConnectForm(
        request.POST or None,
        marketplace=marketplace,
        viewer=request.user,
        pastes=pastes,
        initial={
            "app": shop.app_id if shop else "",
            "external_id": shop.external_id if shop else "",
            "region": shop.region if shop else "",
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            return HttpResponseRedirect(_set_out(request, form, shop))
        except MarketplaceError as error:
            form.add_error(None, f"The marketplace refused: {error} {error.advice}")
        except BackofficeError as error:
            form.add_error(None, str(error))
    return TemplateResponse(
        request,
        "admin/shops/shop/connect.html",
        {
            **context,
            "form": form,
            "shop": shop,
            "label": form.known.label,
            "traits": form.known.connector.authorisation,
            "callback": _callback_url(request),
            "pastes": pastes,
        },
    )


def choose_view(request: HttpRequest, number: UUID, context: dict[str, Any]) -> HttpResponse:
    """Show the shops that are reached; connect those that are chosen, and test each."""
    _check_permission(request)
    person: Any = request.user
    try:
        attempt = find_attempt(person, number)
        if request.method == "POST":
            chosen = request.POST.getlist("shops")
            if chosen:
                return _connect(request, attempt, chosen)
            messages.error(request, "Choose at least one shop.")
    except BackofficeError as refusal:
        messages.error(request, f"{refusal} Please start again.")
        return HttpResponseRedirect(reverse("admin:shops_shop_connect"))
    reach = read_answer(attempt)
    lines = _list_lines(attempt, reach.records)
    return TemplateResponse(
        request,
        "admin/shops/shop/connect_choose.html",
        {**context, "lines": lines, "shop": attempt.shop, "is_missing": _is_missing(attempt, reach.records)},
    )


def _check_permission(request: HttpRequest) -> None:
    if not request.user.has_perm("shops.add_shop"):
        raise PermissionDenied


def _find_shop(request: HttpRequest) -> Shop | None:
    """Find the shop that is to be authorised again, among those that the person sees."""
    if "shop" not in request.GET:
        return None
    pk = read_id(request.GET["shop"])
    shop = Shop.objects.visible_to(request.user).filter(pk=pk).first() if pk is not None else None
    if shop is None:
        raise Http404("There is no such shop here.")
    return shop


def _set_out(request: HttpRequest, form: ConnectForm, shop: Shop | None) -> str:
    """Begin an attempt and return where it goes on."""
    person: Any = request.user
    app = form.cleaned_data["app"]
    spec = None if app else form.spec
    attempt = start_attempt(person, request.session.session_key or "", app=app, spec=spec, shop=shop)
    if not form.pastes:
        return find_consent_page(attempt, _callback_url(request))
    take_token(attempt, form.token, form.keys)
    return reverse("admin:shops_shop_choose", args=[attempt.number])


def _callback_url(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("shops_authorised"))


def _list_lines(attempt: ConnectAttempt, records: tuple[ShopRecord, ...]) -> list[dict[str, Any]]:
    numbers = [record.external_id for record in records]
    known = Shop.objects.filter(marketplace=open_app(attempt).marketplace, external_id__in=numbers)
    states = {(shop.region, shop.external_id): shop.get_state_display() for shop in known}
    return [
        {
            "value": name_record(record),
            "record": record,
            "zone": REGIONS.get(record.region, ("", "UTC"))[1] if record.region else "",
            "currency": REGIONS.get(record.region, ("", ""))[0],
            "state": states.get((record.region, record.external_id), ""),
        }
        for record in records
    ]


def _is_missing(attempt: ConnectAttempt, records: tuple[ShopRecord, ...]) -> bool:
    """Whether the shop that was to be authorised again is none of those reached."""
    shop = attempt.shop
    return shop is not None and shop.external_id not in [record.external_id for record in records]


def _connect(request: HttpRequest, attempt: ConnectAttempt, chosen: list[str]) -> HttpResponse:
    person: Any = request.user
    shops: list[Shop] = []
    for outcome in finish_attempt(attempt, chosen):
        if outcome.shop is not None:
            grant_shop(outcome.shop, person)
            note_change(person, outcome.shop, "Connected.")
            shops.append(outcome.shop)
        _tell(request, outcome, is_tested=len(shops) <= MOST_TESTS)
    if len(shops) == 1:
        return HttpResponseRedirect(reverse("admin:shops_shop_change", args=[shops[0].pk]))
    return HttpResponseRedirect(reverse("admin:shops_shop_changelist"))


def _tell(request: HttpRequest, outcome: Connected, *, is_tested: bool) -> None:
    """Say what became of one shop, and how its connection does."""
    if outcome.shop is None:
        name = outcome.record.name or outcome.record.external_id
        messages.error(request, f"{name} is not connected. {outcome.trouble}")
        return
    next_step = "It is read with the next scheduled sync, or with Sync now."
    if not is_tested:
        messages.success(request, f"{outcome.shop} is connected. {next_step}")
        return
    faults = [step for step in check_shop(outcome.shop) if not step.ok]
    if not faults:
        messages.success(request, f"{outcome.shop} is connected, and the test of its connection passed. {next_step}")
        return
    told = " ".join(f"{step.name}: {step.text}" for step in faults)
    messages.warning(request, f"{outcome.shop} is connected, but the test of its connection found this. {told}")
