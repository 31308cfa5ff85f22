"""The strategies that hosts test with are what they say: right where they say right, wrong where they say wrong."""

from __future__ import annotations

from datetime import date

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budgets import budget
from ja_reset import Call, Policies, Procedure
from ja_reset.fields._phone_numbers import is_voip, read_presented, read_typed
from ja_reset.fields.forms import (
    AccountForm,
    DetailsForm,
    IdentityForm,
    LoginIdForm,
    MethodForm,
    PasswordForm,
    PhoneForm,
    PinForm,
    read,
)
from ja_reset.policies import FieldPolicy, IdentityPolicy
from ja_reset.proofs._identity import matches
from ja_reset.proofs.caller import evidence
from ja_reset.testing import Customer, identity
from ja_reset.testing import strategies as ours
from ja_reset.testing.path_player import play

FORMS = [IdentityForm, PhoneForm, PasswordForm, PinForm, MethodForm, LoginIdForm, AccountForm, DetailsForm]
TODAY = date(2026, 4, 1)


@pytest.mark.rule("F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "F10", "F11", "F12", "F13")
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
@given(data=st.data())
def test_what_is_valid_is_read(form: type[attrs.AttrsInstance], data: st.DataObject) -> None:
    """Values in every spelling that normalisation allows are read without an error."""
    typed = data.draw(ours.valid_values(form))
    assert () == read(form, typed, policy=FieldPolicy(), today=TODAY).errors


@pytest.mark.rule("F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "F10", "F11", "F12", "F13")
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
@given(data=st.data())
def test_a_near_miss_has_the_one_error_that_it_names(form: type[attrs.AttrsInstance], data: st.DataObject) -> None:
    """A form that is right but for one field has one error, that field's, and of that code."""
    typed, error = data.draw(ours.near_misses(form))
    errors = read(form, typed, policy=FieldPolicy(), today=TODAY).errors
    assert [error] == [(each.field, each.code) for each in errors]


@pytest.mark.rule("F4", "P3")
@given(data=st.data(), number=ours.phone_numbers())
def test_every_spelling_of_a_number_is_that_number(data: st.DataObject, number: str) -> None:
    """What is typed or presented as a number is read as that number, and its look-alikes are not."""
    assert number == read_typed(data.draw(ours.typed_numbers(number)))
    assert number == read_presented(data.draw(ours.presented_numbers(number)))
    assert number != read_presented(data.draw(ours.numbers_not_read(number)))


@pytest.mark.rule("P1", "P3")
@given(number=ours.phone_numbers(voip=True))
def test_an_internet_number_is_one(number: str) -> None:
    """The 050 numbers are read, and known for what they are."""
    assert number == read_typed("0" + number.removeprefix("+81"))
    assert is_voip(number)


@pytest.mark.rule("P3", "P10")
@given(call=ours.calls("+819012345601"))
def test_a_call_proves_its_number_or_none(call: Call) -> None:
    """Whatever a gateway reports of a call from a number, it is evidence for that number or for none."""
    assert evidence(call).number in {"+819012345601", None}


@pytest.mark.rule("I1", "F1", "F5")
@given(customer=ours.customers())
def test_a_customer_can_prove_who_he_is(customer: Customer) -> None:
    """What a drawn customer types is a valid form and matches his contract."""
    reading = read(IdentityForm, identity(customer), policy=FieldPolicy(), today=TODAY)
    assert () == reading.errors
    assert reading.form is not None
    assert matches(customer.contract, reading.form, policy=IdentityPolicy())


@given(policies=ours.policies())
def test_drawn_policies_are_small(policies: Policies) -> None:
    """No limit of drawn policies is out of reach of a short test."""
    assert policies.lockout.pin_attempts <= 3
    assert policies.session.absolute_timeout.total_seconds() <= 900


@pytest.mark.rule("A8")
@given(data=st.data(), procedure=st.sampled_from(Procedure))
@settings(max_examples=budget(30))
def test_a_history_is_played_to_its_end(data: st.DataObject, procedure: Procedure) -> None:
    """The service answers each step of any history, and the transitions are the chart's."""
    played = play(data.draw(ours.histories(procedure)))
    assert played.taken <= {transition.name for transition in procedure.chart.transitions}
    assert played.view.final == procedure.chart.states[played.view.state].is_final
