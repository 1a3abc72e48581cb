"""What is done at a marketplace past the product, and what the marketplace heard from it."""

from aftersales.models import Case, SellerAnswer
from aftersales.remote.answers import make_record
from shops.tokens import open_connection
from tests.factories.sandboxes import Sandbox


def decide_there(case: Case) -> None:
    """Approve at the marketplace, as in its seller centre: nothing of it is known here."""
    record = make_record(SellerAnswer(case=case, decision="approve"), case, "")
    open_connection(case.shop).connector.send_answer(record)


def write_calls(sandbox: Sandbox, marketplace: str = "tiktok") -> int:
    """How many answers the sandbox got, whatever it made of them."""
    shops = sandbox.control("GET", "/calls")[marketplace]["shops"].values()
    names = ("approve", "reject", "confirm", "dispute", "refund.issue", "update", "decide")
    return sum(
        count
        for endpoints in shops
        for endpoint, counts in endpoints.items()
        if any(endpoint.endswith(name) for name in names)
        for outcome, count in counts.items()
        if outcome != "least_possible"
    )
