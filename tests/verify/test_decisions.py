"""The tree of an event's guards, which the verifier grows: it decides as `choose` does."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

import attrs
import pytest

from ja_reset import ChartError, Policies, Procedure
from ja_reset.chart import Chart
from ja_reset.chart._questions import Step, first_step
from ja_reset.chart.advance import choose
from ja_reset.chart.session import Session
from ja_reset.chart.transitions import Guard
from ja_reset.chart.turn import Turn
from ja_reset.verify._decisions import Decision, Decisions
from ja_reset.verify._situations import NOW


def _turn(chart: Chart, state: str) -> Turn:
    session = Session(
        id="self",
        procedure=chart.name,
        institution="ja",
        state=state,
        version=1,
        created_at=NOW,
        active_at=NOW,
        seen_at=NOW,
    )
    return Turn(session, NOW, Policies(), {})


@pytest.mark.rule("E3")
@pytest.mark.parametrize("procedure", Procedure, ids=lambda each: each.name)
def test_the_tree_decides_as_choose_does(procedure: Procedure) -> None:
    """Whatever the guards answer, the same transition is taken and the same guards are asked in the same order."""
    chart, random = procedure.chart, Random(15)  # noqa: S311 - no secrets
    told: dict[str, bool] = {}
    guards = {
        name: attrs.evolve(guard, holds=lambda _turn, name=name: told[name])  # type: ignore[misc]
        for name, guard in chart.guards.items()
    }
    decisions = Decisions(chart)
    for state, trigger in sorted({(each.source, each.trigger) for each in chart.transitions}):
        for _ in range(50):
            told |= {name: random.random() < 0.8 for name in guards}
            turn, answers = _turn(chart, state), dict[str, bool]()
            here = decisions.first(state, trigger, turn)
            while not isinstance(here, Decision):
                here.guard = guards[here.guard.name]
                here = here.asked(turn)
            try:
                taken = choose(_Answering(chart, guards), trigger, turn, answers)  # type: ignore[arg-type]
            except ChartError:
                pytest.fail(f"{trigger} from {state} takes no transition")
            assert (taken, list(answers.items())) == (here.transition, list(here.answers.items()))


@attrs.frozen
class _Answering:
    """A chart whose guards answer as they are told."""

    chart: Chart
    guards: Mapping[str, Guard]

    def first(self, state: str, trigger: str) -> Step:
        return first_step(self.chart.candidates(state, trigger), self.guards)

    def __getattr__(self, name: str) -> object:
        return getattr(self.chart, name)
