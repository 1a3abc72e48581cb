"""Marks the part of a page that renews itself while something goes on; live.js does the rest.

    {% load live %}
    <section id="progress" {% live address seconds=2 going_on=run.is_open %}>...</section>

`address` answers with the same element alone. Once the server stops marking it, the browser stops asking. A row's page
gets all of this from backoffice.common.admin.LivePanelMixin.
"""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def live(address: str, seconds: int = 2, going_on: object = True) -> SafeString:
    """Return the attributes that make an element (which needs an id) renew itself every so many seconds."""
    if not going_on:
        return SafeString("")
    return format_html('data-live="{}" data-live-seconds="{}"', address, seconds)


@register.simple_tag
def progress(done: int, total: int, state: str = "") -> SafeString:
    """Show a bar with the share in percent."""
    from backoffice.common.admin import show_progress  # tags are loaded while the admin library still is

    return show_progress(done, total, state)
