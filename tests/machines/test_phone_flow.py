"""Phone authentication from the choice of a number to its proof (SPEC P), and that one call proves one session (A5)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

import attrs
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from budgets import budget
from hosts import Host, codes, named
from ja_reset import BankUnavailable, Call, CallSource, CallStatus, EffectKind, Policies, Procedure, View
from ja_reset.machines._phones import offered
from ja_reset.policies import PhonePolicy
from ja_reset.service._records import WAIT
from ja_reset.stores.rows import Store
from ja_reset.testing import FakeBank
from ja_reset.testing.cast import CAST, INSTITUTION, ORDINARY, VOIP_ONLY

TICK = timedelta(microseconds=1)
GRACE = timedelta(seconds=5)
REST = timedelta(seconds=120)
WINDOWS = {Procedure.TOKEN_REISSUE: timedelta(seconds=300)}
BIM_WINDOW = timedelta(seconds=120)
procedures = pytest.mark.parametrize("procedure", list(Procedure), ids=named)


def choosing(host: Host, procedure: Procedure) -> View:
    """A new session where the phone is chosen."""
    return host.at(procedure, choice(procedure))


def choice(procedure: Procedure) -> str:
    """Where the phone is chosen."""
    return "BTR003" if procedure is Procedure.TOKEN_REISSUE else "BIM016"


def choose(host: Host, number: int = 0, **changes: str) -> View:
    """Choose an offered phone."""
    if host.view.procedure is Procedure.TOKEN_REISSUE:
        return host.send("submit_details", host.details(number, **changes))
    return host.send("choose_phone", {**host.phone(number), **changes})


def waiting(host: Host, procedure: Procedure, number: int = 0) -> View:
    """A new session that waits for the call."""
    choosing(host, procedure)
    return choose(host, number)


def window(procedure: Procedure) -> timedelta:
    """How long it waits."""
    return WINDOWS.get(procedure, BIM_WINDOW)


# The choice (P1, F13) ---------------------------------------------------------------------------------------


@pytest.mark.rule("P1", "S6")
@procedures
def test_phones_are_offered_with_their_last_four_digits_hidden(store: Store, procedure: Procedure) -> None:
    """In the order of the contract, each once, 050 and what is no number left out; only the chosen one afterwards."""
    host = Host(store=store)
    phones = (
        "09012345601",
        "050-1111-2222",
        "+81 90-1234-5601",
        "03-1234-5678",
        "none",
        "0120-000-123",
        "02-6234-5603",
    )
    if procedure is not Procedure.TOKEN_REISSUE:
        host.at_bim015(procedure)
    host.bank.change(ORDINARY.ref, phones=phones)
    view = choosing(host, procedure)
    masks = [phone.masked for phone in view.phones]
    assert ["090-1234-****", "03-1234-****"] == masks[:2]
    assert len(offered(host.bank.customer(ORDINARY.ref).contract, relay=False)) == len(masks)
    assert ["****"] * len(masks) == [mask.replace("-", "")[-4:] for mask in masks]
    shown = repr((view, view.to_dict()))
    assert "5601" not in shown
    assert "5678" not in shown
    assert ["03-1234-****"] == [phone.masked for phone in choose(host, 1).phones]


@pytest.mark.rule("F13")
@procedures
def test_a_phone_is_chosen_by_an_id_that_was_offered(procedure: Procedure) -> None:
    """The number itself, its mask, another session's id, a position: refused, and nothing waits."""
    host = Host()
    choosing(host, procedure)
    foreign = host.view.phones[0].id
    view = choosing(host, procedure)
    assert foreign not in {phone.id for phone in view.phones}
    for wrong in (
        foreign,
        ORDINARY.contract.phones[0],
        "+819012345601",
        view.phones[0].masked,
        "0",
        "x" * 65,
        "\ud800",
    ):
        choose(host, phone_id=wrong)
        assert {"phone_id"} == {reason.field for reason in host.view.reasons}
        assert view.state == host.view.state
    assert [] == host.store.scan(WAIT)


@pytest.mark.rule("P1", "A2")
@procedures
def test_a_number_chosen_is_the_only_one_that_proves(procedure: Procedure) -> None:
    """The customer's other registered numbers find no session, whichever was chosen."""
    for number, chosen in enumerate(ORDINARY.contract.phones):
        host = Host()
        view = waiting(host, procedure, number)
        for other in ORDINARY.contract.phones:
            if other != chosen:
                assert CallStatus.UNMATCHED is host.call(other).status
        assert view == host.look()
        assert host.call(chosen).status in {CallStatus.VERIFIED, CallStatus.ANNOUNCE}


