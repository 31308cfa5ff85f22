"""A Secret gives its string to `reveal` and to nothing else."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import traceback
from collections.abc import Callable

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ja_reset.secret import Secret

TEXTS = st.text(max_size=40)


@pytest.mark.rule("S5")
@given(TEXTS)
@example("\ud800")
def test_reveal_gives_the_string(text: str) -> None:
    """What was put in is what comes out, unchanged."""
    assert text == Secret(text).reveal()


@pytest.mark.rule("S5", "A7")
@given(st.text(min_size=1, max_size=20).map("kome".__add__))
def test_nothing_that_shows_values_shows_a_secret(text: str) -> None:
    """repr, str, format, %, containers, attrs values and log lines show a placeholder."""

    @attrs.frozen
    class Holder:
        secret: Secret

    secret = Secret(text)
    record = logging.LogRecord("x", logging.INFO, "x", 1, "%s %r", (secret, secret), None)
    shown = [
        repr(secret),
        str(secret),
        f"{secret}{secret!r:>20}{secret:>20}",
        "%s" % secret,  # noqa: UP031 - this way is tested too
        repr([secret, {"a": secret}]),
        repr(Holder(secret)),
        repr(attrs.asdict(Holder(secret))),
        record.getMessage(),
    ]
    assert all("kome" not in each and "Secret(…)" in each for each in shown)


@pytest.mark.rule("S5", "A7")
def test_no_error_about_a_secret_shows_it() -> None:
    """Misuse raises an error whose text, traceback and notes hold nothing of the secret."""
    secret = Secret("kome-8931")
    misuses: list[Callable[[], object]] = [
        lambda: secret + "x",  # type: ignore[operator]
        lambda: int(secret),  # type: ignore[call-overload]
        lambda: len(secret),  # type: ignore[arg-type]
        lambda: {secret: 1},
        lambda: json.dumps({"a": secret}),
        lambda: pickle.dumps(secret),
        lambda: f"{secret:d}",
        lambda: list(secret),  # type: ignore[call-overload]
        lambda: secret.value,  # type: ignore[attr-defined]
        lambda: vars(secret),
    ]
    for misuse in misuses:
        with pytest.raises((TypeError, ValueError, AttributeError)) as caught:
            misuse()
        assert "8931" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.rule("S5")
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_secret_cannot_be_pickled(protocol: int) -> None:
    """No protocol of pickling takes it, alone or within another value."""
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps([Secret("kome-8931")], protocol)


@given(TEXTS, TEXTS)
@example("a", "a")
@example("\ud800", "\ud800")
def test_secrets_are_equal_as_their_strings_are(one: str, other: str) -> None:
    """Equality is that of the strings, and a secret equals no string, not even its own."""
    assert (one == other) is (Secret(one) == Secret(other))
    assert (one != other) is (Secret(one) != Secret(other))
    assert Secret(one) != one


def test_a_copy_of_a_secret_is_itself() -> None:
    """Copying leaves no second place that holds the string."""
    secret = Secret("kome-8931")
    assert copy.copy(secret) is secret
    assert copy.deepcopy([secret])[0] is secret
    assert Secret.of(secret) is secret
    assert Secret("kome-8931") == Secret.of("kome-8931")


@pytest.mark.parametrize("wrong", [None, 4071, b"4071", ["4071"], Secret("4071")], ids=type)
def test_a_secret_holds_a_string(wrong: str) -> None:
    """Anything else raises TypeError, which shows nothing of it."""
    with pytest.raises(TypeError) as caught:
        Secret(wrong)
    assert "4071" not in str(caught.value)
