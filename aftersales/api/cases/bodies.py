"""What calls about cases must hold. What cannot be read is refused with 400, a word that is not known with 422."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from aftersales.choices import REASONS_TO_CHOOSE, TYPES_TO_CHOOSE, StateLabel
from aftersales.models import DESCRIPTION_LENGTH, IMAGES_AT_MOST
from aftersales.services.asking import Inputs, Unacceptable
from aftersales.services.evidence import ADDRESS_LENGTH, check_images
from aftersales.services.guards import TEXT_LENGTH
from aftersales.services.responses import read_response
from aftersales.services.tracking import EVENT_LENGTH, EVENTS_AT_MOST, TrackingEvent
from aftersales.states import BY_PEOPLE, MOVES
from backoffice.common.api.bodies import (
    ShortListField,
    StrictBooleanField,
    StrictChoiceField,
    StrictIntegerField,
    StrictSerializer,
    StrictTextField,
)
from backoffice.common.api.values import UtcField
from backoffice.common.errors import RefusedValue
from backoffice.common.ids import read_id

MOST_LINES = 100
LARGEST_ID = 2**63 - 1
LARGEST_QUANTITY = 2**31 - 1
AMOUNT = r"^-?[0-9]{1,14}(\.[0-9]{1,10})?$"
IMAGE = r"^https?://[^\s]+$"
CORRECTED = ("reason", "description", "images", "tracking_events")
ACTIONS = [(action.value, MOVES[action].title) for action in BY_PEOPLE]


class WordField(StrictChoiceField):
    """Takes one of our words. Another one is refused as a whole and never taken for one that we have."""

    def to_internal_value(self, data: Any) -> Any:
        """Read a word."""
        if isinstance(data, str) and data not in self.choices:
            known = ", ".join(map(str, self.choices))
            raise RefusedValue(self.field_name or "", f"“{data[:50]}” is not known here. Known are: {known}.")
        return super().to_internal_value(data)


@extend_schema_field({"type": "string", "format": "decimal", "pattern": AMOUNT, "example": "146667"})
class AmountTextField(serializers.RegexField):
    """Takes an exact amount as text: a number would have been rounded on its way."""

    default_error_messages = {"invalid": 'An amount is a text like "146667" or "12.50", and no number.'}

    def __init__(self, **options: Any) -> None:
        super().__init__(AMOUNT, **options)

    def to_internal_value(self, data: Any) -> Any:
        """Read an amount."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """Give it as an exact number once its form has been looked at."""
        text = super().run_validation(data)
        return Decimal(text) + 0 if isinstance(text, str) else text  # -0 is 0


@extend_schema_field({"type": "string", "pattern": IMAGE, "maxLength": ADDRESS_LENGTH})
class ImageField(StrictTextField):
    """Takes the address of an image."""


class ImagesField(ShortListField):
    """Takes addresses of images; they are stored as they are and never loaded from here."""

    def __init__(self, **options: Any) -> None:
        child = ImageField(max_length=ADDRESS_LENGTH)
        super().__init__(child=child, max_length=IMAGES_AT_MOST, required=False, **options)

    def to_internal_value(self, data: Any) -> list[Any]:
        """Read a list of addresses."""
        read = super().to_internal_value(data)
        try:
            check_images(read)
        except Unacceptable as refusal:
            raise serializers.ValidationError(str(refusal)) from refusal
        return read


@extend_schema_field({"type": "object", "additionalProperties": True})
class ResponseField(serializers.Field[dict[str, Any], Any, Any, Any]):
    """Takes what a payment side answered, as it came."""

    default_error_messages = {"invalid": "An answer is a JSON object."}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Read an object that can be stored."""
        if not isinstance(data, dict):
            self.fail("invalid")
        try:
            return read_response(data)
        except Unacceptable as refusal:
            raise serializers.ValidationError(str(refusal)) from refusal


class ZonedMomentField(UtcField):
    """Takes a time that names its zone: without one it would be guessed."""

    default_error_messages = {"zone": "Name the zone of the time, e.g. 2026-08-03T09:00:00Z."}

    def enforce_timezone(self, value: datetime) -> datetime:
        """Refuse what names none."""
        if value.tzinfo is None:
            self.fail("zone")
        return super().enforce_timezone(value)


class OperatorBody(StrictSerializer):
    """Who is meant to act."""

    on_behalf_of_buyer = StrictBooleanField(
        required=False, default=False, help_text="Whether the log names the buyer as who acted, and not you"
    )