@pytest.mark.rule("P1", "P2", "P11")
@procedures
def test_the_phone_screen_says_what_to_call_and_until_when(procedure: Procedure) -> None:
    """The institution's number, the end of the window without its grace; other screens say neither number nor code."""
    host = Host()
    assert None is choosing(host, procedure).dial
    view = choose(host)
    assert (INSTITUTION.dial, host.clock.now + window(procedure), None) == (view.dial, view.deadline, view.code)


# Windows (P6) -----------------------------------------------------------------------------------------------


@pytest.mark.rule("P6", "P2")
@procedures
@pytest.mark.parametrize("by", ["view", "housekeeping", "event"])
def test_a_window_that_closes_leads_back_with_the_reason(store: Store, procedure: Procedure, by: str) -> None:
    """Through the grace it waits; a microsecond later it is back where the phone is chosen, however that is noticed."""
    host = Host(store=store)
    waits = waiting(host, procedure)
    host.clock.advance(window(procedure) + GRACE)
    assert 0 == host.service.expire_due()
    assert waits == host.look()
    host.clock.advance(TICK)
    if by == "housekeeping":
        assert 1 == host.service.expire_due()
    if by == "event":
        host.send("back")
        assert ["stale", "timed_out"] == codes(host.view)
    view = host.look()
    assert (choice(procedure), ["timed_out"], waits.version + 1) == (view.state, codes(view), view.version)
    assert [3, None, None] == [len(view.phones), view.dial, view.tries_left]


@pytest.mark.rule("P6")
@procedures
@pytest.mark.parametrize("windows", [1, 2, 3])
def test_when_the_last_window_closes_the_session_is_expired(store: Store, procedure: Procedure, windows: int) -> None:
    """So many windows, and with the end of the last one EXPIRED; a call afterwards is late."""
    host = Host(store=store, policies=Policies(phone=PhonePolicy(phone_windows=windows)))
    choosing(host, procedure)
    for left in range(windows, 0, -1):
        choose(host)
        host.clock.advance(window(procedure) + GRACE + TICK)
        assert ["late"] == codes(host.call())
        assert (choice(procedure) if left > 1 else "EXPIRED") == host.look().state
        assert ["timed_out"] == codes(host.view)


@pytest.mark.rule("P6", "M4")
@procedures
def test_going_back_uses_a_window_up(procedure: Procedure) -> None:
    """Each entering is a window: after three of them, left by 戻る, no fourth is opened."""
    host = Host()
    choosing(host, procedure)
    for _ in range(3):
        assert choose(host).dial is not None
        host.send("back")
    assert ("EXPIRED", ["timed_out"]) == (choose(host).state, codes(host.view))


@pytest.mark.rule("P2", "I6")
@procedures
def test_the_window_opens_when_the_screen_is_entered_however_slow_the_bank(procedure: Procedure) -> None:
    """What the bank took to look at the contract's locks is not taken from the customer's time to call."""
    host = Host()
    choosing(host, procedure)
    host.bank.before = lambda _: host.clock.advance(30)
    view = choose(host)
    host.bank.before = None
    assert host.clock() + window(procedure) == view.deadline


@pytest.mark.rule("P6")
def test_a_choice_that_was_refused_uses_no_window_up() -> None:
    """A number in use, a field error, a silent bank: nothing was entered."""
    host = Host(policies=Policies(phone=PhonePolicy(phone_windows=1)))
    first = host.beside()
    waiting(first, Procedure.LOGIN_PASSWORD)
    first.send("back")
    choosing(host, Procedure.LOGIN_PASSWORD)
    for _ in range(3):
        assert ["number_in_use"] == codes(choose(host))
        assert ["format"] == codes(choose(host, phone_id="x"))
        host.bank.fail("contract", BankUnavailable)
        assert ["temporarily_unavailable"] == codes(choose(host, 1))
    assert "PHONE" == choose(host, 1).state


@pytest.mark.rule("P6", "S3")
@procedures
def test_inside_a_window_neither_timeout_strikes(procedure: Procedure) -> None:
    """A window that reaches past the absolute timeout is waited out, and a call in it counts; then time is up."""
    for proves in (True, False):
        host = Host()
        choosing(host, procedure)
        for _ in range(3):
            host.clock.advance(540)
            host.send("choose_phone" if choice(procedure) == "BIM016" else "submit_details", {"phone_id": ""})
        host.clock.advance(1800 - 3 * 540)
        assert choose(host).dial is not None
        host.clock.advance(window(procedure) if proves else window(procedure) + GRACE + TICK)
        if proves:
            assert host.call().status in {CallStatus.VERIFIED, CallStatus.ANNOUNCE}
        else:
            assert ("EXPIRED", ["timed_out"]) == (host.look().state, codes(host.view))


