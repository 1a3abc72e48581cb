"""Words of synced returns and of cases, with labels."""

from django.db import models

from aftersales import states
from shops.marketplaces import records


class ReturnKind(models.TextChoices):
    """The connectors' vocabulary with labels."""

    CANCEL = records.ReturnKind.CANCEL.value, "Cancellation"
    REFUND = records.ReturnKind.REFUND.value, "Refund only"
    RETURN_REFUND = records.ReturnKind.RETURN_REFUND.value, "Return and refund"
    EXCHANGE = records.ReturnKind.EXCHANGE.value, "Exchange"
    UNKNOWN = records.ReturnKind.UNKNOWN.value, "Unknown"


class ReturnStatus(models.TextChoices):
    """The connectors' vocabulary with labels."""

    REQUESTED = records.ReturnStatus.REQUESTED.value, "Requested"
    APPROVED = records.ReturnStatus.APPROVED.value, "Approved"
    DISPUTED = records.ReturnStatus.DISPUTED.value, "Disputed"
    COMPLETED = records.ReturnStatus.COMPLETED.value, "Completed"
    REJECTED = records.ReturnStatus.REJECTED.value, "Rejected"
    WITHDRAWN = records.ReturnStatus.WITHDRAWN.value, "Withdrawn"
    UNKNOWN = records.ReturnStatus.UNKNOWN.value, "Unknown"


class MoneyState(models.TextChoices):
    """The connectors' vocabulary with labels."""

    NONE = records.MoneyState.NONE.value, "Nothing to pay"
    PENDING = records.MoneyState.PENDING.value, "To be refunded"
    REFUNDED = records.MoneyState.REFUNDED.value, "Refunded"
    REFUSED = records.MoneyState.REFUSED.value, "Refused"
    UNKNOWN = records.MoneyState.UNKNOWN.value, "Not told"


class Custody(models.TextChoices):
    """The connectors' vocabulary with labels."""

    NOT_SENT = records.Custody.NOT_SENT.value, "Never sent"
    BUYER = records.Custody.BUYER.value, "With the buyer"
    ON_THE_WAY = records.Custody.ON_THE_WAY.value, "On the way back"
    SELLER = records.Custody.SELLER.value, "With the seller"
    WAREHOUSE = records.Custody.WAREHOUSE.value, "In the marketplace's warehouse"
    UNKNOWN = records.Custody.UNKNOWN.value, "Not told"


class AnswerBy(models.TextChoices):
    """How a request that waits for an answer stands against the time for it."""

    OVERDUE = "overdue", "Overdue"
    DUE_24H = "due_24h", "Due in 24 h"
    ON_TIME = "on_time", "On time"


class CaseTypeLabel(models.TextChoices):
    """What is asked for, with labels."""

    CANCEL = states.CaseType.CANCEL.value, "Cancellation"
    REFUND_ONLY = states.CaseType.REFUND_ONLY.value, "Refund only"
    RETURN_REFUND = states.CaseType.RETURN_REFUND.value, "Return and refund"
    EXCHANGE = states.CaseType.EXCHANGE.value, "Exchange"
    RESEND = states.CaseType.RESEND.value, "Resend"
    UNKNOWN = states.CaseType.UNKNOWN.value, "Unknown"


class CaseOriginLabel(models.TextChoices):
    """Where a case began, with labels."""

    INTERNAL = states.CaseOrigin.INTERNAL.value, "Made here"
    MARKETPLACE = states.CaseOrigin.MARKETPLACE.value, "Marketplace"


