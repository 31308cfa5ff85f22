"""Which guard is asked next: the candidates of an event as a tree, grown as far as turns have gone in it.

`choose` looks through the candidates from the first one each time a turn begins again with one more fact. An
exploration begins again for every value of every fact, so it remembers where the turn stopped.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from ja_reset.chart import Chart
from ja_reset.chart.advance import choose
from ja_reset.chart.transitions import Guard, Transition
from ja_reset.chart.turn import Turn


@attrs.frozen(eq=False)
class Decision:
    """The transition that is taken, and the guards that were asked on the way with their answers."""

    transition: Transition
    answers: Mapping[str, bool]


@attrs.define(eq=False)
class Question:
    """The guard that is asked next, after *answers*; what follows is found when it is first answered so."""

    decisions: Decisions
    state: str
    trigger: str
    guard: Guard
    answers: Mapping[str, bool]
    yes: Question | Decision | None = None
    no: Question | Decision | None = None

    def asked(self, turn: Turn) -> Question | Decision:
        """What follows in *turn*; raises what the guard raises, and ChartError as `choose` does."""
        turn.asker = self.guard
        answer = self.guard.holds(turn)
        if answer is True:
            found = self.yes = self.yes or self._after(turn, answer=True)
        elif answer is False:
            found = self.no = self.no or self._after(turn, answer=False)
        else:  # it must be a bool: `choose` says so
            return self.decisions.chosen(self.trigger, turn, self.answers)
        return found

    def _after(self, turn: Turn, *, answer: bool) -> Question | Decision:
        answers = {**self.answers, self.guard.name: answer}
        return self.decisions.after(self.state, self.trigger, turn, answers)


@attrs.frozen(eq=False)
class Decisions:
    """The trees of a chart, one for each event of each state."""

    chart: Chart
    _first: dict[tuple[str, str], Question | Decision] = attrs.field(factory=dict, init=False)

    def first(self, state: str, trigger: str, turn: Turn) -> Question | Decision:
        """Where a turn begins."""
        found = self._first.get((state, trigger))
        if found is None:
            found = self._first[state, trigger] = self.after(state, trigger, turn, {})
        return found

    def after(self, state: str, trigger: str, turn: Turn, answers: Mapping[str, bool]) -> Question | Decision:
        """What follows the *answers*: the first guard in the order of `choose` without one, or the transition."""
        for wanted, transition in self.chart.candidates(state, trigger):
            for name, target in wanted:
                answer = answers.get(name)
                if answer is None:
                    return Question(self, state, trigger, self.chart.guards[name], answers)
                if answer is not target:
                    break
            else:
                return Decision(transition, answers)
        return self.chosen(trigger, turn, answers)  # no transition is left: `choose` says so

    def chosen(self, trigger: str, turn: Turn, answers: Mapping[str, bool]) -> Decision:
        """What `choose` says of the *answers*."""
        given = dict(answers)
        turn.asker = None
        return Decision(choose(self.chart, trigger, turn, given), given)
