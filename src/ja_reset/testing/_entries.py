"""What a customer types into any form: by the roles of its fields, else as the field's reader has an example."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

from ja_reset.chart import Chart
from ja_reset.fields.specs import FieldKind, Form, Role, fields_of
from ja_reset.policies import Policies
from ja_reset.testing._bank import identity
from ja_reset.testing.cast import Customer

NEW_PASSWORD: Final = "Shinai-77"  # noqa: S105 - of a customer that is not
ACTIVATION: Final = "86421357"
EMAIL: Final = "atarashii@example.jp"

BY_ROLE: Final[Mapping[Role, Callable[[Customer], str]]] = MappingProxyType(
    {
        Role.NAME_KANA: lambda customer: identity(customer)["name_kana"],
        Role.NAME_KANJI: lambda customer: identity(customer)["name_kanji"],
        Role.BIRTH_DATE: lambda customer: identity(customer)["birth_date"],
        Role.REGISTERED_PHONE: lambda customer: identity(customer)["phone"],
        Role.REGISTERED_EMAIL: lambda customer: identity(customer)["email"],
        Role.BRANCH: lambda customer: customer.branch,
        Role.SUBJECT: lambda customer: customer.subject,
        Role.ACCOUNT: lambda customer: customer.account,
        Role.LOGIN_ID: lambda customer: customer.login_id,
        Role.LOGIN_PASSWORD: lambda customer: customer.password,
        Role.PIN: lambda customer: customer.pin,
        Role.NEW_PASSWORD: lambda _: NEW_PASSWORD,
        Role.EMAIL: lambda _: EMAIL,
        Role.ACTIVATION_PASSWORD: lambda _: ACTIVATION,
    }
)
"""What a customer types into a field of that role; of the others the reader has an example."""


def example_entry(charts: Iterable[Chart], name: str, policies: Policies = Policies()) -> str | None:  # noqa: B008 - frozen
    """An entry that the field of that name takes in one of *charts*, as its reader has it; None for no field."""
    plans = (plan for chart in charts for state in chart.states.values() for plan in state.plans)
    specs = (spec for plan in plans if plan.form is not None for spec in fields_of(plan.form))
    found = next((spec for spec in specs if spec.name == name), None)
    return None if found is None else found.reader.example(policies)


def entries(form: Form, customer: Customer, policies: Policies, *, phone: str) -> dict[str, str]:
    """What *customer* types into *form* when all is right; *phone* is the id of the phone to call from."""
    typed: dict[str, str] = {}
    for spec in fields_of(form):
        if spec.kind is FieldKind.PHONE_CHOICE:
            typed[spec.name] = phone
        elif spec.confirms is not None:
            typed[spec.name] = typed[spec.confirms]
        elif spec.role is not None and spec.role in BY_ROLE:
            typed[spec.name] = BY_ROLE[spec.role](customer)
        else:
            typed[spec.name] = spec.reader.example(policies)
    return typed
