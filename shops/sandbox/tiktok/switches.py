"""The behaviours that can be switched, because the real service's are unsure or a setting of the app."""

from dataclasses import dataclass, field


@dataclass
class Switches:
    """Set with POST /switches."""

    # Some clients sign nothing when the body they send is an empty object; the service is said to take it [C].
    accept_unsigned_empty_object: bool = True
    # Whether a refresh ends the old access token is not documented [?]; by default it lives on until it expires.
    refresh_ends_access_token: bool = False
    # Nor is how long the old refresh token is taken after a refresh [?]; a minute lets a lost answer be asked again.
    old_refresh_token_seconds: int = 60
    # For tokens issued from now on; 7 days [A].
    access_token_seconds: int = 7 * 86_400
    granted_scopes: list[str] = field(
        default_factory=lambda: [
            "seller.authorization.info",
            "seller.order.info",
            "seller.product.basic",
            "seller.return_refund.basic",
            "seller.finance.info",
            "seller.fulfillment.basic",
        ]
    )
    # Shops whose seller has taken the authorisation back.
    revoked_shops: list[str] = field(default_factory=list)
    # The address that is set in the app's settings, to which the consent page sends the browser back.
    callback_url: str = ""
    # The return search is documented to take pages of 10 to 50 rows; whether it refuses smaller ones is unsure [?].
    least_return_page_size: int = 10
