"""A signed JSON report: proved by its signature, its time and its nonce, then taken apart into its fields."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ja_reset.bank._values import aware_utc
from ja_reset.errors import InvalidArgument
from ja_reset.secret import Secret
from ja_reset.telephony._errors import Fault, UnreadableReport, Untrusted
from ja_reset.telephony._fields import Fields
from ja_reset.telephony._nonces import NonceMemory

if TYPE_CHECKING:
    from json import JSONDecoder

LONGEST_BODY: Final = 4096
"""Of a report, in bytes: ours; one with all its fields at their longest is shorter."""
LONGEST_WORD: Final = 40
"""Of a field that holds one of a few words, or an instant: ours."""

_GATEWAY: Final = "generic"
_SHORTEST_KEY: Final = 32  # characters: as many hexadecimal digits as 128 bits have
_TIME: Final = re.compile(r"[0-9]{1,11}", re.ASCII)
_ANY: Final = re.compile(r".*", re.DOTALL)
_NONCE: Final = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)


class Signed(NamedTuple):
    """What came: the body, and what proves it, each None where it was missing."""

    body: bytes
    signature: str | None
    timestamp: str | None
    nonce: str | None


def sign(body: bytes, *, timestamp: int, nonce: str, key: Secret) -> str:
    """The signature of a report, for the side that sends it. A new *nonce* for each report: `secrets.token_hex(16)`.

    Raises InvalidArgument for a key, a nonce or a time that no receiver would accept.
    """
    if type(timestamp) is not int or _TIME.fullmatch(str(timestamp)) is None or _NONCE.fullmatch(nonce) is None:
        msg = "timestamp must be whole seconds since 1970, nonce 16 to 64 of A-Z, a-z, 0-9, - and _"
        raise InvalidArgument(msg)
    return _signature(_keys(key)[0], str(timestamp), nonce, body)


def _signature(key: Secret, timestamp: str, nonce: str, body: bytes) -> str:
    from hmac import digest  # noqa: PLC0415 - loads OpenSSL: when first needed

    return digest(key.reveal().encode(), f"{timestamp}.{nonce}.".encode() + body, "sha256").hex()


def _keys(key: Secret | Sequence[Secret]) -> tuple[Secret, ...]:
    keys = tuple(key) if isinstance(key, list | tuple) else (key,)
    if not keys or not all(isinstance(each, Secret) and len(each.reveal()) >= _SHORTEST_KEY for each in keys):
        msg = f"key must be a Secret of {_SHORTEST_KEY} characters at least, or several"
        raise InvalidArgument(msg)
    return keys


def trusted(report: Signed, *, key: Secret | Sequence[Secret], now: datetime, nonces: NonceMemory) -> Report:
    """The fields of a report whose signature is right, whose time is near, and whose nonce is new.

    In this order: a nonce is remembered only once its report is proved, or anybody could fill the memory.
    """
    from hmac import compare_digest  # noqa: PLC0415 - loads OpenSSL: when first needed

    keys = _keys(key)
    body, timestamp, nonce = report.body, _matching(report, "timestamp", _TIME), _matching(report, "nonce", _NONCE)
    if not isinstance(body, bytes):
        raise Untrusted(_GATEWAY, Fault.MALFORMED)
    if len(body) > LONGEST_BODY:
        raise Untrusted(_GATEWAY, Fault.TOO_LONG)
    signature = _matching(report, "signature", _ANY).encode("utf-8", "surrogatepass")
    right = [compare_digest(_signature(each, timestamp, nonce, body).encode(), signature) for each in keys]
    if not any(right):
        raise Untrusted(_GATEWAY, Fault.SIGNATURE)
    now = aware_utc(now, "now")
    sent = datetime.fromtimestamp(int(timestamp), UTC)
    if abs(now - sent) > nonces.window:
        raise Untrusted(_GATEWAY, Fault.AGE)
    fault = nonces.use(nonce, until=sent + nonces.window, now=now)
    if fault is not None:
        raise Untrusted(_GATEWAY, fault)
    return _members(body)


def _matching(report: Signed, name: str, form: re.Pattern[str]) -> str:
    """What came beside the body under that name."""
    value = getattr(report, name)
    if value is None or value == "":
        raise Untrusted(_GATEWAY, Fault.MISSING, name)
    if not isinstance(value, str) or form.fullmatch(value) is None:
        raise Untrusted(_GATEWAY, Fault.MALFORMED, name)
    return value


def _members(body: bytes) -> Report:
    """The members of the object, each of those that are there twice too; anything else is no report."""
    members: object = None
    try:
        members = _decoder().decode(body.decode())
    except (ValueError, RecursionError):  # neither UTF-8 nor JSON, or nested too deeply
        members = None
    if not isinstance(members, _Members):
        raise UnreadableReport(_GATEWAY, Fault.MALFORMED)
    return Report(_GATEWAY, members)


@cache
def _decoder() -> JSONDecoder:
    from json import JSONDecoder  # noqa: PLC0415 - loaded when first needed

    return JSONDecoder(object_pairs_hook=_Members)


class _Members(list[tuple[str, Any]]):
    """What an object of JSON consists of; a list of its own type, as an array is one too."""


class Report(Fields):
    """The fields of a JSON report; values may be of any type, and all but the known ones are refused."""

    __slots__ = ()

    def of_kind(self, kind: str, names: tuple[str, ...]) -> Report:
        """Itself, if it is a report of that kind, and has no field but those."""
        if self.required("kind", longest=LONGEST_WORD) != kind:
            raise self.refused(Fault.WRONG_KIND, "kind")
        self.only(("kind", "call_id", *names))
        return self

    def one_of(self, name: str, words: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a member of the enum that is named
        """The member that the field names."""
        word = self.required(name, longest=LONGEST_WORD)
        if word not in words:
            raise self.refused(Fault.MALFORMED, name)
        return words[word]

    def flag(self, name: str) -> bool:
        """A field that is true or false; False where it is missing."""
        value = self.value(name)
        if value is not None and not isinstance(value, bool):
            raise self.refused(Fault.MALFORMED, name)
        return value is True

    def instant(self, name: str) -> datetime | None:
        """An instant in ISO 8601 with its zone; None where it is missing."""
        text = self.get(name, longest=LONGEST_WORD)
        if text is None:
            return None
        try:
            return aware_utc(datetime.fromisoformat(text), name)
        except ValueError:  # no instant, none with a zone, or none that UTC has
            raise self.refused(Fault.MALFORMED, name) from None
