"""The webhooks of telephone gateways: whose report it is, what it says, and what the service answers to it.

`generic` is signed JSON (`ja_reset.telephony.generic`), which the demo's own telephone speaks too; `twilio` is what
Twilio posts. A report that is not proved to be the gateway's is refused with 403, one that cannot be read with 400, and
neither changes anything. One that is reported again is answered again by the library (P3, P4).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Final
from urllib.parse import parse_qsl

import attrs

from ja_reset import Call, CallResult, InvalidArgument, Secret
from ja_reset.demo._world import World
from ja_reset.telephony import Ended, Keys, UnreadableReport, Untrusted, generic, twilio

SIGNATURE: Final = "X-Gateway-Signature"
TIME: Final = "X-Gateway-Time"
NONCE: Final = "X-Gateway-Nonce"
TWILIO_SIGNATURE: Final = "X-Twilio-Signature"
_TWILIO_REPEATED: Final = "I-Twilio-Idempotency-Token"
_MOST_FIELDS: Final = 100

Report = Call | Keys | Ended


class Kind(Enum):
    """What a report is about."""

    CALL = "call"
    KEYS = "keys"
    END = "end"


_READERS: Final[Mapping[Kind, Callable[..., Report]]] = {
    Kind.CALL: generic.read_call,
    Kind.KEYS: generic.read_keys,
    Kind.END: generic.read_end,
}


class RefusedError(Exception):
    """A report that is not the gateway's, or none that can be read; `status` is HTTP's."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@attrs.frozen
class Gateway:
    """What takes the gateways' reports. `key` signs the generic ones, `token` is Twilio's."""

    _world: World
    _key: Secret
    _token: Secret
    _nonces: generic.Nonces = attrs.field(factory=generic.Nonces, init=False)

    async def receive(self, kind: Kind, headers: Mapping[str, str], body: bytes) -> CallResult:
        """The answer to signed JSON. Raises RefusedError.

        How old it is goes by the time that it is, however far the player has put the demo's clock forward.
        """

        def read() -> Report:
            return _READERS[kind](
                body,
                signature=headers.get(SIGNATURE),
                timestamp=headers.get(TIME),
                nonce=headers.get(NONCE),
                key=self._key,
                now=self._world.clock.unmoved(),
                nonces=self._nonces,
            )

        return await self._told(read)

    async def receive_from_twilio(self, kind: Kind, url: str, headers: Mapping[str, str], body: bytes) -> CallResult:
        """The answer to what Twilio posted to *url*. Raises RefusedError."""
        try:
            form = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
        except ValueError:
            raise RefusedError(400) from None
        if not twilio.is_signed(url, form, headers.get(TWILIO_SIGNATURE), self._token):
            raise RefusedError(403)

        def read() -> Report:
            match kind:
                case Kind.CALL:
                    return twilio.read_call(form)
                case Kind.KEYS:
                    return twilio.read_keys(form, idempotency_token=headers.get(_TWILIO_REPEATED))
                case Kind.END:
                    return twilio.read_end(form)

        return await self._told(read)

    def signed(self, body: bytes, nonce: str) -> Mapping[str, str]:
        """The headers that a generic report of our own telephone has."""
        now = int(self._world.clock.unmoved().timestamp())
        return {NONCE: nonce, TIME: str(now), SIGNATURE: generic.sign(body, timestamp=now, nonce=nonce, key=self._key)}

    async def _told(self, read: Callable[[], Report]) -> CallResult:
        """What the service answers to the report that is read. Raises RefusedError."""
        service = self._world.service
        try:
            report = read()
        except Untrusted:
            raise RefusedError(403) from None
        except (UnreadableReport, InvalidArgument):
            raise RefusedError(400) from None
        match report:
            case Call():
                return await service.report_call(report)
            case Keys(call_id=call, digits=digits, received_at=at, entry_id=entry):
                return await service.report_keys(call, digits.reveal(), received_at=at, entry_id=entry)
            case Ended(call_id=call, received_at=at):
                return await service.report_end(call, received_at=at)
