"""Words of synced returns, with labels: the request, its money and its goods are told apart."""

from django.db import models

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
