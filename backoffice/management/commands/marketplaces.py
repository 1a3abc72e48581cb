"""Writes the tables of docs/marketplaces.md from the connectors; what stands below them there is written by hand."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backoffice.env import BASE_DIR
from shops.marketplaces.contract import ANY_LENGTH, AuthorisationTraits, Capability
from shops.marketplaces.records import Decision, Resource
from shops.marketplaces.registry import MARKETPLACES, Marketplace

PAGE = "docs/marketplaces.md"
BY_HAND = "<!-- From here on by hand: `python manage.py marketplaces` writes what is above. -->\n"
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
    rows = [_row("", *(entry.label for entry in MARKETPLACES.values())), _row(*["---"] * (len(MARKETPLACES) + 1))]
    for resource in Resource:
        offers = [entry.connector.capabilities.get(resource) for entry in MARKETPLACES.values()]
        rows.append(_row(resource.value, *map(_short, offers)))
        if any(offer.has_statements for offer in offers if offer):
            rows.append(_row("statements", *("yes" if offer and offer.has_statements else NONE for offer in offers)))
    return "## At a glance\n\n" + "".join(rows)


def _authorisations() -> str:
    rows = [
        _row("", "seller consents on a page", "token is renewed by itself", "refresh token", "one token for", "life"),
        _row(*["---"] * 6),
    ]
    for entry in MARKETPLACES.values():
        traits = entry.connector.authorisation
        rows.append(
            _row(
                entry.label,
                _consent(traits),
                "yes" if traits.can_refresh else "no: the seller authorises again",
                _refresh_token(traits),
                "each shop" if traits.is_token_per_shop else "all that the seller let in at once",
                traits.note,
            )
        )
    return "## Authorisation\n\n" + "".join(rows)


def _answers() -> str:
    """Tell what is taken of sellers' answers to returns; see aftersales.remote."""
    rows = [
        _row("", "approve", "reject", "a rejection names", "sent twice under one key", "how"),
        _row(*["---"] * 6),
    ]
    for entry in MARKETPLACES.values():
        traits = entry.connector.answers
        taken = ["yes" if decision in traits.decisions else "in the seller centre only" for decision in Decision]
        reason = "one of the marketplace's reasons" if traits.needs_reason_code else NONE
        key = "executed once" if traits.takes_idempotency_key else "not known"
        rows.append(_row(entry.label, *taken, reason, key, traits.note))
    return "## Answers to returns\n\n" + "".join(rows)


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
    rows = [
        _row("", "how it is read", "rows a page", "longest window", "records a call of details", "by id"),
        _row(*["---"] * 6),
    ]
    for resource in Resource:
        offered = entry.connector.capabilities.get(resource)
        cells = _cells(offered) if offered else ("Not given.", *[NONE] * 4)
        rows.append(_row(resource.value, *cells))
    addresses = ", ".join(f"`{host}`" for host in hosts)
    return f"## {entry.label}\n\nCode `{code}`; addresses unless an app names others: {addresses}.\n\n" + "".join(rows)


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


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |\n"


class Command(BaseCommand):
    help = "Write the tables of docs/marketplaces.md; with --check only say whether they are up to date."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="exit 1 if the file is out of date")

    def handle(self, *args: Any, **options: Any) -> None:
        path = BASE_DIR / PAGE
        present = path.read_text(encoding="utf-8") if path.exists() else ""
        _, _, by_hand = present.partition(BY_HAND)
        text = f"{render()}\n{BY_HAND}{by_hand}"
        if options["check"] and present != text:
            raise CommandError(f"{path.name} is out of date. Run: python manage.py marketplaces")
        if not options["check"]:
            path.write_text(text, encoding="utf-8")
            self.stdout.write(f"wrote {path.name}")
