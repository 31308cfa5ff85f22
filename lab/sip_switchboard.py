"""Calls as a callee has them: SIP transactions and dialogs (RFC 3261, 6026) without a socket and without a clock.

**A call is handed on only after an ACK to our final response that carries our own To-tag**: 128 bits that went to the
caller's address and nowhere else. Over UDP anybody can write a trusted peer's address on an INVITE; nobody who does
gets the answer to it, and so one INVITE proves nothing.

`Switchboard` takes each datagram and the time, and gives what there is to do. It holds no more calls than its limits
say, each no longer than they say, and a datagram costs the same whatever is in it.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Final

from sip_book import Book, identity_of, key_of
from sip_calls import Acknowledged, Action, Call, Counts, Ended, Limits, Send, Stage
from sip_messages import Address, Header, NotSipError, Request, Response, answered_at, read, response, uri_of
from sip_offers import SDP, answer_to, media_type
from sip_talks import Talks

_ALLOW: Final = ("Allow", "INVITE, ACK, CANCEL, BYE, INFO, OPTIONS")
_KNOWN: Final = ("REGISTER", "PRACK", "SUBSCRIBE", "NOTIFY", "PUBLISH", "UPDATE", "REFER", "MESSAGE")


class Switchboard:
    """All calls. `own` is our address; `answers` says of a Request-URI whether its line is answered, or only rings."""

    def __init__(self, own: Address, *, answers: Callable[[str], bool], limits: Limits) -> None:
        self.counts = Counts()
        self._own, self._answers, self._limits = own, answers, limits
        self._secret = secrets.token_bytes(32)
        self._book = Book()
        self.talks = Talks(self._book, own, limits)

    @property
    def held(self) -> int:
        """How many calls are held."""
        return len(self._book.by_tag)

    @property
    def next_wake(self) -> float | None:
        """When `wake` is to be called, if nothing comes before."""
        return self._book.next_look

    # --- what comes ---------------------------------------------------------------------------------------------------

    def receive(self, datagram: bytes, peer: Address, *, now: float, received_at: datetime) -> list[Action]:
        """A datagram of *peer*. *now* is any clock that never goes back, *received_at* the time of day."""
        self.counts.datagrams += 1
        try:
            message = read(datagram, most=self._limits.datagram)
        except NotSipError:
            self.counts.not_sip += 1
            return []
        if isinstance(message, Response):
            return self.talks.responded(message, peer, now)
        if message.fault is None:
            return self._asked(message, peer, now, received_at)
        self.counts.malformed += 1
        return [] if message.method == "ACK" else [self._reply(message, peer, f"400 Bad {message.fault}")]

    def _asked(self, message: Request, peer: Address, now: float, received_at: datetime) -> list[Action]:
        match message.method:
            case "INVITE":
                return self._invited(message, peer, now, received_at)
            case "ACK":
                return self._acknowledged(message, peer, now)
            case "CANCEL":
                return self._cancelled(message, peer, now)
            case "BYE" | "INFO":
                return self._within(message, peer, now, received_at)
            case "OPTIONS":
                return [self._reply(message, peer, "200 OK", (_ALLOW, ("Accept", SDP)))]
        status = "405 Method Not Allowed" if message.method in _KNOWN else "501 Not Implemented"
        return [self._reply(message, peer, status, (_ALLOW,))]

    def _invited(self, invite: Request, peer: Address, now: float, received_at: datetime) -> list[Action]:
        if (known := self._book.by_key.get(key_of(invite, peer))) is not None:
            return [] if known.settled else [Send(known.last, answered_at(known.invite, known.peer))]
        if (refusal := self._refusal(invite, peer)) is not None:
            return [self._reply(invite, peer, *refusal)]
        self.counts.calls += 1
        tag = secrets.token_hex(16)
        ringing = response(invite, peer, "180 Ringing", tag=tag, headers=self._of_dialog(invite))
        call = Call(tag, invite, peer, received_at, Stage.RINGING, ringing, now + self._limits.ring)
        self._book.add(call, now)
        return [Send(ringing, answered_at(invite, peer))]

    def _refusal(self, invite: Request, peer: Address) -> tuple[str, tuple[Header, ...]] | None:
        """Why it is no call, if it is none."""
        if invite.to_tag is not None:  # about a call that is there already
            known = self._book.dialog(invite, peer) is not None
            return ("488 Not Acceptable Here" if known else "481 Call Does Not Exist"), ()
        if identity_of(invite) in self._book.by_identity:
            return "482 Loop Detected", ()
        if len(self._book.by_tag) >= self._limits.calls:
            self.counts.too_many += 1
            return "503 Service Unavailable", (("Retry-After", "10"),)
        if required := invite.value("require"):
            return "420 Bad Extension", (("Unsupported", required),)
        if len(invite.values("contact")) != 1 or uri_of(invite.value("contact") or "") is None:
            return "400 Bad Contact", ()
        return ("488 Not Acceptable Here", ()) if self._answers(invite.uri) and self._media(invite) is None else None

    def _within(self, message: Request, peer: Address, now: float, received_at: datetime) -> list[Action]:
        call = self._book.dialog(message, peer)
        if call is None or call.stage is Stage.REFUSED:
            return [self._reply(message, peer, "481 Call Does Not Exist")]
        if call.stage is Stage.RINGING and message.method == "BYE":
            return [self._reply(message, peer, "200 OK"), *self._give_up(call, now)]
        return self.talks.asked(call, message, peer, now, received_at)

    def _acknowledged(self, ack: Request, peer: Address, now: float) -> list[Action]:
        call = self._book.dialog(ack, peer)
        if call is None or ack.cseq != call.invite.cseq:
            return []
        if call.stage is Stage.REFUSED and key_of(ack, peer) == key_of(call.invite, call.peer):
            call.stage, call.due = Stage.OVER, now + self._limits.t4
        elif call.stage is Stage.ANSWERED:
            call.stage, call.due = Stage.TALKING, now + self._limits.talk
        else:
            return []
        call.settled = True
        self._book.look_at(call, now)
        if call.cancelled:
            return []
        self.counts.acknowledged += 1
        return [Acknowledged(call.tag, call.invite, call.peer, call.received_at, call.stage is Stage.TALKING)]

    def _cancelled(self, cancel: Request, peer: Address, now: float) -> list[Action]:
        call = self._book.by_key.get(key_of(cancel, peer))
        if call is None or identity_of(cancel) != identity_of(call.invite):
            return [self._reply(cancel, peer, "481 Call Does Not Exist")]
        done: list[Action] = [self._reply(cancel, peer, "200 OK", tag=call.tag)]
        return done + (self._give_up(call, now) if call.stage is Stage.RINGING else [])

    # --- what time brings ---------------------------------------------------------------------------------------------

    def wake(self, *, now: float) -> list[Action]:
        """All that is due by now."""
        actions: list[Action] = []
        for call in self._book.due(now):
            actions += self.talks.wake(call, now)
            if call.due <= now:
                actions += self._timed_out(call, now)
        return actions

    def _timed_out(self, call: Call, now: float) -> list[Action]:
        match call.stage:
            case Stage.RINGING if self._answers(call.invite.uri):
                body = self._media(call.invite)
                return self._final(call, Stage.ANSWERED, "200 OK", now, body or b"")
            case Stage.RINGING:
                return self._final(call, Stage.REFUSED, "486 Busy Here", now)
            case Stage.REFUSED | Stage.ANSWERED if now < call.until:
                call.interval = min(2 * call.interval, self._limits.t2)
                call.due = min(now + call.interval, call.until)
                return [Send(call.last, answered_at(call.invite, call.peer))]
            case Stage.ANSWERED:
                self.counts.never_acknowledged += 1
                return self.talks.hang_up(call.tag, now=now)
            case Stage.TALKING:
                return [*self.talks.hang_up(call.tag, now=now), Ended(call.tag, None)]
            case Stage.REFUSED:
                self.counts.never_acknowledged += not call.cancelled
        self._book.drop(call)
        return []

    def _give_up(self, call: Call, now: float) -> list[Action]:
        call.cancelled = True
        self.counts.cancelled += 1
        return self._final(call, Stage.REFUSED, "487 Request Terminated", now)

    def _final(self, call: Call, stage: Stage, status: str, now: float, body: bytes = b"") -> list[Action]:
        headers = self._of_dialog(call.invite)
        if body:
            headers = (*headers, _ALLOW, ("Content-Type", SDP))
        call.stage = stage
        call.last = response(call.invite, call.peer, status, tag=call.tag, headers=headers, body=body)
        call.interval, call.until = self._limits.t1, now + self._limits.patience
        call.due = now + call.interval
        self._book.look_at(call, now)
        return [Send(call.last, answered_at(call.invite, call.peer))]

    def _media(self, invite: Request) -> bytes | None:
        kind = media_type(invite.value("content-type"))
        return answer_to(invite.body, self._own[0]) if not invite.body or kind == SDP else None

    def _of_dialog(self, invite: Request) -> tuple[Header, ...]:
        routes = (("Record-Route", value) for value in invite.values("record-route"))
        return (*routes, ("Contact", f"<sip:lab@{self._own[0]}:{self._own[1]}>"))

    def _reply(
        self, message: Request, peer: Address, status: str, headers: tuple[Header, ...] = (), *, tag: str | None = None
    ) -> Send:
        """An answer that is not remembered; its tag is the same whenever it is given."""
        if tag is None:
            tag = hmac.new(self._secret, f"{message.via.branch} {message.call_id}".encode(), sha256).hexdigest()[:32]
        return Send(response(message, peer, status, tag=tag, headers=headers), answered_at(message, peer))
