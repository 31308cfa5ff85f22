"""One session waits for one number (P8): the arithmetic, and what services side by side make of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hosts import Host, codes, named
from ja_reset import BankUnavailable, CallStatus, Policies, Procedure, Reason, View
from ja_reset.policies import PhonePolicy
from ja_reset.proofs.waits import Wait, WaitEnd
from ja_reset.service._records import WAIT
from ja_reset.stores.rows import Store
from ja_reset.testing import Customer, FakeBank
from ja_reset.testing.cast import GAIJI, INSTITUTION, ORDINARY

NOON = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)
SECOND = timedelta(seconds=1)
REST = timedelta(seconds=120)
WINDOW = timedelta(seconds=120)
GRACE = timedelta(seconds=5)

OTHER_PLACE = attrs.evolve(INSTITUTION, id="ja-9999", name="JAべつ", dial="0120-417-999")
SAME_PHONE = attrs.evolve(
    GAIJI, institution="ja-9999", contract=attrs.evolve(GAIJI.contract, phones=("+81 90 1234 5601",))
)
"""Another contract at another institution, with the ordinary customer's number in another spelling."""


# The arithmetic ---------------------------------------------------------------------------------------------


@pytest.mark.rule("P2", "P8")
def test_a_wait_includes_its_last_instant() -> None:
    """It waits through `until`; a tick later it does not, and the number rests."""
    wait = Wait.begin("a", NOON, REST)
    assert (True, False) == (wait.is_waiting(NOON), wait.ran_out(NOON))
    assert (False, True) == (wait.is_waiting(NOON + TICK), wait.ran_out(NOON + TICK))


@pytest.mark.rule("P8")
@pytest.mark.parametrize("end", [None, *WaitEnd], ids=lambda end: "by the clock" if end is None else end.value)
def test_nobody_else_may_wait_until_the_number_has_rested(end: WaitEnd | None) -> None:
    """However a wait ended, others wait for the rest, its last instant included; the same session unless contested."""
    wait = Wait.begin("a", NOON, REST)
    ended = wait if end is None else wait.ended(end, NOON, REST)
    for at, free in ((NOON + TICK, False), (NOON + REST, False), (NOON + REST + TICK, True)):
        assert free == ended.is_free_for("b", at)
        assert (free or end is not WaitEnd.CONTESTED) == ended.is_free_for("a", at)


@pytest.mark.rule("P8")
@given(st.sampled_from(WaitEnd), st.lists(st.tuples(st.sampled_from(WaitEnd), st.integers(0, 300)), max_size=5))
def test_ending_again_prolongs_nothing(first: WaitEnd, more: list[tuple[WaitEnd, int]]) -> None:
    """A wait ends once: whatever is said of it afterwards, it stays as it ended."""
    ended = Wait.begin("a", NOON + WINDOW, REST).ended(first, NOON, REST)
    again = ended
    for end, seconds in more:
        again = again.ended(end, NOON + timedelta(seconds=seconds), REST)
    assert ended == again


@pytest.mark.rule("P8")
def test_success_leaves_nothing_but_the_rest_of_the_wait_before() -> None:
    """A first wait that succeeds leaves none; one after another leaves that one's rest, its last instant included."""
    assert None is Wait.begin("a", NOON, REST).succeeded(NOON)
    again = Wait.begin("a", NOON + WINDOW, REST, before=Wait.begin("a", NOON, REST).ended(WaitEnd.LEFT, NOON, REST))
    rest = again.succeeded(NOON + REST)
    assert rest is not None
    assert (False, True) == (rest.is_free_for("b", NOON + REST), rest.is_free_for("b", NOON + REST + TICK))
    assert None is again.succeeded(NOON + REST + TICK)


