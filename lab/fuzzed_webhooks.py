"""Gateways whose reports are signed webhooks: Twilio, and signed JSON."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from typing import Any, Final

from fuzzed_callers import DIAL, Caller, Gateway, Pairs, is_in, says_failed, values
from ja_reset import Call, Secret
from ja_reset.telephony import generic, twilio
from ja_reset.testing.gateway_contract import spells

NOW: Final = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)
KEY: Final = Secret("k" * 32)


class Twilio(Gateway):
    """A form that is signed after it was spoilt, as if Twilio or the carrier had sent it so."""

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
            and not says_failed(came[0])
            and True not in values(pairs, "diverted")
        )
