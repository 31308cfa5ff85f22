"""What meets a turn under way in the histories of a service (S2), and what ends a call (P4, P13)."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from ja_reset.service._view import View
from ja_reset.testing._service_acts import ASKED, NEXT
from ja_reset.testing._service_invariants import ServiceInvariants
from ja_reset.testing._service_runs import IN_PROGRESS, Run

LOOK, SAME, OTHER = "look", "same", "other"
MEETS: Final = (LOOK, SAME, OTHER)


class Meetings(ServiceInvariants):
    """Somebody comes from inside the bank's answer, if the service is plain; callers hang up, or disown it."""

    @precondition(lambda self: self.drive.is_plain and self._live())
    @rule(
        which=st.integers(0, 5),
        asked=st.integers(0, 2),
        what=st.sampled_from(MEETS),
        how=st.sampled_from(("right", "right", "wrong")),
    )
    def somebody_meets_a_turn(self, which: int, asked: int, what: str, how: str) -> None:
        """While the bank is asked for a customer, a page polls, the request comes twice, or another one comes."""
        run = self._run(which)
        if run.state not in NEXT:  # it waits for a call
            self._goes_on(run, "right", 0, None)
        event = NEXT.get(run.state)
        if event is None or event not in ASKED:
            return
        methods = ASKED[event]
        method = methods[asked % len(methods)]
        if method == "carry_out" and what == OTHER:  # it has ended, perhaps
            what = LOOK
        before, met = run.state, list[View]()
        self.watch.meanwhile(method, lambda: met.append(self._meets(run, event, what)))
        self._goes_on(run, how, 0, None)
        for view in met:
            state = before if method != "carry_out" else "COMPLETING" if not view.final else view.state
            codes = [reason.code for reason in view.reasons]
            assert (state, not view.final) == (view.state, view.busy)
            if not view.final:
                assert ([] if what == LOOK and state != "COMPLETING" else [IN_PROGRESS]) == codes

    def _meets(self, run: Run, event: str, what: str) -> View:
        """What is told; the request that is under way has the name that `_send` has given it."""
        if what == LOOK:
            return self.drive.view(run.token)
        name = self.request_name if what == SAME else "another request"
        return self.drive.send(run.token, event, {}, request_id=name)

    @precondition(lambda self: self.counted)
    @rule(which=st.integers(0, 3), late=st.sampled_from((0, None, -2, -20, 20)), newest=st.booleans())
    def somebody_hangs_up(self, which: int, late: int | None, *, newest: bool) -> None:
        """A call ends (P4): the newest, or one before; it may be over already, or nobody's."""
        number = self.counted - 1 if newest else self.counted - 1 - which
        self._hang_up(f"call-{number}", late)

    @precondition(lambda self: self.counted and self.model.policies.phone.not_me_key)
    @rule(around=st.booleans(), late=st.sampled_from((0, None, -20)), entry=st.sampled_from((None, "1")))
    def somebody_disowns_it(self, late: int | None, entry: str | None, *, around: bool) -> None:
        """The caller says in the newest call that the application is not theirs (P13)."""
        self._disown(f"call-{self.counted - 1}", late, entry, around=around)
