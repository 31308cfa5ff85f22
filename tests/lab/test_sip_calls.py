"""The lab's SIP calls without a socket or a clock: what RFC 3261 asks of a callee, and what proves a caller."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sip_calls import Acknowledged, Action, Ended, Entered, Limits, Send, Silent
from sip_messages import Address
from sip_offers import answer_to
from sip_switchboard import Switchboard

PEER = ("192.0.2.1", 5062)
OWN = ("192.0.2.9", 5060)
NONE: Mapping[str, str | None] = {}
OTHER = {"via": "SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bKtwo"}
"""Another transaction of the same caller."""
NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)
OFFER = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8 101\r\n"


@attrs.define
class Caller:
    """A caller on the other side of a switchboard. `actions`: what the last message or instant led to."""

    board: Switchboard
    now: float = 1000.0
    tag: str = ""
    actions: list[Action] = attrs.field(factory=list)

    def send(
        self, method: str, lines: Mapping[str, str | None] = NONE, *, peer: Address = PEER, body: str = ""
    ) -> list[str]:
        """Send a request; the status lines of what comes back. *lines* replace a header; None: without it."""
        to = f"<sip:0120417000@192.0.2.9>;tag={self.tag}" if self.tag else "<sip:0120417000@192.0.2.9>"
        headers = {
            "via": "SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bKone;rport",
            "max_forwards": "70",
            "from": "<sip:+819012345601@192.0.2.1>;tag=caller",
            "to": to,
            "call_id": "call-1",
            "cseq": f"1 {method}",
            "contact": "<sip:caller@192.0.2.1:5062>",
            **lines,
        }
        text = [f"{method} sip:0120417000@192.0.2.9 SIP/2.0"]
        text += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items() if value is not None]
        return self.raw(("\r\n".join(text) + "\r\n\r\n" + body).encode(), peer=peer)

    def raw(self, datagram: bytes, *, peer: Address = PEER) -> list[str]:
        """Send that as it stands."""
        received_at = NOON + timedelta(seconds=self.now)
        self.actions = self.board.receive(datagram, peer, now=self.now, received_at=received_at)
        return self._sent()

    def wait(self, seconds: float) -> list[str]:
        """Let time pass, timer by timer; the status and request lines of what comes."""
        ends, self.actions = self.now + seconds, []
        while (due := self.board.next_wake) is not None and due <= ends:
            self.now = max(self.now, due)
            self.actions += self.board.wake(now=self.now)
        self.now = ends
        return self._sent()

    def call(self) -> None:
        """INVITE; the tag is known from the 180."""
        assert ["180 Ringing"] == self.send("INVITE")
        self.tag = re.findall(rb";tag=([0-9a-f]{32})\r", self.datagrams[0])[0].decode()

    def talk(self) -> str:
        """A call that is answered and acknowledged; its id."""
        self.call()
        assert ["200 OK"] == self.wait(4)
        self.send("ACK", OTHER)
        (told,) = self.actions
        assert isinstance(told, Acknowledged)
        assert told.answered
        return told.tag

    def press(self, key: str, cseq: int) -> list[str]:
        """One key."""
        via = f"SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bKkey{cseq}"
        kind = "application/dtmf-relay"
        headers = {"via": via, "cseq": f"{cseq} INFO", "content_type": kind}
        return self.send("INFO", headers, body=f"Signal={key}\r\nDuration=160")

    @property
    def datagrams(self) -> list[bytes]:
        """What was sent last."""
        return [action.datagram for action in self.actions if isinstance(action, Send)]

    @property
    def told(self) -> list[Action]:
        """What is to be reported of the last."""
        return [action for action in self.actions if not isinstance(action, Send)]

    def _sent(self) -> list[str]:
        lines = [datagram.partition(b"\r\n")[0].decode() for datagram in self.datagrams]
        return [line.removeprefix("SIP/2.0 ") for line in lines]


def caller(*, answered: bool = False, limits: Limits = Limits()) -> Caller:  # noqa: B008 - frozen
    """One in front of a new switchboard."""
    return Caller(Switchboard(OWN, answers=lambda _: answered, limits=limits))


def test_a_call_rings_is_refused_and_is_reported_with_its_ack() -> None:
    """180 at once, 486 after the ringing, and the report with the ACK: once, and as of when the call came."""
    one = caller()
    one.call()
    assert ["486 Busy Here"] == one.wait(4)
    assert [] == one.told
    assert [] == one.send("ACK")
    (told,) = one.told
    assert isinstance(told, Acknowledged)
    assert (one.tag, NOON + timedelta(seconds=1000), False) == (told.tag, told.received_at, told.answered)
    one.send("ACK")
    assert [] == one.actions
    assert [] == one.wait(60)
    assert (0, None) == (one.board.held, one.board.next_wake)


@pytest.mark.parametrize("answered", [False, True])
@pytest.mark.parametrize(
    "wrong",
    [
        {"to": "<sip:0120417000@192.0.2.9>"},
        {"to": "<sip:0120417000@192.0.2.9>;tag=" + "0" * 32},
        {"call_id": "call-2"},
        {"from": "<sip:+819012345601@192.0.2.1>;tag=other"},
        {"from": "<sip:+819012345601@192.0.2.1>"},
        {"cseq": "2 ACK"},
        {"cseq": "1 INVITE"},
    ],
    ids=str,
)
def test_an_ack_that_does_not_fit_reports_nothing(wrong: dict[str, str | None], *, answered: bool) -> None:
    """Without our tag, or about another dialog or request, or from another host: no call."""
    one = caller(answered=answered)
    one.call()
    one.wait(4)
    one.send("ACK", wrong)
    assert [] == one.actions
    one.send("ACK", peer=("192.0.2.2", 5062))
    assert [] == one.actions
    one.send("ACK")
    assert 1 == len(one.told)


def test_an_ack_of_another_transaction_does_not_acknowledge_a_refusal() -> None:
    """The ACK of a refusal has the branch of its INVITE (17.1.1.3)."""
    one = caller()
    one.call()
    one.wait(4)
    one.send("ACK", OTHER)
    assert [] == one.actions


def test_an_ack_before_the_answer_reports_nothing() -> None:
    """The 180 carries the tag, too; there is nothing yet to acknowledge."""
    one = caller()
    one.call()
    one.send("ACK")
    assert [] == one.actions
    assert ["486 Busy Here"] == one.wait(4)


@pytest.mark.parametrize("answered", [False, True])
def test_an_answer_is_repeated_until_nobody_can_be_there(*, answered: bool) -> None:
    """After 0.5, 1, 2, 4, 4 … seconds, for 32 seconds; then the call is over, and was never one."""
    one = caller(answered=answered)
    one.call()
    one.wait(4)
    found = []
    for _ in range(80):
        found += [one.now] * len([line for line in one.wait(0.5) if line.startswith(("486", "200"))])
    assert [0.0, 1.0, 3.0, 7.0, 11.0, 15.0, 19.0, 23.0, 27.0, 31.0] == [at - 1004 for at in found]
    one.wait(60)
    assert [] == one.told
    assert (0, 1) == (one.board.held, one.board.counts.never_acknowledged)


def test_what_is_repeated_is_answered_as_before() -> None:
    """An INVITE that comes again is the same call; once its ACK is there, its repeats say nothing new."""
    one = caller()
    one.call()
    assert ["180 Ringing"] == one.send("INVITE", {"to": "<sip:0120417000@192.0.2.9>"})
    one.wait(4)
    assert ["486 Busy Here"] == one.send("INVITE", {"to": "<sip:0120417000@192.0.2.9>"})
    one.send("ACK")
    assert [] == one.send("INVITE", {"to": "<sip:0120417000@192.0.2.9>"})
    assert 1 == one.board.counts.calls


def test_a_caller_who_gives_up_has_not_called() -> None:
    """CANCEL while it rings: 200, 487, and its ACK reports nothing."""
    one = caller()
    one.call()
    assert ["200 OK", "487 Request Terminated"] == one.send("CANCEL", {"to": "<sip:0120417000@192.0.2.9>"})
    assert ["200 OK"] == one.send("CANCEL", {"to": "<sip:0120417000@192.0.2.9>"})
    one.send("ACK")
    assert [] == one.actions
    one.wait(60)
    assert [] == one.told


def test_a_cancel_that_fits_no_call_ends_none() -> None:
    """Of another transaction: 481. After the answer: 200, and nothing else."""
    one = caller()
    one.call()
    assert ["481 Call Does Not Exist"] == one.send("CANCEL", OTHER)
    assert ["481 Call Does Not Exist"] == one.send("CANCEL", peer=("192.0.2.2", 5062))
    one.wait(4)
    assert ["200 OK"] == one.send("CANCEL")
    one.send("ACK")
    assert 1 == len(one.told)


@pytest.mark.parametrize(
    ("method", "lines", "status"),
    [
        ("OPTIONS", {}, "200 OK"),
        ("REGISTER", {}, "405 Method Not Allowed"),
        ("UPDATE", {}, "405 Method Not Allowed"),
        ("PRACK", {}, "405 Method Not Allowed"),
        ("invite", {}, "501 Not Implemented"),
        ("DANCE", {}, "501 Not Implemented"),
        ("BYE", {}, "481 Call Does Not Exist"),
        ("INFO", {}, "481 Call Does Not Exist"),
        ("CANCEL", {}, "481 Call Does Not Exist"),
        ("INVITE", {"to": "<sip:0120417000@192.0.2.9>;tag=nobody"}, "481 Call Does Not Exist"),
        ("INVITE", {"require": "100rel"}, "420 Bad Extension"),
        ("INVITE", {"contact": None}, "400 Bad Contact"),
        ("INVITE", {"contact": "<sip:a@b\x7f>"}, "400 Bad Header"),
        ("INVITE", {"via": "SIP/2.0/UDP 192.0.2.1:5062;branch=one"}, "400 Bad Via"),
        ("INVITE", {"via": "SIP/2.0/UDP 192.0.2.1:5062"}, "400 Bad Via"),
        ("INVITE", {"via": "SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bKa;branch=z9hG4bKb"}, "400 Bad Via"),
        ("INVITE", {"from": None}, "400 Bad From"),
        ("INVITE", {"from": "<sip:a@b>"}, "400 Bad From"),
        ("INVITE", {"from": "<sip:a@b>;tag=1;tag=2"}, "400 Bad From"),
        ("INVITE", {"from": "<sip:a@b>;tag=" + "x" * 300}, "400 Bad From"),
        ("INVITE", {"from": '"<sip:a@b>;tag=1" <sip:a@b>'}, "400 Bad From"),
        ("INVITE", {"f": "<sip:a@b>;tag=2"}, "400 Bad From"),
        ("INVITE", {"to": "<sip:a@b>;tag=1;tag=2"}, "400 Bad To"),
        ("INVITE", {"call_id": None}, "400 Bad Call-ID"),
        ("INVITE", {"call_id": "a b"}, "400 Bad Call-ID"),
        ("INVITE", {"i": "call-2"}, "400 Bad Call-ID"),
        ("INVITE", {"cseq": "1 ACK"}, "400 Bad CSeq"),
        ("INVITE", {"cseq": "-1 INVITE"}, "400 Bad CSeq"),
        ("INVITE", {"cseq": f"{2**31} INVITE"}, "400 Bad CSeq"),
        ("INVITE", {"max_forwards": "many"}, "400 Bad Max-Forwards"),
        ("INVITE", {"content_length": "1"}, "400 Bad Content-Length"),
        ("INVITE", {"content_length": "0x0"}, "400 Bad Content-Length"),
        ("INVITE", {"l": "0", "content_length": "0"}, "400 Bad Content-Length"),
        ("INVITE", {"no colon\r\nnone": "x"}, "400 Bad Header"),
        ("INVITE", {"x": "a\nb"}, "400 Bad Header"),
        ("INVITE", {"x": "a\x00b"}, "400 Bad Header"),
    ],
    ids=str,
)
def test_what_is_no_call_is_answered_and_forgotten(method: str, lines: dict[str, str | None], status: str) -> None:
    """Each with the status that RFC 3261 has for it; nothing is held of it."""
    one = caller()
    assert [status] == one.send(method, lines)
    assert (0, None) == (one.board.held, one.board.next_wake)


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        b"\r\n\r\n",
        b"\x00" * 10,
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"INVITE sip:a@b SIP/2.0\r\n\r\n",
        b"INVITE sip:a@b SIP/3.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bKa\r\n\r\n",
        b"INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP a;branch=z9hG4bKa\r\n\r\n",
        b"INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP a:99999;branch=z9hG4bKa\r\n\r\n",
        b"INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bKa\r\nX: \xff\r\n\r\n",
        b"INVITE sip:a@b SIP/2.0\nVia: SIP/2.0/UDP a;branch=z9hG4bKa\n\n",
        b"SIP/2.0 200 OK\r\n\r\n",
        b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a;branch=z9hG4bKa\r\nCSeq: 1 BYE\r\n\r\n",
        b"INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bKa\r\nX: " + b"x" * 9000 + b"\r\n\r\n",
        b"ACK sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bKa\r\n\r\n",
    ],
    ids=lambda datagram: repr(datagram[:90]),
)
def test_what_is_no_sip_is_not_answered(datagram: bytes) -> None:
    """Nobody can be answered, or nobody waits for it."""
    one = caller()
    assert [] == one.raw(datagram)
    assert 0 == one.board.held


def test_a_request_that_comes_by_two_ways_is_one_call() -> None:
    """The same INVITE under another branch: 482 (8.2.2.2)."""
    one = caller()
    one.call()
    one.tag = ""
    assert ["482 Loop Detected"] == one.send("INVITE", OTHER)


def test_within_a_call_no_other_is_offered() -> None:
    """A re-INVITE: 488, and the call goes on as it was."""
    one = caller(answered=True)
    one.talk()
    again = {"via": "SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bKthree", "cseq": "2 INVITE"}
    assert ["488 Not Acceptable Here"] == one.send("INVITE", again)
    assert 1 == one.board.held


def test_more_calls_than_can_be_held_are_told_to_come_back() -> None:
    """503, held is nothing of them; and after a while there is room."""
    one = caller(limits=Limits(calls=1))
    one.call()
    one.tag = ""
    two = {"via": "SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bKtwo", "call_id": "call-2"}
    assert ["503 Service Unavailable"] == one.send("INVITE", two)
    assert (1, 1) == (one.board.held, one.board.counts.too_many)
    one.wait(60)
    assert ["180 Ringing"] == one.send("INVITE", two)


@pytest.mark.parametrize(
    ("via", "to"),
    [
        ("SIP/2.0/UDP 203.0.113.7:5070;branch=z9hG4bKa", ("192.0.2.1", 5070)),
        ("SIP/2.0/UDP 203.0.113.7;branch=z9hG4bKa", ("192.0.2.1", 5060)),
        ("SIP/2.0/UDP 203.0.113.7:5070;rport;branch=z9hG4bKa", PEER),
        ("SIP/2.0/UDP host.example;maddr=203.0.113.7;received=203.0.113.7;branch=z9hG4bKa", ("192.0.2.1", 5060)),
    ],
)
def test_answers_go_to_the_host_that_asked(via: str, to: Address) -> None:
    """Whatever a Via says, nobody else gets the answer (18.2.2)."""
    one = caller()
    one.send("INVITE", {"via": via})
    (sent,) = one.actions
    assert isinstance(sent, Send)
    assert to == sent.to
    assert 1 == sent.datagram.count(b"received=192.0.2.1")
    assert b"received=203" not in sent.datagram


def test_keys_are_one_entry_however_often_they_come() -> None:
    """An INFO that is repeated counts once; leading signs end nothing; # ends the entry; its time is the last key's."""
    one = caller(answered=True)
    tag = one.talk()
    assert ["200 OK"] == one.press("*", 2)  # pressed while it is still said what to do
    one.board.talks.gather(tag, most=20, silence=3.0, now=one.now)
    for cseq, key in enumerate("#12", start=3):
        assert ["200 OK"] == one.press(key, cseq)
        assert ["200 OK"] == one.press(key, cseq)
        assert [] == one.told
        one.wait(1)
    one.press("#", 6)
    (entry,) = one.told
    assert isinstance(entry, Entered)
    assert ("*#12#", tag) == (entry.keys.digits.reveal(), entry.keys.call_id)
    assert NOON + timedelta(seconds=one.now) == entry.keys.received_at
    assert ["500 CSeq Too Low"] == one.press("3", 3)


