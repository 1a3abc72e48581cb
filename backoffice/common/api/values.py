"""Values in answers: times in UTC, amounts as texts with their currency's digits."""

from datetime import UTC
from decimal import Decimal
from operator import attrgetter
from typing import Any

from django.db import models
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backoffice.common.money import write_amount


class UtcField(serializers.DateTimeField):
    """A time as "2026-08-01T08:00:00.123456Z", whatever zone the pages are shown in."""

    def __init__(self, **options: Any) -> None:
        super().__init__(default_timezone=UTC, **options)


@extend_schema_field({"type": "string", "format": "decimal", "example": "440000"})
class AmountField(serializers.Field[Any, Any, Any, Any]):
    """An exact amount as text: floats would lose digits. At least the currency's digits, more where there are more."""

    def __init__(self, *, currency_source: str = "currency", **options: Any) -> None:
        self.currency_source = currency_source
        super().__init__(**{"read_only": True, **options})

    def get_attribute(self, instance: Any) -> Any:
        """Take the amount with its currency."""
        amount = super().get_attribute(instance)
        return None if amount is None else (amount, attrgetter(self.currency_source)(instance))

    def to_representation(self, value: tuple[Decimal, str]) -> str:
        """Write the amount."""
        return write_amount(*value)


class RowSerializer(serializers.ModelSerializer[Any]):
    """Shows rows; reads nothing back."""

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateTimeField: UtcField,
        models.DecimalField: AmountField,
    }

    def build_standard_field(self, field_name: str, model_field: Any) -> Any:
        """Drop what only matters when a field is written."""
        field_class, options = super().build_standard_field(field_name, model_field)
        if field_class is AmountField:
            options = {"allow_null": model_field.null}
        return field_class, options
