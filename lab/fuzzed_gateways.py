"""The gateways whose reports are spoilt: how each reports, and what a report has, told in plain conditions."""

from __future__ import annotations

import json
import random
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import attrs

from ja_reset import Call, CallSource, Secret
from ja_reset.telephony import asterisk, generic, sip, twilio
from ja_reset.testing.gateway_contract import spells

Pairs = list[tuple[str, Any]]

DIAL: Final = "+81120417000"
CARRIER: Final = "203.0.113.9"
NOW: Final = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)
KEY: Final = Secret("k" * 32)


def is_in(chance: random.Random, share: float) -> bool:
    """True in that share of the cases."""
    return chance.random() < share


@attrs.frozen
class Caller:
    """Who calls: the number in E.164, how it is spelled here, and what speaks against it."""

    number: str
    text: str
    shown: bool = True
    asserted: bool = True
    failed: bool = False
    diverted: bool = False


class Gateway(ABC):
    """How one gateway reports, and what its report has, told in plain conditions."""

    name: str
    places: tuple[str, ...]
    """The fields that the number stands in."""

    @abstractmethod
    def report(self, caller: Caller) -> Pairs:
        """A genuine report."""

    @abstractmethod
    def read(self, pairs: Pairs, chance: random.Random) -> Call:
        """What the adapter reads."""

    @abstractmethod
    def has(self, pairs: Pairs, number: str) -> bool:
        """Whether the report has exactly that number, shown, asserted, and nothing against it."""


def values(pairs: Pairs, *names: str, folded: bool = False) -> list[Any]:
    """Every value of the fields with one of these names."""
    return [value for name, value in pairs if (name.lower() if folded else name) in names]


class Twilio(Gateway):
    """A form, signed after it was spoilt: whoever spoilt it was Twilio, or the carrier before it."""

    name = "twilio"
    places = ("From", "Caller")

    def report(self, caller: Caller) -> Pairs:
        """The request."""
        text = caller.text if caller.asserted else f"sip:{caller.text}@example.jp"
        return [
            ("CallSid", "CA1"),
            ("CallStatus", "ringing"),
            ("Direction", "inbound"),
            ("From", text),
            ("To", DIAL),
            *([("Caller", text), ("Called", DIAL)] if caller.shown else []),
            *([("StirVerstat", "TN-Validation-Failed-A")] if caller.failed else []),
            *([("ForwardedFrom", "+81312345678")] if caller.diverted else []),
        ]

    def read(self, pairs: Pairs, chance: random.Random) -> Call:
        """Read as pairs, or as lists."""
        return twilio.read_call(pairs if is_in(chance, 0.5) else _lists(pairs))

    def has(self, pairs: Pairs, number: str) -> bool:
        """One From, without a scheme, and nothing against it."""
        came = values(pairs, "From")
        verstat = [each for each in values(pairs, "StirVerstat") if each]
        return (
            len(came) == 1
            and ":" not in str(came[0])
            and spells(str(came[0]), number)
            and not any(values(pairs, "ForwardedFrom"))
            and all("Passed" in str(each) or each == "No-TN-Validation" for each in verstat)
            and not any("Diverted" in str(each) for each in verstat)
        )


def _lists(pairs: Pairs) -> dict[str, list[Any]]:
    form: dict[str, list[Any]] = {}
    for name, value in pairs:
        form.setdefault(name, []).append(value)
    return form


class Generic(Gateway):
    """JSON, spoilt before it was signed."""

    name = "generic"
    places = ("number",)

    def __init__(self) -> None:
        self._nonces = generic.Nonces(limit=1 << 30)
        self._count = 0

    def report(self, caller: Caller) -> Pairs:
        """The members of the object."""
        return [
            ("kind", "call"),
            ("call_id", "c-1"),
            ("number", caller.text),
            ("presentation", "allowed" if caller.shown else "restricted"),
            ("source", "network" if caller.asserted else "claimed"),
            ("dialed", DIAL),
            *([("attestation", "failed")] if caller.failed else []),
            *([("diverted", True)] if caller.diverted else []),
        ]

    def read(self, pairs: Pairs, chance: random.Random) -> Call:
        """Sign it and read it; now and then somebody changes it on its way."""
        members = (f"{json.dumps(name)}: {json.dumps(value)}" for name, value in pairs)
        body = f"{{{', '.join(members)}}}".encode()
        if self._count % 50_000 == 0:
            self._nonces = generic.Nonces(limit=1 << 30)
        self._count += 1
        nonce, seconds = f"nonce-{self._count:012}", int(NOW.timestamp())
        signature = generic.sign(body, timestamp=seconds, nonce=nonce, key=KEY)
        if is_in(chance, 0.02):
            at = chance.randrange(len(body))
            body = body[:at] + bytes([body[at] ^ 1 << chance.randrange(7)]) + body[at + 1 :]
            generic.read_call(body, **self._beside(signature, seconds, nonce))
            raise AssertionError(body)
        return generic.read_call(body, **self._beside(signature, seconds, nonce))

    def _beside(self, signature: str, seconds: int, nonce: str) -> dict[str, Any]:
        given = {"signature": signature, "timestamp": str(seconds), "nonce": nonce}
        return {**given, "key": KEY, "now": NOW, "nonces": self._nonces}

    def has(self, pairs: Pairs, number: str) -> bool:
        """One number, and each of the others as it must be."""
        came = values(pairs, "number")
        return (
            len(came) == 1
            and isinstance(came[0], str)
            and spells(came[0], number)
            and values(pairs, "presentation") == ["allowed"]
            and values(pairs, "source") == ["network"]
            and "failed" not in values(pairs, "attestation")
            and "verstat=tn-validation-failed" not in came[0].lower()
            and True not in values(pairs, "diverted")
        )