def test_keys_from_before_are_dropped_where_the_speech_has_to_be_heard() -> None:
    """Only what is pressed after the gathering began is the entry (P4)."""
    one = caller(answered=True)
    tag = one.talk()
    for cseq, key in enumerate("1#", start=2):
        assert ["200 OK"] == one.press(key, cseq)
    one.board.talks.gather(tag, most=8, silence=3.0, now=one.now, after_speech=True)
    assert [] == one.told
    for cseq, key in enumerate("9#", start=4):
        one.press(key, cseq)
    (entry,) = one.told
    assert isinstance(entry, Entered)
    assert "9#" == entry.keys.digits.reveal()


def test_silence_ends_an_entry() -> None:
    """Three seconds after the last key; without a key, there is no entry."""
    one = caller(answered=True)
    tag = one.talk()
    one.board.talks.gather(tag, most=20, silence=3.0, now=one.now)
    one.wait(10)
    assert [Silent(tag)] == one.told
    one.board.talks.gather(tag, most=20, silence=3.0, now=one.now)
    one.press("1", 2)
    one.wait(2)
    one.press("2", 3)
    one.wait(2.5)
    assert [] == one.told
    one.wait(1)
    assert ["12"] == [entry.keys.digits.reveal() for entry in one.told if isinstance(entry, Entered)]
    one.press("3", 4)
    assert [] == one.told


