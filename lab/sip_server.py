"""A small SIP server over UDP: it rings, reports the call to a service, and rejects it; or it answers.

For tests and for trying things, on loopback alone: no product. There is no sound. What a gateway would say comes as a
MESSAGE (RFC 3428), and keys come in INFO (`application/dtmf-relay`). Whose number it is, `ja_reset.telephony.sip`
reads. A call is known to the service by our own To-tag, as a Call-ID is chosen by whoever calls.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Final, Protocol, TypeAlias

import attrs

from ja_reset import Call, CallResult, Gather, ResetError, Say, SayDigits, Step
from ja_reset.telephony import UnreadableReport
from ja_reset.telephony.sip import read_call
from sip_calls import Acknowledged, Action, Ended, Entered, Limits, Send, Silent
from sip_messages import Address
from sip_switchboard import Switchboard

_LOG: Final = logging.getLogger(__name__)
_RECEIVE_BUFFER: Final = 4 * 2**20


Heard: TypeAlias = Entered | Silent | Ended


class Reports(Protocol):
    """Whom calls are reported to: an `AsyncResetService`, or whatever takes the same."""

    async def report_call(self, call: Call, /) -> CallResult:
        """A call."""

    async def report_keys(
        self, call_id: str, digits: str, /, *, received_at: datetime | None = None, entry_id: str | None = None
    ) -> CallResult:
        """One whole entry of keys."""

    async def report_end(self, call_id: str, /, *, received_at: datetime | None = None) -> CallResult:
        """The caller has hung up."""


@attrs.define
class Reported:
    """How many reports there were, by what came of them; when the first and the last was answered (the loop's time)."""

    by_status: dict[str, int] = attrs.field(factory=dict)
    unreadable: int = 0
    failed: int = 0
    first: float = 0.0
    last: float = 0.0

    def count(self, result: CallResult, now: float) -> None:
        """One more."""
        self.first, self.last = self.first or now, now
        self.by_status[result.status.value] = self.by_status.get(result.status.value, 0) + 1


class SipServer(asyncio.DatagramProtocol):
    """The server. `trusted` are the addresses whose asserted identity is the network's.

    `answers` says of a Request-URI whether its line is answered; others only ring, which is the manual's way in the BIM
    family (P4). It has to be known before the report, as the ACK to our answer comes before that.
    """

    def __init__(
        self,
        reports: Reports,
        *,
        trusted: Collection[str],
        answers: Callable[[str], bool] = lambda _: False,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        language: str = "ja",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.reported = Reported()
        self._reports, self._trusted, self._answers = reports, tuple(trusted), answers
        self._limits, self._language, self._clock = limits, language, clock
        self._loop = asyncio.get_running_loop()
        self._events: dict[str, asyncio.Queue[Heard]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None

    async def listen(self, host: str = "127.0.0.1", port: int = 0) -> Address:
        """Take calls there; the address. Raises OSError, and ValueError where others than this machine reach it."""
        if not ip_address(host).is_loopback:
            msg = f"{host} is not this machine's own: this server is for a lab"
            raise ValueError(msg)
        transport, _ = await self._loop.create_datagram_endpoint(lambda: self, local_addr=(host, port))
        self._transport = transport
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        address: Address = transport.get_extra_info("sockname")[:2]
        self.switchboard = Switchboard(address, answers=self._answers, limits=self._limits)
        return address

    async def close(self) -> None:
        """Take no more, and wait for the reports that are under way."""
        self._transport.close()
        if self._timer is not None:
            self._timer.cancel()
        for events in self._events.values():
            events.put_nowait(Ended("", None))
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """What came."""
        now = self._loop.time()
        self._do(self.switchboard.receive(data, addr[:2], now=now, received_at=self._clock()))

    def error_received(self, exc: Exception) -> None:
        """A peer is gone: the timers end its transactions and calls."""
        _LOG.debug("a datagram was not taken: %s", type(exc).__name__)

    def _wake(self) -> None:
        self._timer = None
        self._do(self.switchboard.wake(now=self._loop.time()))

    def _do(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Send():
                    self._transport.sendto(action.datagram, action.to)
                case Acknowledged():
                    task = self._loop.create_task(self._attend(action))
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)
                case Entered(tag=tag) | Silent(tag=tag) | Ended(tag=tag):
                    if (events := self._events.get(tag)) is not None:
                        events.put_nowait(action)
        due = self.switchboard.next_wake
        if due is not None and (self._timer is None or due < self._timer.when()):
            if self._timer is not None:
                self._timer.cancel()
            self._timer = self._loop.call_at(due, self._wake)

    async def _attend(self, call: Acknowledged) -> None:
        """One call that has shown to be one, from its report to its end."""
        events = self._events[call.tag] = asyncio.Queue()
        try:
            await self._report(call, events)
        except ResetError as error:  # the next call may find the service well again
            self.reported.failed += 1
            _LOG.warning("a call could not be reported: %s", type(error).__name__)
        finally:
            del self._events[call.tag]
            self._do(self.switchboard.talks.hang_up(call.tag, now=self._loop.time()))

    async def _report(self, call: Acknowledged, events: asyncio.Queue[Heard]) -> None:
        try:
            read = read_call(
                call.invite.headers,
                peer=call.peer[0],
                trusted=self._trusted,
                request_uri=call.invite.uri,
                received_at=call.received_at,
            )
        except UnreadableReport:
            self.reported.unreadable += 1
            return
        result = await self._reports.report_call(attrs.evolve(read, id=call.tag))
        self.reported.count(result, self._loop.time())
        if call.answered:
            ended = await self._talk(call.tag, result.script, events)
            result = await self._reports.report_end(call.tag, received_at=None if ended is None else ended.received_at)
            self.reported.count(result, self._loop.time())

    async def _talk(self, tag: str, script: Iterable[Step], events: asyncio.Queue[Heard]) -> Ended | None:
        """Say and gather until the caller has hung up, or, None, is to be hung up on."""
        while isinstance(event := await self._carry_out(tag, script, events), Entered):
            keys = event.keys
            result = await self._reports.report_keys(
                keys.call_id, keys.digits.reveal(), received_at=keys.received_at, entry_id=keys.entry_id
            )
            self.reported.count(result, self._loop.time())
            script = result.script
        if event is None:
            self._do(self.switchboard.talks.hang_up(tag, now=self._loop.time()))
        return event

    async def _carry_out(
        self, tag: str, script: Iterable[Step], events: asyncio.Queue[Heard]
    ) -> Entered | Ended | None:
        """Say what is to be said, as text, and gather keys: what came of it; None: the call is to be ended."""
        said: list[str] = []
        for step in script:
            match step:
                case Say():
                    said.append(step.text.get(self._language))
                case SayDigits():
                    said.append(" ".join(step.digits.reveal()))
                case Gather():
                    self._say(tag, said)
                    silence, after_speech = step.silence.total_seconds(), step.after_speech
                    talks, now = self.switchboard.talks, self._loop.time()
                    self._do(talks.gather(tag, most=step.most, silence=silence, now=now, after_speech=after_speech))
                    if not isinstance(event := await events.get(), Silent):
                        return event
        self._say(tag, said)
        return None

    def _say(self, tag: str, said: list[str]) -> None:
        if said:
            self._do(self.switchboard.talks.say(tag, "\n".join(said), now=self._loop.time()))
            said.clear()
