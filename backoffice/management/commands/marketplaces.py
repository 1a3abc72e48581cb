"""Writes the tables of docs/marketplaces.md from the connectors; what stands below them there is written by hand."""

from datetime import timedelta

from backoffice.management.pages import PageCommand, draw_table
from shops.marketplaces.contract import ANY_LENGTH, AuthorisationTraits, Capability
from shops.marketplaces.records import Decision, Resource
from shops.marketplaces.registry import MARKETPLACES, Marketplace

PAGE = "docs/marketplaces.md"
HEAD = """# Marketplaces

What each marketplace gives, how it is read, and how a seller lets an app in. The tables down to *Units and zones* are
generated from the connectors: `python manage.py marketplaces`.
"""
NONE = "–"


def render() -> str:
    """Return the generated part of docs/marketplaces.md."""
    parts = [HEAD, _overview(), _authorisations(), _answers()]
    parts += [_marketplace(code, entry) for code, entry in MARKETPLACES.items()]
    return "\n".join(parts)


def _overview() -> str:
    rows: list[tuple[str, ...]] = []
    for resource in Resource:
        offers = [entry.connector.capabilities.get(resource) for entry in MARKETPLACES.values()]
        rows.append((resource.value, *map(_short, offers)))
        if any(offer.has_statements for offer in offers if offer):
            rows.append(("statements", *("yes" if offer and offer.has_statements else NONE for offer in offers)))
    return "## At a glance\n\n" + draw_table(("", *(entry.label for entry in MARKETPLACES.values())), rows)


def _authorisations() -> str:
    rows = []
    for entry in MARKETPLACES.values():
        traits = entry.connector.authorisation
        rows.append(
            (
                entry.label,
                _consent(traits),
                "yes" if traits.can_refresh else "no: the seller authorises again",
                _refresh_token(traits),
                "each shop" if traits.is_token_per_shop else "all that the seller let in at once",
                traits.note,
            )
        )
    head = ("", "seller consents on a page", "token is renewed by itself", "refresh token", "one token for", "life")
    return "## Authorisation\n\n" + draw_table(head, rows)


def _answers() -> str:
    """Tell what is taken of sellers' answers to returns; see aftersales.remote."""
    rows = []
    for entry in MARKETPLACES.values():
        traits = entry.connector.answers
        taken = ["yes" if decision in traits.decisions else "in the seller centre only" for decision in Decision]
        reason = "one of the marketplace's reasons" if traits.needs_reason_code else NONE
        key = "executed once" if traits.takes_idempotency_key else "not known"
        rows.append((entry.label, *taken, reason, key, traits.note))
    head = ("", "approve", "reject", "a rejection names", "sent twice under one key", "how")
    return "## Answers to returns\n\n" + draw_table(head, rows)


def _consent(traits: AuthorisationTraits) -> str:
    if not traits.is_redirect:
        return "no: a token is pasted"
    return "yes" if traits.returns_state else "yes; our state travels in the address that it leads back to"


def _refresh_token(traits: AuthorisationTraits) -> str:
    if not traits.can_refresh:
        return NONE
    return "good once" if traits.is_refresh_token_single_use else "good again"


def _marketplace(code: str, entry: Marketplace) -> str:
    hosts = dict.fromkeys(address for address in (entry.api_url, entry.auth_url, entry.consent_url) if address)
    rows = []
    for resource in Resource:
        offered = entry.connector.capabilities.get(resource)
        cells = _cells(offered) if offered else ("Not given.", *[NONE] * 4)
        rows.append((resource.value, *cells))
    addresses = ", ".join(f"`{host}`" for host in hosts)
    head = ("", "how it is read", "rows a page", "longest window", "records a call of details", "by id")
    told = f"## {entry.label}\n\nCode `{code}`; addresses unless an app names others: {addresses}.\n\n"
    return told + draw_table(head, rows)


def _cells(offered: Capability) -> tuple[str, ...]:
    details = ", ".join(f"{step} {limit}" for step, limit in offered.details.items())
    by_id = f"{offered.ids_limit} a call" if offered.ids_limit else "no"
    return (offered.note, str(offered.page_size), _longest(offered), details or "none needed", by_id)


def _short(offered: Capability | None) -> str:
    if offered is None:
        return NONE
    return "yes" if offered.is_windowed else "yes, read whole each time"


def _longest(offered: Capability) -> str:
    if not offered.is_windowed:
        return "no window"
    return "any" if offered.longest_window == ANY_LENGTH else f"{offered.longest_window / timedelta(days=1):g} days"


class Command(PageCommand):
    help = "Write the tables of docs/marketplaces.md; with --check only say whether they are up to date."

    def render(self) -> dict[str, str]:
        return {PAGE: self.keep_by_hand(PAGE, render())}
