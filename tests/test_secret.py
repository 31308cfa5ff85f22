"""A Secret gives its string to `reveal` and to nothing else, and values show nothing that is not to be shown."""

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

from ja_reset import Policies, Reason, Text
from ja_reset.chart.session import Refusal, SessionData
from ja_reset.secret import Secret, by_value, shown
from ja_reset.testing.cast import ORDINARY

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


@attrs.frozen
class _Generated:
    """What attrs itself generates for such fields."""

    code: str
    field: str | None = None
    hidden: str = attrs.field(default="", repr=False)


@attrs.frozen
class _Ours:
    """The same fields."""

    __repr__ = shown

    code: str
    field: str | None = None
    hidden: str = attrs.field(default="", repr=False)


@pytest.mark.rule("S5")
def test_a_value_is_written_as_attrs_writes_it() -> None:
    """Name and fields in their order, and no field with `repr=False`."""
    for fields in (("a",), ("a", "b'c"), ("", None, "secret")):
        expected = repr(_Generated(*fields)).replace("_Generated", "_Ours")
        assert expected == repr(_Ours(*fields))


@pytest.mark.rule("S5")
def test_the_librarys_values_show_their_fields_and_nothing_personal() -> None:
    """A refusal, a reason, a text, policies whole; of a contract its reference and what is no person's."""
    assert "Refusal(code='late', field=None, until=None, words=None, detail=None)" == repr(Refusal("late"))
    assert "Text(ja='あ', en='a')" == repr(Text("あ", "a"))
    assert repr(Reason("late")).startswith("Reason(code='late', field=None, ja='', en=''")
    assert "pin_attempts=3" in repr(Policies())
    assert "Contract(ref='C-0001', individual=True, service_locked=False, card_locked=False)" == repr(ORDINARY.contract)
    assert "secret" not in repr(SessionData(activation="secret", email="secret"))


@attrs.frozen
class _Compared:
    """A value of any kind in each field, compared as attrs does it."""

    first: object
    second: object = attrs.field(hash=False)
    third: object = attrs.field(eq=False)


@by_value
@attrs.frozen(eq=False)
class _ByValue:
    """The same, compared by `by_value`."""

    first: object
    second: object = attrs.field(hash=False)
    third: object = attrs.field(eq=False)


FEW = st.sampled_from(("a", "b", 0, False, None, ("a",), Text("a", "a")))


@given(one=st.tuples(FEW, FEW, FEW), other=st.tuples(FEW, FEW, FEW))
def test_by_value_compares_as_attrs_does(one: tuple[object, ...], other: tuple[object, ...]) -> None:
    """Two values are equal exactly where those of a class that attrs compares are, and then have one hash."""
    assert (_Compared(*one) == _Compared(*other)) is (_ByValue(*one) == _ByValue(*other))
    assert (_Compared(*one) != _Compared(*other)) is (_ByValue(*one) != _ByValue(*other))
    if _ByValue(*one) == _ByValue(*other):
        assert hash(_ByValue(*one)) == hash(_ByValue(*other))


def test_by_value_leaves_out_of_the_hash_what_attrs_leaves_out() -> None:
    """A field with `hash=False` may hold what has no hash; one that is compared and hashed may not."""
    assert hash(_ByValue("a", [], [])) == hash(_ByValue("a", {}, {}))
    with pytest.raises(TypeError, match="unhashable"):
        hash(_ByValue([], "b", "c"))


def test_by_value_knows_no_other_class_not_even_one_below() -> None:
    """A value of a class below, or of another class with the same fields, is not equal."""

    class Below(_ByValue):
        __slots__ = ()

    for other in (Below("a", "b", "c"), _Compared("a", "b", "c"), ("a", "b"), None):
        assert _ByValue("a", "b", "c") != other
        assert other != _ByValue("a", "b", "c")


def test_by_value_keeps_a_value_copied_and_pickled_equal() -> None:
    """A copy, a pickled one and one that is changed back are equal to it, and stand for it in a set."""
    value = Refusal("locked", detail="card")
    for same in (
        copy.copy(value),
        copy.deepcopy(value),
        pickle.loads(pickle.dumps(value)),  # noqa: S301 - our own
        attrs.evolve(attrs.evolve(value, code="closed"), code="locked"),
    ):
        assert {value} == {same}