def test_as_many_keys_as_are_asked_for_are_an_entry() -> None:
    """Those beyond wait for the next one."""
    one = caller(answered=True)
    tag = one.talk()
    one.board.talks.gather(tag, most=2, silence=3.0, now=one.now)
    one.press("1", 2)
    one.press("2", 3)
    assert ["12"] == [entry.keys.digits.reveal() for entry in one.told if isinstance(entry, Entered)]


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("text/plain", "5", "415 Unsupported Media Type"),
        (None, "5", "415 Unsupported Media Type"),
        ("application/dtmf-relay", "", "400 Bad Signal"),
        ("application/dtmf-relay", "Signal=5\r\nSignal=6\r\n", "400 Bad Signal"),
        ("application/dtmf-relay", "Signal=55\r\nDuration=160", "400 Bad Signal"),
        ("application/dtmf-relay", "Signal=5" + " " * 200, "400 Bad Signal"),
        ("application/dtmf", "\u0665", "400 Bad Signal"),
    ],
)
def test_what_is_no_key_is_refused(kind: str | None, body: str, status: str) -> None:
    """And counts as none."""
    one = caller(answered=True)
    tag = one.talk()
    one.board.talks.gather(tag, most=1, silence=3.0, now=one.now)
    assert [status] == one.send("INFO", {"cseq": "2 INFO", "content_type": kind}, body=body)
    assert [] == one.told


