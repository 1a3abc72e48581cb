"""Cases with all that the API shows of them, in a fixed number of queries."""

from django.db.models import Prefetch, QuerySet

from aftersales.models import Case, CaseLine, Exchange, Refund, ReturnParcel, SellerAnswer

UNUSED = ("sweep_failed_count", "sweep_not_before", "sweep_error")


def list_shown() -> QuerySet[Case]:
    """List cases with their lines, for lists."""
    lines = Prefetch("lines", CaseLine.objects.order_by("id"))
    return Case.objects.select_related("audited_by").prefetch_related(lines).defer(*UNUSED)


def list_shown_whole() -> QuerySet[Case]:
    """List cases with their records, for one at a time."""
    return (
        list_shown()
        .select_related("synced_return")
        .prefetch_related(
            Prefetch("refunds", Refund.objects.order_by("id")),
            Prefetch("return_parcels", ReturnParcel.objects.select_related("carrier", "return_address").order_by("id")),
            Prefetch("exchanges", Exchange.objects.select_related("carrier", "return_carrier").order_by("id")),
            Prefetch("answers", SellerAnswer.objects.order_by("id")),
        )
    )
