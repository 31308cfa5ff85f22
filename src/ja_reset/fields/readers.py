"""How each kind of field is read: limited in length, normalised, matched as a whole (specification, F).

A `Reader` turns the input of a field into its normalised value or a `Fault`. The order is the same for all: a text that
is far too long is refused unread, then control characters, then what is longer than the field allows, then what does
not match. A reader also gives an example of a right entry and a few wrong ones, from which the verifier, the strategies
and the demo fill in forms.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from enum import Enum
from typing import TYPE_CHECKING, Generic

import attrs

from ja_reset.fields import _normalisation as normalisation
from ja_reset.policies._fields import FieldPolicy
from ja_reset.secret import Secret

if TYPE_CHECKING:
    from typing_extensions import TypeVar  # of the type checker: a default is new in Python 3.13

    from ja_reset.policies import Policies

    P_co = TypeVar("P_co", covariant=True, default=FieldPolicy)
else:
    from typing import TypeVar

    P_co = TypeVar("P_co", covariant=True)

P = TypeVar("P")


class Fault(Enum):
    """What is wrong with a field; the value is the reason's code (S9)."""

    REQUIRED = "required"
    TOO_LONG = "too_long"
    FORMAT = "format"
    MISMATCH = "mismatch"
    NOT_ACCEPTED = "not_accepted"


def _identical(one: str, other: str) -> bool:
    from hmac import compare_digest  # noqa: PLC0415 - loads OpenSSL: when first needed

    return compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))


@attrs.frozen(eq=False, repr=False, kw_only=True)
class Reader(Generic[P_co]):
    """How one kind of field is read.

    `policy` is the class of the policy that it uses: one of ours, or a host's own. `longest` is the permitted length
    after normalisation. `parse` returns the value, or None if it is malformed (*today* is the date in Tokyo). `choices`
    are the values of a closed set. `same` says whether a second entry repeats the first. `example` is an entry that is
    valid under that policy; each of `wrong` has the fault `FORMAT` under any policy.

    `others` are more valid entries; by default there are none. The verifier fills in forms with the example alone. If a
    guard reads the value, every sample then has the same one, and nothing that depends on it is explored: `ja-reset
    verify` reports "no idle sample". Give at least one entry that such a guard can tell from the example.
    """

    name: str
    policy: type[P_co] = FieldPolicy  # type: ignore[assignment]  # what P_co is unless told otherwise
    _longest: Callable[[P_co], int]
    _parse: Callable[[str, P_co, date], str | None]
    _example: Callable[[P_co], str]
    wrong: tuple[str, ...]
    _others: Callable[[P_co], tuple[str, ...]] | None = None
    normalise: Callable[[str], str] = normalisation.plain
    choices: tuple[str, ...] = ()
    same: Callable[[str, str], bool] = _identical

    def longest(self, policies: Policies) -> int:
        """The length allowed, in characters after normalisation."""
        return self._longest(policies.of(self.policy))

    def others(self, policies: Policies) -> tuple[str, ...]:
        """More entries that are read without a fault, where a guard can tell them from the example.

        The verifier tries each: in one field, and in those that confirm it, while all others hold their examples.
        """
        return () if self._others is None else self._others(policies.of(self.policy))

    def example(self, policies: Policies) -> str:
        """An entry that is read without a fault."""
        return self._example(policies.of(self.policy))

    def read(self, raw: object, policies: Policies, today: date) -> str | bool | Fault:
        """The normalised value of *raw*, which may be anything, or what is wrong with it."""
        text = raw.reveal() if isinstance(raw, Secret) else "" if raw is None else raw
        if not isinstance(text, str):
            return Fault.FORMAT
        policy = policies.of(self.policy)
        longest = self._longest(policy)
        # Half-width kana take two characters for one and blanks are dropped, so the exact length is known only after.
        if len(text) > 4 * longest + 16:
            return Fault.TOO_LONG
        text = self.normalise(text)
        if not text:
            return Fault.REQUIRED
        unprinted = normalisation.has_unprinted(text)
        if len(text) > longest and not unprinted:
            return Fault.TOO_LONG
        value = None if unprinted else self._parse(text, policy, today)
        return Fault.FORMAT if value is None else value


