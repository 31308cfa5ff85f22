"""Calls on this machine, handed to a host as signed JSON (`ja_reset.telephony.generic`): to try a host by telephone.

    JA_RESET_GATEWAY_KEY=… python lab/sip_gateway.py http://127.0.0.1:8417 --port 5060

Each call rings and is refused, as the BIM family needs it; with `--answer` each is answered, as TOKEN_REISSUE needs it.
A softphone only claims its number, so a host refuses it; with `--believe-from` its number counts as the network's, as
if this were the exchange of its line. The host is asked at `/gateway/call`, `/gateway/keys` and `/gateway/end`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import secrets
import signal
import sys
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from urllib.error import URLError
from urllib.request import Request, urlopen

import attrs

from ja_reset import (
    Call,
    CallResult,
    CallSource,
    CallStatus,
    Gather,
    HangUp,
    Reject,
    ResetError,
    Say,
    SayDigits,
    Secret,
    Step,
    Text,
)
from ja_reset.telephony import generic
from sip_server import SipServer

KEY: Final = "JA_RESET_GATEWAY_KEY"
_PATIENCE: Final = 5.0


class NotReportedError(ResetError):
    """The host gave no answer, or none that can be read."""


@attrs.frozen
class Host:
    """A host at that address, which shares that key."""

    address: str
    key: Secret
    believes_from: bool = False

    async def report_call(self, call: Call, /) -> CallResult:
        """A call. Raises NotReportedError, as all three do."""
        source = CallSource.NETWORK if self.believes_from else call.source
        about = {
            "number": call.number,
            "presentation": call.presentation.value.lower(),
            "source": source.value.lower(),
            "dialed": call.dialed,
            "received_at": _written(call.received_at),
            "attestation": call.attestation,
            "diverted": call.diverted,
        }
        return await self._told("call", call.id, about)

    async def report_keys(
        self, call_id: str, digits: str, /, *, received_at: datetime | None = None, entry_id: str | None = None
    ) -> CallResult:
        """One whole entry of keys."""
        about = {"digits": digits, "received_at": _written(received_at), "entry_id": entry_id}
        return await self._told("keys", call_id, about)

    async def report_end(self, call_id: str, /, *, received_at: datetime | None = None) -> CallResult:
        """The end of a call."""
        return await self._told("end", call_id, {"received_at": _written(received_at)})

    async def _told(self, kind: str, call_id: str, about: Mapping[str, object]) -> CallResult:
        said = {name: value for name, value in about.items() if value is not None}
        body = json.dumps({"kind": kind, "call_id": call_id, **said}).encode()
        return await asyncio.to_thread(self._post, kind, body)

    def _post(self, kind: str, body: bytes) -> CallResult:
        at, nonce = int(time.time()), secrets.token_hex(16)
        headers = {
            "Content-Type": "application/json",
            "X-Gateway-Time": str(at),
            "X-Gateway-Nonce": nonce,
            "X-Gateway-Signature": generic.sign(body, timestamp=at, nonce=nonce, key=self.key),
        }
        request = Request(f"{self.address}/gateway/{kind}", body, headers)  # noqa: S310 - the address that was asked for
        try:
            with urlopen(request, timeout=_PATIENCE) as response:  # noqa: S310 - as above
                answer = json.load(response)
            return CallResult(CallStatus(answer["status"]), script=tuple(map(_step, answer["steps"])))
        except (URLError, TimeoutError, ValueError, KeyError, TypeError) as error:
            msg = f"the host did not take it: {error}"
            raise NotReportedError(msg) from None


def _step(step: dict[str, object]) -> Step:
    match step:
        case {"do": "say", "text": str(text)}:
            return Say(Text(text, text))
        case {"do": "say_digits", "digits": list(digits)}:
            return SayDigits(Secret("".join(map(str, digits))))
        case {"do": "gather", "most": int(most), "silence": int() | float() as silence}:
            after_speech = step.get("after_speech") is True
            return Gather(most=most, silence=timedelta(seconds=silence), after_speech=after_speech)
        case {"do": "reject", "rings": int(rings)}:
            return Reject(rings)
        case _:
            return HangUp()


def _written(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()


async def serve(host: Host, *, port: int, answers: bool) -> None:
    """Take calls until it is interrupted."""
    server = SipServer(host, trusted=["127.0.0.1"], answers=lambda _: answers)
    address, port = await server.listen(port=port)
    print(f"sip:0120417000@{address}:{port} {'answers' if answers else 'rings'}; Ctrl-C stops it", flush=True)
    told = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, told.set)
    await told.wait()
    await server.close()
    print(f"\n{server.reported}\n{server.switchboard.counts}")


def main() -> int:
    """Serve."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("host", help="the host's address, such as http://127.0.0.1:8417")
    options.add_argument("--port", type=int, default=5060, help="default: 5060; 0: any that is free")
    options.add_argument("--answer", action="store_true", help="answer each call")
    options.add_argument("--believe-from", action="store_true", help="take what a caller claims as its number")
    asked = options.parse_args()
    key = os.environ.get(KEY)
    if not key:
        sys.exit(f"{KEY} must have the key that the host shares")
    logging.basicConfig(level=logging.WARNING)
    host = Host(asked.host.rstrip("/"), Secret(key), asked.believe_from)
    asyncio.run(serve(host, port=asked.port, answers=asked.answer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
