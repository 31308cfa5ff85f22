"""Histories of a whole service: Hypothesis acts as customers, gateway, clock and bank, the model answers too.

A rule does one thing to the service and to `service_turns.Turns`, and both must answer the same. What must always
hold (A1-A8) is looked at after each.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final, cast

import attrs
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from ja_reset.bank._values import EffectKind
from ja_reset.errors import UnknownAccount
from ja_reset.machines import Procedure
from ja_reset.testing._bank_spy import AFTER, BEFORE, REFUSED
from ja_reset.testing._service_acts import ASKED
from ja_reset.testing._service_forms import wrong_digits
from ja_reset.testing._service_meetings import Meetings
from ja_reset.testing._service_runs import TOKEN, Run
from ja_reset.testing._service_turns import Submission

MOST_LIVE: Final = 3
MOST_RUNS: Final = 12
AGAINST: Final = (
    *("withheld", "unavailable", "voip", "wrong_line", "other_line", "no_line", "diverted", "claimed", "attestation"),
)
WHICH: Final = st.integers(0, 5)
WHO: Final = st.sampled_from((0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 3, 4, 5, 6))
RIVALLED: Final = st.sampled_from((0, 0, 1, 2, 3))
HOW: Final = st.sampled_from(("right", "right", "wrong"))


class ServiceHistory(Meetings):
    """What may happen, in any order. `setting` is created for each history."""

    # customers

    @precondition(lambda self: len(self._live()) < MOST_LIVE and len(self.model.runs) < MOST_RUNS)
    @rule(
        procedure=st.sampled_from(Procedure),
        who=WHO,
        steps=st.integers(0, 5),
        spelled=st.sampled_from(("{}", "{} ", " {}", "\t{}\n")),
        is_upper=st.booleans(),
    )
    def begins(self, procedure: Procedure, who: int, steps: int, spelled: str, *, is_upper: bool) -> None:
        """A customer begins, and goes some steps without a slip; the id is spelled as the bank lets it be."""
        customer = self.setting.customers[who % len(self.setting.customers)]
        institution = spelled.format(customer.institution.upper() if is_upper else customer.institution)
        if self.setting.bank.institution(institution) is None:
            institution = customer.institution
        view = self.drive.start(procedure, institution)
        first, now = "BTR001" if procedure is TOKEN else "BIM015", self.clock.now
        run = Run(procedure, customer, first, created=now, active=now, seen=now, token=view.token, id=view.id)
        self.model.runs.append(run)
        self.tokens.append(view.token)
        self._agree(run, view, [])
        for _ in range(steps):
            if not run.is_final:
                self._goes_on(run, "right", 0, None)

    @precondition(lambda self: len(self._live()) < MOST_LIVE and len(self.model.runs) < MOST_RUNS)
    @rule(procedure=st.sampled_from(Procedure))
    def one_phone_is_wanted_on_many_pages(self, procedure: Procedure) -> None:
        """A customer opens as many pages as may be, and asks on each for a call from the same phone (P8)."""
        while len(self._live()) < MOST_LIVE and len(self.model.runs) < MOST_RUNS:
            self.begins(procedure, 0, 3 if procedure is TOKEN else 2, "{}", is_upper=False)

    @precondition(lambda self: self.model.runs)
    @rule(which=WHICH, phone=st.sampled_from((0, 0, 1)), rivalled=RIVALLED)
    def goes_on(self, which: int, phone: int, rivalled: int) -> None:
        """A customer does what the screen asks for, while others change a row, perhaps."""
        self._goes_on(self._run(which), "right", phone, None, rivalled)

    @precondition(lambda self: self.model.runs)
    @rule(which=WHICH, how=st.sampled_from(("wrong", "wrong", "invalid")), times=st.integers(1, 3), rivalled=RIVALLED)
    def slips(self, which: int, how: str, times: int, rivalled: int) -> None:
        """A customer does it wrongly, once or again, while others change a row, perhaps."""
        run = self._run(which)
        for _ in range(times):
            self._goes_on(run, how, 0, None, rivalled)

    @precondition(lambda self: self.model.runs)
    @rule(
        which=WHICH,
        asked=st.integers(0, 2),
        when=st.sampled_from((BEFORE, AFTER, REFUSED)),
        how=HOW,
        rivalled=RIVALLED,
    )
    def goes_on_while_the_bank_is_silent(self, which: int, asked: int, when: str, how: str, rivalled: int) -> None:
        """A customer goes on, and the bank gives no answer, before or after its work, or refuses (C4, C4a, C6)."""
        self._goes_on(self._run(which), how, 0, (asked, when), rivalled)

    @precondition(lambda self: self.model.runs)
    @rule(
        which=WHICH,
        event=st.sampled_from(("back", "proceed", "cancel", "back", "extend", *ASKED, "choose_method", "nonsense")),
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
        known = sorted(filter(self.model.known_call, self.model.calls))
        if is_call and known:
            self._rings_again(known[which % len(known)])
            return
        run = self.model.runs[which % len(self.model.runs)] if self.model.runs else None
        if run is None or run.request is None or run.gone:
            return
        name, answer = run.request
        said = [reason["code"] for reason in cast("list[dict[str, str]]", answer["reasons"])]
        self.model.pass_time(run)
        # a code is a secret: it is shown while its call waits for it, and kept nowhere else
        now = self.drive.view(run.token)
        if run.is_final:  # a session that has ended shows its last screen, whatever the request had shown
            again = self.drive.send(run.token, "cancel", None, version=1, request_id=name)
            self._agree(run, again, said if answer["state"] == run.state else run.standing)
            return
        view = self.drive.send(run.token, "cancel", None, version=1, request_id=name)
        assert {**answer, "code": answer["code"] and now.code} == view.to_dict()

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
        known=st.none() | st.integers(0, 3),
    )
    def somebody_calls(
        self, which: int, against: str | None, *, other: bool, late: int, named: bool, known: int | None
    ) -> None:
        """A call from a customer's phone, or not from it; reported at once, late, or with a clock that is ahead.

        Its id is new, or that of a call before, which the gateway has forgotten or never looked at (P3).
        """
        run, at = self._waiting_run(which), self.clock.now - timedelta(seconds=late)
        id_of = None if known is None or known >= self.counted else f"call-{self.counted - 1 - known}"
        self._ring(run, against, other=other, at=at, named=named, id_of=id_of)

    @precondition(lambda self: self.counted)
    @rule(
        which=st.integers(0, 9),
        right=st.booleans(),
        late=st.sampled_from((0, None, -20, 20)),
        newest=st.booleans(),
        entry=st.sampled_from((None, "1", "2")),
    )
    def keys_are_pressed(self, which: int, late: int | None, entry: str | None, *, right: bool, newest: bool) -> None:
        """Keys in a call: the newest, one that is over perhaps, or one that is no longer kept or never was."""
        number = self.counted - 1 - which if not newest else self.counted - 1
        self._key_in(f"call-{number}", right=right, late=late, around=not newest, entry=entry)

    @precondition(lambda self: self.keyed)
    @rule(which=st.integers(0, 3), other=st.sampled_from((False, False, True)))
    def keys_come_twice(self, which: int, *, other: bool) -> None:
        """An entry of keys is reported again (P4), or other digits are under its id."""
        keyed = self.keyed[-1 - which % len(self.keyed)]
        self._report(attrs.evolve(keyed, digits=wrong_digits(keyed.digits)) if other else keyed)

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

    @precondition(lambda self: any(run.result for run in self.model.runs))
    @rule(which=WHICH, beyond=st.sampled_from((0, 1)), repeats=st.booleans())
    def time_goes_to_the_end_of_a_result(self, which: int, beyond: int, *, repeats: bool) -> None:
        """The clock goes to the last instant at which a result is shown, or beyond it; somebody asks for it again."""
        runs = [run for run in self.model.runs if run.result]
        run = runs[which % len(runs)]
        end = run.active + self.model.policies.session.result_shown
        self._time_is(max(self.clock.now, end + timedelta(microseconds=beyond)))
        if repeats:
            self.something_comes_twice(self.model.runs.index(run), is_call=False)
        else:
            self.looks(self.model.runs.index(run))

    @rule(seconds=st.sampled_from((0.5, 3, 20, 60, 300, 3600, 90_000, -0.5, -1, -30)))
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
        if work != "recover":
            self._nothing_outlasts()

    @precondition(lambda self: self.model.pending)
    @rule(which=WHICH, how=st.sampled_from(("retry", "retry in vain", "confirmed", "refused")))
    def an_operator_moves_an_effect_on(self, which: int, how: str) -> None:
        """An effect without an answer is tried again, or settled by an operator's word (C4)."""
        order = self.model.pending[which % len(self.model.pending)]
        key = self.drive.open_effect(order.of.id, order.kind)
        if how in {"confirmed", "refused"}:
            self.model.settle(order, confirmed=how == "confirmed")
            results = {"service_id": "SV-by-hand", "user_id": "US-by-hand"}
            is_given = how == "confirmed" and order.kind is EffectKind.ISSUE_TOKEN
            self.drive.settle(key, confirmed=how == "confirmed", results=results if is_given else None)
        else:
            trouble = None if how == "retry" else BEFORE
            if trouble is not None:
                self.watch.fall_silent("carry_out", trouble)
            self.model.retry(order, trouble)
            answer = self.drive.retry(key)
            self.watch.speak()
            assert (order in self.model.pending) == (answer == "pending")
        if not order.of.gone:
            self.model.pass_time(order.of)
            self._look(order.of)

    @precondition(lambda self: self.model.runs)
    @rule(which=WHICH)
    def the_branch_unlocks(self, which: int) -> None:
        """The counts of a customer are cleared, here and at the bank (L6)."""
        run = self.model.runs[which % len(self.model.runs)]
        who = run.customer
        if self.setting.bank.find_contract(who.institution, who.branch, who.subject, who.account) is None:
            self.model.asked_of["find_contract"] += 1
            try:
                self.drive.unlock(who)
            except UnknownAccount:  # an account that is none has nothing to unlock
                return
            raise AssertionError(who)
        self.model.unlock(run)
        self.drive.unlock(who)
        self.watch.unlocked(who.ref)

    @precondition(lambda self: self._live())
    @rule(which=WHICH, what=st.sampled_from(("card_locked", "service_locked", "gone")))
    def the_bank_changes_its_mind(self, which: int, what: str) -> None:
        """A lock is set in the middle, or a contract ends (I6, C5a); the customer goes on, then all is as before."""
        run = self._waiting_run(which)
        self.watch.changes(run.customer.ref, what)
        self._goes_on(run, "right", 0, None)
        self.watch.changes(run.customer.ref, None)
