"""What goes on within a call: keys, what is said to the caller, and the end of it."""

from __future__ import annotations

import secrets
from datetime import datetime
from math import inf
from typing import Final

import attrs

from ja_reset.telephony import UnreadableReport
from ja_reset.telephony.sip import read_keys
from sip_book import Book
from sip_calls import Action, Call, Ended, Entered, Limits, Send, Silent, Stage
from sip_messages import COOKIE, Address, Header, Request, Response, answered_at, request, response, uri_of
from sip_offers import media_type

_OF_KEYS: Final = ("application/dtmf-relay", "application/dtmf")
_LONGEST_SIGNAL: Final = 128


class Talks:
    """The calls that have a caller on the line. `own` is our address."""

    def __init__(self, book: Book, own: Address, limits: Limits) -> None:
        self._book, self._own, self._limits = book, own, limits

    def asked(self, call: Call, message: Request, peer: Address, now: float, received_at: datetime) -> list[Action]:
        """A BYE or an INFO of the caller."""
        heard = (message.cseq, message.via.branch)
        if call.heard == heard:
            return [Send(call.reply, answered_at(message, peer))]
        if message.cseq <= (call.invite.cseq if call.heard is None else call.heard[0]):
            return [_reply(message, peer, "500 CSeq Too Low")]
        status, headers, actions = (
            self._hung_up(call, now, received_at)
            if message.method == "BYE"
            else self._pressed(call, message, now, received_at)
        )
        sent = _reply(message, peer, status, headers)
        call.heard, call.reply = heard, sent.datagram
        self._book.look_at(call, now)
        return [sent, *actions]

    def _hung_up(self, call: Call, now: float, received_at: datetime) -> tuple[str, tuple[Header, ...], list[Action]]:
        was_told = call.stage is Stage.TALKING
        self._book.forget_own(call)
        call.stage, call.due, call.gathers, call.settled = Stage.OVER, now + self._limits.t4, False, True
        return "200 OK", (), [Ended(call.tag, received_at)] if was_told else []

    def _pressed(
        self, call: Call, info: Request, now: float, received_at: datetime
    ) -> tuple[str, tuple[Header, ...], list[Action]]:
        kind = media_type(info.value("content-type"))
        if kind not in _OF_KEYS:
            return "415 Unsupported Media Type", (("Accept", ", ".join(_OF_KEYS)),), []
        sequence = ("cseq", f"{info.cseq} INFO")
        told = (("call-id", info.call_id), sequence, ("content-type", kind)), info.body.decode("latin-1")
        try:
            if len(info.body) > _LONGEST_SIGNAL:
                return "400 Bad Signal", (), []
            key = read_keys(info.call_id, [told]).digits.reveal()
        except UnreadableReport:
            return "400 Bad Signal", (), []
        if call.stage is Stage.TALKING and len(call.keys) < self._limits.keys:
            call.keys += key
            call.infos.append(told)
            call.keyed_at, call.quiet = received_at, now + call.silence
        return "200 OK", (), self._entry(call) if self._is_whole(call) else []

    def responded(self, answer: Response, peer: Address, now: float) -> list[Action]:
        """A response to a request of ours."""
        call = self._book.by_own_branch.get(answer.branch or "")
        if call is None or answer.method != call.own_method or peer[0] != call.peer[0] or answer.status < 200:  # noqa: PLR2004 - provisional
            return []
        self._book.forget_own(call)
        if call.stage is Stage.ENDING:
            call.stage, call.due = Stage.OVER, now + self._limits.t4
        self._book.look_at(call, now)
        return []

    def wake(self, call: Call, now: float) -> list[Action]:
        """What is due by now."""
        actions = self._repeat_own(call, now) if call.own_due <= now else []
        if call.gathers and call.quiet <= now:
            actions += self._entry(call)
        return actions

    def say(self, tag: str, text: str, *, now: float) -> list[Action]:
        """Say that to a caller on the line: as a MESSAGE (RFC 3428), as a lab has no sound."""
        call = self._book.by_tag.get(tag)
        if call is None or call.stage is not Stage.TALKING:
            return []
        return self._send_own(call, "MESSAGE", now, text.encode(), (("Content-Type", "text/plain;charset=UTF-8"),))

    def gather(self, tag: str, *, most: int, silence: float, now: float, after_speech: bool = False) -> list[Action]:
        """Gather an entry of keys: ended by #, by *most* keys, or by *silence* (seconds).

        With *after_speech* keys that came before are dropped.
        """
        call = self._book.by_tag.get(tag)
        if call is None or call.stage is not Stage.TALKING:
            return []
        if after_speech:
            call.keys, call.infos, call.keyed_at = "", [], None
        call.gathers, call.most, call.silence = True, min(most, self._limits.keys), silence
        call.quiet = now + silence
        self._book.look_at(call, now)
        return self._entry(call) if self._is_whole(call) else []

    def hang_up(self, tag: str, *, now: float) -> list[Action]:
        """End a call that is on the line."""
        call = self._book.by_tag.get(tag)
        if call is None or call.stage not in {Stage.ANSWERED, Stage.TALKING}:
            return []
        call.stage, call.due, call.gathers, call.settled = Stage.ENDING, inf, False, True
        return self._send_own(call, "BYE", now)

    def _is_whole(self, call: Call) -> bool:
        keyed = call.keys.lstrip("*#")
        return call.gathers and ("#" in keyed or len(keyed) >= call.most)

    def _entry(self, call: Call) -> list[Action]:
        if not call.keys:
            call.gathers = False
            return [Silent(call.tag)]
        keys = read_keys(call.invite.call_id, call.infos, received_at=call.keyed_at)
        call.keys, call.infos, call.keyed_at, call.gathers = "", [], None, False
        return [Entered(call.tag, attrs.evolve(keys, call_id=call.tag))]

    def _send_own(
        self, call: Call, method: str, now: float, body: bytes = b"", headers: tuple[Header, ...] = ()
    ) -> list[Action]:
        """A request within the dialog: to the host that the call came from, whatever its Contact says."""
        self._book.forget_own(call)
        call.own_cseq += 1
        call.own_branch, call.own_method = f"{COOKIE}{secrets.token_hex(12)}", method
        invite = call.invite
        caller, called = invite.value("from") or "", invite.value("to") or ""
        lines = (
            ("Via", f"SIP/2.0/UDP {self._own[0]}:{self._own[1]};branch={call.own_branch};rport"),
            ("Max-Forwards", "70"),
            *(("Route", value) for value in invite.values("record-route")),
            ("From", f"{called};tag={call.tag}"),
            ("To", caller),
            ("Call-ID", invite.call_id),
            ("CSeq", f"{call.own_cseq} {method}"),
            ("Contact", f"<sip:lab@{self._own[0]}:{self._own[1]}>"),
            *headers,
        )
        call.own = request(method, uri_of(invite.value("contact") or "") or "", lines, body)
        call.own_interval, call.own_until = self._limits.t1, now + self._limits.patience
        call.own_due = now + call.own_interval
        self._book.by_own_branch[call.own_branch] = call
        self._book.look_at(call, now)
        return [Send(call.own, call.peer)]

    def _repeat_own(self, call: Call, now: float) -> list[Action]:
        if now < call.own_until:
            call.own_interval = min(2 * call.own_interval, self._limits.t2)
            call.own_due = min(now + call.own_interval, call.own_until)
            return [Send(call.own, call.peer)]
        self._book.forget_own(call)
        if call.stage is Stage.ENDING:
            call.stage, call.due = Stage.OVER, now
        return []


def _reply(message: Request, peer: Address, status: str, headers: tuple[Header, ...] = ()) -> Send:
    return Send(response(message, peer, status, headers=headers), answered_at(message, peer))
