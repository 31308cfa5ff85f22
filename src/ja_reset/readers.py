"""How each kind of field is read: bounded, normalised, matched whole (SPEC F).

A `Reader` turns whatever came for a field into its normalised value or a `Fault`. The order is the same for all:
nothing is looked at in a text that is too long by far, control characters are refused, then what is longer than
the field allows, then what is not known.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from collections.abc import Callable
from datetime import date
from enum import Enum

import attrs

from ja_reset import email_addresses, normalisation, phone_numbers
from ja_reset.policies.fields import FieldPolicy
from ja_reset.secret import Secret


class Fault(Enum):
    """What is wrong with a field; the value is the reason's code (S9)."""

    REQUIRED = "required"
    TOO_LONG = "too_long"
    FORMAT = "format"
    MISMATCH = "mismatch"
    NOT_ACCEPTED = "not_accepted"


def _identical(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))


@attrs.frozen(eq=False, repr=False, kw_only=True)
class Reader:
    """How one kind of field is read.

    `longest` is the length allowed after normalisation, `parse` gives the value or None where it is malformed
    (*today* is the date in Tokyo), `choices` the values of a closed set, `same` whether a second entry repeats the
    first.
    """

    name: str
    longest: Callable[[FieldPolicy], int]
    parse: Callable[[str, FieldPolicy, date], str | None]
    normalise: Callable[[str], str] = normalisation.plain
    choices: tuple[str, ...] = ()
    same: Callable[[str, str], bool] = _identical

    def read(self, raw: object, policy: FieldPolicy, today: date) -> str | bool | Fault:
        """The normalised value of *raw*, which may be anything, or what is wrong with it."""
        text = raw.reveal() if isinstance(raw, Secret) else "" if raw is None else raw
        if not isinstance(text, str):
            return Fault.FORMAT
        longest = self.longest(policy)
        # Half-width kana take two characters for one and blanks are dropped, so the exact length is known only after.
        if len(text) > 4 * longest + 16:
            return Fault.TOO_LONG
        text = self.normalise(text)
        if not text:
            return Fault.REQUIRED
        unprinted = normalisation.has_unprinted(text)
        if len(text) > longest and not unprinted:
            return Fault.TOO_LONG
        value = None if unprinted else self.parse(text, policy, today)
        return Fault.FORMAT if value is None else value


@attrs.frozen(eq=False, repr=False, kw_only=True)
class Acceptance(Reader):
    """A box that must be ticked (F7): whatever is not a known yes is a no."""

    def read(self, raw: object, policy: FieldPolicy, today: date) -> str | bool | Fault:
        """True, or `NOT_ACCEPTED`."""
        if isinstance(raw, int):
            return True if raw == 1 else Fault.NOT_ACCEPTED
        value = super().read(raw, policy, today)
        return Fault.NOT_ACCEPTED if isinstance(value, Fault) else True


def _as_typed(text: str) -> str:
    return text


def _matching(pattern: str) -> Callable[[str, FieldPolicy, date], str | None]:
    whole = re.compile(pattern, re.ASCII)

    def parse(text: str, _policy: FieldPolicy, _today: date) -> str | None:
        return text if whole.fullmatch(text) else None

    return parse


def _one_of(*choices: str) -> Callable[[str, FieldPolicy, date], str | None]:
    def parse(text: str, _policy: FieldPolicy, _today: date) -> str | None:
        return text if text in choices else None

    return parse


def _digits(
    least: Callable[[FieldPolicy], int], most: Callable[[FieldPolicy], int]
) -> Callable[[str, FieldPolicy, date], str | None]:
    whole = re.compile(r"[0-9]+", re.ASCII)

    def parse(text: str, policy: FieldPolicy, _today: date) -> str | None:
        return text if whole.fullmatch(text) and least(policy) <= len(text) <= most(policy) else None

    return parse


# Letters, the marks on them (variation selectors are such), 外字 (private use), 〇 (a letter number), brackets, and the
# punctuation of foreign names and of shops. F2 names no characters, and a name that the bank has must be possible to
# type. It is judged after NFKC, so the digits of every width are ASCII ones by then, and = is all that is left of ＝.
_NAME_CATEGORIES = frozenset(
    {"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Nl", "Co", "Pd", "Po", "Pc", "Ps", "Pe", "Pi", "Pf"}
)
_NAME_CORE = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Nl", "Co"})
_NAME_SIGNS = str.maketrans("", "", "0123456789=")


_NONE = 0xFFFE  # the last two places of every plane are no characters


def _name_category(character: str) -> str:
    # Kanji are added to planes 2 and 3 faster than Python learns of them.
    is_newer_kanji = "\U00020000" <= character <= "\U0003fffd" and ord(character) & _NONE != _NONE
    return "Lo" if is_newer_kanji else unicodedata.category(character)


