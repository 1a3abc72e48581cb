"""Returns, refunds and cancellations as the API shows them: the request, its money and its goods are told apart."""

from rest_framework import serializers

from aftersales.models import SyncedReturn, SyncedReturnLine
from backoffice.common.api.values import AmountField, RowSerializer


class ReturnLineSerializer(RowSerializer):
    """One line of a return. Its refund is in the return's currency."""

    refund_amount = AmountField(currency_source="synced_return.currency", allow_null=True)

    class Meta:
        model = SyncedReturnLine
        fields = (
            "id", "external_id", "order_line_external_id", "sku_external_id", "product_external_id", "seller_sku",
            "product_name", "quantity", "refund_amount", "raw_status",
        )  # fmt: skip
        read_only_fields = fields


class ReturnSerializer(RowSerializer):
    """One return, refund or cancellation. It names its order by number: that may be here later, or never."""

    shop = serializers.IntegerField(source="shop_id", help_text="Our id of the shop")
    lines = ReturnLineSerializer(many=True, read_only=True)

    class Meta:
        model = SyncedReturn
        fields = (
            "id", "shop", "external_id", "kind", "raw_kind", "status", "raw_status", "money_state", "custody",
            "raw_logistics_status", "order_external_id", "currency", "refund_amount", "tracking_number", "carrier_name",
            "reason_code", "reason_text", "buyer_message", "opened_by", "requested_action", "respond_by_at",
            "source_created_at", "source_updated_at", "synced_at", "is_valid", "lines",
        )  # fmt: skip
        read_only_fields = fields
        extra_kwargs = {
            "status": {"help_text": "How far the request is"},
            "money_state": {"help_text": "What became of the money"},
            "custody": {"help_text": "Who has the goods"},
        }
