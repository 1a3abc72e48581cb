"""Settings that contradict each other are found by `manage.py check`, with a hint that says what to do."""

import pytest
from django.core.checks import run_checks

from backoffice import checks


def found(**options):
    return {message.id: message for message in run_checks(**options) if (message.id or "").startswith("backoffice.")}


def test_the_settings_of_the_tests_are_sound():
    assert found() == {}


@pytest.mark.parametrize("keys", [["too short"], ["dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk=", ""]])
def test_a_key_that_cannot_encrypt_is_an_error(settings, keys):
    settings.CREDENTIAL_KEYS = keys
    assert f"Key {len(keys)} in CREDENTIAL_KEYS" in found()["backoffice.E001"].msg


def test_a_lease_that_ends_during_one_call_and_the_wait_before_it_is_an_error(settings):
    settings.SYNC_LEASE_SECONDS = settings.REQUEST_TIMEOUT + 10  # the longest sleep before the next try
    assert "SYNC_LEASE_SECONDS" in found()["backoffice.E002"].msg


@pytest.mark.parametrize("percents", [(90, 95, 80), (95, 80, 90), (50, 60, 70)])
def test_a_lane_that_would_go_before_a_higher_one_is_an_error(settings, percents):
    names = ("RATE_LIMIT_HIGH_PERCENT", "RATE_LIMIT_INCREMENTAL_PERCENT", "RATE_LIMIT_BACKFILL_PERCENT")
    for name, percent in zip(names, percents, strict=True):
        setattr(settings, name, percent)
    assert ", ".join(map(str, percents)) in found()["backoffice.E003"].msg


def test_the_sandbox_in_production_is_a_warning(settings):
    settings.ALLOW_SANDBOX = True
    assert "backoffice.W001" not in found()
    assert "ALLOW_SANDBOX" in found(include_deployment_checks=True)["backoffice.W001"].msg
    settings.ALLOW_SANDBOX = False
    assert "backoffice.W001" not in found(include_deployment_checks=True)


def test_every_check_says_what_to_do(settings):
    settings.CREDENTIAL_KEYS = ["x"]
    settings.SYNC_LEASE_SECONDS = 1
    settings.RATE_LIMIT_BACKFILL_PERCENT = 100
    settings.ALLOW_SANDBOX = True
    messages = found(include_deployment_checks=True).values()
    assert len(messages) == len([name for name in vars(checks) if name.startswith("check_")])
    assert all(message.hint for message in messages)
