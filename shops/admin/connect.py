"""The page that connects a shop. Secrets go in and never come out again, not even where the form is refused."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters

from backoffice.common.errors import BackofficeError
from backoffice.common.history import note_change
from shops.forms import ConnectForm
from shops.marketplaces.errors import MarketplaceError
from shops.models import Shop
from shops.services import connect_app_and_shop, connect_shop, grant_shop


@sensitive_post_parameters()
def connect_view(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Show the form, or connect the shop and lead to its page."""
    user: Any = request.user
    if not user.has_perm("shops.add_shop"):
        raise PermissionDenied
    form = ConnectForm(request.POST or None, viewer=user, initial=_read_known(request))
    if request.method == "POST" and form.is_valid():
        try:
            shop = _connect(form)
        except MarketplaceError as error:
            form.add_error(None, f"The marketplace refused: {error} {error.advice}")
        except BackofficeError as error:
            form.add_error(None, str(error))
        else:
            grant_shop(shop, user)
            note_change(user, shop, "Connected.")
            messages.success(
                request, f"{shop} is connected. It is read with the next scheduled sync, or with Sync now."
            )
            return HttpResponseRedirect(reverse("admin:shops_shop_change", args=[shop.pk]))
    return TemplateResponse(
        request,
        "admin/shops/shop/connect.html",
        {
            **context,
            "form": form,
            "app_fields": [form[name] for name in form.app_fields],
            "shop_fields": [form[name] for name in form.shop_fields],
        },
    )


def _read_known(request: HttpRequest) -> dict[str, str]:
    """A link to connect a known shop again fills in the little that is no secret."""
    return {name: request.GET[name][:64] for name in ("app", "external_id") if name in request.GET}


def _connect(form: ConnectForm) -> Shop:
    chosen = {name: form.cleaned_data[name] for name in ("external_id", "cipher")}
    app = form.cleaned_data["app"]
    if app is not None:
        return connect_shop(app, form.token, **chosen)
    return connect_app_and_shop(form.spec, form.token, **chosen)
