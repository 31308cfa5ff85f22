"""What somebody does to a service and to the model of it at once, and that both answer the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import attrs
from hypothesis.stateful import RuleBasedStateMachine

from ja_reset.bank._values import Call, CallResult, CallSource, Contract, EffectKind, Presentation
from ja_reset.errors import UnknownSession
from ja_reset.service._records import REQUEST, SESSION
from ja_reset.service._view import View
from ja_reset.service.ports import Bank
from ja_reset.testing._bank_spy import BEFORE, REFUSED, Watch
from ja_reset.testing._clock import FakeClock
from ja_reset.testing._entries import NEW_PASSWORD
from ja_reset.testing._rivalled_store import Rival
from ja_reset.testing._service_calls import Ringing
from ja_reset.testing._service_driver import Drive
from ja_reset.testing._service_forms import spelled, typed, wrong_digits
from ja_reset.testing._service_runs import EVENTS, UNAVAILABLE, WAITING, Keyed, Run
from ja_reset.testing._service_turns import Submission, Turns
from ja_reset.testing.cast import Customer

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
MOST_KEYED: Final = 8
"""How many entries of keys may come again."""


@attrs.frozen
class Setting:
    """What a history is played on: `bank` is asked behind the service's back; `end` gives all back."""

    drive: Drive
    bank: Bank
    watch: Watch
    rival: Rival
    clock: FakeClock
    model: Turns
    customers: tuple[Customer, ...]
    dials: tuple[str, ...]
    saved: Callable[[], str]
    end: Callable[[], None]