@pytest.mark.rule("P8", "A5")
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["ask", "leave", "look"]), st.integers(0, 200))))
@example([("a", "ask", 0), ("b", "ask", 0), ("a", "ask", 119), ("c", "ask", 0)])
def test_of_all_who_ask_at_most_one_waits(steps: list[tuple[str, str, int]]) -> None:
    """Whoever asks and leaves, in any order: nobody begins to wait while another waits, or within the rest."""
    now = NOON
    wait: Wait | None = None
    quiet: dict[str, datetime] = {}
    for who, step, seconds in steps:
        now += timedelta(seconds=seconds)
        if step == "ask" and (wait is None or wait.is_free_for(who, now)):
            assert all(now > until for other, until in quiet.items() if other != who)
            wait = Wait.begin(who, now + WINDOW, REST)
            quiet[who] = now + WINDOW + REST
        elif step == "ask" and wait is not None and wait.is_waiting(now):
            wait = wait.ended(WaitEnd.CONTESTED, now, REST)
            quiet = dict.fromkeys("abc-", now + REST)
        elif step == "leave" and wait is not None and wait.session == who and wait.is_waiting(now):
            wait = wait.ended(WaitEnd.LEFT, now, REST)
            quiet[who] = now + REST
        assert wait is None or sum(wait.is_waiting(now) and wait.session == each for each in "abc") <= 1


# Services ---------------------------------------------------------------------------------------------------


def beside(host: Host, customer: Customer = ORDINARY) -> Host:
    """A process of its own with a customer of its own, over the same store, bank and clock."""
    other = host.beside()
    other.customer = customer
    return other


@pytest.fixture
def first(store: Store) -> Host:
    """A host that has a bank with two institutions."""
    bank = FakeBank(customers=(ORDINARY, GAIJI, SAME_PHONE), institutions=(INSTITUTION, OTHER_PLACE))
    return Host(store=store, bank=bank)


def choose(host: Host) -> View:
    """Choose the first phone, on the screen where phones are chosen."""
    if host.view.procedure is Procedure.TOKEN_REISSUE:
        return host.send("submit_details", host.details())
    return host.send("choose_phone", host.phone())


def choosing(host: Host, procedure: Procedure = Procedure.LOGIN_PASSWORD) -> View:
    """A new session on the screen where the phone is chosen."""
    return host.at(procedure, "BTR003" if procedure is Procedure.TOKEN_REISSUE else "BIM016")


def waiting(host: Host, procedure: Procedure = Procedure.LOGIN_PASSWORD) -> View:
    """A new session that waits for the call."""
    choosing(host, procedure)
    view = choose(host)
    assert view.state in {"PHONE", "BTR004"}
    return view


def refused_until(view: View, code: str = "number_in_use") -> datetime | None:
    """When the number is free, from the only reason, which must be *code*."""
    (reason,) = view.reasons
    assert code == reason.code
    return reason.until


def without_words(reason: Reason) -> tuple[str, datetime | None]:
    """What a reason says, whatever its language."""
    return reason.code, reason.until


@pytest.mark.rule("P8", "S2a")
@pytest.mark.parametrize("second_procedure", list(Procedure), ids=named)
@pytest.mark.parametrize("first_procedure", list(Procedure), ids=named)
def test_a_contest_ends_the_first_wait_and_refuses_the_second(
    first: Host, first_procedure: Procedure, second_procedure: Procedure
) -> None:
    """Whoever asks for a number that is waited for is refused, the first wait ends, and a call proves neither."""
    waiting(first, first_procedure)
    second = beside(first)
    choosing(second, second_procedure)
    before = second.view.state
    until = first.clock.now + REST
    assert (before, until) == (choose(second).state, refused_until(second.view))
    assert CallStatus.UNMATCHED is first.call().status
    view = first.look()
    assert view.state in {"BIM016", "BTR003"}
    assert until == refused_until(view, "number_contested")
    assert before == second.look().state
    assert until == refused_until(first.look(), "number_contested")