class StateLabel(models.TextChoices):
    """The states, as staff see them."""

    PENDING_APPROVAL = states.CaseState.PENDING_APPROVAL.value, "Awaiting review"
    APPROVED = states.CaseState.APPROVED.value, "Approved"
    REJECTED = states.CaseState.REJECTED.value, "Rejected"
    PENDING_MODIFICATION = states.CaseState.PENDING_MODIFICATION.value, "Buyer amending"
    PENDING_RETURN = states.CaseState.PENDING_RETURN.value, "Awaiting buyer shipment"
    PENDING_RECEIVE = states.CaseState.PENDING_RECEIVE.value, "Awaiting merchant receipt"
    PENDING_REFUND = states.CaseState.PENDING_REFUND.value, "Awaiting refund"
    PENDING_EXCHANGE = states.CaseState.PENDING_EXCHANGE.value, "Awaiting replacement shipment"
    CS_INTERVENTION = states.CaseState.CS_INTERVENTION.value, "Escalated"
    COMPLETED = states.CaseState.COMPLETED.value, "Completed"
    CANCELLED = states.CaseState.CANCELLED.value, "Closed"
    TIMEOUT = states.CaseState.TIMEOUT.value, "Timed out"
    UNKNOWN = states.CaseState.UNKNOWN.value, "Unknown"


class StageLabel(models.TextChoices):
    """The parts of a case's way, with labels."""

    APPLY = states.Stage.APPLY.value, "Request"
    AUDIT = states.Stage.AUDIT.value, "Review"
    RETURN = states.Stage.RETURN.value, "Return"
    RECEIVE = states.Stage.RECEIVE.value, "Receipt"
    REFUND = states.Stage.REFUND.value, "Refund"
    EXCHANGE = states.Stage.EXCHANGE.value, "Replacement"
    COMPLETE = states.Stage.COMPLETE.value, "Ended"


class Reason(models.TextChoices):
    """Why something is asked for. A marketplace's own code and text are kept beside it; UNKNOWN is one not mapped."""

    UNUSED_DISCOUNT = "unused_discount", "Forgot a discount"
    DONT_WANT = "dont_want", "Does not want it any more"
    PRICE_ISSUE = "price_issue", "Price"
    QUALITY_ISSUE = "quality_issue", "Quality"
    MISSING_ITEM = "missing_item", "Something is missing"
    OUT_OF_STOCK = "out_of_stock", "Out of stock"
    DELIVERY_TIMEOUT = "delivery_timeout", "Delivered too late"
    NOT_AS_DESCRIBED = "not_as_described", "Not as described"
    WRONG_PRODUCT = "wrong_product", "Wrong product"
    DAMAGED = "damaged", "Damaged"
    FAKE = "fake", "Counterfeit"
    NOT_RECEIVED = "not_received", "Not received"
    OTHER = "other", "Other"
    UNKNOWN = "unknown", "Unknown"


# What people and other systems may choose: UNKNOWN is a marketplace's word that we do not know.
TYPES_TO_CHOOSE = [choice for choice in CaseTypeLabel.choices if choice[0] != CaseTypeLabel.UNKNOWN]
REASONS_TO_CHOOSE = [choice for choice in Reason.choices if choice[0] != Reason.UNKNOWN]
BUYER_FAULT: frozenset[str] = frozenset({Reason.UNUSED_DISCOUNT, Reason.DONT_WANT, Reason.PRICE_ISSUE})
MERCHANT_FAULT: frozenset[str] = frozenset(Reason.values) - BUYER_FAULT - {Reason.OTHER, Reason.UNKNOWN}


class OperatorLabel(models.TextChoices):
    """Who acts, with labels."""

    SYSTEM = states.OperatorKind.SYSTEM.value, "System"
    USER = states.OperatorKind.USER.value, "Buyer"
    ADMIN = states.OperatorKind.ADMIN.value, "Staff"
    SYNC = states.OperatorKind.SYNC.value, "Marketplace"


