"""What staff keep about orders: who may be assigned, which tags are in use, and what is kept about one order."""

from collections import Counter

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from backoffice.common.models import Viewer, visible_shop_ids
from orders.models import Order, OrderHandling

RECENT = 500  # handlings that are looked through for tags
TAGS_SHOWN = 12


def find_handling(order: Order) -> OrderHandling | None:
    """Find what is kept about an order; most orders have nothing."""
    return OrderHandling.objects.filter(order=order).select_related("assignee", "changed_by").first()


def list_assignable(shop_id: int) -> QuerySet[User]:
    """List the active staff who see a shop, by login name."""
    sees = Q(is_superuser=True) | Q(shop_grants__shop=shop_id)
    return User.objects.filter(sees, is_active=True, is_staff=True).distinct().order_by("username")


def list_colleagues(viewer: Viewer) -> QuerySet[User]:
    """List the active staff who see at least one shop of the viewer's, by login name."""
    shop_ids = visible_shop_ids(viewer)
    sees = Q(is_superuser=True) | (Q() if shop_ids is None else Q(shop_grants__shop__in=shop_ids))
    people = User.objects.filter(is_active=True, is_staff=True)
    return (people if shop_ids is None else people.filter(sees)).distinct().order_by("username")


def find_by_name(people: QuerySet[User], text: str) -> QuerySet[User]:
    """Narrow to people whose login, first or last name begins with the text."""
    starts = Q(username__istartswith=text) | Q(first_name__istartswith=text) | Q(last_name__istartswith=text)
    return people.filter(starts)


def name_person(person: User) -> str:
    """Name a person: "Mai Tran (mai)", or the login name where no other is known."""
    full_name = person.get_full_name()
    return f"{full_name} ({person.username})" if full_name else person.username


def list_used_tags(viewer: Viewer) -> list[str]:
    """List the tags that were used most on the orders handled last."""
    recent = OrderHandling.objects.visible_to(viewer).exclude(tags=[]).order_by("-pk")
    used = Counter(tag for tags in recent.values_list("tags", flat=True)[:RECENT] for tag in tags)
    return [tag for tag, _ in used.most_common(TAGS_SHOWN)]