@pytest.mark.rule("P8")
def test_a_contest_reaches_across_institutions_and_spellings(first: Host) -> None:
    """The number is what counts: another institution's contract, another spelling, another process."""
    waiting(first)
    second = beside(first, SAME_PHONE)
    choosing(second)
    choose(second)
    assert first.clock.now + REST == refused_until(second.view)
    assert first.clock.now + REST == refused_until(first.look(), "number_contested")


@pytest.mark.rule("P8")
def test_asking_meanwhile_prolongs_nothing(first: Host) -> None:
    """Through the rest every asking, of the first, the second and a third, is refused until the same time."""
    waiting(first)
    others = [beside(first), beside(first), first]
    for host in others[:2]:
        choosing(host)
    choose(others[0])
    until = refused_until(others[0].view)
    assert first.clock.now + REST == until
    for seconds in (1, 50, 69):
        first.clock.advance(seconds)
        for host in others:
            host.look()
            choose(host)
            assert until == refused_until(host.view)
    assert until == first.clock.now


@pytest.mark.rule("P8")
@pytest.mark.parametrize("who", ["first", "second", "third"])
def test_after_a_contest_all_wait_for_the_rest_to_pass(first: Host, who: str) -> None:
    """At its last instant nobody may wait for the number, a tick later whoever asks."""
    waiting(first)
    hosts = {"first": first, "second": beside(first), "third": beside(first)}
    choosing(hosts["second"])
    choosing(hosts["third"])
    choose(hosts["second"])
    until = first.clock.now + REST
    first.clock.advance(REST)
    hosts[who].look()
    choose(hosts[who])
    assert until == refused_until(hosts[who].view)
    first.clock.advance(TICK)
    assert "PHONE" == choose(hosts[who]).state
    assert CallStatus.VERIFIED is hosts[who].call().status


def left(host: Host, how: str) -> datetime:
    """End the wait of the session in PHONE without success; when it ended."""
    if how == "timeout":
        host.clock.advance(WINDOW + GRACE)
        return host.clock.now
    if how == "locked":
        host.bank.change(ORDINARY.ref, card_locked=True)
        assert CallStatus.REFUSED is host.call().status
        host.bank.change(ORDINARY.ref, card_locked=False)
        return host.clock.now
    host.send(how)
    return host.clock.now


@pytest.mark.rule("P8", "M4")
@pytest.mark.parametrize("looked", [True, False], ids=["looked at", "left alone"])
@pytest.mark.parametrize("how", ["back", "cancel", "timeout", "locked"])
def test_after_any_wait_without_success_others_wait_for_the_rest(first: Host, how: str, looked: bool) -> None:
    """Back, cancel, a timeout, a lock: for the rest no other session may wait, whether somebody looked or not."""
    waiting(first)
    ended = left(first, how)
    second = beside(first)
    choosing(second)
    first.clock.advance(REST + ended - first.clock.now)
    if looked:
        first.look()
        assert 0 == first.service.expire_due()
    choose(second)
    assert ended + REST == refused_until(second.view)
    assert "BIM016" == second.view.state
    first.clock.advance(TICK)
    assert "PHONE" == choose(second).state


@pytest.mark.rule("P8")
@pytest.mark.parametrize("how", ["back", "timeout"])
def test_the_same_session_may_wait_again_at_once(first: Host, how: str) -> None:
    """The rest is for others: after back, or a timeout, the session itself may wait for its number again."""
    waiting(first)
    left(first, how)
    first.clock.advance(TICK if how == "timeout" else 0)
    first.look()
    assert "PHONE" == choose(first).state
    assert CallStatus.VERIFIED is first.call().status


@pytest.mark.rule("P8")
def test_another_of_the_customers_sessions_is_another_session(first: Host) -> None:
    """A customer who restarts has to wait like anybody else: a call under way proves nobody."""
    waiting(first)
    first.send("cancel")
    choosing(first)
    choose(first)
    assert first.clock.now + REST == refused_until(first.view)


