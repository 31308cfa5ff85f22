"""The fields and forms of the three procedures, each field declared once (specification, F).

A form is a frozen class of strings, as a page posts them. `read` returns the same class with normalised values, or all
field errors together. No error and no repr contains a value. What was typed goes no further than the flow of the turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, TypeVar

import attrs

from ja_reset.errors import ChartError, InvalidArgument
from ja_reset.fields import readers
from ja_reset.fields.readers import Fault
from ja_reset.fields.specs import FieldKind, FieldSpec, Role, field, fields_of
from ja_reset.secret import Secret, by_value, shown

if TYPE_CHECKING:
    from ja_reset.fields._readings import FieldError, Reading
    from ja_reset.policies import FieldPolicy, Policies

__all__ = [
    "AccountForm",
    "DetailsForm",
    "FieldError",
    "IdentityForm",
    "LoginIdForm",
    "MethodForm",
    "PasswordForm",
    "PhoneForm",
    "PinForm",
    "Reading",
    "fields_of",
    "read",
]

F = TypeVar("F", bound=attrs.AttrsInstance)

NAME_KANA = FieldSpec("name_kana", readers.KANA_NAME, FieldKind.KANA, section="section.customer", role=Role.NAME_KANA)
NAME_KANJI = FieldSpec(
    "name_kanji", readers.KANJI_NAME, FieldKind.TEXT, role=Role.NAME_KANJI, notes=("BIM015.notice.gaiji",)
)
BIRTH_DATE = FieldSpec("birth_date", readers.BIRTH_DATE, FieldKind.DATE, role=Role.BIRTH_DATE)
PHONE = FieldSpec("phone", readers.PHONE, FieldKind.TEL, role=Role.REGISTERED_PHONE)
EMAIL = FieldSpec("email", readers.EMAIL, FieldKind.EMAIL, role=Role.REGISTERED_EMAIL)
EMAIL_CONFIRM = FieldSpec("email_confirm", readers.EMAIL, FieldKind.EMAIL, confirms="email")
BRANCH = FieldSpec("branch", readers.BRANCH, FieldKind.DIGITS, section="section.account", role=Role.BRANCH)
SUBJECT = FieldSpec(
    "subject",
    readers.SUBJECT,
    FieldKind.RADIO,
    hint=False,
    options=("option.ordinary", "option.current"),
    role=Role.SUBJECT,
)
ACCOUNT = FieldSpec("account", readers.ACCOUNT, FieldKind.DIGITS, role=Role.ACCOUNT)
ACCEPTED = FieldSpec("accepted", readers.ACCEPTED, FieldKind.CHECKBOX, section="section.reminders", hint=False)
PHONE_ID = FieldSpec(
    "phone_id", readers.PHONE_ID, FieldKind.PHONE_CHOICE, section="section.phone", role=Role.PHONE_CHOICE
)
NEW_PASSWORD = FieldSpec(
    "new_password",
    readers.PASSWORD,
    FieldKind.PASSWORD,
    section="section.new_password",
    notes=("BIM017.notice.password_rule",),
    role=Role.NEW_PASSWORD,
)
NEW_PASSWORD_CONFIRM = FieldSpec("new_password_confirm", readers.PASSWORD, FieldKind.PASSWORD, confirms="new_password")
PIN = FieldSpec("pin", readers.PIN, FieldKind.PIN, section="section.pin", role=Role.PIN)
METHOD = FieldSpec(
    "method",
    readers.METHOD,
    FieldKind.RADIO,
    section="section.method",
    hint=False,
    options=("option.LOGIN_ID", "option.ACCOUNT"),
    role=Role.METHOD,
)
LOGIN_ID = FieldSpec("login_id", readers.LOGIN_ID, FieldKind.TEXT, section="section.login_id", role=Role.LOGIN_ID)
PASSWORD = FieldSpec(
    "password", readers.PASSWORD, FieldKind.PASSWORD, section="section.password", role=Role.LOGIN_PASSWORD
)
TOKEN_EMAIL = FieldSpec(
    "email", readers.EMAIL, FieldKind.EMAIL, section="section.token_email", text="token_email", role=Role.EMAIL
)
TOKEN_EMAIL_CONFIRM = FieldSpec(
    "email_confirm", readers.EMAIL, FieldKind.EMAIL, text="token_email_confirm", confirms="email"
)
ACTIVATION_PASSWORD = FieldSpec(
    "activation_password",
    readers.ACTIVATION_PASSWORD,
    FieldKind.PIN,
    section="section.activation_password",
    notes=("BTR003.notice.activation_password",),
    role=Role.ACTIVATION_PASSWORD,
)
ACTIVATION_PASSWORD_CONFIRM = FieldSpec(
    "activation_password_confirm", readers.ACTIVATION_PASSWORD, FieldKind.PIN, confirms="activation_password"
)


@by_value
@attrs.frozen(eq=False, kw_only=True)
class IdentityForm:
    """BIM015, 契約者認証: identity, and the account that the service is used with (F1-F7)."""

    __repr__ = shown

    name_kana: str = field(NAME_KANA)
    name_kanji: str = field(NAME_KANJI)
    birth_date: str = field(BIRTH_DATE)
    phone: str = field(PHONE)
    email: str = field(EMAIL)
    email_confirm: str = field(EMAIL_CONFIRM)
    branch: str = field(BRANCH)
    subject: str = field(SUBJECT)
    account: str = field(ACCOUNT)
    accepted: bool | str = field(ACCEPTED)


@by_value
@attrs.frozen(eq=False, kw_only=True)
class PhoneForm:
    """BIM016, 契約者確認: the phone to call from, by the id it was offered under (F13)."""

    __repr__ = shown

    phone_id: str = field(PHONE_ID)


@by_value
@attrs.frozen(eq=False, kw_only=True)
class PasswordForm:
    """BIM017, パスワード入力 of `LOGIN_PASSWORD` (F9, F10)."""

    __repr__ = shown

    new_password: Secret = field(NEW_PASSWORD)
    new_password_confirm: Secret = field(NEW_PASSWORD_CONFIRM)
    pin: Secret = field(PIN)


@by_value
@attrs.frozen(eq=False, kw_only=True)
class PinForm:
    """BIM017, パスワード入力 of `RISK_BASED_AUTH` (F10)."""

    __repr__ = shown

    pin: Secret = field(PIN)


@by_value
@attrs.frozen(eq=False, kw_only=True)
class MethodForm:
    """BTR001, 認証方法選択: `LOGIN_ID` or `ACCOUNT`."""

    __repr__ = shown

    method: str = field(METHOD)


@by_value
@attrs.frozen(eq=False, kw_only=True)
class LoginIdForm:
    """BTR002, 認証 with the login id (F8, F12)."""

    __repr__ = shown

    login_id: str = field(LOGIN_ID)
    password: Secret = field(PASSWORD)


@by_value
@attrs.frozen(eq=False, kw_only=True)
class AccountForm:
    """BTR002, 認証 with the representative account (F12)."""

    __repr__ = shown

    branch: str = field(BRANCH, section="section.account_entry")
    subject: str = field(SUBJECT)
    account: str = field(ACCOUNT)
    password: Secret = field(PASSWORD)


@by_value
@attrs.frozen(eq=False, kw_only=True)
class DetailsForm:
    """BTR003, 情報入力: where the token goes, the password it begins with, the phone to call from (F5, F11, F13)."""

    __repr__ = shown

    email: str = field(TOKEN_EMAIL)
    email_confirm: str = field(TOKEN_EMAIL_CONFIRM)
    activation_password: Secret = field(ACTIVATION_PASSWORD)
    activation_password_confirm: Secret = field(ACTIVATION_PASSWORD_CONFIRM)
    phone_id: str = field(PHONE_ID)


def read(form_class: type[F], data: object, *, policy: Policies | FieldPolicy, today: date) -> Reading[F]:
    """*data* read as *form_class*; *today* is the date in Tokyo (F3).

    *data* is an attrs object with attributes of the fields' names, or a mapping; other keys are ignored, what is
    missing counts as empty (F14), and so does all of anything else. In the form that is given names are NFKC with one
    sign of each kind (F1, F2), the phone is E.164, passwords are in their canonical case, and `accepted` is True.
    *policy*: a FieldPolicy will do for fields that go by no other policy. Raises InvalidArgument where *data* itself
    raises, and ChartError where a reader does, or reads what is no text: neither quotes what was typed.
    """
    from ja_reset.fields._readings import FieldError, Reading, policies_of  # noqa: PLC0415 - loaded for a service

    entries = _entries(form_class, data)
    data = None  # no traceback from here on shows what was typed (S5)
    if entries is None:
        msg = "data must be a mapping of strings or a form object; reading it raised an exception"
        raise InvalidArgument(msg)
    policies = policies_of(policy)
    values: dict[str, str | bool] = {}
    errors: list[FieldError] = []
    for spec in fields_of(form_class):
        if _is_repeated(spec, entries, values):
            values[spec.name] = values[spec.confirms or ""]
            continue
        value = _value(spec, entries[spec.name], values, policies, today)
        if isinstance(value, _Broken):
            entries, values = {}, {}
            msg = f"form {form_class.__name__}: the reader {spec.reader.name} of {spec.name} {value.how}"
            raise ChartError(msg)
        if isinstance(value, Fault):
            errors.append(FieldError(spec.name, value.value))
        else:
            values[spec.name] = value
    return Reading(None if errors else form_class(**values), tuple(errors))


class _Broken:
    """A reader that does not do what a reader does."""

    __slots__ = ("how",)

    def __init__(self, how: str) -> None:
        self.how = how


def _value(
    spec: FieldSpec, entry: object, before: Mapping[str, str | bool], policies: Policies, today: date
) -> str | bool | Fault | _Broken:
    try:
        value = spec.reader.read(entry, policies, today)
        if not isinstance(value, str | bool | Fault):
            return _Broken(f"gave {type(value).__name__}: it must give a str, or None for what is malformed")
        if not spec.required and value in {Fault.REQUIRED, Fault.NOT_ACCEPTED}:
            value = spec.empty
        return Fault.MISMATCH if _differs(spec, value, before) else value
    except Exception as error:  # noqa: BLE001 - of a host's own reader, whose error may quote what was typed (S5)
        return _Broken(f"raised {type(error).__name__}: it must give None for what is malformed")


def _is_repeated(spec: FieldSpec, entries: Mapping[str, object], values: Mapping[str, str | bool]) -> bool:
    """Whether the entry is the first one once more, which was fine: by the same Reader it reads the same."""
    entry, confirms = entries[spec.name], spec.confirms or ""
    first = entries[confirms] if values.get(confirms) else None
    return type(entry) is str and type(first) is str and entry == first


def _differs(spec: FieldSpec, value: object, values: Mapping[str, str | bool]) -> bool:
    """Whether the second entry is another than the first, where the first is fine itself."""
    first = None if spec.confirms is None else values.get(spec.confirms)
    return isinstance(first, str) and isinstance(value, str) and not spec.reader.same(first, value)


def _entries(form_class: type[attrs.AttrsInstance], data: object) -> dict[str, object] | None:
    """What was typed into each field; None where it cannot be read."""
    with suppress(Exception):  # a host's own class, whose error may quote what was typed
        names = [spec.name for spec in fields_of(form_class)]
        if attrs.has(type(data)):
            return {name: getattr(data, name, None) for name in names}
        return {name: data.get(name) for name in names} if isinstance(data, Mapping) else dict.fromkeys(names)
    return None


if not TYPE_CHECKING:  # or a type checker would take any name for one of ours

    def __getattr__(name: str) -> object:
        if name in {"FieldError", "Reading"}:  # loaded when they are first asked for
            from ja_reset.fields import _readings  # noqa: PLC0415

            return getattr(_readings, name)
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
