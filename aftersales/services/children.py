"""What a move does to the records of a case: its refund, the goods that come back, the goods that go out once more.

Everything is changed in memory; whoever moves the case writes it. Cases that a marketplace decides on have no records.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from aftersales.amounts import share_of
from aftersales.choices import ExchangeState, RefundState, ReturnState
from aftersales.models import Carrier, Exchange, Refund, ReturnParcel
from aftersales.services.asking import Inputs, Unacceptable
from aftersales.services.bundles import Bundle, refuse_bundle
from aftersales.services.responses import read_response
from aftersales.states import Action, CaseOrigin, CaseState, CaseType

TRACKING_NUMBER = r"[A-Za-z0-9]{1,50}"
SENT_OUT = (ExchangeState.EXCHANGE_SHIPPED, ExchangeState.COMPLETED)


def prepare(bundle: Bundle, action: Action, inputs: Inputs, now: datetime) -> None:
    """Do what an action itself does to the records, or refuse it. Called before the case moves."""
    step = _STEPS.get(action)
    if step is not None:
        step(bundle, inputs, now)


def enter(bundle: Bundle, state: CaseState, now: datetime) -> None:
    """Make or end the records that come with a state, as the case enters it."""
    if bundle.case.origin != CaseOrigin.INTERNAL:
        return
    match state:
        case CaseState.PENDING_RETURN:
            _expect_parcel(bundle)
            if bundle.case.type == CaseType.EXCHANGE:
                _expect_exchange(bundle)
        case CaseState.PENDING_REFUND:
            _expect_refund(bundle, now)
        case CaseState.PENDING_EXCHANGE:
            _expect_exchange(bundle)
        case CaseState.REJECTED | CaseState.CANCELLED:
            _give_up(bundle, now)


def find_place(bundle: Bundle) -> CaseState | None:
    """Find where a case goes on whose goods are on their way back, or here: they are not sent a second time."""
    match bundle.parcel.state if bundle.parcel else "":
        case ReturnState.SHIPPED | ReturnState.IN_TRANSIT:
            return CaseState.PENDING_RECEIVE
        case ReturnState.RECEIVED | ReturnState.INSPECTED:
            is_exchange = bundle.case.type == CaseType.EXCHANGE
            return CaseState.PENDING_EXCHANGE if is_exchange else CaseState.PENDING_REFUND
        case _:
            return None


def _change_amount(bundle: Bundle, inputs: Inputs, now: datetime) -> None:
    if inputs.amount is None:
        return
    (line,) = bundle.lines
    bundle.case.amount = line.amount = inputs.amount
    bundle.case.is_amount_modified = inputs.amount != bundle.case.requested_amount


def _fill_shipment(bundle: Bundle, inputs: Inputs, now: datetime) -> None:
    parcel = bundle.parcel
    if parcel is None or parcel.state != ReturnState.PENDING:
        raise refuse_bundle(bundle, Action.FILL_SHIPMENT, "the shipment of the goods is filled in already.")
    carrier = find_carrier(inputs)
    parcel.state, parcel.carrier, parcel.tracking_number = ReturnState.SHIPPED, carrier, inputs.tracking_number
    parcel.shipped_at = now
    if bundle.exchange is not None:
        bundle.exchange.state = ExchangeState.RETURN_SHIPPED
        bundle.exchange.return_carrier = carrier
        bundle.exchange.return_tracking_number = inputs.tracking_number


def _receive(bundle: Bundle, inputs: Inputs, now: datetime) -> None:
    if bundle.parcel is not None:
        bundle.parcel.state = ReturnState.INSPECTED if inputs.is_inspected else ReturnState.RECEIVED
        bundle.parcel.received_at = now
        bundle.parcel.inspected_at = now if inputs.is_inspected else None
    if bundle.exchange is not None:
        bundle.exchange.state = ExchangeState.RETURN_RECEIVED


def _receive_part(bundle: Bundle, inputs: Inputs, now: datetime) -> None:
    (line,) = bundle.lines
    accepted = inputs.quantity or 0
    if not 0 < accepted < line.quantity:
        most = line.quantity - 1
        said = f"Accept between 1 and {most} of {line.quantity} pieces" if most else "One piece has no part to accept"
        raise Unacceptable("quantity", f"{said}. Where all of it arrived, confirm the receipt.")
    if bundle.case.amount is not None:
        bundle.case.amount = share_of(bundle.case.amount, accepted, line.quantity, bundle.case.currency)
        bundle.case.is_amount_modified = bundle.case.amount != bundle.case.requested_amount
        line.amount = bundle.case.amount
    line.quantity = accepted
    if bundle.exchange is not None:
        bundle.exchange.old_items = bundle.exchange.new_items = list_items(bundle)
    _receive(bundle, inputs, now)


def _reject_goods(bundle: Bundle, inputs: Inputs, now: datetime) -> None:
    if bundle.parcel is not None:
        bundle.parcel.rejection_reason, bundle.parcel.images = inputs.reason, list(inputs.images)
        bundle.parcel.received_at = bundle.parcel.received_at or now
        bundle.parcel.state = ReturnState.REJECTED


def _start_refund(bundle: Bundle, inputs: Inputs, now: datetime) -> None:
    refund = _get_refund(bundle, Action.START_REFUND)
    if refund.has_failed_for_good:
        raise refuse_bundle(
            bundle,
            Action.START_REFUND,
            f"the refund has failed {refund.retry_count} times. Escalate: resolved, it is tried anew.",
        )
    if refund.state not in (RefundState.PENDING, RefundState.FAILED):
        raise refuse_bundle(
            bundle,
            Action.START_REFUND,
            "the refund was sent and is in doubt. Say whether it was paid or has failed before it is sent again.",
        )
    refund.state, refund.sent_at, refund.ended_at = RefundState.PROCESSING, now, None
    refund.method = inputs.method or refund.method


def _pay_refund(bundle: Bundle, inputs: Inputs, now: datetime) -> None:
    refund = _get_refund(bundle, Action.REFUND_SUCCEEDED)
    if refund.state not in (RefundState.PENDING, RefundState.PROCESSING):
        raise refuse_bundle(bundle, Action.REFUND_SUCCEEDED, "the refund failed and was not sent again.")
    refund.state, refund.ended_at, refund.sent_at = RefundState.SUCCESS, now, refund.sent_at or now
    refund.refund_transaction, refund.method = inputs.transaction, inputs.method or refund.method
    refund.provider_response = read_response(inputs.provider_response)


def _fail_refund(bundle: Bundle, inputs: Inputs, now: datetime) -> None:
    refund = _get_refund(bundle, Action.REFUND_FAILED)
    if refund.state not in (RefundState.PENDING, RefundState.PROCESSING):
        raise refuse_bundle(bundle, Action.REFUND_FAILED, "the refund is known to have failed already.")
    refund.state, refund.ended_at, refund.failure_reason = RefundState.FAILED, now, inputs.reason
    refund.retry_count += 1
    refund.provider_response = read_response(inputs.provider_response)


def _ship_replacement(bundle: Bundle, inputs: Inputs, now: datetime) -> None:
    exchange = bundle.exchange
    if exchange is None or exchange.state == ExchangeState.EXCHANGE_SHIPPED:
        raise refuse_bundle(bundle, Action.SHIP_REPLACEMENT, "the replacement was sent already.")
    exchange.carrier, exchange.tracking_number = find_carrier(inputs), inputs.tracking_number
    exchange.state, exchange.shipped_at = ExchangeState.EXCHANGE_SHIPPED, now


def _hand_over(bundle: Bundle, inputs: Inputs, now: datetime) -> None:
    exchange = bundle.exchange
    if exchange is None or exchange.state != ExchangeState.EXCHANGE_SHIPPED:
        raise refuse_bundle(bundle, Action.REPLACEMENT_RECEIVED, "the replacement was not sent yet.")
    exchange.state, exchange.completed_at = ExchangeState.COMPLETED, now


def find_carrier(inputs: Inputs) -> Carrier:
    """Find the active carrier that was named, and check the tracking number."""
    carrier = Carrier.objects.filter(code=inputs.carrier, is_active=True).first()
    if carrier is None:
        known = ", ".join(Carrier.objects.filter(is_active=True).values_list("code", flat=True)[:20]) or "none yet"
        raise Unacceptable("carrier", f"There is no active carrier “{inputs.carrier[:40]}”. Known are: {known}.")
    if not re.fullmatch(TRACKING_NUMBER, inputs.tracking_number):
        raise Unacceptable(
            "tracking_number", "A tracking number has 1 to 50 letters (A to Z) and digits, nothing else."
        )
    return carrier


def list_items(bundle: Bundle) -> list[dict[str, object]]:
    """List the goods of a case as an exchange keeps them."""
    return [
        {"seller_sku": line.seller_sku, "sku": line.sku_external_id, "quantity": line.quantity} for line in bundle.lines
    ]


def _get_refund(bundle: Bundle, action: Action) -> Refund:
    if bundle.refund is None:
        raise refuse_bundle(bundle, action, "it has no refund.")
    return bundle.refund


def _expect_parcel(bundle: Bundle) -> None:
    if bundle.parcel is None:
        case, number = bundle.case, len(bundle.parcels) + 1
        parcel = ReturnParcel(case=case, shop_id=case.shop_id, number=f"RT-{case.pk}-{number}")
        parcel.return_address_id = bundle.return_address_id
        bundle.parcels.append(parcel)


def _expect_refund(bundle: Bundle, now: datetime) -> None:
    case, failed = bundle.case, bundle.refund
    if failed is not None and failed.has_failed_for_good:  # customer service lets the case go on: tried anew
        failed.state, failed.ended_at = RefundState.CANCELLED, now
    if bundle.refund is None:
        number = f"RF-{case.pk}-{len(bundle.refunds) + 1}"
        bundle.refunds.append(
            Refund(case=case, shop_id=case.shop_id, number=number, amount=case.amount, currency=case.currency)
        )


def _expect_exchange(bundle: Bundle) -> None:
    if bundle.exchange is None:
        case, items = bundle.case, list_items(bundle)
        bundle.exchanges.append(
            Exchange(
                case=case,
                shop_id=case.shop_id,
                number=f"EX-{case.pk}-{len(bundle.exchanges) + 1}",
                state=ExchangeState.APPROVED,
                old_items=items if case.type == CaseType.EXCHANGE else [],
                new_items=items,
            )
        )


def _give_up(bundle: Bundle, now: datetime) -> None:
    refund = bundle.refund  # none counts any more once it is cancelled
    if refund is not None and refund.state in (RefundState.PENDING, RefundState.FAILED):
        refund.state, refund.ended_at = RefundState.CANCELLED, now
    if bundle.parcel is not None and bundle.parcel.state == ReturnState.PENDING:
        bundle.parcel.state = ReturnState.CANCELLED
    # What was sent stays sent, as a parcel does: approved once more, the case goes on with it.
    if bundle.exchange is not None and bundle.exchange.state not in SENT_OUT:
        bundle.exchange.state = ExchangeState.CANCELLED


_STEPS: Mapping[Action, Callable[[Bundle, Inputs, datetime], None]] = {
    Action.CHANGE_AMOUNT: _change_amount,
    Action.SUBMIT: _change_amount,
    Action.FILL_SHIPMENT: _fill_shipment,
    Action.CONFIRM_RECEIPT: _receive,
    Action.TIMEOUT_RECEIVE: _receive,
    Action.PARTIAL_RECEIPT: _receive_part,
    Action.REJECT_RECEIPT: _reject_goods,
    Action.START_REFUND: _start_refund,
    Action.REFUND_SUCCEEDED: _pay_refund,
    Action.REFUND_FAILED: _fail_refund,
    Action.SHIP_REPLACEMENT: _ship_replacement,
    Action.REPLACEMENT_RECEIVED: _hand_over,
}
