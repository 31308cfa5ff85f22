"""The verifier's verdicts on broken charts, and those of a way that shares no code with it.

The second way plays the whole service on the broken chart, at random, beside the model of the specification that hosts
test with (`ja_reset.testing.service_suite`): forms, calls and clocks go in by the facade, and what comes out is
compared. It knows no guard, no transition and no situation. Neither way knows what the other says.

`python lab/second_way.py` prints both verdicts for every chart of `CHARTS`; 1 where they differ.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta

import attrs
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test

from broken_charts import ChartFault
from chart_faults import chart_faults
from ja_reset import Policies, Procedure, ResetService
from ja_reset.stores import MemoryStore
from ja_reset.testing import FakeBank
from ja_reset.testing._bank_spy import REFUSED
from ja_reset.testing._service_acts import Setting
from ja_reset.testing._service_machine import AGAINST, WHO, ServiceHistory
from ja_reset.testing._service_runs import Run
from ja_reset.testing._service_turns import Submission
from ja_reset.testing.service_suite import SMALL, ServiceSuite
from low_policies import verdict

RELAYED = attrs.evolve(SMALL, caller_id=attrs.evolve(SMALL.caller_id, relay=True))
WITH_CODES = attrs.evolve(RELAYED, phone=attrs.evolve(SMALL.phone, bim_code=True))
ANNOUNCED = attrs.evolve(RELAYED, phone=attrs.evolve(SMALL.phone, bim_announce=True))

CALLS: Mapping[str, str | None] = {"stranger": None, **{against: against for against in AGAINST}}
"""Calls that prove nothing, each with what is against it; a stranger's has the wrong number."""

ACTS = (
    *("on", "on", "on", "on", "on", "on", "wrong", "wrong", "wrong", "wrong", "back", "back", "cancel", "proceed"),
    *("refused", "gone", "rival", "deadline", "late", *CALLS),
)
"""What may come next in one session: going on as the screen asks is the commonest."""

BROKEN = (
    "LOGIN_PASSWORD.BIM015.submit_identity without nothing_is_locked",
    "LOGIN_PASSWORD.BIM015.submit_identity without customer_is_individual",
    "LOGIN_PASSWORD.BIM016.choose_phone without windows_are_left",
    "LOGIN_PASSWORD.BIM016.choose_phone without number_is_free",
    "LOGIN_PASSWORD.BIM016.choose_phone opens a window a minute longer",
    "LOGIN_PASSWORD.BIM016.choose_phone without contract_is_known",
    "LOGIN_PASSWORD.PHONE.call_received without caller_is_not_withheld",
    "LOGIN_PASSWORD.PHONE.call_received without caller_is_chosen_number",
    "LOGIN_PASSWORD.PHONE.call_received without window_was_not_closed",
    "LOGIN_PASSWORD.PHONE_KEYS.keys_received without call_is_confirmed",
    "LOGIN_PASSWORD.PHONE_KEYS.keys_received otherwise 1 of call_is_confirmed stays",
    "LOGIN_PASSWORD.PHONE.back leads to DONE",
    "LOGIN_PASSWORD.PHONE.window_closed leads to EXPIRED",
    "LOGIN_PASSWORD.BIM017.submit_reset without pin_is_right",
    "LOGIN_PASSWORD.BIM017.submit_reset otherwise 1 of pin_is_right gives another reason",
    "LOGIN_PASSWORD.BIM017.cancel leads to EXPIRED",
    "LOGIN_PASSWORD.COMPLETING.confirmed orders nothing",
    "LOGIN_PASSWORD.COMPLETING.refused leads to EXPIRED",
    "LOGIN_PASSWORD: tries_are_used_up allows one more try",
    "LOGIN_PASSWORD: pin_is_right always holds",
    "LOGIN_PASSWORD: pins_are_used_up allows one more PIN",
    "LOGIN_PASSWORD.PHONE.back resets windows",
    "TOKEN_REISSUE.BTR003.submit_details forgets details_are_sealed",
    "TOKEN_REISSUE.BTR004.call_received without number_is_vouched_for",
    "TOKEN_REISSUE.BTR004_KEYS.keys_received without code_is_right",
    "TOKEN_REISSUE.BTR004_KEYS.keys_received otherwise 2 of code_is_right is removed",
    "TOKEN_REISSUE: codes_are_used_up allows one more code",
    "TOKEN_REISSUE.BTR004_KEYS.back leads to EXPIRED",
)
"""Charts that no law of charts refuses, and that do not do what SPEC says."""

HARMLESS = (
    "TOKEN_REISSUE.BTR002.back resets windows",
    "TOKEN_REISSUE.BTR002.back resets wrong_codes",
    "TOKEN_REISSUE.BTR003.submit_details resets tries",
)
"""Charts that are changed, and do the same."""

CHARTS = (*BROKEN, *HARMLESS)


