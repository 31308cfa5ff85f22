"""The forms: one field, one line, one reader (SPEC F).

A form is a frozen class of strings as a page posts them. `read` gives the same class with normalised values, or
all field errors together; no error and no repr carries a value. What was typed goes no further than the script.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from functools import cache
from typing import Generic, TypeVar

import attrs

from ja_reset import readers
from ja_reset.errors import InvalidArgument
from ja_reset.policies.fields import FieldPolicy
from ja_reset.readers import Fault, Reader
from ja_reset.representation import shown
from ja_reset.secret import Secret

F = TypeVar("F", bound=attrs.AttrsInstance)

_NOTHING = Secret("")
_READER = "ja_reset.reader"
_CONFIRMS = "ja_reset.confirms"


def _by(reader: Reader, *, confirms: str | None = None) -> dict[str, object]:
    return {_READER: reader, _CONFIRMS: confirms}


def _secret(value: str | Secret) -> Secret:
    return Secret.of(value)


@attrs.frozen(kw_only=True)
class IdentityForm:
    """BIM015, 契約者認証: who one is, and the account that the service is used with (F1-F7)."""

    __repr__ = shown

    name_kana: str = attrs.field(default="", repr=False, metadata=_by(readers.KANA_NAME))
    name_kanji: str = attrs.field(default="", repr=False, metadata=_by(readers.KANJI_NAME))
    birth_date: str = attrs.field(default="", repr=False, metadata=_by(readers.BIRTH_DATE))
    phone: str = attrs.field(default="", repr=False, metadata=_by(readers.PHONE))
    email: str = attrs.field(default="", repr=False, metadata=_by(readers.EMAIL))
    email_confirm: str = attrs.field(default="", repr=False, metadata=_by(readers.EMAIL, confirms="email"))
    branch: str = attrs.field(default="", repr=False, metadata=_by(readers.BRANCH))
    subject: str = attrs.field(default="", repr=False, metadata=_by(readers.SUBJECT))
    account: str = attrs.field(default="", repr=False, metadata=_by(readers.ACCOUNT))
    accepted: bool | str = attrs.field(default=False, repr=False, metadata=_by(readers.ACCEPTED))


@attrs.frozen(kw_only=True)
class PhoneForm:
    """BIM016, 契約者確認: the phone to call from, by the id it was offered under (F13)."""

    __repr__ = shown

    phone_id: str = attrs.field(default="", repr=False, metadata=_by(readers.PHONE_ID))


@attrs.frozen(kw_only=True)
class PasswordForm:
    """BIM017, パスワード入力 of `LOGIN_PASSWORD` (F9, F10)."""

    __repr__ = shown

    new_password: Secret = attrs.field(default=_NOTHING, converter=_secret, repr=False, metadata=_by(readers.PASSWORD))
    new_password_confirm: Secret = attrs.field(
        default=_NOTHING, converter=_secret, repr=False, metadata=_by(readers.PASSWORD, confirms="new_password")
    )
    pin: Secret = attrs.field(default=_NOTHING, converter=_secret, repr=False, metadata=_by(readers.PIN))


@attrs.frozen(kw_only=True)
class PinForm:
    """BIM017, パスワード入力 of `RISK_BASED_AUTH` (F10)."""

    __repr__ = shown

    pin: Secret = attrs.field(default=_NOTHING, converter=_secret, repr=False, metadata=_by(readers.PIN))


@attrs.frozen(kw_only=True)
class MethodForm:
    """BTR001, 認証方法選択: `LOGIN_ID` or `ACCOUNT`."""

    __repr__ = shown

    method: str = attrs.field(default="", repr=False, metadata=_by(readers.METHOD))


@attrs.frozen(kw_only=True)
class LoginIdForm:
    """BTR002, 認証 with the login id (F8, F12)."""

    __repr__ = shown

    login_id: str = attrs.field(default="", repr=False, metadata=_by(readers.LOGIN_ID))
    password: Secret = attrs.field(default=_NOTHING, converter=_secret, repr=False, metadata=_by(readers.PASSWORD))


@attrs.frozen(kw_only=True)
class AccountForm:
    """BTR002, 認証 with the representative account (F12)."""

    __repr__ = shown

    branch: str = attrs.field(default="", repr=False, metadata=_by(readers.BRANCH))
    subject: str = attrs.field(default="", repr=False, metadata=_by(readers.SUBJECT))
    account: str = attrs.field(default="", repr=False, metadata=_by(readers.ACCOUNT))
    password: Secret = attrs.field(default=_NOTHING, converter=_secret, repr=False, metadata=_by(readers.PASSWORD))


@attrs.frozen(kw_only=True)
class DetailsForm:
    """BTR003, 情報入力: where the token goes, the password it begins with, the phone to call from (F5, F11, F13)."""

    __repr__ = shown

    email: str = attrs.field(default="", repr=False, metadata=_by(readers.EMAIL))
    email_confirm: str = attrs.field(default="", repr=False, metadata=_by(readers.EMAIL, confirms="email"))
    activation_password: Secret = attrs.field(
        default=_NOTHING, converter=_secret, repr=False, metadata=_by(readers.ACTIVATION_PASSWORD)
    )
    activation_password_confirm: Secret = attrs.field(
        default=_NOTHING,
        converter=_secret,
        repr=False,
        metadata=_by(readers.ACTIVATION_PASSWORD, confirms="activation_password"),
    )
    phone_id: str = attrs.field(default="", repr=False, metadata=_by(readers.PHONE_ID))


@attrs.frozen(eq=False, repr=False)
class FormField:
    """A field of a form: how it is read, the field that it repeats, and whether it is a secret."""

    name: str
    reader: Reader
    confirms: str | None
    secret: bool


def fields_of(form_class: type[attrs.AttrsInstance]) -> tuple[FormField, ...]:
    """The fields of a form, in its order."""
    return _fields_of(form_class)


@cache
def _fields_of(form_class: type[attrs.AttrsInstance]) -> tuple[FormField, ...]:
    return tuple(
        FormField(field.name, field.metadata[_READER], field.metadata[_CONFIRMS], secret=field.converter is _secret)
        for field in attrs.fields(form_class)
        if _READER in field.metadata
    )


@attrs.frozen
class FieldError:
    """What is wrong with which field; `code` is the reason's code."""

    __repr__ = shown

    field: str
    code: str


