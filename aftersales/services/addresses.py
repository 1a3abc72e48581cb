"""Which of a shop's return addresses buyers are told, unless a case names another."""

from django.db import transaction

from aftersales.models import ReturnAddress
from backoffice.common import clock
from backoffice.common.locks import lock_until_commit


def save_address(address: ReturnAddress, columns: list[str] | None = None) -> None:
    """Store an address. One that becomes the default takes that from the other, in one transaction.

    `columns` are those to write; None writes all, as for a new one.
    """
    with transaction.atomic():
        if address.is_default:
            lock_until_commit("default_return_address", [address.shop_id])  # the shop may have no row to lock yet
            others = ReturnAddress.objects.filter(shop=address.shop_id, is_default=True).exclude(pk=address.pk)
            others.update(is_default=False, updated_at=clock.now())
        address.save(update_fields=columns)