@pytest.mark.rule("P8")
@pytest.mark.parametrize("procedure", list(Procedure), ids=named)
def test_after_success_the_number_is_free_at_once(first: Host, procedure: Procedure) -> None:
    """A wait that succeeded leaves nothing behind."""
    waiting(first, procedure)
    first._prove_phone()
    assert [] == first.store.scan(WAIT)
    second = beside(first)
    waiting(second)
    assert CallStatus.VERIFIED is second.call().status


@pytest.mark.rule("P8", "A5")
@pytest.mark.parametrize("how", ["back", "timeout"])
def test_success_does_not_cut_the_rest_of_an_earlier_wait_short(first: Host, how: str) -> None:
    """The call of the wait that ended before may still be under way: others wait for its rest all the same."""
    waiting(first)
    ended = left(first, how)
    first.clock.advance(TICK)
    first.look()
    choose(first)
    assert CallStatus.VERIFIED is first.call().status
    second = beside(first)
    choosing(second)
    first.clock.advance(ended + REST - first.clock.now)
    choose(second)
    assert ended + REST == refused_until(second.view)
    assert "BIM017" == first.look().state
    first.clock.advance(TICK)
    assert "PHONE" == choose(second).state


@pytest.mark.rule("P8")
def test_cancelling_after_a_contest_changes_nothing_for_the_number(first: Host) -> None:
    """The wait ended with the contest: what the first session does later neither frees the number nor prolongs it."""
    waiting(first)
    second = beside(first)
    choosing(second)
    choose(second)
    until = first.clock.now + REST
    first.clock.advance(60)
    first.look()
    first.send("cancel")
    choose(second)
    assert until == refused_until(second.view)


@pytest.mark.rule("P8", "P2")
@pytest.mark.parametrize(("late", "contested"), [(timedelta(0), True), (TICK, False)], ids=["grace", "past the grace"])
def test_a_wait_can_be_contested_through_its_grace(first: Host, late: timedelta, contested: bool) -> None:
    """As long as a late report could still prove the first session a second one contests; then it merely waits."""
    waiting(first)
    ends = first.clock.now + WINDOW + GRACE
    first.clock.advance(WINDOW + GRACE + late)
    second = beside(first)
    choosing(second)
    choose(second)
    assert ends + REST == refused_until(second.view)
    assert ["number_contested" if contested else "timed_out"] == codes(first.look())


@pytest.mark.rule("P8", "P4")
def test_a_contest_while_keys_are_awaited_ends_that_call_too(first: Host) -> None:
    """The code that was read out proves nothing any more."""
    first.at_btr004_keys()
    code = first.call().code
    assert code is not None
    second = beside(first)
    choosing(second)
    choose(second)
    result = first.keys(code.reveal())
    assert (CallStatus.REFUSED, ["late"]) == (result.status, codes(result))
    assert ("BTR003", ["number_contested"]) == (first.look().state, codes(first.view))


@pytest.mark.rule("P8", "S7")
def test_a_contest_is_audited_at_both_sessions(first: Host) -> None:
    """Both sessions' records name it, and no number."""
    waiting(first)
    second = beside(first)
    choosing(second)
    choose(second)
    (ended,) = [each for each in first.store.audit(session=first.view.id) if each["event"] == "number_contested"]
    assert ("PHONE", "BIM016", ["number_contested"]) == (ended["before"], ended["after"], ended["reasons"])
    refused = second.store.audit(session=second.view.id)[-1]
    assert ("choose_phone", ["number_in_use"]) == (refused["event"], refused["reasons"])
    assert "12345601" not in repr(first.store.audit()).replace("-", "")


@pytest.mark.rule("P8", "S2")
def test_two_who_choose_at_the_same_instant_do_not_both_wait(first: Host) -> None:
    """One that comes between the other's question to the bank and its answer: it waits, and is contested at once."""
    second = beside(first)
    choosing(first)
    choosing(second)
    between: Iterator[object] = iter([lambda: choose(second)])

    def interleave(method: str) -> None:
        step = next(between, None) if method == "contract" else None
        if callable(step):
            step()

    first.bank.before = interleave
    choose(first)
    first.bank.before = None
    assert ("BIM016", ["number_in_use"]) == (first.view.state, codes(first.view))
    assert ("BIM016", ["number_contested"]) == (second.look().state, codes(second.view))
    assert CallStatus.UNMATCHED is first.call().status


