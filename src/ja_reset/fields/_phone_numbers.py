"""A Japanese phone number is read whole, by a grammar of ours, or not at all (F4, P3).

A number that is read wrongly lets a stranger in or keeps the customer out. So nothing is searched for inside a text:
separators are dropped, the rest must be one of the few spellings from the first to the last character, and only then is
the numbering plan consulted. Two numbers are the same if their E.164 forms (`+81` and nine or ten digits) are equal.

The numbering plan comes from phonenumbers, which is loaded when the first number is read. It is not consulted for 060
to 090: these ranges are opened faster than plans are updated, and every number of eleven digits there is valid.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from ja_reset.fields._normalisation import (
    BLANKS,
    DASHES,
    ascii_lower,
    is_blank,
    printed,
    trimmed,
    visible,
    without_blanks,
)

if TYPE_CHECKING:
    from types import ModuleType

TYPED_MAX = 64  # twice the longest spelling with a separator after each character (F4 names no limit)
PRESENTED_MAX = 512  # a SIP URI with the parameters that networks add (P3 names no limit)

_SIGNS = str.maketrans(
    "０１２３４５６７８９＋",
    "0123456789+",
    DASHES + "ー\uff70()（）" + BLANKS,  # F4's separators and brackets; U+FF70 is the half-width ー
)
_E164 = re.compile(r"\+81[1-9][0-9]{8,9}", re.ASCII)
_MOBILE = re.compile(r"\+81[6-9]0[0-9]{8}", re.ASCII)
_TYPED = re.compile(r"(?:184|186)?(?:\+810?|0)([1-9][0-9]{8,9})", re.ASCII)
_PRESENTED = re.compile(r"(?:(?:\+|00)810?|0)([1-9][0-9]{8,9})", re.ASCII)

# A bare URI: no display name, no angle brackets, nothing between the number and the @ or the end but parameters
# (RFC 3966), which hold no colon here, as a password begins with one.
_PARAMETERS = r"(?P<parameters>(?:;[!#-9=A-~]+)*)"
_TEL = re.compile(rf"tel:(?P<user>[^;?@<>\"]+){_PARAMETERS}", re.ASCII | re.IGNORECASE)
_SIP = re.compile(
    rf"sips?:(?P<user>[^:;?@<>\"]+){_PARAMETERS}@(?P<host>[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{{1,5}})?"
    r"(?P<rest>[;?][!#-;=?A-~]*)?",
    re.ASCII | re.IGNORECASE,
)
_ESCAPED = re.compile("%([0-9a-f]{2})", re.ASCII | re.IGNORECASE)
_MAY_BE_ESCAPED = "+-()0123456789"

_SAYS_NOTHING = frozenset(
    # How the call was routed (RFC 4694, 4759, 4904): nothing about whose number it is.
    {"npdi", "rn", "rn-context", "cic", "cic-context", "enumdi", "tgrp", "trunk-context"}
)
_REACHES_ANOTHER = frozenset({"ext", "isub", "postd"})
_VALUES: Final[dict[str, dict[str, str | None]]] = {
    # Who calls (3GPP TS 24.229, 7.2A.12). Not here, and so not read: operators, tests, prisons, whatever is new.
    "cpc": {
        **dict.fromkeys(("ordinary", "unknown", "priority", "mobile-hplmn", "mobile-vplmn", "cellular")),
        "payphone": "unavailable",
    },
    # What the network found of the caller's signature (TS 24.229, 7.2A.20), with the level attested.
    "verstat": {
        f"{found}{level}": against
        for found, against in (
            ("tn-validation-passed", None),
            ("no-tn-validation", None),
            ("tn-validation-failed", "attestation"),
        )
        for level in ("", "-a", "-b", "-c")
    },
    "phone-context": {"+81": None},  # another country's, or a private plan's, digits are not ours to complete
}

_WITHHELD = ("anonymous", "restricted", "private", "blocked", "withheld", "nocallerid", "非通知", "非通知設定")
_UNAVAILABLE = (
    "unavailable",
    "unknown",
    "notavailable",
    "outofarea",
    "payphone",
    "通知不可",
    "表示圏外",
    "公衆電話",
    "不明",
)
_KEYPAD = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")
_STAND_INS: dict[str, Literal["withheld", "unavailable"]] = {
    **dict.fromkeys(_WITHHELD, "withheld"),
    **dict.fromkeys(_UNAVAILABLE, "unavailable"),
    # Some gateways need digits and key the word in: +266696687 is ANONYMOUS. Keys of letters are 2-9, so no
    # Japanese number, which begins with 0 or +81, can be one of these.
    **{word.translate(_KEYPAD): "withheld" for word in _WITHHELD if word.isascii()},
    **{word.translate(_KEYPAD): "unavailable" for word in _UNAVAILABLE if word.isascii()},
}
_WORD_BREAKS = str.maketrans("", "", "-_.+")
_ANONYMOUS_HOST = "anonymous.invalid"  # RFC 3323: whatever the user part says, the caller is nobody
_NOBODY_THERE = frozenset({"unavailable"})  # 3GPP TS 23.003, 13.7: unknown.invalid; no host is in .invalid (RFC 2606)


def read_typed(text: object) -> str | None:
    """E.164 of a number that a person typed, or None if it is not a valid Japanese number (F4).

    The national form with its 0 and `+81` are read, with separators and in full width. A dialled 184 or 186 in front is
    dropped, and so are invisible characters of pasted text.
    """
    if not isinstance(text, str) or len(text) > TYPED_MAX:
        return None
    return _in_plan(_spelled(_TYPED, visible(text)))


def read_presented(text: object) -> str | None:
    """E.164 of a number that a gateway reports, or None (P3).

    The national form with its leading 0, `+81…`, `0081…`, `+81(0)…`, and bare `tel:`, `sip:` and `sips:` URIs of these
    are read. Nothing is dropped in front. Parameters that are known not to affect the number are ignored; with any
    other (an extension, a payphone), nothing is read. The numbering plan is not consulted: a range newer than our plan
    must not keep a customer out, and only equal numbers prove anything.
    """
    if not isinstance(text, str) or len(text) > PRESENTED_MAX:
        return None
    presented = _taken_apart(trimmed(text))
    if presented.host == _ANONYMOUS_HOST or "unavailable" in presented.against:
        return None
    return _spelled(_PRESENTED, presented.user)


def read_registered(text: object) -> str | None:
    """E.164 of a number that the bank has on record, or None: as `read_presented`, without what fills a record (I2)."""
    if not isinstance(text, str) or len(text) > PRESENTED_MAX:
        return None
    return read_presented(printed(text))


def failed_validation(text: str) -> bool:
    """Whether a URI says that the network checked the caller's signature and found it wrong (`verstat`, P3)."""
    return len(text) <= PRESENTED_MAX and "attestation" in _taken_apart(trimmed(text)).against