class LogActionLabel(models.TextChoices):
    """What a row of the log says was done, with labels."""

    CREATE = states.LogAction.CREATE.value, "Created"
    SUBMIT = states.LogAction.SUBMIT.value, "Submitted again"
    MODIFY = states.LogAction.MODIFY.value, "Opened for amending"
    CANCEL = states.LogAction.CANCEL.value, "Closed"
    APPROVE = states.LogAction.APPROVE.value, "Approved"
    REJECT = states.LogAction.REJECT.value, "Rejected"
    AUTO_APPROVE = states.LogAction.AUTO_APPROVE.value, "Approved by rule"
    AUTO_REJECT = states.LogAction.AUTO_REJECT.value, "Rejected by rule"
    SHIP_RETURN = states.LogAction.SHIP_RETURN.value, "Goods sent back"
    RECEIVE_RETURN = states.LogAction.RECEIVE_RETURN.value, "Goods received"
    INSPECT_RETURN = states.LogAction.INSPECT_RETURN.value, "Goods checked"
    SHIP_EXCHANGE = states.LogAction.SHIP_EXCHANGE.value, "Replacement sent"
    RECEIVE_EXCHANGE = states.LogAction.RECEIVE_EXCHANGE.value, "Replacement arrived"
    REQUEST_REFUND = states.LogAction.REQUEST_REFUND.value, "Refund asked for"
    PROCESS_REFUND = states.LogAction.PROCESS_REFUND.value, "Refund sent"
    COMPLETE_REFUND = states.LogAction.COMPLETE_REFUND.value, "Refund paid"
    FAIL_REFUND = states.LogAction.FAIL_REFUND.value, "Refund failed"
    TIMEOUT_PROCESS = states.LogAction.TIMEOUT_PROCESS.value, "Time ran out"
    STATE_CHANGE = states.LogAction.STATE_CHANGE.value, "Went on"
    SYSTEM_SYNC = states.LogAction.SYSTEM_SYNC.value, "Read from the marketplace"
    SYSTEM_UPDATE = states.LogAction.SYSTEM_UPDATE.value, "Changed by the product"
    ADD_REMARK = states.LogAction.ADD_REMARK.value, "Remark"
    COMPLETE = states.LogAction.COMPLETE.value, "Completed"
    MODIFY_INFO = states.LogAction.MODIFY_INFO.value, "Details changed"
    MODIFY_REFUND_AMOUNT = states.LogAction.MODIFY_REFUND_AMOUNT.value, "Amount changed"
    ESCALATE = states.LogAction.ESCALATE.value, "Escalated"
    RESOLVE = states.LogAction.RESOLVE.value, "Resolved"


class RefundState(models.TextChoices):
    """How far a refund is. One that was sent and not answered stays PROCESSING: in doubt, until a reading tells."""

    PENDING = "PENDING", "To be sent"
    PROCESSING = "PROCESSING", "Sent"
    SUCCESS = "SUCCESS", "Paid"
    FAILED = "FAILED", "Failed"
    CANCELLED = "CANCELLED", "Cancelled"


class ReturnState(models.TextChoices):
    """Where goods that come back are."""

    PENDING = "PENDING", "To be sent"
    SHIPPED = "SHIPPED", "Sent"
    IN_TRANSIT = "IN_TRANSIT", "On the way"
    RECEIVED = "RECEIVED", "Received"
    INSPECTED = "INSPECTED", "Checked"
    REJECTED = "REJECTED", "Rejected"
    CANCELLED = "CANCELLED", "Cancelled"


class ExchangeState(models.TextChoices):
    """How far goods are that go out once more."""

    PENDING = "PENDING", "Asked for"
    APPROVED = "APPROVED", "Approved"
    REJECTED = "REJECTED", "Rejected"
    RETURN_SHIPPED = "RETURN_SHIPPED", "Old goods sent"
    RETURN_RECEIVED = "RETURN_RECEIVED", "Old goods received"
    EXCHANGE_SHIPPED = "EXCHANGE_SHIPPED", "Replacement sent"
    COMPLETED = "COMPLETED", "Replacement arrived"
    CANCELLED = "CANCELLED", "Cancelled"


class Decision(models.TextChoices):
    """The connectors' vocabulary with labels: what a seller's answer says."""

    APPROVE = records.Decision.APPROVE.value, "Approve"
    REJECT = records.Decision.REJECT.value, "Reject"


class AnswerState(models.TextChoices):
    """How far a seller's answer is on its way to the marketplace."""

    SENDING = "sending", "Being sent"
    IN_DOUBT = "in_doubt", "In doubt"
    ACCEPTED = "accepted", "Accepted"
    REFUSED = "refused", "Refused"


class Due(models.TextChoices):
    """How an open case stands against its time."""

    OVERDUE = "overdue", "Overdue"
    DUE_24H = "due_24h", "Due in 24 h"
    ON_TIME = "on_time", "On time"
