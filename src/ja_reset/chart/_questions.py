"""Which guard is asked next: the candidates of an event as questions, worked out when a chart is first run.

The candidates are tried in the order of the Machine, and the conditions of each in their order. An answer rules out all
candidates that need the other one, so what is asked, or taken, after it is known beforehand. A question relies on the
answers that its own candidate needs, and on no others: there are at most as many questions as conditions.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from ja_reset.chart.transitions import Guard, Transition

Candidate = tuple[tuple[tuple[str, bool], ...], Transition]
"""A transition, with the guard results that it needs."""


@attrs.frozen(eq=False, repr=False)
class Question:
    """A guard, the answer that its candidate needs, and what follows in either case; None: no transition is left."""

    guard: Guard
    name: str
    wanted: bool
    fits: Question | Transition | None
    fails: Question | Transition | None


Step = Question | Transition | None
"""What is asked, or taken."""


def first_step(candidates: tuple[Candidate, ...], guards: Mapping[str, Guard]) -> Step:
    """What is asked first, or taken, of the *candidates* of an event."""
    questions: dict[tuple[int, int], Question] = {}

    def after(known: Mapping[str, bool], place: int) -> Step:
        """What follows from the candidate at that place on, if these answers are known."""
        for number in range(place, len(candidates)):
            conditions, transition = candidates[number]
            for height, (name, wanted) in enumerate(conditions):
                answer = known.get(name)
                if answer is None:
                    return question(number, height)
                if answer is not wanted:
                    break
            else:
                return transition
        return None

    def question(place: int, height: int) -> Question:
        found = questions.get((place, height))
        if found is None:
            conditions, _ = candidates[place]
            name, wanted = conditions[height]
            known = dict(conditions[:height])
            fits = after({**known, name: wanted}, place)
            fails = after({**known, name: not wanted}, place + 1)
            found = questions[place, height] = Question(guards[name], name, wanted, fits, fails)
        return found

    return after({}, 0)
