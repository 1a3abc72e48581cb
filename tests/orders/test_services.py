"""What staff keep about an order: cleaned, checked, in the version that was read, and noted. No change is lost."""

import threading

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import connection

from backoffice.common.errors import NotPossible
from orders.models import Order, OrderHandling
from orders.services import Stale, change_handling
from tests.factories.orders import make_staff, store_order
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(shop):
    return make_staff("mai", shop)


@pytest.fixture
def order(shop):
    return store_order(shop)


@pytest.fixture
def change(order, person):
    def do(version=0, note="", tags=(), assignee=None, **others):
        return change_handling(
            order, **{"version": version, "note": note, "tags": tags, "assignee": assignee, "person": person, **others}
        )

    return do


def kept():
    return OrderHandling.objects.values_list("note", "tags", "assignee__username", "version").get()


def history():
    return list(LogEntry.objects.order_by("pk").values_list("change_message", flat=True))


def test_the_first_change_makes_the_row_and_later_ones_raise_its_version(change, person):
    change(note="call first", tags=["vip"], assignee=person)
    assert kept() == ("call first", ["vip"], "mai", 1)
    change(version=1, note="called", tags=["vip"])
    assert kept() == ("called", ["vip"], None, 2)


def test_the_order_itself_is_not_written(change, order):
    before = Order.objects.filter(pk=order.pk).values().get()
    change(note="call first")
    assert Order.objects.filter(pk=order.pk).values().get() == before


def test_who_changed_it_and_when_is_kept(change, person, shop):
    handling = change(note="a")
    assert (handling.changed_by, handling.changed_at is not None) == (person, True)
    other = make_staff("other", shop)
    assert change(version=1, note="b", person=other).changed_by == other


def test_a_change_of_what_was_read_before_somebody_elses_is_refused_and_names_them(change):
    change(note="theirs", tags=["vip"])
    with pytest.raises(
        Stale, match=r"^mai changed note, tags or assignee on 20.* Nothing of yours was saved"
    ) as refusal:
        change(version=0, note="mine")
    assert refusal.value.present.note == "theirs"
    assert kept() == ("theirs", ["vip"], None, 1)
    change(version=1, note="theirs too")
    with pytest.raises(Stale):
        change(version=1, note="mine")
    assert len(history()) == 2


def test_the_same_change_twice_is_no_conflict_and_one_line_of_history(change):
    change(note="same", tags=["a", "b"])
    assert change(note=" same\r\n", tags=["A", "b "]).version == 1
    assert len(history()) == 1


def test_nothing_kept_and_nothing_given_writes_nothing(change):
    assert change(note="  ", tags=["", " "]) is None
    assert (OrderHandling.objects.count(), history()) == (0, [])


def test_what_was_changed_is_in_the_history_of_the_order(change, person, order):
    change(note="call first", tags=["vip", "gift"], assignee=person)
    change(version=1, note="", tags=["gift", "late"])
    change(version=2, note="", tags=["late", "gift"])
    assert history() == [
        "Note: “call first”. Tags: +vip +gift. Assignee: nobody → mai.",
        "Note removed. Tags: +late −vip. Assignee: mai → nobody.",
        "Tags: in another order.",
    ]
    entry = LogEntry.objects.earliest("pk")
    assert (entry.user, entry.object_id, entry.get_edited_object()) == (person, str(order.pk), order)


def test_a_long_note_is_kept_whole_and_shortened_in_the_history(change):
    change(note="x" * 5_000)
    assert len(kept()[0]) == 5_000
    assert len(history()[0]) < 250


def test_tags_are_lower_case_and_each_once_in_the_order_given(change):
    change(tags=[" VIP ", "gift   wrap", "vip", "Đỏ", "", "a\x00b"])
    assert kept()[1] == ["vip", "gift wrap", "đỏ", "ab"]