class Acceptance(Reader[P_co]):
    """A box that must be ticked (F7): everything other than a known yes is a no."""

    __slots__ = ()

    def read(self, raw: object, policies: Policies, today: date) -> str | bool | Fault:
        """True, or `NOT_ACCEPTED`."""
        if isinstance(raw, int):
            return True if raw == 1 else Fault.NOT_ACCEPTED
        value = super().read(raw, policies, today)
        return Fault.NOT_ACCEPTED if isinstance(value, Fault) else True


def as_typed(text: str) -> str:
    """Nothing is normalised: for `Reader.normalise` of secrets and of ids that we make."""
    return text


def matching(pattern: str) -> Callable[[str, P, date], str | None]:
    """For `Reader.parse`: what the whole regular expression matches; its classes are those of ASCII."""
    whole = re.compile(pattern, re.ASCII)

    def parse(text: str, _policy: P, _today: date) -> str | None:
        return text if whole.fullmatch(text) else None

    return parse


def one_of(*choices: str) -> Callable[[str, P, date], str | None]:
    """For `Reader.parse`: one of these words."""

    def parse(text: str, _policy: P, _today: date) -> str | None:
        return text if text in choices else None

    return parse


def digits(least: Callable[[P], int], most: Callable[[P], int]) -> Callable[[str, P, date], str | None]:
    """For `Reader.parse`: ASCII digits, as many as the policy says."""

    def parse(text: str, policy: P, _today: date) -> str | None:
        return text if text.isascii() and text.isdigit() and least(policy) <= len(text) <= most(policy) else None

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


def _longest_phone(_policy: FieldPolicy) -> int:
    from ja_reset.fields._phone_numbers import TYPED_MAX  # noqa: PLC0415 - loaded for a service

    return TYPED_MAX


def _parse_phone(text: str, _policy: FieldPolicy, _today: date) -> str | None:
    from ja_reset.fields._phone_numbers import read_typed  # noqa: PLC0415 - loaded for a service

    return read_typed(text)


def _parse_email(text: str, _policy: FieldPolicy, _today: date) -> str | None:
    from ja_reset.fields._email_addresses import read  # noqa: PLC0415 - loaded for a service

    return read(text)


def _same_email(one: str, other: str) -> bool:
    from ja_reset.fields._email_addresses import same  # noqa: PLC0415 - loaded for a service

    return same(one, other)


def _parse_login_id(text: str, policy: FieldPolicy, _today: date) -> str | None:
    return text if re.fullmatch(r"[0-9A-Za-z]+", text, re.ASCII) and len(text) >= policy.login_id_min else None


def _parse_password(text: str, policy: FieldPolicy, _today: date) -> str | None:
    known = all("!" <= character <= "~" for character in text)
    return normalisation.ascii_lower(text) if known and len(text) >= policy.password_min else None