class ServiceActs(RuleBasedStateMachine):
    """A service beside the model of it, and what can be done to both."""

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self.drive, self.watch, self.clock = setting.drive, setting.watch, setting.clock
        self.model, self.setting, self.rival = setting.model, setting, setting.rival
        self.tokens: list[str] = []
        self.codes: list[str] = []
        self.told: dict[str, str] = {}
        self.shown: list[str] = []
        self.phones: dict[str, tuple[str, ...]] = {}
        self.keyed: list[Keyed] = []
        self.counted = 0

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
        return self.watch.as_told(self.setting.bank.contract(run.customer.ref))

    def _goes_on(self, run: Run, how: str, phone: int, trouble: tuple[int, str] | None, rivalled: int = 0) -> None:
        if run.state in WAITING and run.call is None:
            return self._ring(run, None, other=False, at=self.clock.now, named=False)
        if run.state in WAITING and run.call is not None:
            return self._key_in(run.call, right=how != "wrong", late=None, around=True)
        event = NEXT.get(run.state, "proceed")
        asked = ASKED.get(event, ())
        befalls = (asked[trouble[0] % len(asked)], trouble[1]) if trouble is not None and asked else None
        if befalls is not None and befalls[1] == REFUSED and befalls[0] != "carry_out":
            befalls = (befalls[0], BEFORE)
        return self._send(run, Submission(event=event, how=how, phone=phone, trouble=befalls, rivalled=rivalled))

    def _password(self, customer: Customer) -> str:
        is_new = (EffectKind.SET_LOGIN_PASSWORD, customer.ref) in self.watch.done.values()
        return NEW_PASSWORD if is_new else customer.password

    def _send(self, run: Run, sent: Submission) -> None:
        if run.gone:
            return self._is_unknown(run)
        sent, data = typed(run, sent, self.phones.get(run.id, ("none",)), self._password(run.customer))
        if sent.trouble is not None:
            self.watch.fall_silent(*sent.trouble)
        self.rival.comes = sent.rivalled
        contract = self._contract(run)
        expected = self.model.send(run, sent, contract)
        name = self.request_name
        answer = self.drive.send(
            run.token, sent.event, data, version=run.version - 1 if sent.is_old else None, request_id=name
        )
        self.watch.speak()
        self.rival.comes = 0
        self._agree(run, answer, expected)
        unheard = sent.event == "proceed" and run.state == "COMPLETING"
        if UNAVAILABLE in expected or unheard:  # nothing took effect, or nobody knows: not for ever the answer (C6)
            run.request = None
        elif "stale" not in expected and not (sent.event == "extend" and "extend" in EVENTS.get(run.state, ())):
            run.request = (name, answer.to_dict())
        return None

    @property
    def request_name(self) -> str:
        """The id of the request that is sent now, or next."""
        return f"request-{len(self.shown)}"

    def _is_unknown(self, run: Run) -> None:
        try:
            self.drive.view(run.token)
        except UnknownSession:
            return
        msg = "a session that was dropped is still there"
        raise AssertionError(msg)

    def _look(self, run: Run) -> None:
        self._agree(run, self.drive.view(run.token), self.model.told(run, run.standing))

    def _agree(self, run: Run, view: View, codes: list[str]) -> None:
        """The answer shows what the model expects, in every part."""
        model = self.model
        assert (run.state, codes) == (view.state, [reason.code for reason in view.reasons])
        assert (model.deadline(run), model.tries_left(run)) == (view.deadline, view.tries_left)
        assert (run.is_final, run.procedure, run.id, False) == (view.final, view.procedure, view.id, view.busy)
        assert view.version >= run.version
        if run.may_dial:  # chance has drawn one of them
            assert view.dial in run.may_dial
            model.is_given(run, view.dial)
        assert view.dial == ((run.dial or model.dial) if run.state in WAITING else None)
        assert (view.result is not None) == self.model.has_result(run)
        run.version = view.version
        if run.state == run.chooses:
            self.phones[run.id] = tuple(phone.id for phone in view.phones)
            assert len(run.numbers) == len(view.phones)
        self.shown += [repr(view), json.dumps({**view.to_dict(), "code": None}, ensure_ascii=False)]

    def _nothing_outlasts(self) -> None:
        """Of a run that has ended no result is stored beyond its time, and no answer that shows a contract (C3, S2)."""
        rows = {(row["kind"], row["key"]): row["body"] for row in json.loads(self.setting.saved())}
        for run in self.model.runs:
            if not run.is_final or run.gone:
                continue
            asked = rows.get((REQUEST, run.id), {}).get("answer") or {}
            assert set(asked) <= {"state", "version", "reasons"}
            kept = rows[SESSION, run.id].get("kept", {})
            assert any(kept.get("issued", {}).values()) == self.model.has_result(run)

    def _ring(
        self, run: Run, against: str | None, *, other: bool, at: datetime, named: bool, id_of: str | None = None
    ) -> None:
        """A call, under an id of its own or under the id of a call before."""
        numbers = run.numbers or ["+819012345678"]
        number = run.number or numbers[0]
        if other:
            number = "+819099990001"
        if against == "voip":
            number = "+815039990001"
        dialed = {"wrong_line": "0120-000-111", "no_line": None}.get(against or "", self._dialed(run, against))
        against = None if against in {"no_line", "other_line"} else against
        if id_of is None:
            id_of = f"call-{self.counted}"
            self.counted += 1
        ringing = Ringing(
            id=id_of,
            number=None if against == "unavailable" else number,
            against=against,
            at=at,
            names=run if named else None,
            dialed=dialed,
        )
        # the locks are the session's contract's: whose the number finds, its customer is
        found = self.model.waits.called(number, dialed, self.clock.now)
        contract = self._contract(run if named or found is None else found.run)
        expected = self.model.ring(ringing, contract)
        self._hears(expected, self.drive.report_call(self._reported(ringing), run.id if named else None))
        heard = self.model.calls[id_of]
        if heard.run is not None and not heard.run.gone:
            self.model.pass_time(heard.run)
            self._look(heard.run)

    def _dialed(self, run: Run, against: str | None) -> str:
        """The number that the run was given, or the institution's; or another one of the institution's."""
        dials = self.setting.dials
        given = run.dial or dials[0]
        others = [dial for dial in dials if dial != given]
        return others[self.counted % len(others)] if against == "other_line" and others else given

    def _reported(self, ringing: Ringing) -> Call:
        """The call as a gateway reports it."""
        against = ringing.against or ""
        hidden = {"withheld": Presentation.RESTRICTED, "unavailable": Presentation.UNAVAILABLE}
        return Call(
            id=ringing.id,
            number=None if ringing.number is None else spelled(ringing.number, against, self.counted),
            source=CallSource.CLAIMED if against == "claimed" else CallSource.NETWORK,
            dialed=ringing.dialed,
            received_at=ringing.at,
            presentation=hidden.get(against, Presentation.ALLOWED),
            diverted=against == "diverted",
        )

    def _rings_again(self, call: str) -> CallResult:
        """The gateway reports a call once more, as it was (P3)."""
        number, against, dialed = self.model.calls[call].what
        ringing = Ringing(id=call, number=number, against=against, at=self.clock.now, dialed=dialed)
        expected = self.model.ring(ringing, None)
        result = self.drive.report_call(self._reported(ringing), None)
        self._hears(expected, result)
        return result

    def _hears(self, expected: tuple[str, list[str]], result: CallResult) -> None:
        assert expected == (result.status.name, [reason.code for reason in result.reasons])
        self.shown.append(repr(result))

    def _key_in(self, call: str, *, right: bool, late: int | None, around: bool, entry: str | None = None) -> None:
        """Keys in a call, *late* seconds from now (None: the gateway does not say when), perhaps with an id."""
        code, _ = self._code_of(call)
        at = None if late is None else self.clock.now + timedelta(seconds=late)
        self._report(Keyed(call, code if right else wrong_digits(code), at, entry), around=around)

    def _disown(self, call: str, late: int | None, entry: str | None, *, around: bool) -> None:
        at = None if late is None else self.clock.now + timedelta(seconds=late)
        self._report(Keyed(call, self.model.policies.phone.not_me_key or "", at, entry), around=around)

    def _report(self, keyed: Keyed, *, around: bool = False) -> None:
        code, run = self._code_of(keyed.call)
        contract = None if run is None else self._contract(run)
        expected = self.model.key_in(keyed, right=keyed.digits == code, contract=contract, trouble=None)
        digits = f"*{keyed.digits}#" if around else keyed.digits
        self._hears(expected, self.drive.report_keys(keyed.call, digits, keyed.at, keyed.entry))
        self.keyed = [*self.keyed[-MOST_KEYED:], keyed]
        if run is not None and not run.gone:
            self.model.pass_time(run)
            self._look(run)

    def _code_of(self, call: str) -> tuple[str, Run | None]:
        """The code of a call, and whose it is."""
        heard = self.model.known_call(call)
        run = heard.run if heard is not None else None
        return "000000" if run is None else self._code(run, call), run

    def _code(self, run: Run, call: str) -> str:
        """The code of the call: as the gateway is told when it asks again, or as the screen displays it."""
        again = self._rings_again(call)
        code = again.code.reveal() if again.code is not None else self.told.get(call)
        if code is None and run.call == call and not run.gone:
            code = self.drive.view(run.token).code
        if code is None:
            return self.model.policies.phone.confirm_key if self.model.asks_key(run) else "000000"
        self.codes.append(code)
        self.told[call] = code
        return code

    def _hang_up(self, call: str, late: int | None) -> None:
        """A call ends, *late* seconds from now (None: the gateway does not say when)."""
        _, run = self._code_of(call)  # while somebody can ask for it
        at = None if late is None else self.clock.now + timedelta(seconds=late)
        expected = self.model.hang_up(call, at)
        self._hears(expected, self.drive.report_end(call, at))
        if run is not None and not run.gone:
            self.model.pass_time(run)
            self._look(run)
