"""The database answers every list of cases from an index, however it is narrowed; each index is there for one."""

import pytest

from aftersales.models import Case, SellerAnswer
from backoffice.common import clock
from benchmarks.cases import fill
from benchmarks.many_orders import TINY
from tests.plans import indexes, make_filled, make_plans_of, read_whole

pytestmark = pytest.mark.django_db
CASES = 20_000
ANSWERS = 4_000
LARGE = {"order_aftersales", "order_aftersales_line", "order_aftersales_return", "order_aftersales_answer"}
ADMIN, API = "/admin/aftersales/case/", "/api/v1/aftersales/"


def fill_all():
    fill(CASES)
    answered = Case.objects.filter(origin="MARKETPLACE").order_by("pk").values_list("pk", flat=True)[:ANSWERS]
    SellerAnswer.objects.bulk_create(
        SellerAnswer(case_id=pk, decision="approve", state="accepted", sent_at=clock.now(), settled_at=clock.now())
        for pk in answered
    )


filled = make_filled(fill_all)
plans_of = make_plans_of(LARGE)


@pytest.mark.parametrize(("address", "index"), [
    (ADMIN, "case_created"),
    (f"{ADMIN}?state=UNKNOWN", "case_state_created"),
    (f"{ADMIN}?due=overdue", "case_open_due"),
    (f"{ADMIN}?type=resend", "case_type_created"),
    (f"{ADMIN}?reason=fake", "case_reason_created"),
    (f"{ADMIN}?origin=INTERNAL", "case_origin_created"),
    (f"{ADMIN}?created_from=2000-01-01&created_to=2001-01-01", "case_created"),
    (f"{ADMIN}?audited_from=2000-01-01&audited_to=2001-01-01", "case_audited"),
    (f"{ADMIN}?completed_from=2000-01-01&completed_to=2001-01-01", "case_completed"),
    (f"{ADMIN}?q=AS199", "case_number_begins"),
    (f"{ADMIN}?q=57600199", "case_order_number"),
    (f"{ADMIN}?q=JT199", "parcel_tracking_number"),
    (f"{API}?updated_since=2200-01-01T00:00:00Z", "case_updated"),
    ("/admin/aftersales/selleranswer/", "answer_settled"),
    ("/admin/aftersales/selleranswer/?made_from=2000-01-01&made_to=2001-01-01", "answer_sent"),
])  # fmt: skip
def test_a_list_is_read_from_the_index_that_fits_its_filter(plans_of, address, index):
    plans = plans_of(address)
    assert not read_whole(plans) & LARGE
    assert index in indexes(plans)


@pytest.mark.parametrize("address", [ADMIN, f"{ADMIN}?state=COMPLETED", API])
def test_whoever_has_tiny_shops_among_many_cases_reads_no_others(plans_of, address):
    plans = plans_of(address, TINY)
    assert not read_whole(plans) & LARGE
    assert not indexes(plans) & {"case_created", "case_state_created"}


@pytest.mark.parametrize("path", [ADMIN + "{}/change/", API + "{}/"])
def test_a_case_with_its_lines_is_found_by_keys(plans_of, path):
    plans = plans_of(path.format(Case.objects.latest("id").pk))
    assert not read_whole(plans) & LARGE
    assert {"order_aftersales_pkey", "case_line_identity"} <= indexes(plans)
