"""The header fields of a SIP message, read by a grammar of ours: few, short, and each as often as it may be there.

Names in any case and in compact form are one name. What is folded, overlong or has a control character is refused:
whoever sends it wants two readers to read two things. A display name may be in any script; the rest is ASCII.

Sources: RFC 3261, 7.3 (header fields), 20.10 (addresses without angle brackets) and 25.1 (grammar).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from ja_reset.telephony._errors import Fault, UnreadableReport
from ja_reset.telephony._fields import MOST_FIELDS, Form, pairs

GATEWAY: Final = "sip"

_LONGEST: Final = 4096  # of one value: RFC 3261 names no limit; a number of P3 has 512 characters at most
_COMPACT: Final = {"i": "call-id", "f": "from", "t": "to", "c": "content-type"}

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")
_QUOTED = r'"(?:[^"\\]|\\.)*+"'
_ADDRESS = re.compile(
    rf"[ \t]*+(?:(?:(?P<quoted>{_QUOTED})[ \t]*+|(?P<words>[-!%'*+.0-9A-Z_`a-z~ \t]*+))<(?P<uri>[^<>\"\s]++)>"
    rf"(?P<parameters>[ \t]*+(?:;(?:[^,<>\"]|{_QUOTED})*+)?+)"
    r"|(?P<bare>[A-Za-z][-+.0-9A-Za-z]*+:[^,<>\"\s]++)[ \t]*+)(?:,|$)"
)
_OF_THE_NUMBER = re.compile(r";[ \t]*(?:cpc|verstat|ext|isub|postd)[ \t]*=[^;,\"@]*", re.IGNORECASE)
_TAG = re.compile(r";tag=[^;?@]*", re.IGNORECASE)
_NO_BLANKS = str.maketrans("", "", " \t")


class Address(NamedTuple):
    """A display name without its quotes; a URI, with what the field says about its number behind the bracket."""

    name: str
    uri: str


class Headers:
    """The header fields of one message; every refusal is an UnreadableReport that names the field."""

    __slots__ = ("_values",)

    def __init__(self, headers: Form) -> None:
        self._values: dict[str, list[str]] = {}
        try:
            for count, (name, value) in enumerate(pairs(headers)):
                if count >= MOST_FIELDS:
                    raise refused(Fault.TOO_MANY)
                if not isinstance(name, str) or not isinstance(value, str):
                    raise refused(Fault.MALFORMED)
                plain = name.strip(" \t").lower()
                self._values.setdefault(_COMPACT.get(plain, plain), []).append(value)
        except (TypeError, ValueError):  # not pairs at all
            raise refused(Fault.MALFORMED) from None

    def all(self, name: str) -> list[str]:
        """Every value of that field, in the order of the message."""
        values = self._values.get(name, [])
        for value in values:
            if not value.strip(" \t"):
                raise refused(Fault.MISSING, name)
            if len(value) > _LONGEST:
                raise refused(Fault.TOO_LONG, name)
            if _CONTROL.search(value):
                raise refused(Fault.MALFORMED, name)
        return values

    def optional(self, name: str) -> str | None:
        """The value of a field that is there once at most."""
        values = self.all(name)
        if len(values) > 1:
            raise refused(Fault.DOUBLED, name)
        return values[0].strip(" \t") if values else None

    def one(self, name: str) -> str:
        """The value of a field that is there once."""
        value = self.optional(name)
        if value is None:
            raise refused(Fault.MISSING, name)
        return value

    def addresses(self, name: str) -> list[Address]:
        """Every address of that field, each value of which may be a list."""
        return [address for value in self.all(name) for address in _addresses(value, name)]

    def address(self, name: str) -> Address | None:
        """The address of a field that has one at most."""
        value = self.optional(name)
        if value is None:
            return None
        found = list(_addresses(value, name))
        if len(found) > 1:
            raise refused(Fault.DOUBLED, name)
        return found[0]


def refused(fault: Fault, field: str | None = None) -> UnreadableReport:
    """The error to raise."""
    return UnreadableReport(GATEWAY, fault, field)


def _addresses(value: str, name: str) -> Iterable[Address]:
    at = 0
    while True:
        match = _ADDRESS.match(value, at)
        if match is None:
            raise refused(Fault.MALFORMED, name)
        yield _address(match, name)
        at = match.end()
        if value[at - 1] != ",":
            return


def _address(match: re.Match[str], name: str) -> Address:
    uri = match["bare"]
    if uri is not None:
        display, uri = "", _TAG.sub("", uri)  # without brackets the tag is the field's, what else there is the number's
    else:
        display = (match["quoted"] or "")[1:-1] or (match["words"] or "").strip(" \t")
        uri = match["uri"] + "".join(each.translate(_NO_BLANKS) for each in _OF_THE_NUMBER.findall(match["parameters"]))
    if not uri.isascii():
        raise refused(Fault.NOT_ASCII, name)
    return Address(display, uri)
