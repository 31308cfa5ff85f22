"""sipp, a real SIP stack, calls the lab's server on loopback: what proves a phone, and what does not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta

import attrs
import pytest

import sip_gateway
from demo_site import GATEWAY, served, visiting
from hosts import Host, codes, details
from ja_reset import AsyncResetService, Call, CallResult, CallSource, Policies, Presentation
from ja_reset.policies import PhonePolicy
from ja_reset.screens import Moment
from sip_site import SOON, Line, listening, sipp, until

NUMBER = "+819012345601"
ASSERTED = f"P-Asserted-Identity: <tel:{NUMBER}>"
CALLER = f"<sip:{NUMBER}@127.0.0.1>"
ANONYMOUS = '"Anonymous" <sip:anonymous@anonymous.invalid>'
SLOW = attrs.evolve(SOON, ring=0.5)
"""Rings for so long that a caller can do something meanwhile."""


def over(host: Host) -> AsyncResetService:
    """What the gateway reports to, of the same bank, store and time."""
    return AsyncResetService(bank=host.bank, store=host.store, key=host.key, clock=host.clock, policies=host.policies)


@pytest.fixture
def host() -> Host:
    """A customer who waits for the call at PHONE."""
    host = Host()
    host.at_phone()
    return host


@pytest.fixture
def line(host: Host) -> Iterator[Line]:
    """The server of that customer's bank."""
    with listening(over(host), clock=host.clock) as running:
        yield running


@pytest.mark.rule("P3", "P4", "P8")
@pytest.mark.parametrize(
    ("caller", "headers"),
    [
        (CALLER, [ASSERTED]),
        (CALLER, [f'P-Asserted-Identity: "Taro" <sip:{NUMBER}@carrier.example;user=phone>']),
        (CALLER, [f"P-Asserted-Identity: <sip:{NUMBER}@carrier.example>, <tel:{NUMBER}>"]),
        (CALLER, ["P-Asserted-Identity: <sip:09012345601@carrier.example>"]),
        (CALLER, [f"P-Asserted-Identity: <tel:{NUMBER};verstat=TN-Validation-Passed-A>"]),
        (CALLER, [ASSERTED, "Privacy: none"]),
    ],
)
def test_the_customer_s_call_proves_the_phone(host: Host, line: Line, caller: str, headers: list[str]) -> None:
    """However a carrier asserts the chosen number: it rings, is refused, is acknowledged, and the page moves on."""
    sipp(line.address, "rings", caller=caller, headers=headers)
    assert ["VERIFIED"] == line.told()
    assert "BIM017" == host.look().state


@pytest.mark.rule("P3", "P9", "P10")
@pytest.mark.parametrize(
    ("caller", "headers", "reasons"),
    [
        (ANONYMOUS, [ASSERTED, "Privacy: id"], ["withheld"]),
        (CALLER, [ASSERTED, "Privacy: header;id"], ["withheld"]),
        (ANONYMOUS, [], ["withheld"]),
        (ANONYMOUS, [ASSERTED], ["withheld"]),
        ('"Coin line/payphone" <sip:anonymous@anonymous.invalid>', [], ["unavailable"]),
        (CALLER, [], ["claimed"]),
        (CALLER, ["P-Asserted-Identity: <tel:+815012345678>"], ["voip"]),
        (CALLER, ["P-Asserted-Identity: <tel:+819099990001>"], []),
        (CALLER, [f"P-Asserted-Identity: <tel:{NUMBER};verstat=TN-Validation-Failed>"], ["attestation"]),
        (CALLER, [ASSERTED, "Diversion: <tel:+81312345678>;reason=unconditional"], ["diverted"]),
        (CALLER, ["P-Asserted-Identity: <tel:9012345601>"], []),
        (CALLER, [ASSERTED, "P-Asserted-Identity: <sip:+819099990001@carrier.example>"], None),
        (CALLER, ["P-Preferred-Identity: <tel:+819012345601>"], ["claimed"]),
        (CALLER, ["Remote-Party-ID: <tel:+819012345601>;party=calling"], ["claimed"]),
    ],
)
def test_what_is_not_the_customer_s_call_proves_nothing(
    host: Host, line: Line, caller: str, headers: list[str], reasons: list[str] | None
) -> None:
    """Withheld, claimed, contradictory, diverted, of another or of an internet phone: the session goes on waiting."""
    sipp(line.address, "rings", caller=caller, headers=headers)
    assert ["VERIFIED"] != line.told()
    assert "PHONE" == host.look().state
    if reasons is not None:
        assert [reasons] == [codes(result) for result in line.noted.results]


@pytest.mark.rule("P3")
def test_an_address_that_is_not_trusted_asserts_nothing(host: Host, line: Line) -> None:
    """The same call from another address is a claim of its From."""
    sipp(line.address, "rings", caller=CALLER, headers=[ASSERTED], source="127.0.0.2")
    assert ["REFUSED"] == line.told()
    assert [CallSource.CLAIMED] == [call.source for call in line.noted.calls]
    assert "PHONE" == host.look().state


