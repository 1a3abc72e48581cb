"""A case with its records: what becomes of its money and its goods, and what was answered to a marketplace."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from aftersales.api.cases.serializers import CaseSerializer
from aftersales.models import Carrier, Case, Exchange, Refund, ReturnAddress, ReturnParcel, SellerAnswer
from aftersales.states import CaseOrigin
from backoffice.common.api.values import AmountField, RowSerializer, UtcField


class CarrierSerializer(RowSerializer):
    """Who carries goods; calls name it by `code`."""

    class Meta:
        model = Carrier
        fields = ("id", "code", "name", "tracking_link", "is_active")
        read_only_fields = fields


class RefundSerializer(RowSerializer):
    """Money that goes back to the buyer."""

    class Meta:
        model = Refund
        fields = (
            "id", "number", "state", "amount", "currency", "method", "original_transaction", "refund_transaction",
            "failure_reason", "retry_count", "sent_at", "ended_at", "created_at", "updated_at",
        )  # fmt: skip
        read_only_fields = fields


class ReturnAddressSerializer(RowSerializer):
    """Where the buyer sends the goods."""

    class Meta:
        model = ReturnAddress
        fields = ("contact_name", "phone", "region", "address", "opening_hours", "instructions")
        read_only_fields = fields


class ParcelEventSerializer(serializers.Serializer[Any]):
    """What happened to a parcel, in the words of whoever follows it."""

    at = UtcField()
    text = serializers.CharField()
    place = serializers.CharField()


class ReturnParcelSerializer(RowSerializer):
    """Goods that come back."""

    carrier = serializers.CharField(source="carrier.code", read_only=True, allow_null=True, default=None)
    return_address = ReturnAddressSerializer(read_only=True, allow_null=True)
    images = serializers.ListField(child=serializers.CharField(), read_only=True)
    tracking_events = ParcelEventSerializer(many=True, read_only=True)

    class Meta:
        model = ReturnParcel
        fields = (
            "id", "number", "state", "carrier", "tracking_number", "tracking_events", "return_address",
            "rejection_reason", "images", "shipped_at", "received_at", "inspected_at", "created_at", "updated_at",
        )  # fmt: skip
        read_only_fields = fields


class ItemSerializer(serializers.Serializer[Any]):
    """So many pieces of a SKU."""

    seller_sku = serializers.CharField(default="")
    sku = serializers.CharField(default="", help_text="The marketplace's id of the SKU")
    quantity = serializers.IntegerField()


class ExchangeSerializer(RowSerializer):
    """Goods that go out once more."""

    old_items = ItemSerializer(many=True, read_only=True)
    new_items = ItemSerializer(many=True, read_only=True)
    price_difference = AmountField(currency_source="case.currency")
    return_carrier = serializers.CharField(source="return_carrier.code", read_only=True, allow_null=True, default=None)
    carrier = serializers.CharField(source="carrier.code", read_only=True, allow_null=True, default=None)

    class Meta:
        model = Exchange
        fields = (
            "id", "number", "state", "old_items", "new_items", "price_difference", "return_carrier",
            "return_tracking_number", "carrier", "tracking_number", "shipped_at", "completed_at", "created_at",
            "updated_at",
        )  # fmt: skip
        read_only_fields = fields


class SellerAnswerSerializer(RowSerializer):
    """An answer to the marketplace: one that is `in_doubt` was sent, and its end is not known yet."""

    class Meta:
        model = SellerAnswer
        fields = ("id", "decision", "state", "reason_code", "comment", "message", "sent_at", "settled_at")
        read_only_fields = fields


class CaseDetailSerializer(CaseSerializer):
    """One case with its two tracks, money and goods, and its records. Neither track is derived from the other."""

    money_state = serializers.SerializerMethodField(
        help_text="State of the newest refund; of a marketplace's case what its return says. Null where none is"
    )
    goods_state = serializers.SerializerMethodField(
        help_text="State of the newest parcel; of a marketplace's case who has the goods. Null where none is"
    )
    snapshot = serializers.DictField(read_only=True, help_text="What the order was like when the case was made")
    refunds = RefundSerializer(many=True, read_only=True)
    return_parcels = ReturnParcelSerializer(many=True, read_only=True)
    exchanges = ExchangeSerializer(many=True, read_only=True)
    answers = SellerAnswerSerializer(many=True, read_only=True)

    class Meta(CaseSerializer.Meta):
        fields = (
            *CaseSerializer.Meta.fields, "money_state", "goods_state", "snapshot", "refunds", "return_parcels",
            "exchanges", "answers",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field({"type": "string", "nullable": True})
    def get_money_state(self, case: Case) -> str | None:
        if case.origin == CaseOrigin.MARKETPLACE:
            return case.synced_return.money_state if case.synced_return else None
        return _newest(case.refunds.all())

    @extend_schema_field({"type": "string", "nullable": True})
    def get_goods_state(self, case: Case) -> str | None:
        if case.origin == CaseOrigin.MARKETPLACE:
            return case.synced_return.custody if case.synced_return else None
        return _newest(case.return_parcels.all())


def _newest(records: Any) -> str | None:
    return max(records, key=lambda record: record.pk).state if records else None
