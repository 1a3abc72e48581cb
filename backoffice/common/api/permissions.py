"""What a person may do in the admin they may do here; a token takes from it, and never adds."""

from typing import Any

from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request


def require(person: Any, needed: str) -> None:
    """Refuse a person who does not have a permission."""
    if not person.has_perm(needed):
        raise PermissionDenied(f"This needs the permission {needed}, which {person} does not have.")


class ModelPermission(BasePermission):
    """Reading needs the permission to view the model, writing the one to add, and a token that may write.

    A view names with `writing_permission` what writing needs instead. Where that hangs on the body it is the least of
    what is needed, and the view calls `require` for the rest.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user.is_authenticated:
            return False
        if request.method not in view.allowed_methods:
            return True  # the answer is 405, whoever asks
        token: Any = request.auth  # None where somebody is logged in without one
        model = view.queryset.model._meta
        reads = request.method in SAFE_METHODS
        usual = f"{model.app_label}.{'view' if reads else 'add'}_{model.model_name}"
        require(request.user, usual if reads else (view.writing_permission or usual))
        if not reads and token is not None and not token.may_write:
            raise PermissionDenied("This API token only reads. Make one that may write.")
        return True