def test_a_caller_who_hangs_up_is_told_once() -> None:
    """BYE: 200, however often it comes, and one end."""
    one = caller(answered=True)
    tag = one.talk()
    bye = {"cseq": "2 BYE", "via": "SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bKbye"}
    assert ["200 OK"] == one.send("BYE", bye)
    assert [Ended(tag, NOON + timedelta(seconds=one.now))] == one.told
    assert ["200 OK"] == one.send("BYE", bye)
    assert [] == one.told
    one.wait(60)
    assert 0 == one.board.held


def test_a_call_that_nobody_ends_is_ended() -> None:
    """After the longest talk: BYE, repeated while nobody answers, and then forgotten."""
    one = caller(answered=True)
    tag = one.talk()
    assert [] == one.wait(299)
    assert ["BYE sip:caller@192.0.2.1:5062 SIP/2.0"] == one.wait(1)
    assert [Ended(tag, None)] == one.told
    assert {"BYE sip:caller@192.0.2.1:5062 SIP/2.0"} == set(one.wait(30))
    one.wait(60)
    assert (0, None) == (one.board.held, one.board.next_wake)


def test_what_is_said_is_repeated_until_it_is_heard() -> None:
    """A MESSAGE within the dialog; only a response to it, from that host, ends its repeats."""
    one = caller(answered=True)
    tag = one.talk()
    (sent,) = one.board.talks.say(tag, "1 2 3", now=one.now)
    assert isinstance(sent, Send)
    assert PEER == sent.to
    assert sent.datagram.endswith(b"\r\n\r\n1 2 3")
    assert 2 == len(one.wait(2))
    head = sent.datagram.partition(b"\r\n")[2].partition(b"Content-Type")[0]
    one.raw(b"SIP/2.0 100 Trying\r\n" + head + b"\r\n")
    one.raw(b"SIP/2.0 200 OK\r\n" + head + b"\r\n", peer=("192.0.2.2", 5062))
    assert 1 == len(one.wait(2))
    one.raw(b"SIP/2.0 200 OK\r\n" + head + b"\r\n")
    assert [] == one.wait(30)