@pytest.mark.rule("P3")
def test_a_withheld_number_is_told_as_such(line: Line) -> None:
    """The number does not go further than what reads it."""
    sipp(line.address, "rings", caller=ANONYMOUS, headers=[ASSERTED, "Privacy: id"])
    assert ["UNMATCHED"] == line.told()
    assert [Presentation.RESTRICTED] == [call.presentation for call in line.noted.calls]


@pytest.mark.rule("P3")
def test_without_an_ack_with_our_tag_nothing_is_reported(host: Host) -> None:
    """Who does not hear the answer cannot acknowledge it: neither a forged INVITE nor a guessed tag proves a phone."""
    with listening(over(host), limits=attrs.evolve(SOON, t1=0.02), clock=host.clock) as line:
        sipp(line.address, "unacknowledged", caller=CALLER, headers=[ASSERTED])
        until(lambda: line.counts.never_acknowledged == 1 and line.server.switchboard.held == 0)
        assert [] == line.noted.calls
    assert "PHONE" == host.look().state


@pytest.mark.rule("P4")
def test_a_cancelled_call_is_not_reported(host: Host) -> None:
    """Who hangs up while it rings has not called."""
    with listening(over(host), limits=SLOW, clock=host.clock) as line:
        sipp(line.address, "cancelled", caller=CALLER, headers=[ASSERTED])
        assert [] == line.noted.calls
        assert 1 == line.counts.cancelled
    assert "PHONE" == host.look().state


@pytest.mark.rule("P3")
def test_a_call_whose_datagrams_are_lost_is_reported_once(host: Host) -> None:
    """INVITE, final response and ACK come twice, and the call counts once."""
    with listening(over(host), limits=SLOW, clock=host.clock) as line:
        sipp(line.address, "repeated", caller=CALLER, headers=[ASSERTED])
        assert ["VERIFIED"] == line.told()
        assert 1 == line.counts.calls
        assert line.counts.datagrams >= 4
    assert "BIM017" == host.look().state


@pytest.mark.rule("P4")
def test_a_code_that_is_heard_and_keyed_in_proves_the_phone() -> None:
    """TOKEN_REISSUE: the call is answered, the code said, its digits pressed one by one, and the caller hung up on."""
    host = Host()
    host.at_btr004()
    with listening(over(host), answers=lambda _: True, clock=host.clock) as line:
        sipp(line.address, "answered", caller=CALLER, headers=[ASSERTED])
        assert ["ANNOUNCE", "VERIFIED", "ENDED"] == line.told(3)
    assert "BTR005" == host.look().state


@pytest.mark.rule("P4")
def test_a_caller_who_hangs_up_may_call_again() -> None:
    """The page learns at once that the call is over, and the next call has a code of its own."""
    host = Host()
    host.at_btr004()
    with listening(over(host), answers=lambda _: True, clock=host.clock) as line:
        sipp(line.address, "hangs_up", caller=CALLER, headers=[ASSERTED])
        assert ["ANNOUNCE", "ENDED"] == line.told(2)
        assert Moment.CALL_OVER is host.look().moment
        sipp(line.address, "answered", caller=CALLER, headers=[ASSERTED])
        assert ["ANNOUNCE", "VERIFIED", "ENDED"] == line.told(5)[2:]


@pytest.mark.rule("P4", "P12")
def test_a_caller_who_presses_nothing_is_hung_up_on() -> None:
    """The code is said once more; then the caller hears that nothing came, and the page that the call is over."""
    host = Host(policies=Policies(phone=PhonePolicy(keys_silence=timedelta(seconds=0.5))))
    host.at_btr004()
    with listening(over(host), answers=lambda _: True, clock=host.clock) as line:
        sipp(line.address, "silent", caller=CALLER, headers=[ASSERTED])
        assert ["ANNOUNCE", "ENDED"] == line.told(2)
    assert Moment.CALL_OVER is host.look().moment


@attrs.define
class Slow:
    """A service whose answer to a call comes after the caller has pressed #."""

    inner: AsyncResetService
    line: Line | None = None

    async def report_call(self, call: Call, /) -> CallResult:
        """The warning is said only then: the keys are older than its end."""
        assert self.line is not None
        calls = self.line.server.switchboard._book.by_tag
        while "#" not in calls[call.id].keys:  # noqa: ASYNC110 - the switchboard tells nobody of a single key
            await asyncio.sleep(0.005)
        return await self.inner.report_call(call)

    async def report_keys(
        self, call_id: str, digits: str, /, *, received_at: datetime | None = None, entry_id: str | None = None
    ) -> CallResult:
        """At once."""
        return await self.inner.report_keys(call_id, digits, received_at=received_at, entry_id=entry_id)

    async def report_end(self, call_id: str, /, *, received_at: datetime | None = None) -> CallResult:
        """At once."""
        return await self.inner.report_end(call_id, received_at=received_at)