# proceed (P7) -----------------------------------------------------------------------------------------------


@pytest.mark.rule("P7", "S2")
@procedures
def test_proceed_before_the_proof_is_refused_and_changes_nothing(procedure: Procedure) -> None:
    """`phone_not_verified`, whatever version it names, while the call or the keys are waited for."""
    host = Host(policies=Policies(phone=PhonePolicy(bim_code=True)))
    view = waiting(host, procedure)
    for _ in range(2):
        for version in (None, view.version, 1, 999, "x"):
            answer = host.service.send(view.token, "proceed", version=version)  # type: ignore[arg-type]  # anything
            assert (view.state, view.version, ["phone_not_verified"]) == (answer.state, answer.version, codes(answer))
        host.call()
        view = host.look()
    assert host.keys("x").status is CallStatus.RETRY


@pytest.mark.rule("P7", "S2", "M2a")
@procedures
def test_proceed_after_the_proof_gives_the_present_view(procedure: Procedure) -> None:
    """The page that missed it hears no reason, whatever version it names, and in the success state neither."""
    host = Host()
    old = waiting(host, procedure)
    host._prove_phone()
    states = ["BTR005"] if procedure is Procedure.TOKEN_REISSUE else ["BIM017", "DONE"]
    for state in states:
        if state == "DONE":
            host.send("submit_reset", host.reset())
        present = host.look()
        for version in (None, old.version, 999):
            answer = host.service.send(old.token, "proceed", version=version)
            assert (state, [], present.version) == (answer.state, codes(answer), answer.version)
    assert [EffectKind.NOTIFY] == [each.kind for each in host.bank.carried_out if each.kind is EffectKind.NOTIFY]


@pytest.mark.rule("P7", "S2a", "L1")
def test_proceed_after_a_wrong_pin_says_nothing_and_costs_nothing() -> None:
    """The present view, with the tries that are left."""
    host = Host()
    host.at_bim017()
    host.send("submit_reset", host.reset(pin="0000"))
    assert ("BIM017", [], 2) == (host.send("proceed").state, codes(host.view), host.view.tries_left)


@pytest.mark.rule("P7", "M4", "M5")
@procedures
def test_proceed_where_no_phone_was_proved_is_not_available(procedure: Procedure) -> None:
    """Before the phone screen, and after it was left without a proof."""
    host = Host()
    choosing(host, procedure)
    assert ["event_not_available"] == codes(host.send("proceed"))
    choose(host)
    host.send("back")
    assert ["event_not_available"] == codes(host.send("proceed"))


# Locks on the way (I6, C5a) ---------------------------------------------------------------------------------


@pytest.mark.rule("I6", "A1")
@procedures
@pytest.mark.parametrize("lock", ["service_locked", "card_locked", "pins"])
@pytest.mark.parametrize("step", ["choosing", "calling", "last"])
def test_a_lock_is_seen_at_every_later_step(procedure: Procedure, lock: str, step: str) -> None:
    """Set by the bank, or by wrong PINs in another session, between any two steps: LOCKED, and nothing is ordered."""
    host = Host()
    other = host.beside()
    if lock == "pins":  # on a number that is not in the way
        other.at_phone(number=1)
        other.call(ORDINARY.contract.phones[1])
        other.look()
    code = None
    choosing(host, procedure)
    if step != "choosing":
        choose(host)
    if step == "last":
        code = host.call().code
    if lock == "pins":
        for _ in range(3):
            other.send("submit_reset", other.reset(pin="0000"))
        host.bank.unlock(ORDINARY.ref)
        done = len(host.bank.carried_out)
    else:
        host.bank.change(ORDINARY.ref, **{lock: True})
        done = 0
    if step == "choosing":
        choose(host)
    elif step == "calling":
        assert ["locked"] == codes(host.call())
    elif code is not None:
        assert ["locked"] == codes(host.keys(code.reveal()))
    else:
        host.look()
        host.send("submit_reset", host.reset())
    assert ("LOCKED", ["locked"]) == (host.look().state, codes(host.view))
    assert done == len(host.bank.carried_out)


