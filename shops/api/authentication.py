"""Who calls the API: a service with a token, or staff who are logged in to the admin in the same browser."""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from backoffice.common.api.errors import HOW_TO_LOG_IN
from shops.models import ApiToken
from shops.queries import find_api_token
from shops.services import stamp_api_token

SCHEME = "Bearer"


class TokenAuthentication(authentication.BaseAuthentication):
    """Reads `Authorization: Bearer <key>`. The person then carries the token's limit to some shops."""

    def authenticate(self, request: Request) -> tuple[AbstractBaseUser, ApiToken] | None:
        header = request.headers.get("Authorization", "")
        if not header.strip():
            return None
        scheme, _, key = header.strip().partition(" ")
        if scheme.lower() != SCHEME.lower() or not key.strip():
            raise AuthenticationFailed(f"The Authorization header holds no key. {HOW_TO_LOG_IN}")
        token = find_api_token(key.strip())
        if token is None:
            raise AuthenticationFailed(f"There is no API token with this key. {HOW_TO_LOG_IN}")
        if token.fault:
            raise AuthenticationFailed(
                f"The API token {token.prefix} is of no use any more: {token.fault}. Make another."
            )
        stamp_api_token(token)
        return _limited_person(token), token

    def authenticate_header(self, request: Request) -> str:
        return f'{SCHEME} realm="api"'


def _limited_person(token: ApiToken) -> AbstractBaseUser:
    person: Any = token.user
    if token.is_limited:
        person.shop_limit = frozenset(token.shops.values_list("pk", flat=True))
    limited: AbstractBaseUser = person
    return limited


class StaffSessionAuthentication(authentication.SessionAuthentication):
    """The admin's login, for the page of the document. Writing needs the CSRF token as any form does."""

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        found = super().authenticate(request)
        return found if found and found[0].is_staff else None


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the document names tokens."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "The key of an API token, e.g. bo_1a2b3c4d_..."}


class StaffSessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the document names the admin's login."""

    target_class = StaffSessionAuthentication
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        description = "The login of the admin, in the same browser. Writing needs the header X-CSRFToken."
        return {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": description}
