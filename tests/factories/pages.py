"""Pages of the admin, and what a person does on them."""

import re
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from shops.models import Shop
from tests.factories.people import make_person


def address(row: Any, name: str, *more: str) -> str:
    """Return the address of a row's page."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{name}", args=[row.pk, *more])


def press(client: Client, row: Any, key: str) -> str:
    """Press a row's button; return the page that follows."""
    return client.post(address(row, "do", key), follow=True).content.decode()


def log_in(client: Client, *permissions: str, shops: Iterable[Shop] = ()) -> User:
    """Log in as a member of staff with these permissions, who was granted these shops."""
    person = make_person(*permissions, shops=shops)
    client.force_login(person)
    return person


def leave_out_payloads(page: str) -> str:
    """Return the page of a row without its payloads, which hold again all that was read from them."""
    page = re.sub(r'<section [^>]*aria-labelledby="row-payloads">.*?</section>', "", page, flags=re.DOTALL)
    return re.sub(r'<pre class="json-box">.*?</pre>', "", page, flags=re.DOTALL)