@pytest.mark.rule("C5a")
@procedures
@pytest.mark.parametrize("step", ["choosing", "calling", "last"])
def test_a_contract_that_is_gone_rejects_at_every_later_step(procedure: Procedure, step: str) -> None:
    """The bank no longer knows it: REJECTED, at the choice, during the call and at the last step."""
    host = Host()
    choosing(host, procedure)
    code = None
    if step != "choosing":
        choose(host)
    if step == "last":
        code = host.call().code
    host.bank.forget(ORDINARY.ref)
    if step == "choosing":
        choose(host)
    elif step == "calling":
        assert CallStatus.REFUSED is host.call().status
    elif code is not None:
        assert CallStatus.REFUSED is host.keys(code.reveal()).status
    else:
        host.look()
        host.send("submit_reset", host.reset())
    assert "REJECTED" == host.look().state
    assert [] == host.bank.carried_out


# What is kept of numbers (S7, S8) ---------------------------------------------------------------------------


@pytest.mark.rule("S7", "S8", "P1", "S5")
@procedures
def test_views_results_and_audit_hold_no_number(procedure: Procedure) -> None:
    """From the first screen to the last: masks only, and of callers too; operators see none either."""
    host = Host()
    answers: list[object] = [waiting(host, procedure)]
    answers += [host.call("080-9999-8888"), host.call("090-1234-5601", diverted=True), host.call("anonymous")]
    host._prove_phone()
    answers.append(host.look())
    operator = host.service.operator
    text = repr((answers, operator.audit(), operator.sessions(), operator.effects())).replace("-", "")
    for number in ("08099998888", *ORDINARY.contract.phones):
        digits = number.replace("-", "")
        assert digits[-8:] not in text
    assert any("08099998888"[:7] in str(record.get("caller")).replace("-", "") for record in operator.audit())


@pytest.mark.rule("S8")
def test_ended_sessions_are_purged_after_the_retention_and_audit_stays() -> None:
    """Through the retention's last instant the session is there; then it and its rows are gone, a live one is not."""
    host = Host()
    host.at_bim017()
    host.send("submit_reset", host.reset())
    audit = host.store.audit()
    host.clock.advance(timedelta(days=30))
    assert 0 == host.service.purge()
    assert "DONE" == host.look().state
    live = host.beside()
    live.at_bim016()
    host.clock.advance(TICK)
    assert 1 == host.service.purge()
    assert [live.view.id] == [row.key for row in host.store.scan("session")]
    assert [] == [row for kind in ("call", "wait", "request", "effect") for row in host.store.scan(kind)]
    assert audit == host.store.audit()[: len(audit)]


@pytest.mark.rule("P1", "E3")
def test_a_contract_without_a_phone_to_call_from_is_rejected() -> None:
    """Only a 050 number on file: `no_phone`."""
    host = Host(customer=VOIP_ONLY)
    host.at_btr002()
    view = host.send("submit_credentials", host.credentials())
    assert ("REJECTED", ["no_phone"]) == (view.state, codes(view))


# One call, one session (A5) ---------------------------------------------------------------------------------


