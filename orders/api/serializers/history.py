"""The changes of a synced row as the API shows them: which field, what it was, what it is."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backoffice.common.api.values import UtcField
from backoffice.common.sources import PayloadSource
from orders.queries.payloads import Entry


class ChangeSerializer(serializers.Serializer[Any]):
    """One field of the payload, in the marketplace's names. Values are texts for people; long ones are cut."""

    path = serializers.CharField()
    kind = serializers.ChoiceField(choices=("added", "removed", "changed"))
    before = serializers.CharField(allow_null=True)
    after = serializers.CharField(allow_null=True)


class HistoryEntrySerializer(serializers.Serializer[Any]):
    """One payload of the row, and what differs from the one before."""

    id = serializers.IntegerField(source="row.pk")
    received_at = UtcField(source="row.received_at")
    door = serializers.ChoiceField(choices=PayloadSource.choices, source="row.source", help_text="The way it came")
    run = serializers.IntegerField(
        source="row.run_id", allow_null=True, help_text="The run that brought it; runs are deleted after some months"
    )
    is_first = serializers.BooleanField(help_text="Nothing older is kept, so nothing was compared")
    is_whole = serializers.SerializerMethodField(
        help_text="False where there are more changes, or a payload is too large"
    )
    changes = serializers.SerializerMethodField()

    @extend_schema_field(serializers.BooleanField())
    def get_is_whole(self, entry: Entry) -> bool:
        return entry.is_first or (entry.diff is not None and entry.diff.is_whole)

    @extend_schema_field(ChangeSerializer(many=True))
    def get_changes(self, entry: Entry) -> Any:
        return ChangeSerializer(entry.diff.changes if entry.diff else (), many=True).data
