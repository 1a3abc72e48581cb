"""What is wrong now, with the shops that the caller may see and with what all of them need."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from backoffice.common.api.views import ApiView
from shops.models import Shop
from syncjobs.api.monitoring.serializers import AlertsSerializer, HealthSerializer
from syncjobs.monitoring.checks import CheckName, check_health

TAG = ["monitoring"]
ALERTS = OpenApiExample("One alert", response_only=True, value={
    "checked_at": "2026-08-01T08:00:00Z",
    "alerts": [{
        "kind": "authorisation", "severity": "critical", "shop_id": 3, "shop_name": "Cửa hàng Mẫu",
        "message": "Cửa hàng Mẫu (tiktok:7495) needs re-authorisation. The refresh token ended.",
        "since": "2026-07-31T23:50:00Z",
    }],
})  # fmt: skip
NAMES = [name.value for name in CheckName]
HEALTH = OpenApiExample("Not all is well", response_only=True, value={
    "status": "critical", "checked_at": "2026-08-01T08:00:00Z",
    "checks": [
        {"name": "authorisation", "status": "critical", "alert_count": 1},
        *({"name": name, "status": "ok", "alert_count": 0} for name in NAMES if name != "authorisation"),
    ],
})  # fmt: skip


class MonitoringView(ApiView):
    """The present state; reading it needs the permission to view shops."""

    queryset = Shop.objects.all()


class HealthView(MonitoringView):
    """How everything is. The answer is 200 also when something is wrong: `status` says so."""

    serializer_class: Any = HealthSerializer

    @extend_schema(operation_id="get_health", summary="Read the health", tags=TAG, examples=[HEALTH])
    def get(self, request: Request) -> Response:
        return Response(HealthSerializer(check_health(request.user)).data)


class AlertsView(MonitoringView):
    """Everything that is wrong now, the worst first: with your shops, and with what all shops need."""

    serializer_class: Any = AlertsSerializer

    @extend_schema(
        operation_id="list_alerts", summary="List alerts", tags=TAG, examples=[ALERTS], responses=AlertsSerializer
    )
    def get(self, request: Request) -> Response:
        return Response(AlertsSerializer(check_health(request.user)).data)
