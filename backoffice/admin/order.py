"""Orders with what the app above them knows: which of the runs that brought their payloads are still there."""

from collections.abc import Iterable

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

from orders.admin.order import OrderAdmin
from orders.admin.page import RunLink
from orders.models import Order
from syncjobs.models import Run

admin.site.unregister(Order)


@admin.register(Order)
class OrderOverviewAdmin(OrderAdmin):
    """The pages of orders, with links to runs."""

    def link_runs(self, request: HttpRequest, order: Order, ids: Iterable[int | None]) -> dict[int | None, RunLink]:
        """Link runs that are there, for those who may see them; say of others that they are pruned."""
        wanted = {run_id for run_id in ids if run_id}
        known = set(Run.objects.filter(shop_id=order.shop_id, pk__in=wanted).values_list("pk", flat=True))
        may_see = request.user.has_perm("syncjobs.view_run")
        links: dict[int | None, RunLink] = {}
        for run_id in wanted:
            if run_id not in known:
                links[run_id] = RunLink(f"run {run_id} (pruned)")
            else:
                address = reverse("admin:syncjobs_run_change", args=[run_id]) if may_see else ""
                links[run_id] = RunLink(f"run {run_id}", address)
        return links