class TwoSessions(RuleBasedStateMachine):
    """Two sessions of two institutions over one number, calls, retries, 戻る, new starts and time, in any order."""

    policies: ClassVar = Policies(phone=PhonePolicy(phone_windows=50))

    @initialize(procedures=st.tuples(st.sampled_from(Procedure), st.sampled_from(Procedure)))
    def begin(self, procedures: tuple[Procedure, Procedure]) -> None:
        """Both where the phone is chosen."""
        there = attrs.evolve(INSTITUTION, id="ja-9999")
        same = attrs.evolve(ORDINARY, institution="ja-9999", contract=attrs.evolve(ORDINARY.contract, ref="C-9999"))
        first = Host(bank=FakeBank((*CAST, same), (INSTITUTION, there)), policies=self.policies)
        second = first.beside()
        second.customer = same
        self.clock = first.clock
        self.hosts = [first, second]
        self.quiet: list[datetime | None] = [None, None]
        self.opened: list[datetime | None] = [None, None]
        self.procedures = procedures
        self.calls: dict[str, Call] = {}
        self.proofs: dict[str, set[str]] = {}
        for host, procedure in zip(self.hosts, procedures, strict=True):
            choosing(host, procedure)
        self.shown = [host.view.state for host in self.hosts]

    def _waits(self, who: int) -> bool:
        return self.hosts[who].view.dial is not None

    def _look(self) -> None:
        """Note which waits have ended without success, and when at the latest."""
        for who, host in enumerate(self.hosts):
            waited, opened = self._waits(who), self.opened[who]
            host.look()
            if waited and not self._waits(who) and opened is not None:
                if host.view.state not in {"BIM017", "BTR005"}:
                    last = opened + window(self.procedures[who]) + GRACE
                    self.quiet[who] = min(self.clock.now, last)
                self.opened[who] = None

    @rule(who=st.integers(0, 1))
    def choose(self, who: int) -> None:
        """Ask for the number; whoever begins to wait does so alone, after the other's rest."""
        self._look()
        host = self.hosts[who]
        if host.view.state not in {"BIM016", "BTR003"}:
            return
        other_waited = self._waits(1 - who)
        choose(host)
        if self._waits(who):
            assert not other_waited
            quiet = self.quiet[1 - who]
            assert quiet is None or self.clock.now > quiet + REST
            self.opened[who] = self.clock.now
        elif other_waited:
            assert ["number_in_use"] == codes(host.view)
            self.quiet[who] = self.clock.now
        self._look()

    @rule(who=st.integers(0, 1), event=st.sampled_from(["back", "proceed"]))
    def leave(self, who: int, event: str) -> None:
        """戻る, or an impatient proceed, on the phone screen."""
        self._look()
        if self._waits(who):
            before = self.hosts[who].view.state
            self.hosts[who].send(event)
            if event == "back":
                self.quiet[who], self.opened[who] = self.clock.now, None
            else:
                assert before == self.hosts[who].view.state

    @rule(who=st.integers(0, 1))
    def start_anew(self, who: int) -> None:
        """The customer gives up and begins another session, which is a stranger to the one before."""
        self._look()
        host = self.hosts[who]
        if not host.view.final and "cancel" in host.view.events:
            waited = self._waits(who)
            host.send("cancel")
            if waited:
                self.quiet[who] = self.clock.now
        self.opened[who] = None
        # a wait that the former session left rests for the new one as for anybody
        quiet = self.quiet[who]
        if quiet is not None and (self.quiet[1 - who] or quiet) <= quiet:
            self.quiet[1 - who] = quiet
        choosing(host, self.procedures[who])

    @rule(
        ago=st.sampled_from([0, 0, 0, 1, 60, 130]),
        retry=st.booleans(),
        named_=st.sampled_from([None, None, 0, 1]),
    )
    def call(self, ago: int, retry: bool, named_: int | None) -> None:
        """A call from the number, dated some time ago, or one that was reported before; keys follow where asked for."""
        self._look()
        before = [host.view.state for host in self.hosts]
        name = f"call-{len(self.calls)}"
        if retry and self.calls:
            name = f"call-{len(self.calls) - 1}"
        at = self.clock.now - timedelta(seconds=ago)
        call = self.calls.setdefault(
            name, Call(id=name, number=ORDINARY.contract.phones[0], source=CallSource.NETWORK, received_at=at)
        )
        session = None if named_ is None else self.hosts[named_].view.id
        opened = list(self.opened)
        result = self.hosts[0].service.report_call(call, session=session)
        if result.code is not None:
            result = self.hosts[1].service.report_keys(name, result.code.reveal())
        self._look()
        after = [host.view.state for host in self.hosts]
        proved = [who for who in (0, 1) if before[who] != after[who] and after[who] in {"BIM017", "BTR005"}]
        for who in proved:
            self.proofs.setdefault(name, set()).add(self.hosts[who].view.id)
            since = opened[who]
            assert since is not None
            assert call.received_at is not None
            assert since <= call.received_at <= since + window(self.procedures[who])
        assert (result.status is CallStatus.VERIFIED) == bool(proved) or name in self.proofs

    @rule(seconds=st.sampled_from([1, 30, 60, 119, 121, 130, 310]))
    def wait(self, seconds: int) -> None:
        """Time passes."""
        self.clock.advance(seconds)
        self._look()

    @invariant()
    def at_most_one_waits(self) -> None:
        """Of the two at most one is on the phone screen; and one call proved at most one session."""
        if hasattr(self, "hosts"):
            assert sum(host.look().dial is not None for host in self.hosts) <= 1
            assert all(len(sessions) == 1 for sessions in self.proofs.values())


@pytest.mark.rule("A5", "A1", "P8", "P3")
def test_one_call_proves_one_session() -> None:
    """Whatever two customers and a gateway do, in whatever order: see TwoSessions."""
    run_state_machine_as_test(TwoSessions, settings=settings(max_examples=budget(60), stateful_step_count=30))


@pytest.mark.rule("P7", "S2a")
def test_asking_keeps_why_the_last_call_did_not_count() -> None:
    """However often the customer asks; a call that counts for nothing else says its own reason."""
    host = Host()
    host.at_phone()
    host.call(diverted=True)
    for _ in range(3):
        assert ["phone_not_verified", "diverted"] == codes(host.send("proceed"))
    host.call(source=CallSource.CLAIMED)
    assert ["claimed"] == codes(host.look())
    assert ["phone_not_verified", "claimed"] == codes(host.send("proceed"))
    host.call()
    assert ("BIM017", []) == (host.send("proceed").state, codes(host.view))
