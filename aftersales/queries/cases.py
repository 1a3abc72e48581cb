"""What the list and the page of cases read beside the cases themselves; everything bounded."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from aftersales.choices import RefundState
from aftersales.models import (
    MOST_REFUND_RETRIES,
    OPEN_ANSWERS,
    Case,
    CaseLine,
    CaseLog,
    Exchange,
    Refund,
    ReturnParcel,
    SellerAnswer,
    find_live,
)
from aftersales.states import CaseState

REFUNDING = (CaseState.PENDING_REFUND, CaseState.CS_INTERVENTION)  # and where it is escalated to
LINES_AT_MOST = 300
LOG_AT_MOST = 200
ANSWERS_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class Goods:
    """What a list shows of the lines of a case: the first one's name, how many more, how many pieces."""

    name: str
    more_count: int
    quantity: int


NO_GOODS = Goods("", 0, 0)


@dataclass(frozen=True)
class WholeCase:
    """A case with all that belongs to it; records and log the newest first."""

    case: Case
    lines: list[CaseLine]
    refunds: list[Refund]
    parcels: list[ReturnParcel]
    exchanges: list[Exchange]
    answers: list[SellerAnswer]
    log: list[CaseLog]

    @property
    def open_answer(self) -> SellerAnswer | None:
        """The answer whose end is not known yet."""
        return next((one for one in self.answers if one.state in OPEN_ANSWERS), None)

    @property
    def refund(self) -> Refund | None:
        """The refund that counts."""
        return find_live(self.refunds)

    @property
    def exchange(self) -> Exchange | None:
        """The goods that go out once more, unless they were given up."""
        return find_live(self.exchanges)

    @property
    def last_entry(self) -> int:
        """The newest row of the log, which tells whether a page of the case is still how the case is."""
        return self.log[0].pk if self.log else 0


def sum_goods(cases: Iterable[Case]) -> dict[int, Goods]:
    """Sum up the lines of the cases of a page, in one query."""
    found: dict[int, Goods] = {}
    rows = CaseLine.objects.filter(case__in=[case.pk for case in cases]).order_by("case_id", "pk")
    for case_id, product, seller_sku, sku, quantity in rows.values_list(
        "case_id", "product_name", "seller_sku", "sku_external_id", "quantity"
    ):
        first = found.get(case_id)
        if first is None:
            found[case_id] = Goods(product or seller_sku or sku, 0, quantity)
        else:
            found[case_id] = Goods(first.name, first.more_count + 1, first.quantity + quantity)
    return found


def list_failed_for_good(cases: Iterable[Case]) -> set[int]:
    """List the cases of a page whose refund has failed as often as it may be sent; asks only where one may have."""
    ids = [case.pk for case in cases if case.state in REFUNDING]
    if not ids:
        return set()
    failed = Refund.objects.filter(case__in=ids, state=RefundState.FAILED, retry_count__gte=MOST_REFUND_RETRIES)
    return set(failed.values_list("case_id", flat=True))


def load_case(case: Case) -> WholeCase:
    """Read what belongs to a case, one query for each kind."""
    return WholeCase(
        case,
        lines=list(case.lines.order_by("pk")[:LINES_AT_MOST]),
        refunds=list(case.refunds.order_by("-pk")),
        parcels=list(case.return_parcels.select_related("carrier", "return_address").order_by("-pk")),
        exchanges=list(case.exchanges.select_related("carrier").order_by("-pk")),
        answers=list(case.answers.select_related("asked_by").order_by("-pk")[:ANSWERS_AT_MOST]),
        log=list(case.log.order_by("-pk")[:LOG_AT_MOST]),
    )


def find_last_entry(case_id: int) -> int:
    """Return the newest row of a case's log."""
    newest = CaseLog.objects.filter(case=case_id).order_by("-pk").values_list("pk", flat=True).first()
    return newest or 0


def list_states_passed(log: Collection[CaseLog]) -> set[str]:
    """List the states that a case has been in, as its log says."""
    return {row.state for row in log} | {row.previous_state for row in log} - {""}
