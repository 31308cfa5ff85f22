"""The policies: defaults with their clauses, and figures that make no sense refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import cast

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ja_reset.errors import InvalidArgument
from ja_reset.policies import (
    CallerIdPolicy,
    CodeChannel,
    FieldPolicy,
    IdentityPolicy,
    LockoutPolicy,
    PhonePolicy,
    Policies,
    SessionPolicy,
)
from ja_reset.policies._bounds import LONGEST
from ja_reset.policies.standard import STANDARD, Origin

KINDS: dict[str, Callable[..., object]] = {
    "fields": FieldPolicy,
    "identity": IdentityPolicy,
    "caller_id": CallerIdPolicy,
    "phone": PhonePolicy,
    "lockout": LockoutPolicy,
    "session": SessionPolicy,
}
FIGURES = [(name, figure.name) for name, kind in KINDS.items() for figure in attrs.fields(cast("type", kind))]


def _of_type(kind: type) -> list[tuple[str, str]]:
    return [(f.policy, f.name) for f in STANDARD if type(f.value) is kind]


def test_the_standard_table_misses_no_figure_and_invents_none() -> None:
    """The table of defaults lists each figure of each policy once, in the order of the classes."""
    assert FIGURES == [(figure.policy, figure.name) for figure in STANDARD]


@pytest.mark.parametrize("figure", STANDARD, ids=lambda figure: f"{figure.policy}.{figure.name}")
def test_the_standard_table_agrees_with_the_default(figure: object) -> None:
    """What the table says of a figure is what a policy without arguments has."""
    policy, name, value = (getattr(figure, at) for at in ("policy", "name", "value"))
    assert value == getattr(getattr(Policies(), policy), name)


def test_every_figure_names_its_rule_and_its_source() -> None:
    """No figure is without a rule id, an origin and a source."""
    assert [] == [f.name for f in STANDARD if not (f.rules and f.source and isinstance(f.origin, Origin))]


@pytest.mark.rule("F6", "F8", "F9", "F11", "I3", "P2", "P4")
def test_the_manuals_own_figures() -> None:
    """The figures that the manual itself states are marked as its own, and the rest as ours."""
    expected = {
        "branch_digits": 3,
        "account_digits": 7,
        "login_id_min": 4,
        "login_id_max": 12,
        "password_min": 4,
        "password_max": 12,
        "activation_min": 4,
        "activation_max": 8,
        "password_rule": None,
        "gaiji_until": date(2021, 2, 15),
        "bim_window": timedelta(seconds=120),
        "btr_window": timedelta(seconds=300),
        "code_channel": CodeChannel.SPOKEN,
        "bim_code": False,
        "bim_announce": False,
    }
    assert expected == {f.name: f.value for f in STANDARD if f.origin is Origin.MANUAL}


@pytest.mark.parametrize(("policy", "name"), _of_type(int))
@pytest.mark.parametrize("value", [0, -1, True, 1.5, "3", None])
def test_a_count_that_is_no_positive_whole_number_is_refused(policy: str, name: str, value: object) -> None:
    """Counts and lengths are whole numbers from 1; the refusal names class and attribute."""
    with pytest.raises(InvalidArgument, match=rf"{KINDS[policy].__name__}\.{name} "):
        KINDS[policy](**{name: value})


@pytest.mark.parametrize(("policy", "name"), _of_type(timedelta))
@pytest.mark.parametrize("value", [-timedelta(microseconds=1), LONGEST + timedelta(microseconds=1), 5, None])
def test_a_duration_that_is_negative_or_no_timedelta_is_refused(policy: str, name: str, value: object) -> None:
    """Durations are timedeltas from nothing to a hundred years."""
    with pytest.raises(InvalidArgument, match=rf"{KINDS[policy].__name__}\.{name} "):
        KINDS[policy](**{name: value})


@pytest.mark.parametrize("value", [-timedelta(microseconds=1), LONGEST + timedelta(microseconds=1), 5, ""])
def test_a_retention_without_end_is_none_and_any_other_is_a_duration(value: object) -> None:
    """How long the audit names its contracts may be left open, and is a duration like the others if it is not."""
    assert SessionPolicy(audit_retention=None).audit_retention is None
    with pytest.raises(InvalidArgument, match=r"SessionPolicy\.audit_retention "):
        SessionPolicy(audit_retention=value)  # type: ignore[arg-type]  # what hosts may pass


@pytest.mark.parametrize(("policy", "name"), _of_type(timedelta))
def test_only_an_allowance_may_be_nothing(policy: str, name: str) -> None:
    """No grace, no skew, no rest and no retention are choices; a window or a limit of no length is a mistake."""
    allowances = {"delivery_grace", "clock_skew", "number_rest", "retention", "institution_refresh"}
    allowances |= {"not_me_rest", "result_shown", "retention_unproved", "duplicate_wait"}
    try:
        accepted = getattr(KINDS[policy](**{name: timedelta(0)}), name) == timedelta(0)
    except InvalidArgument:
        accepted = False
    assert (name in allowances) == accepted


@given(st.timedeltas(min_value=timedelta(microseconds=1), max_value=LONGEST))
def test_any_sensible_duration_is_taken_as_it_is(value: timedelta) -> None:
    """A duration within the bounds is kept to the microsecond."""
    expected = [value] * len(_of_type(timedelta))
    assert expected == [getattr(KINDS[policy](**{name: value}), name) for policy, name in _of_type(timedelta)]


@pytest.mark.parametrize(("policy", "name"), _of_type(date))
@pytest.mark.parametrize("value", [datetime(2020, 1, 1, tzinfo=UTC), "2020-01-01", None])
def test_a_day_is_a_date_and_no_datetime(policy: str, name: str, value: object) -> None:
    """A datetime counts as a date in Python but does not compare with one, so it is refused."""
    with pytest.raises(InvalidArgument, match=name):
        KINDS[policy](**{name: value})


@pytest.mark.parametrize(("policy", "name"), _of_type(bool))
@pytest.mark.parametrize("value", [1, 0, "no", None])
def test_a_switch_is_true_or_false(policy: str, name: str, value: object) -> None:
    """A word such as "no" would count as true, so only the two booleans are taken."""
    with pytest.raises(InvalidArgument, match=name):
        KINDS[policy](**{name: value})


@pytest.mark.parametrize("stem", ["login_id", "password", "activation"])
def test_a_maximum_below_its_minimum_is_refused(stem: str) -> None:
    """No length satisfies a maximum that is smaller than the minimum."""
    with pytest.raises(InvalidArgument, match=f"{stem}_max must be at least {stem}_min"):
        KINDS["fields"](**{f"{stem}_min": 6, f"{stem}_max": 5})


@pytest.mark.parametrize("stem", ["login_id", "password", "activation"])
def test_a_maximum_may_be_its_minimum(stem: str) -> None:
    """One length alone is a choice, too."""
    policy = KINDS["fields"](**{f"{stem}_min": 6, f"{stem}_max": 6})
    assert 6 == getattr(policy, f"{stem}_max")


@pytest.mark.parametrize(
    ("policy", "name", "value", "demand"),
    [
        ("fields", "name_max", 0, "FieldPolicy.name_max must be an int of 1 or more"),
        ("fields", "login_id_max", 3, "FieldPolicy.login_id_max must be at least login_id_min"),
        ("fields", "birth_date_from", "1868-01-25", "FieldPolicy.birth_date_from must be a date"),
        ("fields", "password_rule", "none", "FieldPolicy.password_rule must be callable or None"),
        ("caller_id", "claimed_numbers", 1, "CallerIdPolicy.claimed_numbers must be True or False"),
        ("caller_id", "attestation", "D", "CallerIdPolicy.attestation must be 'A', 'B', 'C' or None"),
        ("phone", "code_channel", "sung", "PhonePolicy.code_channel must be 'spoken' or 'displayed'"),
        (
            "phone",
            "bim_window",
            timedelta(0),
            "PhonePolicy.bim_window must be a timedelta of more than nothing and at most a hundred years",
        ),
        (
            "session",
            "retention",
            -timedelta(1),
            "SessionPolicy.retention must be a timedelta of nothing up to a hundred years",
        ),
    ],
)
def test_a_refusal_says_where_and_what_is_wanted(policy: str, name: str, value: object, demand: str) -> None:
    """The whole sentence: class, attribute, and what may stand there."""
    with pytest.raises(InvalidArgument) as refused:
        KINDS[policy](**{name: value})
    assert demand == str(refused.value)


@pytest.mark.rule("P4")
@pytest.mark.parametrize(("given_", "expected"), [("spoken", CodeChannel.SPOKEN), ("displayed", CodeChannel.DISPLAYED)])
def test_the_code_channel_takes_the_plain_word(given_: str, expected: CodeChannel) -> None:
    """The channel may be named by its word or by the enum."""
    channels = {PhonePolicy(code_channel=given_).code_channel, PhonePolicy(code_channel=expected).code_channel}
    assert {expected} == channels
    assert given_ == PhonePolicy(code_channel=given_).code_channel


@pytest.mark.parametrize("value", ["SPOKEN", "", None, 1])
def test_an_unknown_code_channel_is_refused(value: object) -> None:
    """What is neither spoken nor displayed is the programmer's mistake, with our exception."""
    with pytest.raises(InvalidArgument, match="code_channel"):
        PhonePolicy(code_channel=value)  # type: ignore[arg-type]