def _parse_name(text: str, _policy: FieldPolicy, _today: date) -> str | None:
    categories = {_name_category(character) for character in text.translate(_NAME_SIGNS)}
    return text if categories <= _NAME_CATEGORIES and categories & _NAME_CORE else None


_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def _parse_birth_date(text: str, policy: FieldPolicy, today: date) -> str | None:
    if _DATE.fullmatch(text) is None:  # date.fromisoformat takes other spellings too
        return None
    try:
        born = date.fromisoformat(text)
    except ValueError:
        return None
    return text if policy.birth_date_from <= born <= today else None


def _parse_phone(text: str, _policy: FieldPolicy, _today: date) -> str | None:
    return phone_numbers.read_typed(text)


def _parse_email(text: str, _policy: FieldPolicy, _today: date) -> str | None:
    return email_addresses.read(text)


def _parse_login_id(text: str, policy: FieldPolicy, _today: date) -> str | None:
    return text if re.fullmatch(r"[0-9A-Za-z]+", text, re.ASCII) and len(text) >= policy.login_id_min else None


def _parse_password(text: str, policy: FieldPolicy, _today: date) -> str | None:
    known = all("!" <= character <= "~" for character in text)
    return normalisation.ascii_lower(text) if known and len(text) >= policy.password_min else None


KANA_NAME = Reader(  # F1: U+30A1-U+30FA are the katakana letters, U+30FC-U+30FE ー and the marks of repetition
    name="name_kana",
    longest=lambda policy: policy.name_max,
    normalise=normalisation.name,
    parse=_matching("[・=.'()「」]*[\u30a1-\u30fa\u30fc-\u30fe][\u30a1-\u30fa\u30fc-\u30fe・=.'()「」]*"),
)
KANJI_NAME = Reader(  # F2
    name="name_kanji",
    longest=lambda policy: policy.name_max,
    normalise=normalisation.name,
    parse=_parse_name,
)
BIRTH_DATE = Reader(name="birth_date", longest=lambda _: len("YYYY-MM-DD"), parse=_parse_birth_date)  # F3
PHONE = Reader(name="phone", longest=lambda _: phone_numbers.TYPED_MAX, parse=_parse_phone)  # F4
EMAIL = Reader(  # F5
    name="email",
    longest=lambda policy: policy.email_max,
    parse=_parse_email,
    same=email_addresses.same,
)
BRANCH = Reader(  # F6
    name="branch",
    longest=lambda policy: policy.branch_digits,
    parse=_digits(lambda policy: policy.branch_digits, lambda policy: policy.branch_digits),
)
SUBJECT = Reader(  # F6; 16 is longer than any choice, so that another word is unknown and not too long
    name="subject",
    longest=lambda _: 16,
    parse=_one_of("普通", "当座"),
    choices=("普通", "当座"),
)
ACCOUNT = Reader(  # F6
    name="account",
    longest=lambda policy: policy.account_digits,
    parse=_digits(lambda policy: policy.account_digits, lambda policy: policy.account_digits),
)
ACCEPTED = Acceptance(  # F7; 16 as above
    name="accepted",
    longest=lambda _: 16,
    normalise=lambda text: normalisation.ascii_lower(normalisation.plain(text)),
    parse=_one_of("on", "true", "1", "yes"),
)
LOGIN_ID = Reader(name="login_id", longest=lambda policy: policy.login_id_max, parse=_parse_login_id)  # F8
PASSWORD = Reader(  # F9, F12: canonical in lower case
    name="password",
    longest=lambda policy: policy.password_max,
    normalise=_as_typed,
    parse=_parse_password,
)
PIN = Reader(  # F10
    name="pin",
    longest=lambda policy: policy.pin_digits,
    normalise=_as_typed,
    parse=_digits(lambda policy: policy.pin_digits, lambda policy: policy.pin_digits),
)
ACTIVATION_PASSWORD = Reader(  # F11
    name="activation_password",
    longest=lambda policy: policy.activation_max,
    normalise=_as_typed,
    parse=_digits(lambda policy: policy.activation_min, lambda policy: policy.activation_max),
)
METHOD = Reader(  # BTR001; 16 as above
    name="method",
    longest=lambda _: 16,
    parse=_one_of("LOGIN_ID", "ACCOUNT"),
    choices=("LOGIN_ID", "ACCOUNT"),
)
PHONE_ID = Reader(  # F13: ours to make, so nothing in it is normalised
    name="phone_id",
    longest=lambda _: 64,
    normalise=_as_typed,
    parse=_matching(r"[0-9A-Za-z_-]+"),
)