@contextmanager
def seeded(fault: ChartFault) -> Iterator[None]:
    """Inside it the procedure's chart, wherever it was imported, is the faulty one."""
    chart = fault.chart
    sound = dict(chart.__dict__)
    faulty = dict(fault.make().__dict__)
    chart.__dict__.clear()  # what was compiled of it, too
    chart.__dict__.update(faulty)
    try:
        yield
    finally:
        chart.__dict__.clear()
        chart.__dict__.update(sound)


HISTORIES = 1000
"""How many are played on a chart before it counts as sound."""
MOST = 3 * HISTORIES
"""How many are played on a broken one, until one differs."""


def deviation(procedure: Procedure, examples: int = HISTORIES) -> str:
    """How the service first differs from the model in that many histories of *procedure*; nothing if it does not.

    With codes, with announced calls and with neither, where the procedure does not ask for codes anyway; with relay
    numbers and without. A tenth of each comes first: what differs under one of them only is seldom rare there.
    """
    of_token = procedure is Procedure.TOKEN_REISSUE
    for number in (examples // 10, examples):
        for policies in (SMALL, RELAYED) if of_token else (SMALL, WITH_CODES, ANNOUNCED):
            try:
                _play(procedure, policies, number)
            except Exception as error:  # noqa: BLE001 - whatever a broken chart makes of it
                return f"{type(error).__name__}: {error}".strip().partition("\n")[0]
    return ""


class Through(ServiceHistory):
    """What any customer may do, and sessions of one procedure that are gone through by many turns, one by one."""

    def __init__(self, setting: Setting, procedure: Procedure) -> None:
        super().__init__(setting)
        self.procedure = procedure

    @rule(who=WHO, steps=st.integers(0, 4), acts=st.lists(st.sampled_from(ACTS), min_size=4, max_size=16))
    def one_goes_through(self, who: int, steps: int, acts: list[str]) -> None:
        """A customer begins, and these things happen."""
        self.begins(procedure=self.procedure, who=who, steps=steps, spelled="{}", is_upper=False)
        run = self.model.runs[-1]
        for act in acts:
            if not run.is_final:
                self._befalls(run, act)

    def _befalls(self, run: Run, act: str) -> None:
        """One act of that session's customer, of callers, of the bank, of the clock."""
        if act in CALLS:
            self._ring(run, CALLS[act], other=act == "stranger", at=self.clock.now, named=True)
        elif act in {"back", "cancel", "proceed"}:
            self._send(run, Submission(event=act))
        elif act == "rival":
            who = self.setting.customers.index(run.customer)
            self.begins(procedure=self.procedure, who=who, steps=3, spelled="{}", is_upper=False)
        elif act == "gone":
            self.watch.changes(run.customer.ref, "gone")
            self._goes_on(run, "right", 0, None)
            self.watch.changes(run.customer.ref, None)
        elif act == "deadline":
            self._time_is(max(self.clock.now, self.model.deadline(run) or self.clock.now))
        elif act == "late":
            self._time_is(max(self.clock.now, self.model.deadline(run) or self.clock.now) + timedelta(seconds=3))
            self._ring(run, None, other=False, at=self.clock.now, named=True)
        else:
            self._goes_on(run, "wrong" if act == "wrong" else "right", 0, _REFUSAL if act == "refused" else None)


_REFUSAL = (2, REFUSED)
"""The third thing that the last form asks of the bank, to carry out its effect, is refused for good."""


def _play(procedure: Procedure, policies: Policies, examples: int) -> None:
    suite = type("Suite", (ServiceSuite,), {"policies": policies})()

    class Histories(Through):
        def __init__(self) -> None:
            super().__init__(suite.setting(FakeBank(), MemoryStore(), ResetService), procedure)

    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=examples,
            stateful_step_count=12,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],  # that it differs is all that is asked: no time is spent on the shortest history
            verbosity=Verbosity.quiet,
            suppress_health_check=list(HealthCheck),
        ),
    )


def verdicts(fault: ChartFault, examples: int = HISTORIES) -> tuple[str, str]:
    """What the verifier finds wrong with a chart, and how the service on it differs from the model."""
    found = verdict(fault.make(), has_codes=fault.chart.name == "TOKEN_REISSUE")
    with seeded(fault):
        return found, deviation(Procedure[fault.chart.name], examples)


def main() -> int:
    """Print both verdicts of every chart, and of the procedures as they are; 1 where two differ."""
    known = {fault.name: fault for fault in chart_faults()}
    differ = 0
    found = {name: verdicts(known[name], MOST if name in BROKEN else HISTORIES) for name in CHARTS}
    for procedure in Procedure:
        is_token = procedure is Procedure.TOKEN_REISSUE
        found[f"{procedure.name} as it is"] = verdict(procedure.chart, has_codes=is_token), deviation(procedure)
    for name, (verifier, walk) in found.items():
        agree = bool(verifier) == bool(walk)
        differ += not agree
        print(f"{'=' if agree else '≠'} {name}\n    {verifier or 'holds'}\n    {walk or 'holds'}")
    print(f"{len(found)} charts, {differ} verdicts differ")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
