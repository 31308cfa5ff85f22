"""What passes between the host and the library: closed sets as enums, everything else as frozen attrs values.

Every value checks itself when it is created, so a wrong type is found in the host's code and not in the middle of a
customer's session. Times are aware UTC datetimes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from functools import partial
from types import MappingProxyType
from typing import Any

import attrs

from ja_reset.bank._kinds import CallSource, CallStatus, EffectKind, PinCheck, Presentation, is_own_name
from ja_reset.bank._script import Step
from ja_reset.errors import InvalidArgument
from ja_reset.secret import Secret, by_value, shown
from ja_reset.text import NO_WORDS, Text

__all__ = [
    "Call",
    "CallResult",
    "CallSource",
    "CallStatus",
    "Contract",
    "Effect",
    "EffectKind",
    "LoginCredentials",
    "PinCheck",
    "Presentation",
    "Reason",
    "any_name",
    "aware_utc",
    "can_be_stored",
    "is_own_name",
    "row_name",
    "text_up_to",
]


def aware_utc(value: Any, name: str) -> datetime:  # noqa: ANN401 - a check of whatever came
    """*value* as an aware UTC datetime; raises InvalidArgument for a naive or out-of-range one, or another type."""
    if type(value) is datetime and value.tzinfo is UTC:
        return value
    if not isinstance(value, datetime) or value.tzinfo is None or value.utcoffset() is None:
        msg = f"{name} must be an aware datetime"
        raise InvalidArgument(msg)
    try:
        return value.astimezone(UTC)
    except OverflowError:
        msg = f"{name} is outside the range of UTC datetimes"
        raise InvalidArgument(msg) from None


def text_up_to(limit: int) -> Any:  # noqa: ANN401 - attrs' validator protocol
    """A validator of texts of 1 to *limit* characters."""

    def validate(instance: object, attribute: attrs.Attribute[str], value: object) -> None:
        if not isinstance(value, str) or not 0 < len(value) <= limit:
            msg = f"{type(instance).__name__}.{attribute.name} must be a str of 1 to {limit} characters"
            raise InvalidArgument(msg)

    return validate


def _instance(*types: type) -> Any:  # noqa: ANN401 - attrs' validator protocol
    def validate(instance: object, attribute: attrs.Attribute[object], value: object) -> None:
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            wanted = " or ".join(kind.__name__ for kind in types)
            msg = f"{type(instance).__name__}.{attribute.name} must be {wanted}, not {type(value).__name__}"
            raise InvalidArgument(msg)

    return validate


def _date(value: Any) -> Any:  # noqa: ANN401 - a converter before the validator
    return value.date() if isinstance(value, datetime) else value


def _texts(value: Any) -> tuple[str, ...]:  # noqa: ANN401 - a converter of whatever came
    if isinstance(value, str) or not isinstance(value, Iterable):
        msg = "phones must be a sequence of strings, not one string"
        raise InvalidArgument(msg)
    phones = tuple(value)
    if not all(isinstance(phone, str) for phone in phones):
        msg = "phones must be strings"
        raise InvalidArgument(msg)
    return phones


def _secret(value: str | Secret) -> Secret:
    return Secret.of(value)


def _data(value: Mapping[str, str | Secret]) -> Mapping[str, str | Secret]:
    return MappingProxyType(dict(value))


def _received(value: datetime | None) -> datetime | None:
    return None if value is None else aware_utc(value, "Call.received_at")


def can_be_stored(text: str) -> bool:
    """Whether every store can use *text* in the name of a row: UTF-8 can encode it, and it has no NUL."""
    if text.isascii():
        return "\0" not in text
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def row_name(instance: object, attribute: attrs.Attribute[str], value: object) -> None:
    """A validator of names that a row can bear, of at most 200 characters."""
    any_name(instance, attribute, value)
    if not can_be_stored(str(value)):
        msg = f"{type(instance).__name__}.{attribute.name} must be text that UTF-8 can encode, without NUL"
        raise InvalidArgument(msg)


any_name = text_up_to(200)


@by_value
@attrs.frozen(eq=False)
class Contract:
    """The host's record of one customer; `ref` names it everywhere, also in our counts and audit.

    `birth_date` and `service_started` are dates, `phones` the registered numbers in any spelling of P3. `relay_phones`:
    the customer's 050 numbers of a telecommunications relay service, registered by consent (P1); others are ignored.
    """

    __repr__ = shown

    ref: str = attrs.field(validator=row_name)
    individual: bool = attrs.field(validator=_instance(bool))
    name_kana: str = attrs.field(validator=_instance(str), repr=False)
    name_kanji: str = attrs.field(validator=_instance(str), repr=False)
    birth_date: date = attrs.field(converter=_date, validator=_instance(date), repr=False)
    phones: tuple[str, ...] = attrs.field(converter=_texts, repr=False)
    email: str = attrs.field(validator=_instance(str), repr=False)
    service_started: date = attrs.field(converter=_date, validator=_instance(date), repr=False)
    service_locked: bool = attrs.field(default=False, validator=_instance(bool))
    card_locked: bool = attrs.field(default=False, validator=_instance(bool))
    relay_phones: tuple[str, ...] = attrs.field(default=(), converter=_texts, repr=False)


@by_value
@attrs.frozen(eq=False, kw_only=True)
class LoginCredentials:
    """What BTR002 passes to the bank: `login_id`, or branch, subject and account; and the password."""

    __repr__ = shown

    password: Secret = attrs.field(converter=_secret)
    login_id: str | None = None
    branch: str | None = None
    subject: str | None = None
    account: str | None = None


@by_value
@attrs.frozen(eq=False)
class Effect:
    """What the host is told to do (C4). `key` is its idempotency key: carry each key out once.

    `data` has plain strings; secrets in it are `Secret`. `NOTIFY` has `what` ("reset", "locked" or "not_me") and
    `procedure`, and goes to the address that the contract had on file. `kind` is a member, or a str of a chart of the
    host's own.
    """

    __repr__ = shown

    key: str
    kind: EffectKind | str
    institution: str
    ref: str
    data: Mapping[str, str | Secret] = attrs.field(default=MappingProxyType({}), converter=_data, hash=False)


@by_value
@attrs.frozen(eq=False, kw_only=True)
class Call:
    """A gateway's report of an incoming call (P3): evidence, as the gateway presents it.

    `number` is the presented number, in any spelling of P3, or None. `received_at` is when the call reached the gateway
    (aware; None: now). `attestation` is A, B or C of STIR/SHAKEN.
    """

    __repr__ = shown

    id: str = attrs.field(validator=any_name)
    number: str | None = attrs.field(validator=_instance(str, type(None)), repr=False)
    source: CallSource = attrs.field(validator=_instance(CallSource))
    dialed: str | None = attrs.field(default=None, validator=_instance(str, type(None)))
    received_at: datetime | None = attrs.field(default=None, converter=_received)
    presentation: Presentation = attrs.field(default=Presentation.ALLOWED, validator=_instance(Presentation))
    attestation: str | None = attrs.field(default=None, validator=_instance(str, type(None)))
    diverted: bool = attrs.field(default=False, validator=_instance(bool))


@by_value
@attrs.frozen(eq=False)
class Reason:
    """Why the answer is what it is: a stable code (S9), the field if there is one, and the text.

    `until` is the time until which the customer has to wait, an aware UTC datetime. `more` and `key` are those of the
    text (`Text`); words of the bank's own have no key.
    """

    __repr__ = shown

    code: str
    field: str | None = None
    ja: str = ""
    en: str = ""
    until: datetime | None = None
    more: Mapping[str, str] = attrs.field(default=NO_WORDS, kw_only=True, hash=False, repr=False)
    key: str | None = attrs.field(default=None, kw_only=True, eq=False, repr=False)

    def __reduce__(self) -> tuple[Callable[[], Reason], tuple[()]]:
        """For another process: a read-only mapping is not pickled."""
        code, field, ja, en, until = self.code, self.field, self.ja, self.en, self.until
        return partial(Reason, code, field, ja, en, until, more=dict(self.more), key=self.key), ()

    @property
    def _text(self) -> Text:
        """Its words, in every language that they are there in."""
        return Text(self.ja, self.en, more=self.more, key=self.key)

    def get(self, language: str) -> str:
        """Its words in that language, in Japanese where they are not there in it."""
        return self._text.get(language)

    def to_dict(self, *languages: str) -> dict[str, object]:
        """Plain JSON; the time in ISO 8601, the words in every language or in *languages* alone (`Text.to_dict`)."""
        return {
            "code": self.code,
            "field": self.field,
            "key": None,
            **self._text.to_dict(*languages),
            "until": None if self.until is None else self.until.isoformat(),
        }


@by_value
@attrs.frozen(eq=False)
class CallResult:
    """The answer to a call, to keys, or to the end of a call. `code` is set for ANNOUNCE if it is to be spoken.

    `script` is what the gateway says and gathers, in order (P12).
    """

    __repr__ = shown

    status: CallStatus
    code: Secret | None = None
    reasons: tuple[Reason, ...] = ()
    script: tuple[Step, ...] = attrs.field(default=(), repr=False)