def test_line_ends_are_of_one_kind_and_characters_that_cannot_be_stored_are_left_out(change):
    change(note="\r\n one\r\ntwo\x00 \n")
    assert kept()[0] == "one\ntwo"


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"tags": ["x" * 31]}, "at most 30 characters"),
        ({"tags": [f"t{n}" for n in range(11)]}, "at most 10 tags"),
        ({"note": "x" * 5_001}, "at most 5,000 characters"),
    ],
)
def test_too_much_is_refused_with_the_limit(change, wrong, reason):
    with pytest.raises(NotPossible, match=reason):
        change(**wrong)
    assert not OrderHandling.objects.exists()


def test_as_much_as_is_allowed_is_kept(change):
    change(tags=[f"{n}".ljust(30, "x") for n in range(10)], note="x" * 5_000)
    assert len(kept()[1]) == 10


def stranger_of(shop, **facts):
    person = make_staff("stranger", *([] if facts.pop("ungranted", False) else [shop]))
    User.objects.filter(pk=person.pk).update(**facts)
    return User.objects.get(pk=person.pk)


@pytest.mark.parametrize("facts", [{"ungranted": True}, {"is_active": False}, {"is_staff": False}])
def test_only_active_staff_who_see_the_shop_can_be_assigned(change, shop, facts):
    with pytest.raises(NotPossible, match="stranger cannot be assigned"):
        change(assignee=stranger_of(shop, **facts))


def test_a_superuser_can_be_assigned_without_a_grant(change):
    change(assignee=User.objects.create(username="chief", is_superuser=True, is_staff=True))
    assert kept()[2] == "chief"


def test_an_assignee_who_may_not_see_the_shop_any_more_stays_until_changed(change, shop):
    leaver = make_staff("leaver", shop)
    change(assignee=leaver)
    leaver.shop_grants.all().delete()
    change(version=1, note="still theirs", assignee=leaver)
    assert kept() == ("still theirs", [], "leaver", 2)


def test_a_version_of_a_row_that_is_not_there_makes_the_row(change):
    change(version=7, note="a")
    assert kept()[3] == 1


def test_orders_are_kept_apart(change, shop):
    other = store_order(shop, "other")
    change(note="mine")
    assert not OrderHandling.objects.filter(order=other).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("version", [0, 1])
def test_of_two_that_save_at_once_one_wins_and_the_other_is_told(version):
    shop = make_shop()
    order = store_order(shop)
    people = [make_staff(name, shop) for name in ("first", "second")]
    if version:
        change_handling(order, version=0, note="before", tags=[], assignee=None, person=people[0])
    start = threading.Barrier(2)
    outcomes = {}

    def save(person):
        try:
            start.wait(timeout=30)
            change_handling(order, version=version, note=person.username, tags=[], assignee=None, person=person)
            outcomes[person.username] = "saved"
        except Stale as refusal:
            outcomes[person.username] = f"told about {refusal.present.note}"
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    note, _, _, stored_version = kept()
    loser = {"first": "second", "second": "first"}[note]
    assert outcomes == {note: "saved", loser: f"told about {note}"}
    assert stored_version == version + 1
    assert len(history()) == version + 1


@pytest.mark.django_db(transaction=True)
def test_who_reads_before_and_writes_after_somebody_else_is_told(monkeypatch):
    """The moment between reading and writing, held open."""
    shop = make_shop()
    order, person = store_order(shop), make_staff("mai", shop)
    change_handling(order, version=0, note="first", tags=[], assignee=None, person=person)
    stale_row = OrderHandling.objects.select_related("assignee", "changed_by").get()
    change_handling(order, version=1, note="second", tags=[], assignee=None, person=person)
    monkeypatch.setattr("orders.services.handling.find_handling", lambda _: stale_row)
    with pytest.raises(Stale) as refusal:
        change_handling(order, version=1, note="mine", tags=[], assignee=None, person=person)
    assert refusal.value.present.note == "second"
    assert (kept()[0], len(history())) == ("second", 2)
