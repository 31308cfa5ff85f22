# ruff: noqa: SIM300 - expected == actual (house style)
"""Histories of any procedures, a host's own among them: what must always hold is looked at, whatever they do (A1-A8).

There is no model of the chart: Hypothesis acts as customers, gateway, clock and bank by what the views offer, and the
invariants are read off the views, the audit, the bank's own record and the chart.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Final

import attrs
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ja_reset.bank._values import Call, CallResult, CallSource, CallStatus
from ja_reset.chart import Chart
from ja_reset.chart.states import StateKind
from ja_reset.chart.transitions import EventRole, Transition, WaitWrite
from ja_reset.policies import Policies
from ja_reset.service._view import View
from ja_reset.testing._bank_spy import AFTER, BEFORE
from ja_reset.testing._entries import entries
from ja_reset.testing._service_acts import Setting
from ja_reset.testing._service_forms import wrong_digits
from ja_reset.testing.cast import Customer

MOST_RUNS: Final = 6
WHICH: Final = st.integers(0, 5)
ASKED: Final = ("check_login", "find_contract", "contract", "check_pin", "carry_out")
CODE: Final = frozenset({"code_is_right", "code_is_right_where_asked"})
IDENTITY: Final = frozenset({"identity_is_proved", "login_is_proved"})


@attrs.define
class _Run:
    """A session: whose, of which chart, and the last view of it."""

    customer: Customer
    chart: Chart
    view: View

    @property
    def kind(self) -> StateKind:
        """What its state waits for."""
        return self.chart.states[self.view.state].kind


class ChartHistory(RuleBasedStateMachine):
    """What may happen to sessions of *charts*, in any order. `setting` is created for each history."""

    def __init__(self, setting: Setting, charts: tuple[Chart, ...], policies: Policies) -> None:
        super().__init__()
        self.setting, self.charts, self.policies = setting, charts, policies
        self.drive, self.watch, self.clock = setting.drive, setting.watch, setting.clock
        self.runs: list[_Run] = []
        self.calls: dict[str, str] = {}
        self.proved: Counter[str] = Counter()
        self.codes: dict[str, str] = {}
        self.seen: list[str] = []

    # what happens

    @precondition(lambda self: len(self.runs) < MOST_RUNS)
    @rule(which=WHICH, who=st.integers(0, 1), steps=st.integers(0, 6))
    def begins(self, which: int, who: int, steps: int) -> None:
        """A customer begins, and goes some steps without a slip."""
        customer, chart = self.setting.customers[who], self.charts[which % len(self.charts)]
        run = _Run(customer, chart, self.drive.start(chart.name, customer.institution))
        self.runs.append(run)
        for _ in range(steps):
            self._goes_on(run)

    @precondition(lambda self: self.runs)
    @rule(which=WHICH)
    def goes_on(self, which: int) -> None:
        """A customer does what the screen asks for."""
        self._goes_on(self._run(which))

    @precondition(lambda self: self.runs)
    @rule(which=WHICH, event=WHICH, wrong=WHICH, data=st.data())
    def slips(self, which: int, event: int, wrong: int, data: st.DataObject) -> None:
        """A customer presses any button, with something in one field that does not belong there."""
        run = self._run(which)
        events = run.view.events or ("nonsense",)
        chosen = events[event % len(events)]
        typed = self._typed(run, chosen)
        if typed:
            name = sorted(typed)[wrong % len(typed)]
            typed[name] = data.draw(st.sampled_from(("", "0000", "x" * 999, "１２３４")))
        self._send(run, chosen, typed)

    @precondition(lambda self: self.runs)
    @rule(which=WHICH, method=st.sampled_from(ASKED), when=st.sampled_from((BEFORE, AFTER)))
    def goes_on_while_the_bank_is_silent(self, which: int, method: str, when: str) -> None:
        """The bank gives no answer, before or after its work (C6)."""
        self.watch.fall_silent(method, when)
        self._goes_on(self._run(which))
        self.watch.speak()

    @precondition(lambda self: self.runs)
    @rule(which=WHICH, caller=st.sampled_from(("own", "other", None)))
    def somebody_calls(self, which: int, caller: str | None) -> None:
        """A call comes from a number of the customer's, from a stranger's, or from none."""
        run = self._run(which)
        self._ring(run, {"own": run.customer.contract.phones[0], "other": "09099990000", None: None}[caller])

    @precondition(lambda self: self.codes)
    @rule(right=st.booleans())
    def somebody_keys_in(self, *, right: bool) -> None:
        """The code of the last call is keyed in, or another."""
        call, code = list(self.codes.items())[-1]
        self._heard(call, self.drive.report_keys(call, code if right else wrong_digits(code), None, None))

    @precondition(lambda self: self.calls)
    @rule(key=st.sampled_from("019"))
    def somebody_presses_one_key(self, key: str) -> None:
        """A call is confirmed or disowned, or that means nothing there."""
        call = list(self.calls)[-1]
        self._heard(call, self.drive.report_keys(call, key, None, None))

    @precondition(lambda self: self.calls)
    @rule(newest=st.booleans())
    def somebody_hangs_up(self, *, newest: bool) -> None:
        """A call ends, the last one or the first."""
        self.drive.report_end(list(self.calls)[-1 if newest else 0], None)

    @rule(seconds=st.sampled_from((1, 20, 45, 130, 700)), housekeeping=st.booleans())
    def time_passes(self, seconds: int, *, housekeeping: bool) -> None:
        """The clock goes on, and somebody does the maintenance, perhaps."""
        self.clock.advance(seconds)
        if housekeeping:
            self.drive.expire_due()
            self.drive.recover()

    # what always holds

    @invariant()
    def orders_rest_on_their_proofs(self) -> None:
        """A1, A2: an order stands on what its effect needs, proved in that session and not before a 戻る past it."""
        for run in self.runs:
            proved: set[str] = set()
            transitions = {transition.name: transition for transition in run.chart.transitions}
            for record in self._audit(run):
                transition = transitions.get(str(record.get("arrow")))
                if transition is None or record.get("repeated"):
                    continue
                proved |= _proofs(transition)
                for effect in transition.effects:
                    assert effect.needs <= proved, f"{run.chart.name}: {transition.name} orders {effect.name}"
                if transition.to is not None and "ref" not in run.chart.states[transition.to].keeps:
                    proved = set()
                elif transition.role in {EventRole.BACK, EventRole.WINDOW_CLOSED, EventRole.CONTESTED}:
                    proved -= {"call", "code", "pin"}

    @invariant()
    def wrong_pins_stay_within_the_limit(self) -> None:
        """A3: as the bank counts them."""
        limit = self.policies.lockout.pin_attempts
        assert all(wrong <= limit for wrong in self.watch.most_wrong_in_a_row.values())

    @invariant()
    def what_has_ended_stays(self) -> None:
        """A4: a session that has ended is where it was, and shows nothing that leads on."""
        for run in self.runs:
            before, run.view = run.view, self.drive.view(run.view.token)
            if before.final:
                assert (before.state, True, ()) == (run.view.state, run.view.final, run.view.events)
            self.seen.append(json.dumps(run.view.to_dict(), ensure_ascii=False))

    @invariant()
    def a_call_proves_one_session(self) -> None:
        """A5: at most one; and of the sessions that wait, no two wait for one number on one line."""
        assert all(1 == times for times in self.proved.values())
        waits = Counter(
            (run.customer.ref, run.view.phones[0].masked, run.view.dial)
            for run in self.runs
            if run.kind is StateKind.WAITING
        )
        assert all(1 == times for times in waits.values())

    @invariant()
    def effects_were_carried_out_once(self) -> None:
        """A6: what is confirmed the bank has done under that key, and no session has ordered one thing twice."""
        effects = self.drive.every(self.drive.service.operator.effects)
        confirmed = {str(effect["key"]) for effect in effects if effect["status"] == "confirmed"}
        assert confirmed <= self.watch.done.keys()

    def teardown(self) -> None:
        """A7, at the end of a history: no secret stands in what was answered, saved, audited or recorded."""
        try:
            everything = "\n".join([*self.seen, self.setting.saved(), self.drive.told()]).lower()
            words = {run.view.token for run in self.runs} | {run.customer.password for run in self.runs}
            found = [word for word in words if word.lower() in everything]
            pins = {run.customer.pin for run in self.runs} | set(self.codes.values())
            found += [digits for digits in pins if f'"{digits}"' in everything]
            assert [] == found
        finally:
            self.setting.end()

    # how

    def _run(self, which: int) -> _Run:
        """One that still goes on, where there is one."""
        runs = [run for run in self.runs if not run.view.final] or self.runs
        return runs[which % len(runs)]

    def _typed(self, run: _Run, event: str) -> dict[str, str]:
        plan = next((plan for plan in run.chart.states[run.view.state].plans if plan.form is not None), None)
        if plan is None or plan.form is None or event != run.view.events[0]:
            return {}
        fields = {field.name for field in run.view.screen.fields}
        phone = run.view.phones[0].id if run.view.phones else ""
        forms = [each.form for each in run.chart.states[run.view.state].plans if each.form is not None]
        typed = [entries(form, run.customer, self.policies, phone=phone) for form in forms]
        return next((each for each in typed if each.keys() == fields), typed[0])

    def _goes_on(self, run: _Run) -> None:
        if run.kind is StateKind.WAITING:
            code = next(iter(reversed(self.codes.items())), None)
            asks = "answered" in run.chart.states[run.view.state].keeps
            if asks and code is not None:
                self._heard(code[0], self.drive.report_keys(*code, None, None))
            else:
                self._ring(run, run.customer.contract.phones[0])
        elif run.view.events:
            event = run.view.events[0]
            self._send(run, event, self._typed(run, event))

    def _send(self, run: _Run, event: str, typed: dict[str, str]) -> None:
        run.view = self.drive.send(run.view.token, event, typed)

    def _ring(self, run: _Run, number: str | None) -> None:
        name = f"call-{len(self.calls)}"
        self.calls[name] = run.view.id
        call = Call(id=name, number=number, source=CallSource.NETWORK, received_at=self.clock.now)
        self._heard(name, self.drive.report_call(call, None))

    def _heard(self, call: str, result: CallResult) -> None:
        if result.status is CallStatus.ANNOUNCE and result.code is not None:
            self.codes[call] = result.code.reveal()
        if result.status is CallStatus.VERIFIED:
            self.proved[call] += 1
            self.codes.pop(call, None)

    def _audit(self, run: _Run) -> list[Mapping[str, object]]:
        return self.drive.every(self.drive.service.operator.audit, session=run.view.id)[::-1]


def _proofs(transition: Transition) -> set[str]:
    """What a transition that was taken has proved."""
    held = set(transition.conditions) if not transition.otherwise else set()
    proved = {"identity"} if held & IDENTITY else set()
    proved |= {"call"} if transition.wait is WaitWrite.RELEASE else set()
    proved |= {"code"} if held & CODE else set()
    return proved | ({"pin"} if "pin_is_right" in held else set())
