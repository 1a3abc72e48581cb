"""Callers of the API: a person with permissions and grants, and a client that sends their token."""

from dataclasses import dataclass
from itertools import count
from typing import Any

from django.contrib.auth.models import Permission, User
from django.test import Client

from aftersales.states import list_permissions
from shops.models import ApiToken, Shop, ShopGrant
from shops.services import create_api_token

ALL = (
    "view_shop", "view_order", "view_product", "view_sku", "view_shipment", "view_syncedreturn", "view_transaction",
    "view_statement", "view_run", "add_run", "view_enrichmenttask", "add_enrichmenttask",
    "view_case", "add_case", "change_case", "view_carrier", *list_permissions(),
)  # fmt: skip
_numbers = count(1)


@dataclass
class Caller:
    """Calls addresses below /api/v1/ with a token."""

    client: Client
    user: User
    token: ApiToken
    key: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}

    def get(self, address: str, **parameters: Any) -> Any:
        return self.client.get(_full(address), parameters, headers=self.headers)

    def post(self, address: str, body: Any, **headers: str) -> Any:
        return self.client.post(
            _full(address), body, content_type="application/json", headers={**self.headers, **headers}
        )

    def ids(self, address: str, **parameters: Any) -> list[int]:
        answer = self.get(address, **parameters)
        assert answer.status_code == 200, answer.content
        return [row["id"] for row in answer.json()["results"]]


def _full(address: str) -> str:
    return address if address.startswith(("/", "http")) else f"/api/v1/{address}"


def make_person(*shops: Shop, may: tuple[str, ...] = ALL, **facts: Any) -> User:
    """A person who was granted these shops and has these permissions."""
    person = User.objects.create(username=f"caller{next(_numbers)}", **facts)
    person.user_permissions.set(Permission.objects.filter(codename__in=may))
    ShopGrant.objects.bulk_create(ShopGrant(shop=shop, user=person) for shop in shops)
    return person


def make_caller(*shops: Shop, only: tuple[Shop, ...] = (), person: User | None = None, **token: Any) -> Caller:
    """Somebody who was granted `shops`, with a token that is limited to `only`; it may write unless told otherwise."""
    person = person or make_person(*shops)
    row, key = create_api_token(person, name="test", shops=only, **{"may_write": True, **token})
    return Caller(Client(), person, row, key)


def make_chief(**token: Any) -> Caller:
    """A superuser with a token."""
    return make_caller(person=make_person(is_superuser=True, is_staff=True), **token)