def says_anything(text: str) -> bool:
    """Whether there is more than blanks: gateways report a missing number as None or as an empty text."""
    return any(not is_blank(character) for character in text[:PRESENTED_MAX])


def is_voip(e164: str) -> bool:
    """Whether it is an 050 number, which proves nothing (P1, P3)."""
    return e164.startswith("+8150")


def masked(e164: str) -> str:
    """The number in national form, with its last four digits hidden: `090-1234-****` (P1)."""
    if _E164.fullmatch(e164) is None:
        return "****"
    if len(e164) == len("+819012345678") and e164[4] == "0":  # 0A0 numbers are written 3-4-4
        return f"0{e164[3:5]}-{e164[5:9]}-****"
    library = _library()
    number = library.PhoneNumber(country_code=81, national_number=int(e164[3:]))
    shown: str = library.format_number(number, library.PhoneNumberFormat.NATIONAL)
    if not shown.startswith("0"):  # not in the numbering plan: digits come back as they are, without the 0
        shown = f"0{e164[3:]}"
    hidden, out = 4, []
    for character in reversed(shown):
        if character.isdecimal() and hidden:
            character, hidden = "*", hidden - 1  # noqa: PLW2901 - the character as it is shown
        out.append(character)
    return "".join(reversed(out))


def stand_in_for(text: object) -> Literal["withheld", "unavailable"] | None:
    """What a gateway's stand-in says: the caller withheld the number, or the network has none; else None (P3)."""
    if not isinstance(text, str) or len(text) > PRESENTED_MAX:
        return None
    presented = _taken_apart(trimmed(text))
    if presented.host == _ANONYMOUS_HOST:
        return "withheld"
    word = without_blanks(presented.user).translate(_WORD_BREAKS)
    return _STAND_INS.get(ascii_lower(word), "unavailable" if "unavailable" in presented.against else None)