@attrs.frozen
class Reading(Generic[F]):
    """A form with normalised values, or None and every error, in the order of the form."""

    __repr__ = shown

    form: F | None
    errors: tuple[FieldError, ...]


def read(form_class: type[F], data: object, *, policy: FieldPolicy, today: date) -> Reading[F]:
    """*data* read as *form_class*; *today* is the date in Tokyo (F3).

    *data* is an attrs object with attributes of the fields' names, or a mapping; other keys are ignored, what is
    missing counts as empty (F14), and so does all of anything else. In the form that is given names are NFKC with one
    sign of each kind (F1, F2), the phone is E.164, passwords are in their canonical case, and `accepted` is True.
    Raises InvalidArgument where *data* itself raises.
    """
    entries = _entries(form_class, data)
    data = None  # no traceback from here on shows what was typed (S5)
    if entries is None:
        msg = "data is a mapping or an object that cannot be read"
        raise InvalidArgument(msg)
    values: dict[str, str | bool] = {}
    errors: list[FieldError] = []
    for field in fields_of(form_class):
        value = field.reader.read(entries[field.name], policy, today)
        if not isinstance(value, Fault) and _differs(field, value, values):
            value = Fault.MISMATCH
        if isinstance(value, Fault):
            errors.append(FieldError(field.name, value.value))
        else:
            values[field.name] = value
    return Reading(None if errors else form_class(**values), tuple(errors))


def _differs(field: FormField, value: object, values: Mapping[str, str | bool]) -> bool:
    """Whether the second entry is another than the first, where the first is fine itself."""
    first = None if field.confirms is None else values.get(field.confirms)
    return isinstance(first, str) and isinstance(value, str) and not field.reader.same(first, value)


def _entries(form_class: type[attrs.AttrsInstance], data: object) -> dict[str, object] | None:
    """What was typed into each field; None where it cannot be read."""
    with suppress(Exception):  # a host's own class, whose error may quote what was typed
        return {field.name: _entry(data, field.name) for field in fields_of(form_class)}
    return None


def _entry(data: object, name: str) -> object:
    if attrs.has(type(data)):
        return getattr(data, name, None)
    return data.get(name) if isinstance(data, Mapping) else None
