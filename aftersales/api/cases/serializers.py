"""Cases as the API shows them: the request, its deadlines, its money and its goods."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from aftersales.choices import LogActionLabel, OperatorLabel, StageLabel, StateLabel
from aftersales.deadlines import Ruling, find_ruling
from aftersales.models import Case, CaseLine, CaseLog
from backoffice.common.api.values import AmountField, RowSerializer, UtcField


class CaseLineSerializer(RowSerializer):
    """One order line in a case, as it was when the case was made. Amounts are for the whole quantity."""

    unit_price = AmountField(currency_source="case.currency", allow_null=True)
    requested_amount = AmountField(currency_source="case.currency", allow_null=True)
    amount = AmountField(currency_source="case.currency", allow_null=True)

    class Meta:
        model = CaseLine
        fields = (
            "id", "external_id", "order_line_external_id", "quantity", "requested_quantity", "ordered_quantity",
            "unit_price", "requested_amount", "amount", "product_external_id", "sku_external_id", "seller_sku",
            "product_name", "sku_name", "image_url",
        )  # fmt: skip
        read_only_fields = fields


class CaseSerializer(RowSerializer):
    """One case. Amounts are in its `currency`."""

    shop = serializers.IntegerField(source="shop_id", help_text="Our id of the shop")
    order = serializers.IntegerField(
        source="order_id", allow_null=True, help_text="Our id of the order; null until the order is here"
    )
    synced_return = serializers.IntegerField(
        source="synced_return_id", allow_null=True, help_text="Our id of the marketplace's return; null if made here"
    )
    stage = serializers.ChoiceField(choices=StageLabel.choices, read_only=True, help_text="Follows from the state")
    images = serializers.ListField(child=serializers.CharField(), read_only=True)
    due_at = UtcField(read_only=True, allow_null=True, help_text="The earlier of the two")
    ruling_deadline = serializers.SerializerMethodField(help_text="Whose deadline `due_at` is: the earlier one's")
    audited_by = serializers.CharField(source="audited_by.username", read_only=True, allow_null=True, default=None)
    lines = CaseLineSerializer(many=True, read_only=True)

    class Meta:
        model = Case
        fields: tuple[str, ...] = (
            "id", "shop", "number", "origin", "type", "state", "stage", "raw_status", "order", "order_external_id",
            "synced_return", "reason", "raw_reason_code", "raw_reason_text", "description", "images", "currency",
            "requested_amount", "amount", "is_amount_modified", "state_entered_at", "auto_process_time",
            "marketplace_deadline_at", "due_at", "ruling_deadline", "timed_out_at", "audited_at", "audited_by",
            "completed_at", "modification_count", "rejection_count", "created_at", "updated_at", "lines",
        )  # fmt: skip
        read_only_fields = fields
        extra_kwargs = {
            "auto_process_time": {"help_text": "When our own countdown ends; null where none runs"},
            "marketplace_deadline_at": {"help_text": "Until when the marketplace waits; null where it says nothing"},
            "timed_out_at": {"help_text": "When a countdown was handled that had run out, in this state"},
            "raw_status": {"help_text": "The marketplace's word; empty where the case was made here"},
            "amount": {"help_text": "What is refunded as things stand; null where a marketplace does not say"},
        }

    @extend_schema_field({"type": "string", "enum": [one.value for one in Ruling], "nullable": True})
    def get_ruling_deadline(self, case: Case) -> str | None:
        ruling = find_ruling(case.auto_process_time, case.marketplace_deadline_at)
        return ruling.value if ruling else None


class CaseLogSerializer(RowSerializer):
    """One action, written with the change and never changed after."""

    action = serializers.ChoiceField(choices=LogActionLabel.choices, read_only=True)
    operator_kind = serializers.ChoiceField(choices=OperatorLabel.choices, read_only=True, help_text="Who acted")
    previous_state = serializers.CharField(read_only=True, help_text="Empty in the first row")
    state = serializers.ChoiceField(choices=StateLabel.choices, read_only=True)
    context = serializers.DictField(  # type: ignore[assignment]  # the base has an attribute of this name
        read_only=True, help_text="The action, and each fact that changed as [old, new]; further facts as they are"
    )

    class Meta:
        model = CaseLog
        fields = (
            "id", "action", "operator_kind", "operator_id", "operator_name", "previous_state", "state", "text",
            "context", "at", "request_id",
        )  # fmt: skip
        read_only_fields = fields


class PossibleActionSerializer(serializers.Serializer[Any]):
    """One action that you may take on the case now."""

    action = serializers.CharField(source="move.action.value")
    title = serializers.CharField(source="move.title")
    needs = serializers.ListField(
        source="move.needs", child=serializers.CharField(), help_text="Fields without which it is refused"
    )
    leads_to = serializers.ChoiceField(
        choices=StateLabel.choices, help_text="The state the case is in then; the same one where it stays"
    )
    is_for_buyer = serializers.SerializerMethodField(help_text="Whether it can be taken on behalf of the buyer")

    @extend_schema_field(bool)
    def get_is_for_buyer(self, possible: Any) -> bool:
        return OperatorLabel.USER.value in possible.move.actors


class PossibleActionsSerializer(serializers.Serializer[Any]):
    """Where a case stands and what you may do to it."""

    state = serializers.ChoiceField(choices=StateLabel.choices)
    actions = PossibleActionSerializer(many=True)
