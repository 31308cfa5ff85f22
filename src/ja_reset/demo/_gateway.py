"""The telephone gateway's webhook: what it reports of calls and keys, authenticated, each report counted once.

A message is JSON, signed with HMAC-SHA256 under a shared secret over its kind, its time and its octets as they came;
one whose time is more than five minutes away is refused. A call, or an entry of keys, that is reported again is
answered again by the library: by the call's id (P3), and by the entry's own number within the call (P4).
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Final

from ja_reset import (
    Call,
    CallResult,
    CallSource,
    Gather,
    HangUp,
    InvalidArgument,
    Presentation,
    Reject,
    Say,
    SayDigits,
    Step,
)
from ja_reset.demo._world import World

SIGNATURE: Final = "X-Gateway-Signature"
TIME: Final = "X-Gateway-Time"
_FRESH: Final = 300
_LONGEST_TIME: Final = 12

Answer = dict[str, object]


class RefusedError(Exception):
    """A message that is not the gateway's, or none that can be read; `status` is HTTP's."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def sign(secret: bytes, kind: str, at: str, body: bytes) -> str:
    """The signature of a message of that kind (`calls`, `keys`), sent *at* (seconds since 1970)."""
    return hmac.new(secret, f"{kind}.{at}.".encode() + body, sha256).hexdigest()


class Gateway:
    """What takes the gateway's messages."""

    def __init__(self, world: World, secret: bytes) -> None:
        self._world = world
        self._secret = secret

    async def receive(self, kind: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """The answer to a message. Raises RefusedError, with a status."""
        self._authenticate(kind, headers.get(TIME, ""), headers.get(SIGNATURE, ""), body)
        try:
            message = json.loads(body)
            result = await (self._call(message) if kind == "calls" else self._keys(message))
        except (ValueError, TypeError, KeyError, RecursionError, InvalidArgument):
            raise RefusedError(400) from None
        return {
            "status": result.status.value,
            "code": None if result.code is None else result.code.reveal(),
            "reasons": [reason.code for reason in result.reasons],
            "steps": [_step(step) for step in result.script],
        }

    def _authenticate(self, kind: str, at: str, signature: str, body: bytes) -> None:
        expected = sign(self._secret, kind, at, body)
        if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
            raise RefusedError(401)
        if not at.isascii() or not at.isdigit() or len(at) > _LONGEST_TIME:
            raise RefusedError(401)
        if abs(self._world.clock().timestamp() - int(at)) > _FRESH:
            raise RefusedError(401)

    async def _call(self, message: Mapping[str, object]) -> CallResult:
        call = Call(
            id=_text(message["id"]),
            number=None if message.get("number") is None else _text(message["number"]),
            source=CallSource(message["source"]),
            dialed=None if message.get("dialed") is None else _text(message["dialed"]),
            received_at=_time(message.get("received_at")),
            presentation=Presentation(message.get("presentation", "ALLOWED")),
            attestation=None if message.get("attestation") is None else _text(message["attestation"]),
            diverted=_flag(message.get("diverted", False)),
        )
        return await self._world.service.report_call(call)

    async def _keys(self, message: Mapping[str, object]) -> CallResult:
        entry = message["entry"]
        if not isinstance(entry, int):
            raise TypeError
        call, digits, at = _text(message["call"]), _text(message["digits"]), _time(message.get("received_at"))
        return await self._world.service.report_keys(call, digits, received_at=at, entry_id=str(entry))


def _step(step: Step) -> Answer:
    match step:
        case Say():
            return {"do": "say", "text": step.text.to_dict()}
        case SayDigits():
            return {"do": "say_digits", "digits": list(step.digits.reveal())}
        case Gather():
            return {"do": "gather", "most": step.most, "silence": step.silence.total_seconds()}
        case Reject():
            return {"do": "reject", "rings": step.rings}
        case HangUp():
            return {"do": "hang_up"}


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _time(value: object) -> datetime | None:
    return None if value is None else datetime.fromisoformat(_text(value))
