"""Says on the pages of orders, products and the like which of the runs that brought them are still there."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse

from backoffice.common.admin.run_links import RunLink, register_run_namer
from syncjobs.models import Run


def name_runs(request: HttpRequest, shop_id: int, ids: Iterable[int | None]) -> dict[int | None, RunLink]:
    """Link runs that are there, for those who may see them; say of others that they are pruned."""
    wanted = {run_id for run_id in ids if run_id}
    known = set(Run.objects.filter(shop_id=shop_id, pk__in=wanted).values_list("pk", flat=True))
    may_see = request.user.has_perm("syncjobs.view_run")
    names: dict[int | None, RunLink] = {}
    for run_id in wanted:
        if run_id not in known:
            names[run_id] = RunLink(f"run {run_id} (pruned)")
        else:
            address = reverse("admin:syncjobs_run_change", args=[run_id]) if may_see else ""
            names[run_id] = RunLink(f"run {run_id}", address)
    return names


def register() -> None:
    """Name runs from now on."""
    register_run_namer(name_runs)