@pytest.mark.rule("P4", "P12")
def test_a_key_that_is_pressed_before_the_warning_confirms_nothing() -> None:
    """A caller told to press 1 as soon as it answers: the key is discarded, and the phone is not proved."""
    host = Host(policies=Policies(phone=PhonePolicy(bim_announce=True, keys_silence=timedelta(seconds=0.5))))
    host.at_phone()
    slow = Slow(over(host))
    with listening(slow, answers=lambda _: True, clock=host.clock) as line:
        slow.line = line
        sipp(line.address, "at_once", caller=CALLER, headers=[ASSERTED])
        assert ["ANNOUNCE", "ENDED"] == line.told(2)
    assert ("PHONE_KEYS", Moment.CALL_OVER) == (host.look().state, host.view.moment)


@pytest.mark.rule("P13")
def test_a_caller_who_has_not_asked_for_it_ends_the_session() -> None:
    """A call under pressure: who hears what it does presses 9, and the attacker's session is over."""
    host = Host()
    host.at_btr004()
    with listening(over(host), answers=lambda _: True, clock=host.clock) as line:
        sipp(line.address, "not_me", caller=CALLER, headers=[ASSERTED])
        assert ["ANNOUNCE", "REFUSED", "ENDED"] == line.told(3)
    assert ("REJECTED", ["not_me"]) == (host.look().state, codes(host.look()))


def test_no_call_is_held_beyond_the_most() -> None:
    """One more than can be held is told to come back, and the next one finds room again."""
    host = Host()
    with listening(over(host), limits=attrs.evolve(SOON, calls=2, t4=0.1), clock=host.clock) as line:
        sipp(line.address, "rings", caller=CALLER, headers=[ASSERTED], calls=5, rate=5000, fails=True)
        until(lambda: line.counts.too_many == 3)
        until(lambda: line.server.switchboard.held == 0)
        sipp(line.address, "rings", caller=CALLER, headers=[ASSERTED])
        assert ["UNMATCHED"] * 3 == line.told(3)


@pytest.mark.rule("P9")
def test_a_thousand_calls_in_a_row_are_each_reported_once() -> None:
    """300 a second, and none is lost."""
    host = Host()
    with listening(over(host), clock=host.clock) as line:
        sipp(line.address, "rings", caller=CALLER, headers=[ASSERTED], calls=1000)
        assert ["UNMATCHED"] * 1000 == line.told(1000)
        assert 1000 == len({call.id for call in line.noted.calls})


@pytest.mark.rule("P3", "P4")
def test_a_phone_calls_the_demo_through_its_webhook() -> None:
    """`lab/sip_gateway.py`: the call, the code and the keys go as signed JSON, and the page goes on to BTR005."""
    with served() as site, visiting(site) as visitor:
        visitor.start("TOKEN_REISSUE")
        visitor.log_in()
        visitor.press("submit_details", details(visitor.customer, visitor.phone_id()))
        with listening(sip_gateway.Host(site.address, GATEWAY), answers=lambda _: True) as line:
            sipp(line.address, "hangs_up", caller=CALLER, headers=[ASSERTED])
            sipp(line.address, "answered", caller=CALLER, headers=[ASSERTED])
            assert ["ANNOUNCE", "ENDED", "ANNOUNCE", "VERIFIED", "ENDED"] == line.told(5)
        assert "BTR005" in visitor.get("/application")


def test_a_host_that_gives_no_answer_ends_the_call() -> None:
    """The report fails, the caller is hung up on, and the server goes on."""
    with listening(sip_gateway.Host("http://127.0.0.1:1", GATEWAY)) as line:
        sipp(line.address, "rings", caller=CALLER, headers=[ASSERTED])
        until(lambda: line.server.reported.failed == 1)
        assert line.server.reported.failed == 1


@pytest.mark.rule("P7")
def test_a_page_moves_on_when_the_customer_calls() -> None:
    """End to end: the page waits, a phone calls by SIP, and the page goes on to the PIN."""
    with served() as site, listening(site.world.service) as line, visiting(site) as visitor:
        visitor.start("LOGIN_PASSWORD")
        visitor.identify()
        visitor.press("choose_phone", {"phone_id": visitor.phone_id()})
        shown = visitor.page.partition('data-live="')[2].partition('"')[0]
        with visitor.client.stream("GET", f"/application/events?shown={shown}") as stream:
            lines = stream.iter_lines()
            assert "retry: 2000" == next(lines)
            sipp(line.address, "rings", caller=CALLER, headers=[ASSERTED])
            assert ["VERIFIED"] == line.told()
            assert "event: moved" in lines
        assert "BIM017" in visitor.get("/application")
