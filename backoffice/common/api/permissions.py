"""What a person may do in the admin they may do here; a token takes from it, and never adds."""

from typing import Any

from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request


class ModelPermission(BasePermission):
    """Reading needs the permission to view the model, writing the one to add, and a token that may write."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user.is_authenticated:
            return False
        if request.method not in view.allowed_methods:
            return True  # the answer is 405, whoever asks
        token: Any = request.auth  # None where somebody is logged in without one
        model = view.queryset.model._meta
        reads = request.method in SAFE_METHODS
        needed = f"{model.app_label}.{'view' if reads else 'add'}_{model.model_name}"
        if not request.user.has_perm(needed):
            raise PermissionDenied(f"This needs the permission {needed}, which {request.user} does not have.")
        if not reads and token is not None and not token.may_write:
            raise PermissionDenied("This API token only reads. Make one that may start syncs.")
        return True
