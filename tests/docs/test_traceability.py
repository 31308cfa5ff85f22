"""Every rule of the specification is held by a test that says so, and no test names a rule that is none."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from textwrap import dedent

import pytest

from ja_reset import PROCEDURES
from ja_reset.chart._start import GUARDS, START
from ja_reset.machines._rule_ids import BY_EVENT, BY_GUARD, BY_NAME, rules_of
from ja_reset.sphinx_ext import traceability

ELSEWHERE: dict[str, str] = {}
"""Rules that no test of this suite can hold → why, and what holds them."""

TESTS = Path(__file__).resolve().parents[1]
RULES = traceability.rule_ids((TESTS.parent / "docs" / "spec.md").read_text("utf-8"))


@cache
def marks() -> list[traceability.Mark]:
    """Every marker of a rule in the tests."""
    return list(traceability.marks(TESTS))


def held() -> set[str]:
    """The rules that some test holds."""
    return {mark.rule for mark in marks()}


def test_the_specification_is_read() -> None:
    """The rules are found in every chapter that has some, each once."""
    assert set("EMFIPLCSA") == {rule[0] for rule in RULES}
    assert [] == [rule for rule, times in Counter(RULES).items() if times > 1]


def test_every_rule_is_held_by_a_test() -> None:
    """Each rule id stands in a `rule` marker, or in ELSEWHERE with its reason."""
    assert [] == [rule for rule in RULES if rule not in held() and rule not in ELSEWHERE]


def test_every_marked_rule_exists() -> None:
    """A marker names rules of the specification only, so a slip of the pen holds nothing by accident."""
    assert [] == [f"{mark.file}:{mark.line}: {mark.rule}" for mark in marks() if mark.rule not in RULES]


def test_every_arrow_carries_a_rule() -> None:
    """No transition of a chart is there without a rule of the specification that asks for it, and that a test holds."""
    transitions = [transition for chart in PROCEDURES.values() for transition in chart.transitions]
    assert [] == [transition.name for transition in transitions if not rules_of(transition)]
    carried = {rule for transition in transitions for rule in rules_of(transition)}
    assert set() == carried - set(RULES)
    assert set() == carried - held()


def test_the_tables_of_rules_name_what_the_charts_have() -> None:
    """A guard, an event or a transition that no chart has any more carries no rule."""
    charts = PROCEDURES.values()
    assert {name for chart in charts for name in chart.guards} | set(GUARDS) == set(BY_GUARD)
    assert {trigger for chart in charts for trigger in chart.triggers} | {START} == set(BY_EVENT)
    assert set(BY_NAME) <= {transition.name for chart in charts for transition in chart.transitions}


def test_elsewhere_excuses_no_rule_that_is_held() -> None:
    """ELSEWHERE keeps only rules that exist and that no test holds."""
    assert set() == set(ELSEWHERE) - set(RULES)
    assert set() == set(ELSEWHERE) & held()


def test_markers_are_found_wherever_pytest_takes_them() -> None:
    """A rule may be marked on a function, a class, one parameter, a module, or a suite made by a call."""
    source = '''
        """A file."""
        pytestmark = pytest.mark.rule("E1")

        @pytest.mark.rule("F1", "F2")
        def test_one() -> None:
            """One is one."""

        @pytest.mark.rule("M1")
        class TestTwo:
            @pytest.mark.parametrize("n", [pytest.param(1, marks=pytest.mark.rule("P1"))])
            async def test_three(self) -> None:
                """Three
                is three.

                And more.
                """

        TestSuite = pytest.mark.rule("A1")(make())
    '''
    found = [(mark.rule, mark.holder, mark.truth) for mark in traceability.marks_of(dedent(source), "test_it.py")]
    expected = [
        ("E1", "test_it", "A file."),
        ("F1", "test_one", "One is one."),
        ("F2", "test_one", "One is one."),
        ("M1", "TestTwo", ""),
        ("P1", "test_three", "Three is three."),
        ("A1", "test_it", "A file."),
    ]
    assert sorted(expected) == sorted(found)


@pytest.mark.parametrize("argument", ["RULE", "*RULES", "f'F{n}'", "1"])
def test_a_marker_that_cannot_be_read_is_an_error(argument: str) -> None:
    """A rule id that is computed is refused, as reading the file would miss it."""
    with pytest.raises(traceability.NotLiteralError, match=r"^test_it\.py:1: a rule id is written out as a string$"):
        list(traceability.marks_of(f"pytestmark = pytest.mark.rule({argument})", "test_it.py"))