KANA_NAME = Reader(  # F1: U+30A1-U+30FA are the katakana letters, U+30FC-U+30FE ー and the marks of repetition
    name="name_kana",
    longest=lambda policy: policy.name_max,
    normalise=normalisation.name,
    parse=matching("[・=.'()「」]*[\u30a1-\u30fa\u30fc-\u30fe][\u30a1-\u30fa\u30fc-\u30fe・=.'()「」]*"),
    example=lambda policy: "ミホンタロウ"[: policy.name_max],
    wrong=("ヤマダA", "山田", "やまだ", "ヤマ\nダ", "・"),
)
KANJI_NAME = Reader(  # F2
    name="name_kanji",
    longest=lambda policy: policy.name_max,
    normalise=normalisation.name,
    parse=_parse_name,
    example=lambda policy: "見本太郎"[: policy.name_max],
    wrong=("山田\n太郎", "山田\x00", "山田<", "山田😀", "・", "123"),
)
BIRTH_DATE = Reader(  # F3
    name="birth_date",
    longest=lambda _: len("YYYY-MM-DD"),
    parse=_parse_birth_date,
    example=lambda policy: max("1980-04-01", policy.birth_date_from.isoformat()),
    wrong=("1999-02-29", "9999-12-31", "19990101", "1999-1-1"),
)
PHONE = Reader(  # F4
    name="phone",
    longest=_longest_phone,
    parse=_parse_phone,
    example=lambda _: "09012345601",
    wrong=("09012345678a", "819012345678", "9012345678", "0000"),
)
EMAIL = Reader(  # F5
    name="email",
    longest=lambda policy: policy.email_max,
    parse=_parse_email,
    same=_same_email,
    example=lambda _: "taro@example.jp",
    wrong=("a@b", "a@b.jp\nb@c.jp", "A <a@example.jp>", "a@x.jp,b@x.jp", "@x.jp"),
)
BRANCH = Reader(  # F6
    name="branch",
    longest=lambda policy: policy.branch_digits,
    parse=digits(lambda policy: policy.branch_digits, lambda policy: policy.branch_digits),
    example=lambda policy: "1" * policy.branch_digits,
    wrong=("²", "x"),
)
SUBJECT = Reader(  # F6; 16 is longer than any choice, so that another word is unknown and not too long
    name="subject",
    longest=lambda _: 16,
    parse=one_of("普通", "当座"),
    choices=("普通", "当座"),
    example=lambda _: "普通",
    wrong=("貯蓄", "普 通", "1"),
)
ACCOUNT = Reader(  # F6
    name="account",
    longest=lambda policy: policy.account_digits,
    parse=digits(lambda policy: policy.account_digits, lambda policy: policy.account_digits),
    example=lambda policy: "1" * policy.account_digits,
    wrong=("²", "K"),
)
ACCEPTED = Acceptance(  # F7; 16 as above
    name="accepted",
    longest=lambda _: 16,
    normalise=lambda text: normalisation.ascii_lower(normalisation.plain(text)),
    parse=one_of("on", "true", "1", "yes"),
    example=lambda _: "on",
    wrong=("no", "0", "はい"),
)
LOGIN_ID = Reader(  # F8
    name="login_id",
    longest=lambda policy: policy.login_id_max,
    parse=_parse_login_id,
    example=lambda policy: "1" * policy.login_id_min,
    wrong=("abc-d", "\u212aabcd", "あいうえ"),
)
PASSWORD = Reader(  # F9, F12: canonical in lower case
    name="password",
    longest=lambda policy: policy.password_max,
    normalise=as_typed,
    parse=_parse_password,
    example=lambda policy: ("q7-" * policy.password_min)[: policy.password_min],
    wrong=("a b1c", "abcd\n", "\u212aabcd", "ａｂｃｄ"),
)
PIN = Reader(  # F10
    name="pin",
    longest=lambda policy: policy.pin_digits,
    normalise=as_typed,
    parse=digits(lambda policy: policy.pin_digits, lambda policy: policy.pin_digits),
    example=lambda policy: ("7305" * policy.pin_digits)[: policy.pin_digits],
    wrong=("x", "12a", "１２３", "123\n"),
)
ACTIVATION_PASSWORD = Reader(  # F11
    name="activation_password",
    longest=lambda policy: policy.activation_max,
    normalise=as_typed,
    parse=digits(lambda policy: policy.activation_min, lambda policy: policy.activation_max),
    example=lambda policy: ("8264" * policy.activation_min)[: policy.activation_min],
    wrong=("1234a", "１２３４"),
)
METHOD = Reader(  # BTR001; 16 as above
    name="method",
    longest=lambda _: 16,
    parse=one_of("LOGIN_ID", "ACCOUNT"),
    choices=("LOGIN_ID", "ACCOUNT"),
    example=lambda _: "LOGIN_ID",
    wrong=("login_id", "PIN"),
)
PHONE_ID = Reader(  # F13: ours to make, so nothing in it is normalised
    name="phone_id",
    longest=lambda _: 64,
    normalise=as_typed,
    parse=matching(r"[0-9A-Za-z_-]+"),
    example=lambda _: "Zt0c9e-QpAs",
    wrong=("a b", "あ", "x\n"),
)
