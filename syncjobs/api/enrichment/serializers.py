"""Tasks and their counts as the API shows them, and what a call that asks for package numbers must hold."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backoffice.common.api.bodies import ShortListField, StrictBooleanField, StrictSerializer, StrictTextField
from backoffice.common.api.values import RowSerializer, UtcField
from orders.api.serializers.orders import UNTOLD_QUANTITY
from shops.models import Shop
from syncjobs.models import EnrichmentPriority, EnrichmentTask
from syncjobs.services.enrichment import MOST_NUMBERS

PRIORITIES = {priority.value: priority.name.lower() for priority in EnrichmentPriority}


class TaskCountsSerializer(serializers.Serializer[Any]):
    """How many tasks there are in each status."""

    pending = serializers.IntegerField()
    processing = serializers.IntegerField()
    completed = serializers.IntegerField()
    failed = serializers.IntegerField()
    cancelled = serializers.IntegerField()


class ShopSyncSerializer(RowSerializer):
    """A shop: whether it asks for package numbers, and how its syncs stand."""

    class Meta:
        model = Shop
        fields = (
            "id", "name", "state", "is_enriched", "last_sync_at", "last_full_sync_at", "sync_status",
            "last_product_sync_at", "last_product_full_sync_at", "product_sync_status",
        )  # fmt: skip
        read_only_fields = fields


class EnrichmentProgressSerializer(serializers.Serializer[Any]):
    """How far a shop is with its package numbers, and how its syncs stand."""

    shop = ShopSyncSerializer()
    total = serializers.IntegerField(source="progress.total")
    by_status = TaskCountsSerializer(source="progress.by_status")
    percent = serializers.IntegerField(
        source="progress.percent", min_value=0, max_value=100, allow_null=True,
        help_text="Share of tasks with all their numbers, of those that are not cancelled; null where there are none",
    )  # fmt: skip
    waiting_since = UtcField(
        source="progress.waiting_since", allow_null=True, help_text="When the oldest task was made that is pending"
    )
    last_finished_at = UtcField(source="progress.last_finished_at", allow_null=True)
    blocked = serializers.CharField(
        source="progress.blocked", help_text="Why nothing is asked for now, and what to do; empty where it is"
    )
    queue_length = serializers.IntegerField(
        allow_null=True, help_text="Orders of all shops in the fast queue; null where Redis does not answer"
    )


class PackageLineSerializer(serializers.Serializer[Any]):
    """So many pieces of a line of the order."""

    line = serializers.CharField(help_text="external_id of the line")
    quantity = serializers.IntegerField(allow_null=True, help_text=UNTOLD_QUANTITY)


class FoundPackageSerializer(serializers.Serializer[Any]):
    """One package of the order, with the order's lines in it."""

    package_sn = serializers.CharField()
    carrier_name = serializers.CharField()
    tracking_number = serializers.CharField()
    status = serializers.CharField(help_text="That of the parcel; the marketplace's word where only the order names it")
    lines = PackageLineSerializer(many=True)


class EnrichmentTaskSerializer(RowSerializer):
    """The asking for the package numbers of one order."""

    shop_id = serializers.IntegerField(help_text="Our id of the shop")
    order_ids = serializers.ListField(
        child=serializers.CharField(), help_text="external_ids of the order's lines (at Temu its child orders)"
    )
    package_sn = serializers.CharField(help_text="The first number; empty where none is known yet")
    package_sns = serializers.ListField(child=serializers.CharField(), help_text="All numbers")
    packages = FoundPackageSerializer(many=True, read_only=True, help_text="What is known here of the order's packages")
    priority = serializers.SerializerMethodField(help_text="Whose numbers are asked for first")

    class Meta:
        model = EnrichmentTask
        fields = (
            "id", "shop_id", "parent_order_sn", "order_ids", "status", "package_sn", "package_sns", "packages",
            "error_message", "cause", "retry_count", "max_retries", "looks", "priority", "next_try_at", "created_at",
            "finished_at",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field({"type": "string", "enum": list(PRIORITIES.values())})
    def get_priority(self, task: EnrichmentTask) -> str:
        return PRIORITIES[task.priority]


class ShopTaskCountsSerializer(serializers.Serializer[Any]):
    """How many tasks a shop has in each status."""

    shop_id = serializers.IntegerField()
    total = serializers.IntegerField()
    by_status = TaskCountsSerializer()


class EnrichmentStatsSerializer(serializers.Serializer[Any]):
    """How many tasks there are of the shops that you may see, in all and of each."""

    total = serializers.IntegerField()
    by_status = TaskCountsSerializer()
    shops = ShopTaskCountsSerializer(many=True)


class EnrichNowSerializer(StrictSerializer):
    """Which orders to ask for: either their numbers, or all of the shop."""

    order_sns = ShortListField(
        child=StrictTextField(max_length=64), required=False, allow_empty=False, max_length=MOST_NUMBERS,
        help_text="The marketplace's numbers of the orders",
    )  # fmt: skip
    all = StrictBooleanField(required=False, help_text="Every order of the shop that is on its way without a number")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse both and neither."""
        if ("order_sns" in attrs) == attrs.get("all", False):
            raise serializers.ValidationError('Either `order_sns` or `"all": true`, and not both.')
        return attrs


class EnrichedSerializer(serializers.Serializer[Any]):
    """What became of the orders that were named; each counts once."""

    created = serializers.IntegerField(help_text="Not asked for before, and are now")
    hurried = serializers.IntegerField(help_text="Waited or had failed, and come first now")
    already_known = serializers.IntegerField(help_text="Have their packages")
    refused = serializers.DictField(child=serializers.CharField(), help_text="Order number to the reason")
    is_finished = serializers.BooleanField(
        help_text="False where a shop has so many orders that the rest follows in the background"
    )
