"""Runs as the API shows them, and what a call that starts one must hold."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backoffice.common.api.bodies import StrictChoiceField, StrictIntegerField, StrictSerializer
from backoffice.common.api.values import RowSerializer, UtcField
from orders.choices import OrderStatus
from shops.marketplaces.records import Resource
from syncjobs.models import Chunk, Lane, Run, RunEvent, RunKind
from syncjobs.streams import STREAMS

COUNTS = (
    "fetched_count", "inserted_count", "updated_count", "unchanged_count", "invalid_count", "unreadable_count",
    "buffered_count", "call_count", "failed_call_count", "call_seconds", "store_seconds", "wait_seconds",
    "received_bytes",
)  # fmt: skip
LANES = {lane.value: lane.name.lower() for lane in Lane}
LONGEST_HOURS = 24 * 366  # further back than any marketplace lists orders


class ProgressSerializer(serializers.Serializer[Any]):
    """How many of the run's chunks have ended, and when the next one is due that waits."""

    chunk_count = serializers.IntegerField()
    ended_count = serializers.IntegerField()
    failed_count = serializers.IntegerField()
    percent = serializers.IntegerField(min_value=0, max_value=100)
    next_due_at = UtcField(allow_null=True)


class RunSerializer(RowSerializer):
    """One run. While it is open its counts are those of its chunks so far."""

    shop = serializers.IntegerField(source="shop_id", help_text="Our id of the shop")
    progress = ProgressSerializer(read_only=True)
    lane = serializers.SerializerMethodField(help_text="Whose calls go first where a quota is short")

    class Meta:
        model = Run
        fields: tuple[str, ...] = (
            "id", "shop", "resource", "kind", "trigger", "lane", "status_filter", "window_start", "window_end", "state",
            "reason", "progress", *COUNTS, "created_at", "started_at", "finished_at",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field({"type": "string", "enum": list(LANES.values())})
    def get_lane(self, run: Run) -> str:
        return LANES[run.lane]


class ChunkSerializer(RowSerializer):
    """A piece of the run's window."""

    class Meta:
        model = Chunk
        fields = (
            "number", "window_start", "window_end", "state", "due_at", "attempt_count", "error", *COUNTS, "finished_at",
        )  # fmt: skip
        read_only_fields = fields


class RunEventSerializer(RowSerializer):
    """A warning, an error or a wait on the run's way."""

    class Meta:
        model = RunEvent
        fields = ("at", "level", "chunk_number", "text")
        read_only_fields = fields


class RunDetailSerializer(RunSerializer):
    """One run with its chunks and what happened on its way, the newest first."""

    chunks = ChunkSerializer(many=True, read_only=True)
    events = RunEventSerializer(many=True, read_only=True)

    class Meta(RunSerializer.Meta):
        fields = (*RunSerializer.Meta.fields, "chunks", "events")
        read_only_fields = fields


class StartRunSerializer(StrictSerializer):
    """What to read anew."""

    shop = StrictIntegerField(help_text="Our id of the shop", min_value=1)
    kind = StrictChoiceField(
        choices=[choice for choice in RunKind.choices if choice[0] != RunKind.BACKFILL],
        help_text="incremental: what changed since the last one; window: the last hours; full: the full depth.",
    )
    resource = StrictChoiceField(
        required=False, choices=list(STREAMS), help_text="orders unless given. Not every marketplace has everything."
    )
    hours = StrictIntegerField(
        required=False, min_value=1, max_value=LONGEST_HOURS, help_text="Only with kind window; 24 unless given."
    )
    status = StrictChoiceField(
        required=False, choices=OrderStatus.choices, help_text="Only orders in this status; not with kind incremental."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse what does not go together: it would be ignored in silence."""
        if "hours" in attrs and attrs["kind"] != RunKind.WINDOW:
            raise serializers.ValidationError({"hours": "Goes with kind window only."})
        if "status" in attrs and attrs.get("resource", Resource.ORDERS) != Resource.ORDERS:
            raise serializers.ValidationError({"status": "Goes with orders only."})
        if "status" in attrs and attrs["kind"] == RunKind.INCREMENTAL:
            raise serializers.ValidationError(
                {"status": "An incremental run reads every status, else it would pass orders by. Take kind window."}
            )
        return attrs
