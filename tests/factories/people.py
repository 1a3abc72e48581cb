"""People who may do something with what belongs to some shops."""

from collections.abc import Iterable

from django.contrib.auth.models import Permission, User

from shops.models import Shop, ShopGrant


def make_person(*permissions: str, shops: Iterable[Shop] = (), name: str = "person") -> User:
    """A member of staff with these permissions ("shops.view_shop"), who was granted these shops."""
    person = User.objects.create(username=name, is_staff=True)
    for permission in permissions:
        app, codename = permission.split(".")
        person.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    ShopGrant.objects.bulk_create(ShopGrant(shop=shop, user=person) for shop in shops)
    return person
