"""The home page: what it counts, whose shops it shows, how it renews itself, and what it costs."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from backoffice import home
from backoffice.common import clock
from backoffice.common.ingest import Origin
from shops.marketplaces.records import OrderStatus, UnreadableRecord
from shops.models import Shop, ShopCredential, ShopGrant
from syncjobs.intake import store_batch
from syncjobs.models import EnrichmentTask, Heartbeat, Run, Watermark
from tests.factories.enrichment import make_task
from tests.factories.people import make_person
from tests.factories.records import make_order
from tests.factories.shops import make_app, make_shop
from tests.factories.sync import make_chunk, make_run

pytestmark = pytest.mark.django_db
HOME = reverse("admin:index")
LIVE = reverse("admin:home_live")
EVERYTHING = (
    "shops.view_shop", "orders.view_order", "syncjobs.view_run", "syncjobs.view_failedrecord", "syncjobs.add_run",
)  # fmt: skip
HOUR = timedelta(hours=1)


def read_up_to(shop, ago):
    now = clock.now()
    Watermark.objects.create(shop=shop, resource="orders", position_at=now - ago, moved_at=now)
    return shop


def make_fine_shop(**facts):
    return read_up_to(make_shop(sync_status="ok", last_sync_at=clock.now(), **facts), timedelta(minutes=3))


def make_busy_shop(name, app=None):
    """A shop with something for every number of the page."""
    shop = make_fine_shop(name=name, app=app or make_app())
    now = clock.now()
    late = make_order(f"{shop.pk}-late", ship_by_at=now - HOUR)
    soon = make_order(f"{shop.pk}-soon", ship_by_at=now + HOUR)
    later = make_order(f"{shop.pk}-later", ship_by_at=now + 48 * HOUR)
    gone = make_order(f"{shop.pk}-gone", ship_by_at=now - HOUR, status=OrderStatus.IN_TRANSIT)
    with transaction.atomic():
        origin = Origin("poll", now)
        store_batch(
            "orders", shop.pk, [late, soon, later, gone], [UnreadableRecord({"shop": shop.pk}, "no id")], origin
        )
    make_chunk(run=make_run(shop=shop, state="failed", reason=f"{name} reason", finished_at=now))
    make_chunk(run=make_run(shop=shop))
    return shop


def show(client, address=HOME):
    answer = client.get(address)
    assert answer.status_code == 200
    return answer


def cards(answer):
    return {card.title: card.number for card in answer.context["cards"]}


def names(answer):
    return [line.shop.name for line in answer.context["shops"]]


@pytest.fixture
def person(client, db):
    person = make_person(*EVERYTHING)
    client.force_login(person)
    return person


def test_package_numbers_that_were_not_found_have_a_card_for_those_who_may_see_it(client, person):
    own, foreign = make_fine_shop(), make_fine_shop()
    grant(person, own)
    for shop, status in ((own, "failed"), (own, "failed"), (own, "pending"), (foreign, "failed")):
        make_task(shop, status=status)
    assert "Package numbers" not in cards(show(client))
    person.user_permissions.add(Permission.objects.get(codename="view_enrichmenttask"))
    assert cards(show(client))["Package numbers"] == "2"
    EnrichmentTask.objects.update(status="pending")
    assert "Package numbers" not in cards(show(client))


@pytest.mark.parametrize(("minutes", "is_said"), [(1, False), (8, True)])
def test_a_schedule_that_stands_still_is_said(client, person, minutes, is_said):
    grant(person, make_fine_shop())
    at = clock.now() - timedelta(minutes=minutes)
    Heartbeat.objects.create(name="schedule", sent_at=clock.now(), executed_at=at)
    assert ("The schedule stands still: workers silent for 8 minutes." in show(client).content.decode()) is is_said


def grant(person, *shops):
    ShopGrant.objects.bulk_create(ShopGrant(shop=shop, user=person) for shop in shops)


def test_it_counts_what_is_the_persons_own_and_names_nothing_else(client, person):
    app = make_app()
    own = make_busy_shop("ownown", app)
    for name in ("nextdoor", "faraway"):
        make_busy_shop(name, app)
    grant(person, own)
    for address in (HOME, LIVE):
        answer = show(client, address)
        assert cards(answer) == {
            "Active": "1", "Need attention": "0", "Orders overdue": "1", "Due in 24 h": "1", "Runs failed": "1",
            "Failed records": "1",
        }  # fmt: skip
        line = answer.context["shops"][0]
        assert (line.overdue, line.failed_runs, line.failed_records) == (1, 1, 1)
        text = answer.content.decode()
        assert "ownown" in text
        assert "nextdoor" not in text
        assert "faraway" not in text


def test_failed_runs_before_the_last_success_are_over(client, admin_client):
    shop = make_fine_shop()
    make_run(shop=shop, state="failed", finished_at=clock.now() - HOUR)
    answer = show(admin_client)
    assert answer.context["shops"][0].failed_runs == 0
    assert cards(answer)["Runs failed"] == "1"


def test_runs_that_failed_days_ago_are_not_counted(admin_client):
    make_run(shop=make_fine_shop(), state="failed", finished_at=clock.now() - 25 * HOUR)
    assert cards(show(admin_client))["Runs failed"] == "0"


def test_the_worst_comes_first(admin_client):
    now = clock.now()
    make_fine_shop(name="fine")
    make_shop(name="paused", state="paused")
    make_shop(name="never read")
    read_up_to(make_shop(name="slow"), 45 * timedelta(minutes=1))
    read_up_to(make_shop(name="stuck"), 3 * HOUR)
    read_up_to(make_shop(name="revoked", state="needs_reauthorisation"), 4 * HOUR)
    read_up_to(make_shop(name="failed", sync_status="failed"), HOUR)
    for name, left in (("ends soon", 6 * 24 * HOUR), ("ended", -HOUR)):
        ShopCredential.objects.filter(shop=make_fine_shop(name=name)).update(refresh_token_expires_at=now + left)
    answer = show(admin_client)
    assert names(answer) == [
        "revoked", "stuck", "failed", "ended", "never read", "slow", "ends soon", "fine", "paused",
    ]  # fmt: skip
    assert cards(answer)["Need attention"] == "7"
    colours = {line.shop.name: (line.lag_colour, line.token_colour) for line in answer.context["shops"]}
    assert colours["slow"] == ("warning", "")
    assert colours["stuck"] == ("danger", "")
    assert colours["fine"] == ("success", "")
    assert colours["ends soon"] == ("success", "warning")
    assert colours["ended"] == ("success", "danger")
    assert colours["revoked"][0] == ""  # nobody waits for it


def test_an_access_token_that_is_renewed_by_itself_is_no_warning(admin_client):
    shop, now = make_fine_shop(), clock.now()
    ShopCredential.objects.filter(shop=shop).update(
        access_token_expires_at=now + HOUR, refresh_token_expires_at=now + 99 * 24 * HOUR
    )
    assert show(admin_client).context["shops"][0].token_colour == "success"


def test_of_very_many_shops_the_worst_are_shown_with_a_link_to_all(admin_client, monkeypatch):
    monkeypatch.setattr(home, "MOST_SHOPS", 2)
    for _ in range(4):
        make_fine_shop()
    make_shop(name="worst", state="needs_reauthorisation")
    answer = show(admin_client)
    assert (len(names(answer)), names(answer)[0]) == (2, "worst")
    assert "3 more shops are doing no worse than these" in answer.content.decode()


def test_counts_beyond_the_limit_do_not_look_exact(admin_client, monkeypatch):
    for module in ("orders.queries.to_ship", "syncjobs.queries.needs", "backoffice.common.counting"):
        monkeypatch.setattr(f"{module}.COUNT_LIMIT", 1)
    make_busy_shop("first")
    make_busy_shop("second")
    counted = cards(show(admin_client))
    assert {counted[name] for name in ("Orders overdue", "Due in 24 h", "Runs failed", "Failed records")} == {"1+"}


def count_queries(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        show(client, address)
    return len(queries)


@pytest.mark.parametrize("address", [HOME, LIVE])
@pytest.mark.parametrize("is_chief", [True, False])
def test_many_shops_cost_no_more_queries_than_few(client, person, address, is_chief):
    if is_chief:
        client.force_login(User.objects.create_superuser("chief"))
    grant(person, make_busy_shop("first"))
    few = count_queries(client, address)
    for number in range(12):
        grant(person, make_busy_shop(f"more {number}"))
    assert count_queries(client, address) == few
    assert few <= 26


def test_it_renews_itself_and_more_often_while_runs_are_open(admin_client):
    make_fine_shop()
    quiet = show(admin_client, LIVE).content.decode()
    assert f'data-live="{LIVE}" data-live-seconds="15"' in quiet
    assert quiet.lstrip().startswith('<div id="home"')
    make_run(shop=Shop.objects.get())
    assert 'data-live-seconds="3"' in show(admin_client, LIVE).content.decode()


def test_an_open_run_shows_what_is_stored_so_far(admin_client):
    run = make_run(shop=make_fine_shop())
    make_chunk(run=run, state="done", inserted_count=1_200)
    make_chunk(run=run, inserted_count=34)
    line = show(admin_client).context["runs"][0]
    assert (line.done, line.total, line.inserted) == (1, 2, "1,234")


def test_an_empty_installation_says_what_to_do(admin_client, client):
    text = show(admin_client).content.decode()
    assert "No shop is connected yet." in text
    assert reverse("admin:shops_shop_connect") in text
    client.force_login(make_person("shops.view_shop"))
    text = show(client).content.decode()
    assert "Somebody with the permission to add shops can do that." in text
    assert reverse("admin:shops_shop_connect") not in text


def test_who_was_granted_no_shop_is_told_so(client, person):
    make_fine_shop(name="faraway")
    text = show(client).content.decode()
    assert "There is no shop that you may see yet." in text
    assert "faraway" not in text


def test_who_may_not_see_shops_is_told_so(client):
    client.force_login(make_person("orders.view_order", shops=(make_fine_shop(name="faraway"),)))
    text = show(client).content.decode()
    assert "you have no permission to see shops yet" in text
    assert "faraway" not in text


def test_what_a_person_may_not_view_is_left_out(client):
    shop = make_busy_shop("ownown")
    client.force_login(make_person("shops.view_shop", shops=(shop,)))
    answer = show(client)
    assert set(cards(answer)) == {"Active", "Need attention"}
    line = answer.context["shops"][0]
    assert (line.overdue, line.failed_runs, line.failed_records, line.is_syncable) == (0, 0, 0, False)
    assert answer.context["runs"] is None


def test_sync_now_on_the_page_starts_a_run_and_leads_back(client, person):
    shop = make_shop()
    grant(person, shop)
    action = reverse("admin:shops_shop_do", args=[shop.pk, "syncjobs.sync_now"])
    assert action in show(client).content.decode()
    answer = client.post(action, {"next": HOME})
    assert answer.url == HOME
    assert Run.objects.get().shop == shop


def test_a_shop_without_authorisation_leads_to_connecting_it_again(client):
    shop = make_shop(state="needs_reauthorisation")
    client.force_login(make_person("shops.view_shop", "shops.add_shop", "syncjobs.add_run", shops=(shop,)))
    text = show(client).content.decode()
    assert f"{reverse('admin:shops_shop_connect')}?shop={shop.pk}" in text
    assert "Needs the seller" in text
    assert "Sync now" not in text


@pytest.mark.parametrize(("days", "colour"), [(29, "notice"), (6, "warning"), (0.5, "danger"), (31, "")])
def test_an_authorisation_that_ends_is_told_a_month_a_week_and_a_day_before(client, days, colour):
    shop = make_fine_shop(name="ending")
    ShopCredential.objects.update(authorised_until=clock.now() + timedelta(days=days))
    client.force_login(make_person("shops.view_shop", "shops.add_shop", shops=(shop,)))
    answer = show(client)
    assert [(one[0].name, one[1]) for one in answer.context["ending"]] == ([("ending", colour)] if colour else [])
    page = client.get(reverse("admin:shops_shop_change", args=[shop.pk])).content.decode()
    listed = client.get(reverse("admin:shops_shop_changelist")).content.decode()
    again = f"{reverse('admin:shops_shop_connect')}?shop={shop.pk}"
    assert (again in answer.content.decode()) == (again in page) == bool(colour)
    assert f"tone-{colour or 'success'}" in listed


def test_authorisations_of_foreign_shops_are_not_told(client, person):
    make_fine_shop(name="faraway")
    ShopCredential.objects.update(authorised_until=clock.now() + HOUR)
    own = make_fine_shop(name="ownown")
    grant(person, own)
    assert show(client).context["ending"] == []


def test_names_are_shown_escaped(admin_client):
    make_fine_shop(name="<b>bold</b>")
    text = show(admin_client).content.decode()
    assert "&lt;b&gt;bold&lt;/b&gt;" in text
    assert "<b>bold</b>" not in text


def test_nobody_reads_it_without_logging_in(client):
    for address in (HOME, LIVE):
        assert client.get(address).status_code == 302
