"""What is wrong now, as the API shows it."""

from typing import Any

from rest_framework import serializers

from backoffice.common.api.values import UtcField
from syncjobs.monitoring.checks import CheckName, HealthStatus


class AlertSerializer(serializers.Serializer[Any]):
    """One thing that is wrong now."""

    kind = serializers.ChoiceField(choices=CheckName.choices, help_text="The check that found it")
    severity = serializers.ChoiceField(choices=HealthStatus.choices[:2])
    message = serializers.CharField()
    shop_id = serializers.IntegerField(
        source="shop.pk", default=None, allow_null=True, help_text="Our id of the shop; null where it is about all"
    )
    shop_name = serializers.CharField(source="shop.name", default="", help_text="Empty where it is about all")
    since = UtcField(allow_null=True, help_text="As far as that is known")


class AlertsSerializer(serializers.Serializer[Any]):
    """Everything that is wrong now, the worst first; up to 500 of each kind."""

    checked_at = UtcField()
    alerts = AlertSerializer(source="findings", many=True)


class CheckSerializer(serializers.Serializer[Any]):
    """What one check came to."""

    name = serializers.ChoiceField(choices=CheckName.choices)
    status = serializers.ChoiceField(choices=HealthStatus.choices)
    alert_count = serializers.SerializerMethodField()

    def get_alert_count(self, check: Any) -> int:
        return len(check.findings)


class HealthSerializer(serializers.Serializer[Any]):
    """How everything is: the worst of the checks, and each of them."""

    status = serializers.ChoiceField(choices=HealthStatus.choices)
    checked_at = UtcField()
    checks = CheckSerializer(many=True)
