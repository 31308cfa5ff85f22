"""A field is declared once: a form is made of declarations, and what uses a field looks for its role."""

from __future__ import annotations

from datetime import date

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ja_reset import ChartError, Policies
from ja_reset.fields import forms, readers
from ja_reset.fields.forms import AccountForm, DetailsForm, IdentityForm, LoginIdForm, PasswordForm, PinForm, read
from ja_reset.fields.readers import Reader
from ja_reset.fields.specs import FieldKind, FieldSpec, Role, entered, field, field_in, fields_of
from ja_reset.policies import IdentityPolicy
from ja_reset.proofs._identity import matches
from ja_reset.screens import FieldPlan, ScreenPlan
from ja_reset.secret import Secret
from ja_reset.testing import CAST, Customer, strategies
from ja_reset.testing._entries import entries
from ja_reset.verify._samples import Readings, typed

TODAY = date(2026, 4, 1)
FORMS = [IdentityForm, PasswordForm, PinForm, LoginIdForm, AccountForm, DetailsForm, forms.PhoneForm, forms.MethodForm]
SPECS = {spec.reader: spec for form in FORMS for spec in fields_of(form)}


@attrs.frozen
class TransferPolicy:
    """A policy of a host's own."""

    max_limit: int = 10_000_000


AMOUNT = Reader(
    name="amount",
    policy=TransferPolicy,
    longest=lambda policy: len(str(policy.max_limit)),
    parse=lambda text, policy, _: text if text.isdecimal() and 0 < int(text) <= policy.max_limit else None,
    example=lambda policy: str(policy.max_limit // 2),
    wrong=("0", "x", "-1"),
)
LIMIT = FieldSpec("new_limit", AMOUNT, FieldKind.DIGITS, section="section.limit")
AGAIN = FieldSpec("again", AMOUNT, FieldKind.DIGITS, confirms="new_limit")
MEMO = FieldSpec("memo", readers.KANJI_NAME, FieldKind.TEXT, required=False, hint=False)
NEWS = FieldSpec("news", readers.ACCEPTED, FieldKind.CHECKBOX, required=False, hint=False)


@attrs.frozen(kw_only=True)
class LimitForm:
    """A form of a host's own: fields of its own, and one of the library's."""

    new_limit: str = field(LIMIT)
    again: str = field(AGAIN)
    memo: str = field(MEMO)
    news: bool = field(NEWS)
    pin: Secret = field(forms.PIN, section="section.confirm")


GOOD = {"new_limit": "５００００", "again": "50000", "pin": "0123"}


def codes(**changes: str) -> dict[str, str]:
    """What is wrong with the host's form, filled in but for the changes."""
    return {
        each.field: each.code for each in read(LimitForm, {**GOOD, **changes}, policy=Policies(), today=TODAY).errors
    }


# Declarations -----------------------------------------------------------------------------------------------


def test_a_form_of_a_hosts_own_is_read() -> None:
    """Its own reader goes by its own policy; what need not be filled in is empty; a secret is a Secret."""
    form = read(LimitForm, GOOD, policy=Policies(), today=TODAY).form
    assert LimitForm(new_limit="50000", again="50000", memo="", news=False, pin=Secret("0123")) == form
    assert "LimitForm()" == repr(form).rpartition(".")[2]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"new_limit": "10000000", "again": "10000000"}, {}),
        ({"new_limit": "10000001"}, {"new_limit": "format"}),
        ({"new_limit": "100000000"}, {"new_limit": "too_long"}),
        ({"again": "50001"}, {"again": "mismatch"}),
        ({"memo": "x" * 51}, {"memo": "too_long"}),
        ({"memo": "１<"}, {"memo": "format"}),
        ({"news": "no"}, {}),
        ({"pin": "１２３４"}, {"pin": "format"}),
    ],
)
def test_its_limits_are_its_policys(changes: dict[str, str], expected: dict[str, str]) -> None:
    """Own fields have errors like the library's, and a field that need not be filled in is checked if it is."""
    assert expected == codes(**changes)


@pytest.mark.rule("S5")
def test_what_is_no_secret_by_its_kind_is_none() -> None:
    """The kind says whether a value is a secret: passwords and PINs are, and nothing else is."""
    secret = {kind for kind in FieldKind if kind.is_secret}
    assert {FieldKind.PASSWORD, FieldKind.PIN} == secret
    assert all(
        isinstance(getattr(form(), spec.name), Secret) == spec.secret for form in FORMS for spec in fields_of(form)
    )


def test_a_screen_has_the_fields_of_its_form() -> None:
    """Names, kinds, headings, options and whether they are required come from the declarations, in their order."""
    plans = ScreenPlan(id="X", title="BIM017.title", form=LimitForm).fields
    assert [spec.name for spec in fields_of(LimitForm)] == [plan.name for plan in plans]
    assert [True, True, False, False, True] == [plan.required for plan in plans]
    assert ["section.limit", None, None, None, "section.confirm"] == [plan.section for plan in plans]
    subject = FieldPlan.of(forms.SUBJECT)
    assert [("普通", "option.ordinary"), ("当座", "option.current")] == [(o.value, o.text) for o in subject.options]


def test_a_wrong_declaration_is_refused_with_all_that_is_wrong() -> None:
    """Another name than the attribute's, a confirmation of nothing, and a role twice are told together."""

    @attrs.frozen(kw_only=True)
    class WrongForm:
        limit: str = field(LIMIT)
        pin: Secret = field(forms.PIN)
        other: Secret = field(attrs.evolve(forms.PIN, name="other", confirms="first"))

    said = (
        "form WrongForm: limit is declared as new_limit; other confirms first, which is not a field before it; "
        "other is a second field in the role PIN"
    )
    with pytest.raises(ChartError) as refused:
        fields_of(WrongForm)
    assert said == str(refused.value)