@pytest.mark.rule("P3")
@pytest.mark.parametrize("value", ["a", "D", "", 1, ["A"]])
def test_an_unknown_attestation_is_refused(value: object) -> None:
    """Only A, B, C and None are levels of attestation."""
    with pytest.raises(InvalidArgument, match="attestation"):
        CallerIdPolicy(attestation=value)  # type: ignore[arg-type]


@pytest.mark.rule("F9")
def test_a_password_rule_must_be_callable() -> None:
    """A rule that cannot be called would fail in the middle of a customer's session."""
    with pytest.raises(InvalidArgument, match="password_rule"):
        FieldPolicy(password_rule="no birth dates")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", KINDS)
def test_a_policy_of_another_kind_is_refused(name: str) -> None:
    """Each place in the set takes its own kind of policy."""
    make: Callable[..., object] = Policies
    with pytest.raises(InvalidArgument, match=f"Policies.{name} must be a"):
        make(**{name: object()})


@attrs.frozen
class HolidayPolicy:
    """A policy of a host's own that may be empty."""

    days: tuple[str, ...] = ("01-01",)

    def __len__(self) -> int:
        return len(self.days)


def test_an_empty_policy_is_one() -> None:
    """What counts is that it was given, not whether it is true."""
    none = HolidayPolicy(days=())
    assert none is Policies(own=(none,)).of(HolidayPolicy)


def test_policies_are_hashable_values() -> None:
    """Equal policies are one key, and a changed figure makes another."""
    keys = {Policies(), Policies(), Policies(lockout=LockoutPolicy(pin_attempts=5))}
    assert len(keys) == 2


def test_policies_cannot_be_changed() -> None:
    """A policy that is shared between sessions is frozen, and so is each of its parts."""
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        Policies().phone.code_length = 1  # type: ignore[misc]
