# ruff: noqa: SIM300 - expected == actual (house style)
"""Histories of a whole service: Hypothesis acts as customers, gateway, clock and bank, the model answers too.

A rule does one thing to the service and to `service_turns.Turns`, and both must answer the same. What must always
hold (A1-A8) is looked at after each.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import attrs
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ja_reset.errors import UnknownSession
from ja_reset.machines import Procedure
from ja_reset.testing.bank import credentials, identity
from ja_reset.testing.cast import Customer
from ja_reset.testing.clock import FakeClock
from ja_reset.testing.service_driver import Drive
from ja_reset.testing.service_model import TOKEN, UNAVAILABLE, WAITING, Run
from ja_reset.testing.service_turns import Ringing, Submission, Turns
from ja_reset.testing.watched_bank import AFTER, BEFORE, REFUSED, WatchedBank
from ja_reset.values import Call, CallResult, CallSource, Contract, EffectKind, Presentation
from ja_reset.view import View

NEW_PASSWORD: Final = "Shinai-77"  # noqa: S105 - of a customer that is not
ACTIVATION: Final = "86421357"
EMAIL: Final = "atarashii@example.jp"
MOST_LIVE: Final = 3
MOST_RUNS: Final = 12
NEXT: Final = {
    "BIM015": "submit_identity",
    "BIM016": "choose_phone",
    "BIM017": "submit_reset",
    "COMPLETING": "proceed",
    "BTR001": "choose_method",
    "BTR002": "submit_credentials",
    "BTR003": "submit_details",
}
ASKED: Final = {
    "submit_identity": ("find_contract",),
    "submit_credentials": ("check_login",),
    "choose_phone": ("contract",),
    "submit_details": ("contract",),
    "submit_reset": ("contract", "check_pin", "carry_out"),
    "proceed": ("carry_out",),
}
"""Whom an event asks at the bank."""
AGAINST: Final = ("withheld", "unavailable", "voip", "wrong_line", "diverted", "claimed")
WHICH: Final = st.integers(0, 5)
WHO: Final = st.sampled_from((0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 3, 4, 5))
HOW: Final = st.sampled_from(("right", "right", "wrong"))


@attrs.frozen
class Setting:
    """What a history is played on; `end` gives it back."""

    drive: Drive
    bank: WatchedBank
    clock: FakeClock
    model: Turns
    customers: tuple[Customer, ...]
    dial: str
    saved: Callable[[], str]
    end: Callable[[], None]


def wrong_digits(digits: str) -> str:
    """As many digits, and others."""
    return digits[:-1] + str((int(digits[-1]) + 1) % 10)


class ServiceHistory(RuleBasedStateMachine):
    """A service beside the model of it. `setting` is made anew for each history."""

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self.drive, self.bank, self.clock = setting.drive, setting.bank, setting.clock
        self.model, self.setting = setting.model, setting
        self.tokens: list[str] = []
        self.codes: list[str] = []
        self.shown: list[str] = []
        self.phones: dict[str, tuple[str, ...]] = {}
        self.counted = 0

    # customers

    @precondition(lambda self: len(self._live()) < MOST_LIVE and len(self.model.runs) < MOST_RUNS)
    @rule(procedure=st.sampled_from(Procedure), who=WHO, steps=st.integers(0, 5))
    def begins(self, procedure: Procedure, who: int, steps: int) -> None:
        """A customer begins, and goes some steps without a slip."""
        customer = self.setting.customers[who % len(self.setting.customers)]
        view = self.drive.start(procedure, customer.institution)
        first = "BTR001" if procedure is TOKEN else "BIM015"
        now = self.clock.now
        run = Run(procedure, customer, first, created=now, active=now, seen=now, token=view.token, id=view.id)
        self.model.runs.append(run)
        self.tokens.append(view.token)
        self._agree(run, view, [])
        for _ in range(steps):
            if not run.is_final:
                self._goes_on(run, "right", 0, None)

    @precondition(lambda self: self.model.runs)
    @rule(which=WHICH, phone=st.sampled_from((0, 0, 1)))
    def goes_on(self, which: int, phone: int) -> None:
        """A customer does what the screen asks for."""
        self._goes_on(self._run(which), "right", phone, None)

    @precondition(lambda self: self.model.runs)
    @rule(which=WHICH, how=st.sampled_from(("wrong", "wrong", "invalid")), times=st.integers(1, 3))
    def slips(self, which: int, how: str, times: int) -> None:
        """A customer does it wrongly, once or again."""
        run = self._run(which)
        for _ in range(times):
            self._goes_on(run, how, 0, None)

    @precondition(lambda self: self.model.runs)
    @rule(which=WHICH, asked=st.integers(0, 2), when=st.sampled_from((BEFORE, AFTER, REFUSED)), how=HOW)
    def goes_on_while_the_bank_is_silent(self, which: int, asked: int, when: str, how: str) -> None:
        """A customer goes on, and the bank gives no answer, before or after its work, or refuses (C4, C4a, C6)."""
        self._goes_on(self._run(which), how, 0, (asked, when))

    @precondition(lambda self: self.model.runs)
    @rule(
        which=WHICH,
        event=st.sampled_from(("back", "proceed", "cancel", "back", *ASKED, "choose_method", "nonsense")),
        is_old=st.sampled_from((False, False, True)),
        any_run=st.booleans(),
    )
    def presses(self, which: int, event: str, *, is_old: bool, any_run: bool) -> None:
        """A customer presses any button, of another screen perhaps, or on a page that is no longer the present one."""
        run = self.model.runs[which % len(self.model.runs)] if any_run else self._run(which)
        self._send(run, Submission(event=event, is_old=is_old))

    @precondition(lambda self: self.model.calls or any(run.request for run in self.model.runs))
    @rule(which=WHICH, is_call=st.booleans())
    def something_comes_twice(self, which: int, *, is_call: bool) -> None:
        """A call is reported again (P3), or a request is retried (S2)."""
        if is_call and self.model.calls:
            name = sorted(self.model.calls)[which % len(self.model.calls)]
            call = Call(id=name, number=None, source=CallSource.NETWORK)
            expected = self.model.ring(Ringing(id=name, number=None, against=None, at=self.clock.now), None)
            return self._hears(expected, self.drive.report_call(call, None))
        run = self.model.runs[which % len(self.model.runs)] if self.model.runs else None
        if run is None or run.request is None or run.gone:
            return None
        name, answer = run.request
        self.model.pass_time(run)
        view = self.drive.send(run.token, "cancel", None, version=1, request_id=name)
        assert answer == view.to_dict()
        return None

    @precondition(lambda self: self.model.runs)
    @rule(which=WHICH)
    def looks(self, which: int) -> None:
        """A page polls."""
        run = self.model.runs[which % len(self.model.runs)]
        if run.gone:
            return self._is_unknown(run)
        self.model.pass_time(run)
        return self._look(run)

    # the telephone

    @precondition(lambda self: self.model.runs)
    @rule(
        which=WHICH,
        against=st.none() | st.sampled_from(AGAINST),
        other=st.booleans(),
        late=st.sampled_from((0, 0, 0, 1, 20, -1, -3)),
        named=st.booleans(),
    )
    def somebody_calls(self, which: int, against: str | None, *, other: bool, late: int, named: bool) -> None:
        """A call from a customer's phone, or not from it; reported at once, late, or with a clock that is ahead."""
        run = self._waiting_run(which)
        self._ring(run, against, other=other, at=self.clock.now - timedelta(seconds=late), named=named)

    @precondition(lambda self: self.counted)
    @rule(which=st.integers(0, 9), right=st.booleans(), late=st.sampled_from((0, 0, -20, 20)), newest=st.booleans())
    def keys_are_pressed(self, which: int, late: int, *, right: bool, newest: bool) -> None:
        """Keys in a call: the newest, one that is over perhaps, or one that is no longer kept or never was."""
        number = self.counted - 1 - which if not newest else self.counted - 1
        self._key_in(f"call-{number}", right=right, late=late, around=not newest)

    # time, the operator, the branch

    @precondition(lambda self: self._live())
    @rule(
        which=WHICH,
        beyond=st.sampled_from((-1, 0, 1)),
        grace=st.booleans(),
        then=st.sampled_from(("looks", "goes on", "calls", "expire_due")),
    )
    def time_goes_to_a_deadline(self, which: int, beyond: int, then: str, *, grace: bool) -> None:
        """The clock goes to the edge of a run's screen, a microsecond before or beyond it, and something happens."""
        run = self._waiting_run(which)
        end = self.model.deadline(run)
        if end is None:
            return
        more = self.model.policies.phone.delivery_grace if grace else timedelta()
        self._time_is(max(self.clock.now, end + more + timedelta(microseconds=beyond)))
        if then == "calls":  # dialled in time; the report is late
            self._ring(run, None, other=False, at=end, named=False)
        elif then == "goes on":
            self._goes_on(run, "right", 0, None)
        elif then == "looks":
            self.looks(self.model.runs.index(run))
        else:
            self.housekeeping("expire_due")

    @rule(seconds=st.sampled_from((0.5, 3, 20, 60, 300, 3600, -0.5, -1, -30)))
    def time_passes(self, seconds: float) -> None:
        """The clock goes on; or back, as another machine's does, or one that was set (S3)."""
        self._time_is(self.clock.now + timedelta(seconds=seconds))

    @rule(work=st.sampled_from(("expire_due", "purge", "recover")))
    def housekeeping(self, work: str) -> None:
        """Each says how many it moved, dropped or settled."""
        expected, done = {
            "expire_due": (self.model.expire_due, self.drive.expire_due),
            "purge": (self.model.purge, self.drive.purge),
            "recover": (self.model.recover, self.drive.recover),
        }[work]
        assert (work, expected()) == (work, done())

    @precondition(lambda self: self.model.runs)
    @rule(which=WHICH)
    def the_branch_unlocks(self, which: int) -> None:
        """The counts of a customer are cleared, here and at the bank (L6)."""
        run = self.model.runs[which % len(self.model.runs)]
        self.model.unlock(run)
        self.drive.unlock(run.customer)
        self.bank.unlocked(run.customer.ref)

    @precondition(lambda self: self._live())
    @rule(which=WHICH, what=st.sampled_from(("card_locked", "service_locked", "gone")))
    def the_bank_changes_its_mind(self, which: int, what: str) -> None:
        """A lock is set in the middle, or a contract ends (I6, C5a); the customer goes on, then all is as before."""
        run = self._waiting_run(which)
        self.bank.changes(run.customer.ref, what)
        self._goes_on(run, "right", 0, None)
        self.bank.changes(run.customer.ref, None)

    # what must always hold

    @invariant()
    def success_rests_on_every_proof(self) -> None:
        """A1: identity, then the phone, then the last proof, all in this session and none before a 戻る past it."""
        for run in self.model.runs:
            if run.state in {"DONE", "BTR005", "COMPLETING"}:
                assert ["identity", "phone", "last"] == run.proofs

    @invariant()
    def wrong_pins_stay_within_the_limit(self) -> None:
        """A3: as the bank counts them; one whose outcome nobody knew for `unknown_lapse` no longer does (L5)."""
        limit = self.model.policies.lockout.pin_attempts
        for ref, wrong in self.bank.most_wrong_in_a_row.items():
            assert limit + self.model.card(ref).lapsed >= wrong

    @invariant()
    def a_number_is_waited_for_once(self) -> None:
        """A5: of sessions that time has not run out for."""
        waiting = Counter(
            wait.run.number for wait in self.model.waits.values() if wait.ended is None and wait.run.state in WAITING
        )
        assert all(1 == times for times in waiting.values())

    @invariant()
    def effects_were_carried_out_once(self) -> None:
        """A6: what the bank confirmed it did, under a key of its own; what it did beyond that is still pending."""
        confirmed = Counter(self.model.done)
        done = Counter(self.bank.done.values())
        assert confirmed <= done
        assert done - confirmed <= Counter((order.kind, order.ref) for order in self.model.pending)

    def teardown(self) -> None:
        """A7, at the end of a history: no secret stands in what was answered, saved, audited or recorded."""
        try:
            everything = "\n".join([*self.shown, self.setting.saved(), self.drive.told()]).lower()
            pins = {customer.pin for customer in self.setting.customers}
            words = {NEW_PASSWORD, ACTIVATION, *self.tokens, *(each.password for each in self.setting.customers)}
            found = [word for word in words if word.lower() in everything]
            found += [digits for digits in pins | {*self.codes} if f'"{digits}"' in everything]
            assert [] == found
        finally:
            self.setting.end()

    # how

    def _live(self) -> list[Run]:
        return [run for run in self.model.runs if not run.is_final]

    def _run(self, which: int) -> Run:
        """One that still goes on, where there is one."""
        runs = self._live() or self.model.runs
        return runs[which % len(runs)]

    def _waiting_run(self, which: int) -> Run:
        """One that waits for a call, where there is one."""
        runs = [run for run in self.model.runs if run.state in WAITING]
        return runs[which % len(runs)] if runs else self._run(which)

    def _time_is(self, now: datetime) -> None:
        self.clock.advance(now - self.clock.now)
        self.model.now = now

    def _contract(self, run: Run) -> Contract | None:
        return self.bank.now(run.customer.ref)

    def _goes_on(self, run: Run, how: str, phone: int, trouble: tuple[int, str] | None) -> None:
        if run.state in WAITING and run.call is None:
            return self._ring(run, None, other=False, at=self.clock.now, named=False)
        if run.state in WAITING and run.call is not None:
            return self._key_in(run.call, right=how != "wrong", late=0, around=True)
        event = NEXT.get(run.state, "proceed")
        asked = ASKED.get(event, ())
        befalls = (asked[trouble[0] % len(asked)], trouble[1]) if trouble is not None and asked else None
        if befalls is not None and befalls[1] == REFUSED and befalls[0] != "carry_out":
            befalls = (befalls[0], BEFORE)
        return self._send(run, Submission(event=event, how=how, phone=phone, trouble=befalls))

    def _password(self, customer: Customer) -> str:
        is_new = (EffectKind.SET_LOGIN_PASSWORD, customer.ref) in self.bank.done.values()
        return NEW_PASSWORD if is_new else customer.password

    def _typed(self, run: Run, sent: Submission) -> tuple[Submission, dict[str, str]]:
        """What is typed, and the submission with the code of its error where it is invalid."""
        customer, how = run.customer, sent.how
        phones = self.phones.get(run.id, ("none",))
        chosen = phones[sent.phone % len(phones)]
        method = "ACCOUNT" if sent.phone else "LOGIN_ID"
        right, slip, wrong = {
            "submit_identity": (identity(customer), ("account", "", "required"), ("birth_date", "1999-09-09")),
            "choose_phone": ({"phone_id": chosen}, ("phone_id", "none", "format"), None),
            "submit_reset": (
                {"new_password": NEW_PASSWORD, "new_password_confirm": NEW_PASSWORD, "pin": customer.pin},
                ("pin", "12", "format"),
                ("pin", wrong_digits(customer.pin)),
            ),
            "choose_method": ({"method": method}, ("method", "", "required"), None),
            "submit_credentials": (
                {**credentials(customer, run.method), "password": self._password(customer)},
                ("password", "", "required"),
                ("password", "wrong-0000"),
            ),
            "submit_details": (
                {
                    "email": EMAIL,
                    "email_confirm": EMAIL,
                    "activation_password": ACTIVATION,
                    "activation_password_confirm": ACTIVATION,
                    "phone_id": chosen,
                },
                ("email_confirm", "other@example.jp", "mismatch"),
                None,
            ),
        }.get(sent.event, ({}, None, None))
        if how == "invalid" and slip is not None:
            return attrs.evolve(sent, code=slip[2]), {**right, slip[0]: slip[1]}
        if how == "wrong" and wrong is not None:
            return sent, {**right, wrong[0]: wrong[1]}
        return attrs.evolve(sent, how="right", method=method), right

    def _send(self, run: Run, sent: Submission) -> None:
        if run.gone:
            return self._is_unknown(run)
        sent, data = self._typed(run, sent)
        if sent.trouble is not None:
            self.bank.fall_silent(*sent.trouble)
        contract = self._contract(run)
        expected = self.model.send(run, sent, contract)
        name = f"request-{len(self.shown)}"
        answer = self.drive.send(
            run.token, sent.event, data, version=run.version - 1 if sent.is_old else None, request_id=name
        )
        self.bank.speak()
        self._agree(run, answer, expected)
        if UNAVAILABLE in expected:  # nothing took effect, or nobody knows: not for ever the answer (C6)
            run.request = None
        elif "stale" not in expected:
            run.request = (name, answer.to_dict())
        return None

    def _is_unknown(self, run: Run) -> None:
        try:
            self.drive.view(run.token)
        except UnknownSession:
            return
        msg = "a session that was dropped is still there"
        raise AssertionError(msg)

    def _look(self, run: Run) -> None:
        self._agree(run, self.drive.view(run.token), run.standing)

    def _agree(self, run: Run, view: View, codes: list[str]) -> None:
        """The answer shows what the model expects, in every part."""
        model = self.model
        assert (run.state, codes) == (view.state, [reason.code for reason in view.reasons])
        assert (model.deadline(run), model.tries_left(run)) == (view.deadline, view.tries_left)
        assert (run.is_final, run.procedure, run.id) == (view.final, view.procedure, view.id)
        assert view.version >= run.version
        assert (view.result is not None) == (run.state == "BTR005")
        run.version = view.version
        if run.state == run.chooses:
            self.phones[run.id] = tuple(phone.id for phone in view.phones)
            assert len(run.numbers) == len(view.phones)
        self.shown += [repr(view), json.dumps({**view.to_dict(), "code": None}, ensure_ascii=False)]

    def _ring(self, run: Run, against: str | None, *, other: bool, at: datetime, named: bool) -> None:
        numbers = run.numbers or ["+819012345678"]
        number = run.number or numbers[0]
        if other:
            number = "+819099990001"
        if against == "voip":
            number = "+815039990001"
        name = f"call-{self.counted}"
        self.counted += 1
        ringing = Ringing(
            id=name,
            number=None if against == "unavailable" else number,
            against=against,
            at=at,
            names=run if named else None,
        )
        # the locks are the session's contract's: whose the number finds, its customer is
        found = self.model.waits.get(number)
        contract = self._contract(run if named or found is None else found.run)
        expected = self.model.ring(ringing, contract)
        result = self.drive.report_call(
            Call(
                id=name,
                number=ringing.number,
                source=CallSource.CLAIMED if against == "claimed" else CallSource.NETWORK,
                dialed="0120-000-111" if against == "wrong_line" else self.setting.dial,
                received_at=at,
                presentation={"withheld": Presentation.RESTRICTED, "unavailable": Presentation.UNAVAILABLE}.get(
                    against or "", Presentation.ALLOWED
                ),
                diverted=against == "diverted",
            ),
            run.id if named else None,
        )
        self._hears(expected, result)
        heard = self.model.calls[name]
        if heard.run is not None and not heard.run.gone:
            self._look(heard.run)

    def _hears(self, expected: tuple[str, list[str]], result: CallResult) -> None:
        assert expected == (result.status.name, [reason.code for reason in result.reasons])
        self.shown.append(repr(result))

    def _key_in(self, call: str, *, right: bool, late: int, around: bool) -> None:
        heard = self.model.calls.get(call)
        run = heard.run if heard is not None else None
        code = "000000" if run is None else self._code(run, call)
        digits = code if right else wrong_digits(code)
        at = self.clock.now + timedelta(seconds=late)
        contract = None if run is None else self._contract(run)
        expected = self.model.key_in(call, right=right, at=at, contract=contract, trouble=None)
        result = self.drive.report_keys(call, f"*{digits}#" if around else digits, at)
        self._hears(expected, result)
        if run is not None and not run.gone:
            self._look(run)

    def _code(self, run: Run, call: str) -> str:
        """The code of the call: as the gateway is told when it asks again, or as the screen displays it."""
        again = self.drive.report_call(Call(id=call, number=None, source=CallSource.NETWORK), None)
        self.model.ring(Ringing(id=call, number=None, against=None, at=self.clock.now), None)
        code = again.code.reveal() if again.code is not None else None
        if code is None and run.call == call and not run.gone:
            code = self.drive.view(run.token).code
        if code is None:
            return "000000"
        self.codes.append(code)
        return code
