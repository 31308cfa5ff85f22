"""The gateways whose reports are spoilt: how each reports, and what a report has, told in plain conditions."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Final

from fuzzed_callers import Caller, Gateway, Pairs, is_in, says_failed, values
from fuzzed_webhooks import Generic, Twilio
from ja_reset import Call, CallSource
from ja_reset.telephony import amazon_connect, asterisk, sip
from ja_reset.testing.gateway_contract import spells

CARRIER: Final = "203.0.113.9"


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
            and not says_failed("".join(asserted))
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
            and not says_failed(came[0])
        )


def _environment(pairs: Pairs) -> str:
    return "".join(f"{name}: {value}\n" for name, value in pairs) + "\n"


class AmazonConnect(Gateway):
    """The event of a flow; of two members of a name, AWS has passed on the last."""

    name = "amazon_connect"
    places = ("Address",)
    instance = "arn:aws:connect:ap-northeast-1:123456789012:instance/c8c0e68d"

    def report(self, caller: Caller) -> Pairs:
        """The members of the contact, of the caller's endpoint, and the flow's parameter."""
        return [
            ("Channel", "VOICE"),
            ("ContactId", "4a573372"),
            ("InstanceARN", self.instance),
            ("InitiationMethod", "INBOUND" if caller.asserted else "WEBRTC_API"),
            ("Address", caller.text if caller.shown else "Anonymous"),
            ("Type", "TELEPHONE_NUMBER"),
            *([("diversion", "+81312345678")] if caller.diverted else []),
        ]

    def read(self, pairs: Pairs, chance: random.Random) -> Call:
        """As the function is invoked."""
        del chance
        contact = dict(pairs)
        parameters = {name: contact.pop(name) for name in ("diversion",) if name in contact}
        endpoint = {name: contact.pop(name) for name in ("Address", "Type") if name in contact}
        details = {"ContactData": {**contact, "CustomerEndpoint": endpoint}, "Parameters": parameters}
        event = {"Name": "ContactFlowEvent", "Details": details}
        return amazon_connect.read_call(event, instance=self.instance)

    def has(self, pairs: Pairs, number: str) -> bool:
        """The last address is that number, of an incoming call that nobody passed on."""
        contact = dict(pairs)
        text = str(contact.get("Address"))
        return (
            spells(text, number)
            and not says_failed(text)
            and (contact.get("InitiationMethod"), contact.get("Channel")) == ("INBOUND", "VOICE")
            and not contact.get("diversion")
        )


GATEWAYS: Final[Sequence[type[Gateway]]] = (Twilio, Generic, Sip, Asterisk, AmazonConnect)