def test_an_offer_is_answered_line_by_line() -> None:
    """The first audio is taken, all else refused; without audio there is no answer."""
    answer = answer_to((OFFER + "m=video 4002 RTP/AVP 96\r\nm=audio 4004 RTP/AVP 0\r\n").encode(), "192.0.2.9")
    assert answer is not None
    assert [b"m=audio 9 RTP/AVP 8", b"m=video 0 RTP/AVP 96", b"m=audio 0 RTP/AVP 0"] == re.findall(
        rb"(m=[^\r]*)", answer
    )
    assert answer_to(b"", "192.0.2.9") is not None
    for refused in (b"v=0\r\n", b"m=audio\r\n", b"m=video 1 RTP/AVP 1\r\n", b"m=audio 1 RTP/SAVP 0\r\n", b"\xff" * 99):
        assert answer_to(refused, "192.0.2.9") is None


def test_an_offer_without_audio_is_no_call_where_it_would_be_answered() -> None:
    """488 at once, before it rings."""
    one = caller(answered=True)
    body = "v=0\r\nm=video 1 RTP/AVP 1\r\n"
    assert ["488 Not Acceptable Here"] == one.send("INVITE", {"content_type": "application/sdp"}, body=body)


_VALID = (
    b"INVITE sip:0120417000@192.0.2.9 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bKone\r\n"
    b"From: <sip:+819012345601@192.0.2.1>;tag=caller\r\nTo: <sip:0120417000@192.0.2.9>\r\nCall-ID: call-1\r\n"
    b"CSeq: 1 INVITE\r\nContact: <sip:caller@192.0.2.1:5062>\r\n\r\n"
)


