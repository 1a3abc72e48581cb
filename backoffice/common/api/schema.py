"""The API's OpenAPI document, and the page that shows it: every error of every operation is in it."""

from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponseBase
from django.shortcuts import resolve_url
from drf_spectacular.renderers import OpenApiJsonRenderer2, OpenApiYamlRenderer2
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import IsAuthenticated

from backoffice.common.api.errors import GENERAL, error_body

ERROR_SCHEMA = {
    "type": "object",
    "description": "Every error of the API.",
    "required": ["code", "message"],
    "properties": {
        "code": {"type": "string", "description": "For programs; does not change."},
        "message": {"type": "string", "description": "For people: what is wrong and what is allowed."},
        "fields": {
            "type": "object",
            "description": "What is wrong with which field or parameter; only where there is something.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "allowed": {
            "type": "array",
            "items": {"type": "string"},
            "description": "What can be done instead; only where that is known.",
        },
    },
}
# status -> name of the answer, what it means, example
ERRORS: dict[int, tuple[str, str, dict[str, Any]]] = {
    400: ("BadRequest", "A parameter or the body is wrong.", error_body(
        "invalid", "Not right: page_size.", {"page_size": ["A whole number from 1 to 500."]}
    )),
    401: ("NotAuthenticated", "There is no key, or none that is good.", error_body(*GENERAL[401])),
    403: ("NotPermitted", "The person, or the token, may not do this.", error_body(
        "permission_denied", "This API token only reads. Make one that may write."
    )),
    404: ("NotFound", "There is none, or you may not see it.", error_body(
        "not_found", "There is no order 5 that you may see."
    )),
    405: ("MethodNotAllowed", "The address does not take this method.", error_body(
        "method_not_allowed", "This address takes GET, HEAD."
    )),
    406: ("NotAcceptable", "The API answers in JSON only.", error_body(*GENERAL[406])),
    409: ("Conflict", "It does not fit how things stand.", error_body(
        "shop_not_syncable", "Sample shop (tiktok:7495) is paused by a person, so it is not synced."
    )),
    413: ("TooLarge", "The body is too large.", error_body(*GENERAL[413])),
    415: ("UnsupportedMediaType", "Bodies are JSON.", error_body(*GENERAL[415])),
    422: ("Unacceptable", "A value, or the key of the call, cannot be taken.", error_body(
        "unacceptable", "Not right: amount. Between 0 and what was asked for, 200000 VND.",
        {"amount": ["Between 0 and what was asked for, 200000 VND."]},
    )),
    500: ("ServerError", "A fault of ours; it was logged.", error_body(*GENERAL[500])),
}  # fmt: skip
ALWAYS = (400, 401, 403, 405, 406, 413, 500)
WITH_ID = (404,)
OF_CALLS = (409, 415)


def document_errors(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add every error that an operation can answer with; called after the document has been made."""
    components = result["components"]
    components.setdefault("schemas", {})["Error"] = ERROR_SCHEMA
    components["responses"] = {name: _describe(text, example) for name, text, example in ERRORS.values()}
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            _tidy(operation)
            statuses = [*ALWAYS, *(WITH_ID if "{" in path else ()), *(OF_CALLS if method == "post" else ())]
            for status in sorted(statuses):
                reference = {"$ref": f"#/components/responses/{ERRORS[status][0]}"}
                operation["responses"].setdefault(str(status), reference)
            if "content" not in operation["responses"].get("422", {"content": {}}):  # named by the operation, no more
                operation["responses"]["422"] = {"$ref": f"#/components/responses/{ERRORS[422][0]}"}
    return result


def _tidy(operation: dict[str, Any]) -> None:
    """Take away what the library leaves behind: blank ends of texts, and answers without a word."""
    for parameter in operation.get("parameters", []):
        parameter["description"] = parameter.get("description", "").strip()
    for answer in operation["responses"].values():
        answer["description"] = answer.get("description") or "Done."


def _describe(text: str, example: dict[str, Any]) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Error"}
    return {"description": text, "content": {"application/json": {"schema": schema, "example": example}}}


class SchemaView(SpectacularAPIView):
    """The document: JSON, or YAML where that is asked for with `Accept: application/yaml`."""

    renderer_classes = [OpenApiJsonRenderer2, OpenApiYamlRenderer2]
    permission_classes = [IsAuthenticated]


class DocumentPage(SpectacularSwaggerView):
    """The document as a page, from our own host; whoever is not logged in is led to the login."""

    template_name = "backoffice/api_document.html"
    url_name = "api-schema"
    permission_classes = [IsAuthenticated]

    def handle_exception(self, exc: Exception) -> HttpResponseBase:  # type: ignore[override]
        """Lead people to the login; programs do not come here."""
        if isinstance(exc, NotAuthenticated):
            return redirect_to_login(self.request.get_full_path(), resolve_url(settings.LOGIN_URL))
        return super().handle_exception(exc)
