"""Shows in templates how far a moment is: `{% load times %} {% distance order.paid_at %}`."""

from datetime import datetime

from django import template
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def distance(moment: datetime) -> SafeString:
    """Say how far a moment is; times.js keeps it going."""
    from backoffice.common.admin.times import show_distance  # tags are loaded while the admin library still is

    return show_distance(moment)