class NamesOrder(StrictSerializer):
    """Names an order in one of two ways."""

    order_external_id = StrictTextField(
        required=False, max_length=64, help_text="The marketplace's number of the order, with `shop`"
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse both ways of naming an order, and neither."""
        if set(attrs) & {"order", "shop", "order_external_id"} not in ({"order"}, {"shop", "order_external_id"}):
            raise serializers.ValidationError("Either `order`, or `shop` and `order_external_id`.")
        return attrs


class OrderBody(NamesOrder):
    """Which order is meant."""

    order = StrictIntegerField(required=False, min_value=1, max_value=LARGEST_ID, help_text="Our id of the order")
    shop = StrictIntegerField(required=False, min_value=1, max_value=LARGEST_ID, help_text="Our id of the shop")


class IdField(serializers.Field[int, str, int, Any]):
    """Takes an id in an address: digits, and nothing else that Python reads as a number."""

    default_error_messages = {"invalid": "A whole number, of the digits 0 to 9."}

    def to_internal_value(self, data: str) -> int:
        """Read an id."""
        found = read_id(data)
        if not found:
            self.fail("invalid")
        return found


class OrderQuery(NamesOrder):
    """Which order is meant, in the parameters of an address."""

    order = IdField(required=False)
    shop = IdField(required=False)


class LineBody(StrictSerializer):
    """One order line."""

    order_line_external_id = StrictTextField(max_length=64, help_text="`external_id` of the order's line")
    quantity = StrictIntegerField(required=False, default=1, min_value=1, max_value=LARGEST_QUANTITY)
    amount = AmountTextField(required=False, help_text="For all these pieces; all that may be refunded unless given")


class CreateCasesBody(OrderBody, OperatorBody):
    """A request for lines of one order: each becomes a case of its own."""

    type = WordField(choices=TYPES_TO_CHOOSE)
    reason = WordField(choices=REASONS_TO_CHOOSE)
    lines = ShortListField(child=LineBody(), allow_empty=False, max_length=MOST_LINES)
    description = StrictTextField(required=False, default="", allow_blank=True, max_length=DESCRIPTION_LENGTH)
    images = ImagesField(default=list)
    currency = StrictTextField(required=False, default="", max_length=3, help_text="The order's, if given")


class UpsertCaseBody(CreateCasesBody):
    """A case of another system, by that system's number."""

    number = StrictTextField(max_length=64, help_text="Your number of the case; unique in the shop")
    lines = ShortListField(child=LineBody(), min_length=1, max_length=1, help_text="One: each line is a case")


class ShipmentBody(OperatorBody):
    """How the buyer sent the goods back."""

    carrier = StrictTextField(max_length=40, help_text="`code` of a carrier")
    tracking_number = StrictTextField(max_length=50)


class GivenBody(OperatorBody):
    """What can be given with an action; which fields one needs stands in the list of actions."""

    reason = StrictTextField(required=False, max_length=TEXT_LENGTH, help_text="A sentence for the log")
    reason_code = StrictTextField(
        required=False, max_length=100, help_text="The marketplace's own reason, where rejecting its case needs one"
    )
    amount = AmountTextField(required=False, help_text="In the case's currency")
    quantity = StrictIntegerField(required=False, min_value=1, max_value=LARGEST_QUANTITY)
    carrier = StrictTextField(required=False, max_length=40, help_text="`code` of a carrier")
    tracking_number = StrictTextField(required=False, max_length=50)
    images = ImagesField()
    is_inspected = StrictBooleanField(required=False, help_text="Whether goods that arrived were checked, too")
    method = StrictTextField(required=False, max_length=60, help_text="How a refund is paid")
    transaction = StrictTextField(required=False, max_length=100, help_text="The payment's number of a refund")
    provider_response = ResponseField(
        required=False, help_text="What the payment side answered when a refund was paid or failed; kept as it is"
    )
    description = StrictTextField(required=False, max_length=DESCRIPTION_LENGTH)


class ActBody(GivenBody):
    """One action on a case."""

    action = WordField(choices=ACTIONS)


class StatusBody(GivenBody):
    """The state that a case has reached elsewhere."""

    state = WordField(choices=StateLabel.choices)


class ParcelEventBody(StrictSerializer):
    """Where goods that come back were seen."""

    at = ZonedMomentField()
    text = StrictTextField(max_length=EVENT_LENGTH)
    place = StrictTextField(required=False, default="", allow_blank=True, max_length=EVENT_LENGTH)


class InformationBody(OperatorBody):
    """What is corrected in a case; what is not given stays."""

    reason = WordField(choices=REASONS_TO_CHOOSE, required=False)
    description = StrictTextField(required=False, allow_blank=True, max_length=DESCRIPTION_LENGTH)
    images = ImagesField()
    tracking_events = ShortListField(
        child=ParcelEventBody(), required=False, max_length=EVENTS_AT_MOST,
        help_text="Of the goods on their way back; those that are known already are not added twice",
    )  # fmt: skip

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a call that would change nothing."""
        if not set(CORRECTED) & set(attrs):
            raise serializers.ValidationError(f"Give at least one of {', '.join(CORRECTED)}.")
        return attrs


def read_corrections(given: Mapping[str, Any]) -> dict[str, Any]:
    """Take what is corrected out of a body that was read."""
    corrected = {name: given[name] for name in CORRECTED if name in given}
    if "tracking_events" in corrected:
        corrected["tracking_events"] = [TrackingEvent(**event) for event in corrected["tracking_events"]]
    return corrected


def read_inputs(given: Mapping[str, Any]) -> Inputs:
    """Take what goes with an action out of a body that was read."""
    names = GivenBody().fields.keys() & given.keys() - {"on_behalf_of_buyer"}
    inputs = {name: given[name] for name in names}
    return Inputs(**{**inputs, "images": tuple(inputs.get("images", ()))})
