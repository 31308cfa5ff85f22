"""The keys of the demo's webhooks: made for each start and shown, or taken from the environment and not shown."""

from __future__ import annotations

import pytest

from ja_reset import InvalidArgument
from ja_reset.demo._command import _settings, _told

LOOPBACK = frozenset({"127.0.0.1"})


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """One without keys, to put them into."""
    for name in ("JA_RESET_GATEWAY_KEY", "TWILIO_AUTH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_keys_that_are_made_are_shown_and_new_each_time() -> None:
    """Whoever starts the demo can sign with them, until it stops."""
    one, other = (_told(_settings("en", LOOPBACK, None)) for _ in range(2))
    assert [64, 32] == [len(one["key"]), len(one["token"])]
    assert set(one.values()).isdisjoint(other.values())


@pytest.mark.rule("S5")
def test_keys_of_the_environment_are_not_shown(environment: pytest.MonkeyPatch) -> None:
    """Only the names of their variables are, and settings show neither."""
    environment.setenv("JA_RESET_GATEWAY_KEY", "k" * 32)
    environment.setenv("TWILIO_AUTH_TOKEN", "of-the-account")
    settings = _settings("en", LOOPBACK, None)
    assert ("k" * 32, "of-the-account") == (settings.gateway_key.reveal(), settings.twilio_token.reveal())
    assert {"key": "$JA_RESET_GATEWAY_KEY", "token": "$TWILIO_AUTH_TOKEN"} == _told(settings)
    assert "kkk" not in repr(settings)
    assert "account" not in repr(settings)


def test_a_key_that_is_too_short_is_refused(environment: pytest.MonkeyPatch) -> None:
    """In words, and before anything is served."""
    environment.setenv("JA_RESET_GATEWAY_KEY", "k" * 31)
    with pytest.raises(InvalidArgument, match=r"^JA_RESET_GATEWAY_KEY must have 32 characters or more$"):
        _settings("en", LOOPBACK, None)


def test_a_tunnel_s_name_is_one_to_reach_the_demo_by() -> None:
    """Beside this machine's own; where all names are, it adds none."""
    assert LOOPBACK | {"reset.example"} == _settings("en", LOOPBACK, "reset.example:8443").hosts
    assert _settings("en", None, "reset.example").hosts is None
