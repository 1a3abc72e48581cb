"""The behaviours that can be switched, because the real service's are unsure or a setting of the app."""

from dataclasses import dataclass, field


@dataclass
class Switches:
    """Set with POST /switches."""

    # For tokens issued from now on; 10 and 50 days are an example's [A], older texts say 7/30 and 30/180 [C].
    access_token_seconds: int = 864_000
    refresh_token_seconds: int = 4_320_000
    # What a refresh brings back: "same", "new" (the old one stays good until its end) or "missing" [C].
    refresh_reply: str = "same"
    # Whether a refresh ends the old access token is not documented [?].
    refresh_ends_access_token: bool = False
    # Apps sold on the service market are bound to a subscription and cannot refresh [A].
    refresh_is_supported: bool = True
    # The name of the error is not certain [C]: InvalidTimestamp or IllegalTimestamp.
    timestamp_error: str = "InvalidTimestamp"
    # Captured answers have 2021-07-29 11:02:19 +0700, the documents print 2021-07-29T11:02:19+07:00 [A].
    iso_dates: bool = False
    # Seconds in the samples of reverse orders, but their unit is not stated [C].
    reverse_times_in_ms: bool = False
    # The word of a line once the buyer can no longer send it back [B].
    completed_status: str = "confirmed"
    # Whether one unknown id spoils a list of ids, or is left out [?].
    unknown_ids_are_left_out: bool = False
    # Amounts of money rows may carry thousands commas [C].
    amounts_with_commas: bool = False
    # The callback that the consent page accepts; empty: any.
    callback_url: str = ""
    # Shops whose seller has taken the authorisation back.
    revoked_shops: list[str] = field(default_factory=list)
    # Endpoints that the app has no permission for.
    forbidden_endpoints: list[str] = field(default_factory=list)
