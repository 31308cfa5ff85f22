"""What a customer types into a field: known for the fields of the manual, found by the field's kind for others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ja_reset import Field, View
from ja_reset.screens import FieldKind
from ja_reset.testing import Customer, credentials, identity

NEW_PASSWORD: Final = "Yama-2468"  # noqa: S105 - of a customer that is not
ACTIVATION_PASSWORD: Final = "13579"  # noqa: S105 - the same

SECRET_KINDS: Final = frozenset({FieldKind.PASSWORD, FieldKind.PIN})
HIDDEN: Final = "****"


def right_answer(field: Field, customer: Customer, view: View, typed: Mapping[str, str]) -> str | None:
    """What *customer* types into *field* when all is right, or None where nothing is known to be."""
    first = field.name.removesuffix("_confirm")
    if first != field.name and first in typed:
        return typed[first]
    if field.kind is FieldKind.PHONE_CHOICE:
        return view.phones[0].id if view.phones else None
    known = _known(customer)
    if first in known:
        return known[first]
    if field.kind is FieldKind.CHECKBOX:
        return "on"
    return field.options[0].value if field.options else None


def _known(customer: Customer) -> dict[str, str]:
    return {
        **identity(customer),
        **credentials(customer, "ACCOUNT"),
        **credentials(customer, "LOGIN_ID"),
        "pin": customer.pin,
        "new_password": NEW_PASSWORD,
        "activation_password": ACTIVATION_PASSWORD,
    }


def shown(field: Field, value: str, view: View) -> str:
    """*value* as it may be shown: a secret as stars, a phone by its number, nothing that would move a cursor."""
    if field.kind in SECRET_KINDS:
        return HIDDEN if value else ""
    masks = {phone.id: phone.masked for phone in view.phones}
    return printable(masks.get(value, value))


def printable(words: str) -> str:
    """*words* with every sign that is not printed itself spelled out."""
    return "".join(sign if sign.isprintable() or sign == "　" else ascii(sign)[1:-1] for sign in words)