@st.composite
def _altered(draw: st.DrawFn) -> bytes:
    """A valid request of any method, with some octets replaced, doubled or cut out."""
    method = draw(st.sampled_from([b"INVITE", b"ACK", b"BYE", b"INFO", b"CANCEL", b"OPTIONS"]))
    found = _VALID.replace(b"INVITE", method)
    for _ in range(draw(st.integers(0, 3))):
        begins, length = draw(st.integers(0, len(found))), draw(st.integers(0, 20))
        middle = draw(st.sampled_from([b"", found[begins : begins + length] * 2, b"\r\n", b";tag=", b'"', b"\xe2\x80"]))
        found = found[:begins] + middle + found[begins + length :]
    return found


@given(datagrams=st.lists(st.one_of(_altered(), st.binary(max_size=200)), max_size=20), answered=st.booleans())
@example(datagrams=[_VALID, _VALID.replace(b"INVITE", b"ACK")], answered=False)
@example(datagrams=[b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP " + b" " * 4000 + b"\r\n\r\n"], answered=False)
def test_no_garbage_is_a_call(datagrams: list[bytes], answered: bool) -> None:
    """Whoever cannot read our answers is never reported, whatever is sent; nothing fails, and nothing is left of it."""
    one = caller(answered=answered, limits=Limits(calls=3))
    for datagram in datagrams:
        one.raw(datagram)
        assert [] == one.told
        assert one.board.held <= 3
        one.wait(1)
        assert [] == one.told
    one.wait(1000)
    assert (0, None) == (one.board.held, one.board.next_wake)


@pytest.mark.parametrize(
    "long",
    [
        b"Via: SIP/2.0/UDP a" + b" " * 7000 + b"x",
        b"Via: " + b"SIP/2.0/UDP a;received" * 300,
        b"From: " + b'"\\' * 3500,
        b"From: <a>" + b";tag" * 1700,
        b"X" + b" " * 7000 + b"x",
        b"To: " + b"<" * 7000,
        b"Contact: " + b'"' * 7000,
        b"CSeq: 1" + b" " * 7000,
    ],
    ids=lambda line: repr(line[:20]),
)
def test_a_datagram_costs_the_same_whatever_is_in_it(long: bytes) -> None:
    """No header is read in more than linear time: a hundred of the longest take less than half a second."""
    one = caller()
    datagram = _VALID.replace(b"\r\nFrom", b"\r\n" + long + b"\r\nFrom", 1)
    began = time.process_time()
    for _ in range(100):
        one.raw(datagram)
    assert time.process_time() - began < 0.5
