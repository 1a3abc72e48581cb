"""Transactions and statements as the API shows them. Credits are positive, charges negative."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backoffice.common.api.values import AmountField, RowSerializer
from orders.models import Statement, Transaction

PARTS = ("amount", "revenue_amount", "fee_amount", "shipping_amount", "tax_amount", "adjustment_amount")


class TransactionSerializer(RowSerializer):
    """One movement of money; `amount` is its effect on the seller's balance."""

    shop = serializers.IntegerField(source="shop_id", help_text="Our id of the shop")
    order = serializers.IntegerField(
        source="order_id", allow_null=True, read_only=True,
        help_text="Our id of the order; null where it names none, or one that is not here (yet).",
    )  # fmt: skip
    fees = serializers.SerializerMethodField(help_text="Fees by the marketplace's names, as signed amounts")

    class Meta:
        model = Transaction
        fields = (
            "id", "shop", "external_id", "kind", "raw_kind", "raw_status", "order", "order_external_id",
            "statement_external_id", "currency", *PARTS, "fees", "description", "source_updated_at", "synced_at",
            "is_valid",
        )  # fmt: skip
        read_only_fields = fields
        extra_kwargs = {"source_updated_at": {"help_text": "When the money moved"}}

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})
    def get_fees(self, transaction: Transaction) -> dict[str, str]:
        return {str(name): str(amount) for name, amount in dict(transaction.fees).items()}


class StatementSumSerializer(serializers.Serializer[Any]):
    """What the transactions that name the statement add up to, in its currency."""

    amount = AmountField(source="summed.amount")
    count = serializers.IntegerField(source="summed.transaction_count")
    left_out_count = serializers.IntegerField(
        source="summed.left_out_count", help_text="Of them in another currency, or with no amount that could be read"
    )
    difference = AmountField(
        source="summed.difference", allow_null=True, help_text="What the statement states beyond the sum"
    )
    agrees = serializers.BooleanField(
        source="summed.agrees", allow_null=True, help_text="Null where there is nothing to compare"
    )


class StatementSerializer(RowSerializer):
    """What the marketplace pays for a span of time."""

    shop = serializers.IntegerField(source="shop_id", help_text="Our id of the shop")
    transactions = StatementSumSerializer(source="*", read_only=True)

    class Meta:
        model = Statement
        fields = (
            "id", "shop", "external_id", "raw_status", "is_paid", "currency", "amount", "revenue_amount", "fee_amount",
            "shipping_amount", "adjustment_amount", "period_start_at", "period_end_at", "source_updated_at",
            "synced_at", "is_valid", "transactions",
        )  # fmt: skip
        read_only_fields = fields
        extra_kwargs = {"source_updated_at": {"help_text": "When it was drawn up"}}
