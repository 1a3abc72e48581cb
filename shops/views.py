"""Where a seller's browser comes back to from a marketplace's consent page.

Open without login only as far as needed: the state value is checked first, and whoever is not logged in is asked to.
"""

from typing import Any

import structlog
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from backoffice.common.errors import BackofficeError
from shops.marketplaces.errors import MarketplaceError
from shops.services.authorising import arrive, check_state

log = structlog.get_logger(__name__)


@never_cache
@require_GET
def authorised_view(request: HttpRequest) -> HttpResponse:
    """Take code and state, exchange the code, and go on to the shops that are reached."""
    person: Any = request.user
    try:
        check_state(request.GET.get("state", ""))
        if not person.is_authenticated:
            return redirect_to_login(request.get_full_path(), "admin:login")
        if not (person.is_staff and person.has_perm("shops.add_shop")):
            raise PermissionDenied
        attempt = arrive(person, request.session.session_key or "", request.GET.dict())
    except MarketplaceError as error:
        return _refuse(request, f"The marketplace refused: {error} {error.advice}")
    except BackofficeError as error:
        return _refuse(request, str(error))
    return HttpResponseRedirect(reverse("admin:shops_shop_choose", args=[attempt.number]))


def _refuse(request: HttpRequest, reason: str) -> HttpResponse:
    log.info("authorisation_not_taken", reason=reason)
    return render(request, "shops/authorised_refused.html", {"reason": reason}, status=400)
