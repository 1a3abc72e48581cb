"""Shops as the API shows them: where they stand, and nothing that opens them."""

from backoffice.common.api.values import RowSerializer, UtcField
from shops.models import Shop


class ShopSerializer(RowSerializer):
    """One shop."""

    access_token_expires_at = UtcField(
        source="credential.access_token_expires_at", read_only=True, allow_null=True,
        help_text="It is renewed by itself.",
    )  # fmt: skip
    refresh_token_expires_at = UtcField(
        source="credential.refresh_token_expires_at", read_only=True, allow_null=True,
        help_text="When the seller must authorise again.",
    )  # fmt: skip

    class Meta:
        model = Shop
        fields = (
            "id", "marketplace", "region", "external_id", "name", "currency", "timezone", "state", "state_reason",
            "sync_status", "last_sync_at", "last_full_sync_at", "access_token_expires_at", "refresh_token_expires_at",
        )  # fmt: skip
        read_only_fields = fields
