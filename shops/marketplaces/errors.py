"""What can go wrong with a marketplace, sorted by what to do next.

A connector raises exactly these. `action` is for programs, `advice` for people; neither ever holds a secret.
"""

from enum import StrEnum
from typing import ClassVar


class Action(StrEnum):
    """What the caller does next."""

    RETRY = "retry"
    SLOW_DOWN = "slow_down"
    REFRESH_TOKEN = "refresh_token"  # noqa: S105 - no token, the name of a move
    REAUTHORISE = "reauthorise"
    GIVE_UP = "give_up"


class MarketplaceError(Exception):
    """A call that did not bring what was asked for.

    `code` and `request_id` are the marketplace's own words, for its support; `retry_after_seconds` is its wish.
    """

    action: ClassVar[Action] = Action.GIVE_UP
    advice: ClassVar[str] = ""

    def __init__(
        self,
        message: str = "",
        *,
        code: str = "",
        http_status: int | None = None,
        request_id: str = "",
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.http_status = http_status
        self.request_id = request_id
        self.retry_after_seconds = retry_after_seconds

    def __str__(self) -> str:
        facts = (
            ("code", self.code),
            ("HTTP", self.http_status),
            ("request", self.request_id),
        )
        known = ", ".join(f"{name} {value}" for name, value in facts if value)
        said = self.message or type(self).__name__
        return f"{said} ({known})" if known else said


class BadSignature(MarketplaceError):
    """The marketplace computes another signature than we do."""

    advice = "The signature was refused. Compare the app secret with the one in the marketplace's developer page."


class BadAppKey(MarketplaceError):
    """The marketplace does not know the app."""

    advice = "The app key is not known there. Compare it, and the API address, with the marketplace's developer page."


class ClockWrong(MarketplaceError):
    """Our time is outside the window that the marketplace accepts."""

    advice = "This machine's clock is wrong. Set it (switch on time synchronisation), then try again."


class TokenExpired(MarketplaceError):
    """The access token has run out; the refresh token may still be good."""

    action = Action.REFRESH_TOKEN
    advice = "The access token has expired. It is renewed by itself; if this stays, authorise the shop again."


class TokenInvalid(MarketplaceError):
    """The access token is unknown, revoked, or does not belong to the shop."""

    action = Action.REFRESH_TOKEN
    advice = (
        "The access token is not accepted: revoked, replaced, or of another shop. "
        "It is renewed once by itself; if this stays, authorise the shop again."
    )


class AuthorisationEnded(MarketplaceError):
    """There is no authorisation any more: only the seller can give a new one."""

    action = Action.REAUTHORISE
    advice = "The seller's authorisation has ended. Ask the seller to authorise the app again."


class ScopeMissing(MarketplaceError):
    """The app or the token lacks the scope for this call."""

    advice = "A permission is missing. Add the scope to the app, then let the seller authorise it again."


class AccessDenied(MarketplaceError):
    """The account or this machine's address may not do this."""

    advice = "Access is denied. Check the app's list of allowed IP addresses and the seller's rights in the shop."


class ShopCipherWrong(MarketplaceError):
    """The identifier of the shop is missing or does not fit the token."""

    advice = "The shop's cipher is missing or wrong. List the authorised shops and connect this shop again."


class UnknownShop(MarketplaceError):
    """The authorisation does not reach the shop."""

    advice = "The authorisation does not reach this shop. Check the shop's id, or let its seller authorise the app."


class UnknownMarketplace(MarketplaceError):
    """No connector has this name."""

    advice = "There is no such marketplace here. Check the name."


class Throttled(MarketplaceError):
    """The marketplace asks for fewer calls."""

    action = Action.SLOW_DOWN
    advice = "Too many calls. They are slowed down by themselves; if this stays, lower the shop's rate limit."


class OwnLimitReached(Throttled):
    """Our own rate limit held the call back: nothing was sent, so it is no attempt. Wait `retry_after_seconds`."""

    advice = "Our own rate limit is used up for the moment. The call is made later by itself."


class ServerError(MarketplaceError):
    """A fault on the marketplace's side."""

    action = Action.RETRY
    advice = "The marketplace has a fault on its side. The call is repeated; if this stays, tell its support."


class UnreadableAnswer(MarketplaceError):
    """An answer that is no JSON, is cut off, or lacks what it must have."""

    action = Action.RETRY
    advice = "The answer cannot be read. The call is repeated; if this stays, check the API address and any proxy."


class NetworkFailure(MarketplaceError):
    """No answer: name, connection, encryption or time limit."""

    action = Action.RETRY
    advice = "The marketplace cannot be reached. Check network, proxy and API address; the call is repeated."


class NotReached(NetworkFailure):
    """No connection came about: the marketplace has seen nothing of the call."""

    advice = "The marketplace cannot be reached: no connection. Check network, proxy and API address."


class NotAnswerable(MarketplaceError):
    """An answer that the marketplace does not take from programs, or not at this step. No call was made."""

    advice = "The marketplace takes this answer in its seller centre only. Answer there; the result is read from it."


class BadRequest(MarketplaceError):
    """A request that can never succeed as it is: a bug of ours, or a setting that makes no sense."""

    advice = "The request itself is wrong. Check the API address and the credentials' text; else report this as a bug."


class Refused(MarketplaceError):
    """The marketplace refused with a code that we have no rule for."""

    advice = "The marketplace refused for a reason that has no rule here. Look its code up in the API's documentation."


class RecordRefused(MarketplaceError):
    """The marketplace will not give one record that was asked for; others are not concerned."""

    advice = "The marketplace does not give this record. Look its code up in the API's documentation."


class RecordNotReady(RecordRefused):
    """The marketplace is still computing this record."""

    advice = "The marketplace is still computing this record. It is read again later by itself."


class WebhookRefused(Exception):
    """A push message that is not to be believed or cannot be read."""


class WebhookHeaderUnreadable(WebhookRefused):
    """The signature is missing or has no known form."""


class WebhookSignatureMismatch(WebhookRefused):
    """The signature is not the one of this body: another secret, or a changed body."""


class WebhookBodyUnreadable(WebhookRefused):
    """The signature is right, but the body is not the expected envelope."""