def named_line(text: str | None) -> str:
    """A line that was dialled, the same for every spelling of it: its reading, its digits, else as it stands."""
    if text is None or not says_anything(text):
        return ""
    return read_presented(text) or _line_digits(text) or text


def same_line(one: str, other: str) -> bool:
    """Whether two spellings name the same line to call: by their readings, else by their digits alone (P11)."""
    numbers = [read_presented(text) for text in (one, other)]
    if None in numbers:
        numbers = [_line_digits(text) for text in (one, other)]
    return numbers[0] is not None and numbers[0] == numbers[1]


class _Presented(NamedTuple):
    """What stands in the place of the number, the host of a SIP URI, and what the parameters say against it."""

    user: str
    host: str | None = None
    against: frozenset[str] = frozenset()


def _taken_apart(text: str) -> _Presented:
    uri = _TEL.fullmatch(text) or _SIP.fullmatch(text)
    if uri is None:
        return _Presented(text)
    is_sip = uri.re is _SIP
    of_number, of_uri = _of_number(uri["parameters"]), _of_uri((uri["rest"] or "") if is_sip else "")
    if of_number is None or of_uri is None:
        return _Presented(text)  # with its scheme in front it is no number
    host = ascii_lower(uri["host"]).rstrip(".") if is_sip else None
    of_host = _NOBODY_THERE if host is not None and host.endswith(".invalid") else frozenset()
    return _Presented(_unescaped(uri["user"]), host, of_number | of_uri | of_host)


def _of_number(parameters: str) -> frozenset[str] | None:
    """What the parameters between the number and the @ say against it; None where one is unknown, or there twice."""
    against: set[str | None] = set()
    seen: set[str] = set()
    for parameter in filter(None, _unescaped(parameters).split(";")):
        name, _, value = ascii_lower(parameter).partition("=")
        if name in seen or "%" in parameter:
            return None
        seen.add(name)
        if name in _SAYS_NOTHING:
            continue
        if value not in _VALUES.get(name, {}):
            return None
        against.add(_VALUES[name][value])
    return frozenset(filter(None, against))


def _of_uri(rest: str) -> frozenset[str] | None:
    """What the parameters and headers after the host say against the number; None where one reaches another phone.

    They are about the URI and not the number, so that an unknown one is none of ours; but gateways put these here too.
    """
    from urllib.parse import unquote  # noqa: PLC0415 - loaded when first needed

    against: set[str | None] = set()
    for parameter in filter(None, re.split("[;?&]", rest)):
        name, _, value = ascii_lower(unquote(parameter)).partition("=")
        if name in _REACHES_ANOTHER:
            return None
        if name in {"cpc", "verstat"}:
            if value not in _VALUES[name]:
                return None
            against.add(_VALUES[name][value])
    return frozenset(filter(None, against))


def _unescaped(text: str) -> str:
    """*text* with the escapes of what a number is written with undone, once; any other escape stays, with its %."""

    def undone(escape: re.Match[str]) -> str:
        character = chr(int(escape[1], 16))
        return character if character in _MAY_BE_ESCAPED else escape[0]

    return _ESCAPED.sub(undone, text)


def _bare(text: str) -> str:
    return text.translate(_SIGNS)


def _spelled(grammar: re.Pattern[str], text: str) -> str | None:
    match = grammar.fullmatch(_bare(text))
    return None if match is None else f"+81{match[1]}"


def _line_digits(text: str) -> str | None:
    if len(text) > PRESENTED_MAX:
        return None
    digits = _bare(_taken_apart(trimmed(text)).user)
    return digits if re.fullmatch(r"[0-9]+", digits, re.ASCII) else None


def _in_plan(e164: str | None) -> str | None:
    return e164 if e164 is not None and (_MOBILE.fullmatch(e164) or _is_valid(e164)) else None


def _is_valid(e164: str) -> bool:
    library = _library()
    number = library.PhoneNumber(country_code=81, national_number=int(e164[3:]))
    return bool(library.is_valid_number(number))


@cache
def _library() -> ModuleType:
    import phonenumbers  # noqa: PLC0415 - 5 MB of numbering plans, loaded when the first number is read

    return phonenumbers
