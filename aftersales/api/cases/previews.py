"""What could be asked for of an order, and what came of asking, line by line."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from aftersales.api.cases.records import CaseDetailSerializer
from aftersales.services.creating import LinePreview
from backoffice.common.api.values import AmountField


class LinePreviewSerializer(serializers.Serializer[Any]):
    """What is left of one order line. Amounts are null where its price is not known."""

    order_line_external_id = serializers.CharField()
    product_name = serializers.CharField()
    ordered_quantity = serializers.IntegerField()
    claimed_quantity = serializers.IntegerField()
    left_quantity = serializers.IntegerField()
    case_count = serializers.IntegerField(help_text="Cases that the line has had")
    currency = serializers.CharField()
    paid_amount = AmountField(allow_null=True, help_text="For the whole line")
    refundable_amount = AmountField(allow_null=True, help_text="For all that is left")
    refundable_amounts = serializers.SerializerMethodField(help_text="For 1, 2, 3... of the pieces left, up to 100")
    types = serializers.DictField(
        child=serializers.CharField(), help_text="Why a case of this type cannot be made now; empty where it can"
    )

    @extend_schema_field({"type": "array", "items": {"type": "string", "format": "decimal"}})
    def get_refundable_amounts(self, line: LinePreview) -> list[str]:
        field = AmountField()
        return [field.to_representation((amount, line.currency)) for amount in line.refundable_amounts]


class PreviewSerializer(serializers.Serializer[Any]):
    """What could be asked for of an order now. Nothing is reserved."""

    order = serializers.IntegerField(source="order.pk", help_text="Our id of the order")
    shop = serializers.IntegerField(source="order.shop_id", help_text="Our id of the shop")
    order_external_id = serializers.CharField(source="order.external_id")
    lines = LinePreviewSerializer(many=True)


class RefusedLineSerializer(serializers.Serializer[Any]):
    """A line for which no case was made."""

    order_line_external_id = serializers.CharField()
    field = serializers.CharField(help_text="Which part of the request stands in the way")
    message = serializers.CharField()


class CreatedSerializer(serializers.Serializer[Any]):
    """What came of a request."""

    created = CaseDetailSerializer(many=True)
    refused = RefusedLineSerializer(many=True)


class NoneCreatedSerializer(serializers.Serializer[Any]):
    """Why no case was made. `refused` is there where the request is right in itself and every line was refused."""

    code = serializers.CharField()
    message = serializers.CharField()
    fields = serializers.DictField(child=serializers.ListField(child=serializers.CharField()), required=False)  # type: ignore[assignment]
    refused = RefusedLineSerializer(many=True, required=False)
