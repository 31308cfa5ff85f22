"""What is asked next: worked out beforehand, and the same that a search through the candidates asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ja_reset import PROCEDURES, Procedure, Text
from ja_reset.chart._questions import Candidate, Question, Step, first_step
from ja_reset.chart.transitions import Guard, Transition

WORDS: Final = Text(ja="x", en="x")
GUARDS: Final = {name: Guard(name, lambda _: True, says=WORDS) for name in "abcde"}
CONDITIONS: Final = st.lists(st.tuples(st.sampled_from(sorted(GUARDS)), st.booleans()), max_size=4).map(tuple)
CANDIDATES: Final = st.lists(CONDITIONS, max_size=6).map(
    lambda each: tuple(
        (conditions, Transition(trigger="go", source="HERE", to=None, name=str(number)))
        for number, conditions in enumerate(each)
    )
)
Way = tuple[list[str], Transition | None]
"""The guards that were asked, in order, and the transition that was taken."""


def _searched(candidates: tuple[Candidate, ...], answers: Mapping[str, bool]) -> Way:
    asked: list[str] = []
    for conditions, transition in candidates:
        for name, wanted in conditions:
            if name not in asked:
                asked.append(name)
            if answers[name] is not wanted:
                break
        else:
            return asked, transition
    return asked, None


def _walked(step: Step, answers: Mapping[str, bool]) -> Way:
    asked: list[str] = []
    while isinstance(step, Question):
        if step.name not in asked:
            asked.append(step.name)
        step = step.fits if answers[step.name] is step.wanted else step.fails
    return asked, step


def _questions(step: Step, found: set[int]) -> set[int]:
    """Every question from there on, by its identity."""
    if isinstance(step, Question) and id(step) not in found:
        found.add(id(step))
        _questions(step.fits, found)
        _questions(step.fails, found)
    return found


@pytest.mark.rule("M6")
@given(CANDIDATES, st.fixed_dictionaries({name: st.booleans() for name in GUARDS}))
def test_the_questions_of_any_candidates_ask_what_a_search_asks(
    candidates: tuple[Candidate, ...], answers: Mapping[str, bool]
) -> None:
    """The same guards in the same order, and the same transition; no more questions than conditions."""
    step = first_step(candidates, GUARDS)
    (asked, taken), (expected, transition) = _walked(step, answers), _searched(candidates, answers)
    assert (expected, transition and transition.name) == (asked, taken and taken.name)
    assert len(_questions(step, set())) <= sum(len(conditions) for conditions, _ in candidates)


@pytest.mark.rule("M6")
@given(st.sampled_from(list(PROCEDURES)), st.data())
def test_each_event_of_each_chart_asks_what_a_search_asks(procedure: Procedure, data: st.DataObject) -> None:
    """Whatever the guards answer."""
    chart = PROCEDURES[procedure]
    event = data.draw(st.sampled_from(sorted({(each.source, each.trigger) for each in chart.transitions})))
    candidates = chart.candidates(*event)
    names = sorted({name for conditions, _ in candidates for name, _ in conditions})
    answers = data.draw(st.fixed_dictionaries({name: st.booleans() for name in names}))
    assert _searched(candidates, answers) == _walked(chart.first(*event), answers)