class Sip(Gateway):
    """The header fields of an INVITE of the carrier."""

    name = "sip"
    places = ("P-Asserted-Identity", "From")

    def report(self, caller: Caller) -> Pairs:
        """The header fields."""
        text = caller.text if ":" in caller.text else f"sip:{caller.text}@ims.example.jp"
        if caller.failed:
            text += ";verstat=TN-Validation-Failed"
        return [
            ("From", f"<{text}>;tag=1"),
            ("To", "<sip:0120417000@bank.example>"),
            ("Call-ID", "c-1"),
            ("CSeq", "1 INVITE"),
            *([("P-Asserted-Identity", f"<{text}>")] if caller.asserted else []),
            *([] if caller.shown else [("Privacy", "id")]),
            *([("Diversion", "<sip:+81312345678@ims.example.jp>;reason=unconditional")] if caller.diverted else []),
        ]

    def read(self, pairs: Pairs, chance: random.Random) -> Call:
        """Read as what the carrier sent."""
        del chance
        return sip.read_call(pairs, peer=CARRIER, trusted=(CARRIER,))

    def has(self, pairs: Pairs, number: str) -> bool:
        """Each asserted identity is that number, and nothing hides or diverts it."""
        asserted = [str(each) for each in values(pairs, "p-asserted-identity", folded=True)]
        uris = [uri.partition("<")[2].partition(">")[0] or uri for each in asserted for uri in _addresses(each)]
        return (
            bool(uris)
            and all(spells(uri, number) for uri in uris)
            and "tn-validation-failed" not in "".join(asserted).lower()
            and not any("id" in str(each).lower().split(";") for each in values(pairs, "privacy", folded=True))
            and not values(pairs, "diversion", folded=True)
        )


def _addresses(value: str) -> Iterator[str]:
    """The addresses of a header field: what commas outside of angle brackets and quotes part."""
    depth, quoted, start = 0, False, 0
    for at, sign in enumerate(value):
        if sign == '"':
            quoted = not quoted
        elif not quoted and sign in "<>":
            depth += 1 if sign == "<" else -1
        elif not quoted and sign == "," and not depth:
            yield value[start:at]
            start = at + 1
    yield value[start:]


class Asterisk(Gateway):
    """AGI's environment, of a context that the carrier's trunk alone reaches."""

    name = "asterisk"
    places = ("agi_callerid",)

    def report(self, caller: Caller) -> Pairs:
        """The variables; a claimed number is one that an ISDN line says nobody checked."""
        checked = "2" if caller.failed else "1"
        return [
            ("agi_request", "reset.py"),
            ("agi_channel", "PJSIP/carrier-1" if caller.asserted else "DAHDI/i1-1"),
            ("agi_uniqueid", "1573228604.14"),
            ("agi_callerid", caller.text or "unknown"),
            ("agi_callingpres", ("0" if not caller.asserted else checked) if caller.shown else "32"),
            ("agi_dnid", "0120417000"),
            ("agi_rdnis", "0312345678" if caller.diverted else "unknown"),
        ]

    def read(self, pairs: Pairs, chance: random.Random) -> Call:
        """As Asterisk writes them to the script."""
        text = _environment(pairs)
        report = text.encode("utf-8", "surrogatepass") if is_in(chance, 0.5) else text
        return asterisk.read_call(report, source=CallSource.NETWORK)

    def has(self, pairs: Pairs, number: str) -> bool:
        """One number that may be shown, whose screening did not fail, and no other that it was diverted from."""
        lines = [line.partition(":") for line in _environment(pairs).split("\n")]
        told = [(name, value.removeprefix(" ")) for name, _, value in lines]
        came, diversions = values(told, "agi_callerid"), values(told, "agi_rdnis")
        isdn = any(each.lower().startswith("dahdi/") for each in values(told, "agi_channel"))
        return (
            len(came) == 1
            and spells(came[0], number)
            and values(told, "agi_callingpres") in ([["1"], ["3"]] if isdn else [["0"], ["1"], ["3"]])
            and len(diversions) == 1
            and diversions[0].lower() in {"", "unknown", "<unknown>"}
            and "tn-validation-failed" not in came[0].lower()
        )


def _environment(pairs: Pairs) -> str:
    return "".join(f"{name}: {value}\n" for name, value in pairs) + "\n"


GATEWAYS: Final[Sequence[type[Gateway]]] = (Twilio, Generic, Sip, Asterisk)
