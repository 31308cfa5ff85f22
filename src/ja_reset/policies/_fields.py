"""Lengths and dates of typed values (specification, F): the limits that the readers of the forms use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

import attrs

from ja_reset.errors import InvalidArgument
from ja_reset.policies._bounds import day, not_below, positive
from ja_reset.secret import by_value, shown

if TYPE_CHECKING:
    from ja_reset.bank._values import Contract
    from ja_reset.secret import Secret
    from ja_reset.text import Text

    PasswordRule = Callable[[Secret, Contract], Text | None]


def _rule(instance: object, attribute: attrs.Attribute[PasswordRule | None], value: object) -> None:
    if value is not None and not callable(value):
        msg = f"{type(instance).__name__}.{attribute.name} must be callable or None"
        raise InvalidArgument(msg)


@by_value
@attrs.frozen(eq=False, kw_only=True)
class FieldPolicy:
    """Limits of the fields; lengths are in characters after normalisation.

    `password_rule` is the host's own demand on a new login password (F9). It gets the password in lower case and the
    contract, and returns the text of the refusal, or None.
    """

    __repr__ = shown

    name_max: int = attrs.field(default=50, validator=positive)  # F1, F2: ours
    birth_date_from: date = attrs.field(default=date(1868, 1, 25), validator=day)  # F3: ours, the first day of 明治
    email_max: int = attrs.field(
        default=254, validator=positive
    )  # F5: ours, the longest address that RFC 5321 can carry
    branch_digits: int = attrs.field(default=3, validator=positive)  # F6: the manual, BIM015
    account_digits: int = attrs.field(default=7, validator=positive)  # F6: the manual, BIM015
    login_id_min: int = attrs.field(default=4, validator=positive)  # F8: the manual, BTR002
    login_id_max: int = attrs.field(default=12, validator=not_below("login_id_min"))  # F8: the manual, BTR002
    password_min: int = attrs.field(default=4, validator=positive)  # F9, F12: the manual, BIM017 and BTR002
    password_max: int = attrs.field(default=12, validator=not_below("password_min"))  # F9, F12: as above
    pin_digits: int = attrs.field(default=4, validator=positive)  # F10: ours, what a Japanese cash card has
    activation_min: int = attrs.field(default=4, validator=positive)  # F11: the manual, BTR003
    activation_max: int = attrs.field(default=8, validator=not_below("activation_min"))  # F11: the manual, BTR003
    password_rule: PasswordRule | None = attrs.field(default=None, validator=_rule)  # F9: none, the customer chooses
