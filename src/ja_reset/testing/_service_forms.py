"""What is typed into each screen of a history: as it should be, with a slip that is invalid, or with a wrong answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import attrs

from ja_reset.fields.specs import Form, Role, field_in, fields_of
from ja_reset.testing._entries import entries
from ja_reset.testing._service_runs import Run
from ja_reset.testing._service_turns import Submission
from ja_reset.testing.cast import Customer


def _form(run: Run, event: str) -> Form | None:
    """The form that comes with *event* in the run's procedure."""
    forms = {handler.trigger: handler.form for handler in run.procedure.chart.handlers}
    form = forms.get(event)
    return form[run.method] if isinstance(form, Mapping) else form


def _name(form: Form, role: Role) -> str | None:
    spec = field_in(form, role)
    return None if spec is None else spec.name


def _slip(form: Form) -> tuple[str, str, str]:
    """A field of the form, what makes it invalid, and the code of that error: a second entry of the e-mail if any."""
    for spec in fields_of(form):
        if spec.confirms is not None and spec.confirms == _name(form, Role.EMAIL):
            return spec.name, "other@example.jp", "mismatch"
    return next((name, *slip) for role, slip in _SLIPS.items() if (name := _name(form, role)) is not None)


def wrong_digits(digits: str) -> str:
    """As many digits, and others."""
    return digits[:-1] + str((int(digits[-1]) + 1) % 10)


_SLIPS: Final = {
    Role.PIN: ("12", "format"),
    Role.LOGIN_PASSWORD: ("", "required"),
    Role.ACCOUNT: ("", "required"),
    Role.METHOD: ("", "required"),
    Role.PHONE_CHOICE: ("none", "format"),
}
"""What makes a form invalid, in the first of these roles that it has, and the code of the error."""


_WRONG: Final[Mapping[Role, Callable[[Customer], str]]] = {
    Role.BIRTH_DATE: lambda _: "1999-09-09",
    Role.LOGIN_PASSWORD: lambda _: "wrong-0000",
    Role.PIN: lambda customer: wrong_digits(customer.pin),
}
"""What is right in itself and proves nothing."""


class Filled(dict[str, str]):
    """A form with all that is typed; it shows its fields' names alone, as logs of tests keep what a failure prints."""

    def __repr__(self) -> str:
        return f"<typed: {', '.join(self)}>"


def typed(run: Run, sent: Submission, phones: tuple[str, ...], password: str) -> tuple[Submission, Filled]:
    """What is typed, and the submission with the code of its error where it is invalid.

    *phones*: the ids of those that the run's screen offers; *password*: the customer's, as it is now.
    """
    customer, how = run.customer, sent.how
    chosen = phones[sent.phone % len(phones)]
    method = "ACCOUNT" if sent.phone else "LOGIN_ID"
    form = _form(run, sent.event)
    if form is None:
        return attrs.evolve(sent, how="right", method=method), Filled()
    choices = {Role.METHOD: method, Role.LOGIN_PASSWORD: password}
    right = entries(form, customer, phone=chosen, choices=choices)
    if how == "invalid":
        field, value, code = _slip(form)
        return attrs.evolve(sent, code=code), Filled({**right, field: value})
    if how == "wrong":
        for role, wrong in _WRONG.items():
            if (name := _name(form, role)) is not None:
                return sent, Filled({**right, name: wrong(customer)})
    return attrs.evolve(sent, how="right", method=method), Filled(right)


REPORTED: Final = (
    "+{digits}",
    "sip:+{digits};verstat=TN-Validation-Passed@gw.example.jp;user=phone",
    "sip:%2B{digits};npdi;rn=+81312340000@gw.example.jp",
    "tel:+{digits};cpc=ordinary",
)
"""How a gateway spells a number, one after the other (P3)."""


def spelled(number: str, against: str, turn: int) -> str:
    """A number as a gateway spells it; the network may have found its signature wrong."""
    failed = "sip:+{digits};verstat=TN-Validation-Failed@gw.example.jp"
    spelling = failed if against == "attestation" else REPORTED[turn % len(REPORTED)]
    return spelling.format(digits=number.removeprefix("+"))