def test_a_second_entry_is_read_as_the_first() -> None:
    """A field with another Reader than the one it confirms is refused where the form is declared."""

    @attrs.frozen(kw_only=True)
    class TwiceForm:
        new_limit: str = field(LIMIT)
        again: str = field(attrs.evolve(AGAIN, reader=readers.ACCOUNT))

    said = (
        "form TwiceForm: again confirms new_limit, which is read by amount, and again by another Reader, account: "
        "give both the same"
    )
    with pytest.raises(ChartError) as refused:
        fields_of(TwiceForm)
    assert said == str(refused.value)


def test_every_choice_has_a_label() -> None:
    """As many options as the reader has choices."""
    with pytest.raises(ChartError, match="field subject: it has 1 options, but its reader has 2 choices"):
        attrs.evolve(forms.SUBJECT, options=("option.ordinary",))


# Roles ------------------------------------------------------------------------------------------------------


def test_a_field_is_found_by_its_role() -> None:
    """Whatever the form; a form without the role has no such field, and nothing entered in it."""
    found = [field_in(form, Role.PIN) for form in (LimitForm, PasswordForm, LoginIdForm)]
    assert ["pin", "pin", None] == [spec and spec.name for spec in found]
    form = LimitForm(pin=Secret("0123"))
    assert (Secret("0123"), None) == (entered(form, Role.PIN), entered(form, Role.LOGIN_ID))


def test_a_reading_knows_its_fields_by_their_roles() -> None:
    """A text, a secret and a name by role; None of each where the form is not valid."""
    reading = read(LimitForm, GOOD, policy=Policies(), today=TODAY)
    assert (Secret("0123"), None, "pin") == (reading.secret(Role.PIN), reading.text(Role.PIN), reading.name(Role.PIN))
    details = read(DetailsForm, entries(DetailsForm, CAST[0]), policy=Policies(), today=TODAY)
    assert ("atarashii@example.jp", None) == (details.text(Role.EMAIL), details.secret(Role.EMAIL))
    invalid = read(LimitForm, {}, policy=Policies(), today=TODAY)
    assert (None, None, None) == (invalid.secret(Role.PIN), invalid.text(Role.PIN), invalid.name(Role.PIN))


@pytest.mark.rule("I1", "I4")
def test_a_form_that_lacks_what_is_compared_proves_nobody() -> None:
    """An identity is never proved by what was not asked for: a missing role is a mistake of the chart."""
    with pytest.raises(ChartError, match="LimitForm proves no identity: it has no text in the role NAME_KANA"):
        matches(CAST[0].contract, LimitForm(), policy=IdentityPolicy())


# What is derived --------------------------------------------------------------------------------------------


@pytest.mark.rule("F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "F10", "F11", "F12", "F13")
@pytest.mark.parametrize("reader", SPECS, ids=lambda reader: reader.name)
def test_a_readers_examples_are_what_they_say(reader: Reader[object]) -> None:
    """The example is read without a fault, and each wrong entry is malformed."""
    wrong = "not_accepted" if reader is readers.ACCEPTED else "format"
    read_as = [reader.read(each, Policies(), TODAY) for each in reader.wrong]
    assert not isinstance(reader.read(reader.example(Policies()), Policies(), TODAY), readers.Fault)
    assert [wrong] * len(reader.wrong) == [value.value for value in read_as if isinstance(value, readers.Fault)]


@pytest.mark.parametrize("form", [LimitForm, DetailsForm], ids=lambda form: form.__name__)
@given(data=st.data())
def test_strategies_need_nothing_else(form: type[attrs.AttrsInstance], data: st.DataObject) -> None:
    """What is valid is read, and a near miss has its one error, for fields and readers that nobody told them of."""
    valid = data.draw(strategies.valid_values(form))
    assert () == read(form, valid, policy=Policies(), today=TODAY).errors
    missed, error = data.draw(strategies.near_misses(form))
    assert [error] == [(each.field, each.code) for each in read(form, missed, policy=Policies(), today=TODAY).errors]


def test_the_verifier_fills_it_in() -> None:
    """Its samples have the form right once, and each error once."""
    assert {"new_limit": "5000000", "pin": "7305"}.items() <= typed(LimitForm, Policies()).items()
    samples = Readings(Policies()).of(LimitForm)
    assert ["form:right"] == [sample.name for sample in samples if not sample.against]
    against = sorted(code for sample in samples for code in sample.against)
    assert ["format", "mismatch", "required", "too_long"] == against


@pytest.mark.parametrize("customer", CAST, ids=lambda customer: customer.ref)
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_every_customer_fills_in_every_form(form: type[attrs.AttrsInstance], customer: Customer) -> None:
    """What the fake bank's customers enter is valid, for fields that they have and fields that they have not."""
    assert () == read(form, entries(form, customer), policy=Policies(), today=TODAY).errors


def test_what_is_typed_stands() -> None:
    """What is in a field already is kept, and a second entry repeats it."""
    filled = entries(DetailsForm, CAST[0], choices={Role.EMAIL: "a@example.jp"}, typed={"activation_password": "98765"})
    assert ("a@example.jp", "98765") == (filled["email_confirm"], filled["activation_password_confirm"])
