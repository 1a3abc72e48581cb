"""What an export of cases holds: what is asked for, how far it is, until when, and how much."""

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import IntegerField, OuterRef, Subquery, Sum, TextField, Value
from django.db.models.functions import Coalesce

from aftersales.models import CaseLine
from aftersales.queries.case_filters import CaseFilterSet, order_of_list
from orders.queries.exporting import SHOP, FilteredList, choice, make_exporter, moment, text

FIELDS = (
    "number", "origin", "type", "state", "raw_status", "order_external_id", "reason", "raw_reason_code",
    "raw_reason_text", "description", "currency", "requested_amount", "amount", "auto_process_time",
    "marketplace_deadline_at", "state_entered_at", "timed_out_at", "audited_at", "completed_at", "created_at",
    "shop__name", "shop__marketplace",
)  # fmt: skip
_LINES = CaseLine.objects.filter(case=OuterRef("pk")).order_by().values("case")
_SKUS = _LINES.annotate(found=StringAgg("seller_sku", Value(", "), default=Value(""))).values("found")
_PIECES = _LINES.annotate(found=Sum("quantity")).values("found")
EXPORTER = make_exporter(
    FilteredList(
        CaseFilterSet,
        FIELDS,
        make_order=order_of_list,
        annotations={
            "skus": Coalesce(Subquery(_SKUS), Value(""), output_field=TextField()),
            "quantity": Coalesce(Subquery(_PIECES), Value(0), output_field=IntegerField()),
        },
    ),
    "Cases",
    {
        "number": text("Case number", "number"),
        "type": choice("Type", "type"),
        "state": choice("State", "state"),
        "raw_status": text("Marketplace's status", "raw_status"),
        "order": text("Order number", "order_external_id"),
        "skus": text("SKUs", "skus"),
        "quantity": text("Quantity", "quantity"),
        "asked": text("Amount asked for", "requested_amount"),
        "amount": text("Amount", "amount"),
        "currency": text("Currency", "currency"),
        "reason": choice("Reason", "reason"),
        "raw_reason_code": text("Marketplace's reason code", "raw_reason_code"),
        "raw_reason_text": text("Marketplace's reason", "raw_reason_text"),
        "description": text("Description", "description"),
        "origin": choice("Origin", "origin"),
        **SHOP,
        "countdown": moment("Our countdown ends", "auto_process_time"),
        "deadline": moment("Marketplace's deadline", "marketplace_deadline_at"),
        "entered": moment("In this state since", "state_entered_at"),
        "timed_out": moment("Time ran out", "timed_out_at"),
        "created": moment("Created", "created_at"),
        "reviewed": moment("Reviewed", "audited_at"),
        "ended": moment("Ended", "completed_at"),
    },
)
