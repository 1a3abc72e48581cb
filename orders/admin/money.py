"""How amounts and their parts are shown: what came in and what went out is told by sign and colour."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from backoffice.common.money import format_money

PARTS = {
    "revenue_amount": "Revenue", "fee_amount": "Fees", "shipping_amount": "Shipping", "tax_amount": "Tax",
    "adjustment_amount": "Adjustments",
}  # fmt: skip


@dataclass(frozen=True)
class AmountLine:
    """One line of a table of amounts."""

    name: str
    amount: SafeString
    is_sum: bool = False


def show_signed(amount: Decimal | None, currency: str) -> SafeString:
    """Show a movement: what comes in with a plus and in green, what goes out with a minus and in red."""
    if amount is None:
        return format_html('<span class="row-faint">{}</span>', "not told")
    tone = "success" if amount > 0 else "danger" if amount < 0 else ""
    sign = "+" if amount > 0 else ""
    return format_html('<span class="tone-{} number">{}{}</span>', tone, sign, format_money(amount, currency))


def list_parts(row: Any) -> list[AmountLine]:
    """List the parts of a transaction or statement, what they leave unexplained, and the whole."""
    known = {label: part for name, label in PARTS.items() if (part := getattr(row, name, None)) is not None}
    lines = [AmountLine(label, show_signed(part, row.currency)) for label, part in known.items()]
    if known and row.amount is not None and (rest := row.amount - sum(known.values(), Decimal(0))):
        lines.append(AmountLine("Not split", show_signed(rest, row.currency)))
    return [*lines, AmountLine("Amount", show_signed(row.amount, row.currency), is_sum=True)]


def list_fees(fees: Mapping[str, Any], currency: str) -> list[AmountLine]:
    """List the split by the marketplace's own names, without what is zero; what is no number is shown as it is."""
    lines = []
    for name, text in fees.items():
        try:
            amount = Decimal(str(text))
        except InvalidOperation:
            lines.append(AmountLine(str(name), format_html("{}", text)))
            continue
        if amount:
            lines.append(AmountLine(str(name), show_signed(amount, currency)))
    return lines
