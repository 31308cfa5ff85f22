"""What a customer enters into a form, found from the declarations of its fields.

A field in a role is filled with what the customer has there or chooses, a second entry with the first, and any other
field with its reader's example. So a form with a new field is filled in without a line here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ja_reset.fields.forms import AccountForm, IdentityForm, LoginIdForm
from ja_reset.fields.specs import Form, Role, fields_of
from ja_reset.screens.placeholders import STANDARD
from ja_reset.testing.cast import Customer

if TYPE_CHECKING:
    from ja_reset.policies import Policies

NEW_PASSWORD: Final = "Shinai-77"  # noqa: S105 - of a customer that is not
ACTIVATION: Final = "86421357"
EMAIL: Final = "atarashii@example.jp"

_NO_CHOICES: Final[Mapping[Role, str]] = MappingProxyType({})
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})

_BY_ROLE: Final[Mapping[Role, Callable[[Customer], str]]] = MappingProxyType(
    {
        Role.NAME_KANA: lambda customer: customer.contract.name_kana,
        Role.NAME_KANJI: lambda customer: customer.contract.name_kanji,
        Role.BIRTH_DATE: lambda customer: customer.contract.birth_date.isoformat(),
        Role.REGISTERED_PHONE: lambda customer: customer.contract.phones[0],
        Role.REGISTERED_EMAIL: lambda customer: customer.contract.email,
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
"""What a customer has for a role, or would choose; of the others the reader has an example."""

_AS_REGISTERED: Final = {
    *(Role.NAME_KANA, Role.NAME_KANJI, Role.BIRTH_DATE, Role.REGISTERED_PHONE, Role.REGISTERED_EMAIL),
    *(Role.BRANCH, Role.SUBJECT, Role.ACCOUNT),
}
"""What a customer may spell in another way than the bank's record (`Customer.types`)."""


def entries(
    form: Form,
    customer: Customer,
    policies: Policies = STANDARD,
    *,
    phone: str | None = None,
    choices: Mapping[Role, str] = _NO_CHOICES,
    typed: Mapping[str, str] = _NOTHING,
) -> dict[str, str]:
    """What *customer* enters into the fields of *form*, by their names, every field right under *policies*.

    *phone*: the id of the phone to call from. *choices*: what is entered in some roles in place of what would be.
    *typed*: what stands in some fields already, which a second entry repeats.
    """
    chosen = choices if phone is None else {**choices, Role.PHONE_CHOICE: phone}
    filled: dict[str, str] = {}
    for spec in fields_of(form):
        choice = None if spec.role is None else chosen.get(spec.role)
        known = None if spec.role is None else _BY_ROLE.get(spec.role)
        if spec.name in typed:
            filled[spec.name] = typed[spec.name]
        elif choice is not None:
            filled[spec.name] = choice
        elif spec.confirms is not None:
            filled[spec.name] = filled[spec.confirms]
        elif spec.role in _AS_REGISTERED and spec.name in customer.types:
            filled[spec.name] = customer.types[spec.name]
        else:
            filled[spec.name] = spec.reader.example(policies) if known is None else known(customer)
    return filled


def identity(customer: Customer) -> dict[str, str]:
    """What this customer types on BIM015: the mapping of `submit_identity`, every field right."""
    return entries(IdentityForm, customer)


def credentials(customer: Customer, method: str) -> dict[str, str]:
    """What this customer types on BTR002: the mapping of `submit_credentials` for `LOGIN_ID` or `ACCOUNT`."""
    forms: Mapping[str, Form] = {"LOGIN_ID": LoginIdForm, "ACCOUNT": AccountForm}
    if method not in forms:
        msg = "method is LOGIN_ID or ACCOUNT"
        raise ValueError(msg)
    return entries(forms[method], customer)
