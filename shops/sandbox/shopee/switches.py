"""The behaviours that can be switched, because the real service's are unsure or a setting of the app."""

from dataclasses import dataclass, field

HOUR_SECONDS = 3600
DAY_SECONDS = 86_400


@dataclass
class Switches:
    """Set with POST /switches."""

    # HTTP status of refusals by the gateway, of throttling, of refusals by an endpoint, of a fault of the server [C].
    gateway_status: int = 403
    throttled_status: int = 429
    business_status: int = 200
    server_error_status: int = 200
    # Whether a throttled answer names a time to wait is not confirmed [C].
    sends_retry_after: bool = True
    # The day's calls of the app are used up: everything is answered with error_limit.
    daily_limit_reached: bool = False
    # Both spellings of a token that is unknown or has ended were seen: invalid_acceess_token, or error_auth [A].
    bad_token_is_error_auth: bool = False
    # For tokens issued from now on [A].
    access_token_seconds: int = 4 * HOUR_SECONDS
    refresh_token_seconds: int = 30 * DAY_SECONDS
    code_seconds: int = 600
    # One official example has an epoch in expire_in, where all others have seconds left [C].
    expire_in_is_epoch: bool = False
    # Whether a refresh ends the old access token is not stated [C].
    refresh_ends_access_token: bool = False
    # A refresh token works once [A]; more than 0 lets a lost answer be asked for again.
    old_refresh_token_seconds: int = 0
    # The live refresh reply had null instead of lists of shops [B].
    lists_are_null_on_refresh: bool = True
    # Shops whose seller has taken the authorisation back, and shops whose authorisation has ended.
    revoked_shops: list[str] = field(default_factory=list)
    ended_shops: list[str] = field(default_factory=list)
    # Paid orders that wait for release show as PENDING to a call that asks for it [A], if the shop has such orders.
    has_pending_orders: bool = True
    # Pages of the order list begin with the latest; the sheets do not say which end comes first [C].
    newest_first: bool = False
    # line_item_id is new since July 2026 [B].
    has_line_item_ids: bool = True
    # Where page_no of the return list begins: 0 by the text, 1 in the example [C].
    first_return_page: int = 0
    # Whether deductions of the wallet are negative is unconfirmed; the one sample has them so [C].
    wallet_amounts_are_signed: bool = True
    # Buyers' names, telephones and addresses are hidden [A]; which ones depends on region and seller.
    masks_buyers: bool = True
    # Highest offset of the item list; deeper ones are refused [A], the number is not known [C].
    deepest_offset: int = 10_000
