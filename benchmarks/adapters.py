"""What a gateway's adapter costs beside the parsing of the number that it reports, in CPU time.

The parsing is what the service does with the number: what it is, and what speaks against it (P3). Proving whose report
it is costs what its HMAC costs, and is measured beside it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Final

from harness import Figure, at_most, cpu, interleaved, paired

from ja_reset import Call, CallSource, Secret
from ja_reset.telephony import amazon_connect, asterisk, generic, sip, twilio
from ja_reset.telephony._signed import _members
from ja_reset.testing.gateway_contract import proof

TIMES: Final = 2000
NUMBER: Final = "+819012345678"
DIAL: Final = "+81120417000"
PLACES: Final = ("City", "State", "Zip")
FORM: Final = [
    *{"AccountSid": f"AC{'0' * 32}", "ApiVersion": "2010-04-01", "CallSid": f"CA{'0' * 32}"}.items(),
    *{"CallStatus": "ringing", "Direction": "inbound", "From": NUMBER, "Caller": NUMBER}.items(),
    *{"To": DIAL, "Called": DIAL}.items(),
    *((f"{who}Country", "JP") for who in ("From", "Caller", "To", "Called")),
    *((f"{who}{what}", "") for who in ("From", "Caller", "To", "Called") for what in PLACES),
]
"""What Twilio posts of a call, all of it."""
INVITE: Final = [
    ("Via", "SIP/2.0/UDP 203.0.113.9;branch=z9hG4bK1"),
    ("Max-Forwards", "68"),
    ("From", f"<sip:{NUMBER}@ims.example.jp>;tag=456248"),
    ("To", "<sip:0120417000@bank.example>"),
    ("Call-ID", "843817637684230@998sdasdh09"),
    ("CSeq", "1826 INVITE"),
    ("Contact", "<sip:203.0.113.9>"),
    ("P-Asserted-Identity", f"<sip:{NUMBER}@ims.example.jp;user=phone>"),
    ("Privacy", "none"),
    ("Content-Type", "application/sdp"),
    ("Content-Length", "0"),
]
AGI: Final = "".join(
    f"agi_{name}: {value}\n"
    for name, value in {
        "request": "reset.py",
        "channel": "PJSIP/carrier-00000004",
        "language": "ja",
        "type": "PJSIP",
        "uniqueid": "1573228604.14",
        "version": "20.9.3",
        "callerid": "09012345678",
        "calleridname": "unknown",
        "callingpres": "0",
        "callingani2": "0",
        "callington": "0",
        "callingtns": "0",
        "dnid": "0120417000",
        "rdnis": "unknown",
        "context": "from-carrier",
        "extension": "0120417000",
        "priority": "4",
        "enhanced": "0.0",
        "accountcode": "",
        "threadid": "140045105510144",
    }.items()
)
"""What Asterisk writes to an AGI script."""
INSTANCE: Final = "arn:aws:connect:ap-northeast-1:123456789012:instance/c8c0e68d-2200-4265-82c0-000000000000"
EVENT: Final = {
    "Name": "ContactFlowEvent",
    "Details": {
        "ContactData": {
            "Attributes": {},
            "Channel": "VOICE",
            "ContactId": "4a573372-1f28-4e26-b97b-000000000000",
            "CustomerEndpoint": {"Address": NUMBER, "Type": "TELEPHONE_NUMBER"},
            "InitiationMethod": "INBOUND",
            "InstanceARN": INSTANCE,
            "SystemEndpoint": {"Address": DIAL, "Type": "TELEPHONE_NUMBER"},
        },
        "Parameters": {},
    },
}
BODY: Final = json.dumps(
    {
        "kind": "call",
        "call_id": "c-1",
        "number": NUMBER,
        "presentation": "allowed",
        "source": "network",
        "dialed": DIAL,
        "received_at": "2026-04-01T03:00:00Z",
    }
).encode()
KEY: Final = Secret("k" * 32)
NOW: Final = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)
READERS: Final[dict[str, Callable[[], Call]]] = {
    "twilio": lambda: twilio.read_call(FORM),
    "sip": lambda: sip.read_call(INVITE, peer="203.0.113.9", trusted=("203.0.113.0/24",)),
    "asterisk": lambda: asterisk.read_call(AGI, source=CallSource.NETWORK),
    "amazon_connect": lambda: amazon_connect.read_call(EVENT, instance=INSTANCE),
    "generic": lambda: generic._call(_members(BODY)),  # noqa: SLF001 - a report once it is proved
}


def figures(rounds: int) -> Iterator[Figure]:
    """Each adapter over the parsing of its own number; then what a signed report costs, with its proof."""
    for name, reader in READERS.items():
        call = reader()
        found = _in_turn(reader, lambda call=call: proof(call), rounds)
        words = f"{name}.read_call : its number parsed", f"{name}.read_call : その番号の読み取り"
        yield paired(f"adapter.{name}", words, found, of=("adapter", "number"), unit="µs", goal=at_most(2.0))
    call, numbers = READERS["generic"](), count()
    found = _in_turn(lambda: _proved(next(numbers)), lambda: proof(call), rounds)
    words = "generic.read_call, signed on both sides : its number", "generic.read_call（双方の署名を含む） : その番号"
    yield paired("adapter.generic.signed", words, found, of=("adapter", "number"), unit="µs")


def _in_turn(adapter: Callable[[], object], number: Callable[[], object], rounds: int) -> dict[str, list[float]]:
    ways = {"adapter": adapter, "number": number}
    return interleaved({name: lambda way=way: cpu(way, TIMES) for name, way in ways.items()}, rounds)


NONCES: Final = generic.Nonces(limit=1 << 30)


def _proved(number: int) -> Call:
    """A report that is signed, sent and read."""
    nonce, seconds = f"nonce-{number:012}", int(NOW.timestamp())
    signature = generic.sign(BODY, timestamp=seconds, nonce=nonce, key=KEY)
    given = {"signature": signature, "timestamp": str(seconds), "nonce": nonce}
    return generic.read_call(BODY, **given, key=KEY, now=NOW, nonces=NONCES)