class Interleaved:
    """A store that lets something else happen just before one commit."""

    def __init__(self, store: Store, between: list[object]) -> None:
        self.persistent = store.persistent
        self.between = between
        self.store = store

    def commit(self, puts: object, audit: object = ()) -> bool:
        """Let it happen, then commit."""
        if self.between and any(put.kind == WAIT for put in puts):  # type: ignore[attr-defined]  # of the port
            step = self.between.pop()
            assert callable(step)
            step()
        return self.store.commit(puts, audit)  # type: ignore[arg-type]  # of the port

    def __getattr__(self, name: str) -> object:
        return getattr(self.store, name)


@pytest.mark.rule("P8", "A5")
def test_two_who_commit_at_the_same_instant_do_not_both_wait(first: Host) -> None:
    """Both found the number free: the one whose commit comes second finds it waited for, and decides again."""
    between: list[object] = []
    slow = Host(store=Interleaved(first.store, between), bank=first.bank, clock=first.clock)  # type: ignore[arg-type]
    choosing(first)
    choosing(slow)
    between.append(lambda: choose(first))
    choose(slow)
    assert ("BIM016", ["number_in_use"]) == (slow.view.state, codes(slow.view))
    assert ("BIM016", ["number_contested"]) == (first.look().state, codes(first.view))


@pytest.mark.rule("P8", "C6")
def test_a_contest_needs_nothing_from_the_bank(store: Store) -> None:
    """A bank that is silent about the other's institution keeps no wait alive, and leaves nothing half done."""
    bank = FakeBank(customers=(ORDINARY, SAME_PHONE), institutions=(INSTITUTION, OTHER_PLACE))
    first = Host(store=store, bank=bank)
    waiting(first)
    second = beside(first, SAME_PHONE)
    choosing(second)
    bank.fail("institution", BankUnavailable, times=2)
    choose(second)
    until = first.clock.now + REST
    assert ("BIM016", until) == (second.view.state, refused_until(second.view))
    assert ("BIM016", until) == (first.look().state, refused_until(first.view, "number_contested"))


@pytest.mark.rule("P8")
def test_the_rest_is_the_institutions_figure(store: Store) -> None:
    """With no rest the number is free as soon as the wait has ended; after a contest at the next instant."""
    host = Host(store=store, policies=Policies(phone=PhonePolicy(number_rest=timedelta(0))))
    waiting(host)
    host.send("back")
    second = beside(host)
    choosing(second)
    host.clock.advance(TICK)
    assert "PHONE" == choose(second).state
    choose(host)
    assert host.clock.now == refused_until(host.view)
    host.clock.advance(TICK)
    assert "PHONE" == choose(host).state


@pytest.mark.rule("P8", "A8")
def test_a_third_session_finds_the_number_in_use(first: Host) -> None:
    """After a contest a third session is told the same as the second, and ends no wait: there is none."""
    waiting(first)
    second, third = beside(first), beside(first)
    choosing(second)
    choosing(third)
    choose(second)
    first.clock.advance(SECOND)
    choose(third)
    assert [without_words(each) for each in second.view.reasons] == [without_words(each) for each in third.view.reasons]
    assert ["number_contested"] == codes(first.look())


@pytest.mark.rule("P8", "S4")
def test_waits_are_the_same_for_every_process(first: Host) -> None:
    """A second process over the same store finds the wait that the first one made."""
    waiting(first)
    second = beside(first)
    assert CallStatus.VERIFIED is second.call().status
    assert "BIM017" == second.look().state
    assert "BIM017" == first.look().state
