"""Shows times in the operator's zone. Rows, logs and the sync itself know only UTC."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone


def operator_time_zone(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Answer each request with the operator's zone as the present one."""
    zone = ZoneInfo(settings.OPERATOR_TIME_ZONE)

    def answer(request: HttpRequest) -> HttpResponse:
        with timezone.override(zone):
            return get_response(request)

    return answer
