"""The report on mutants: what it reads from mutmut, that the tests kill enough, and that the page tells of it."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

import ja_reset
import mutants
from mutants import Alive, Tally

TALLIES, ALIVE, MEASURED = mutants.read()


def test_no_mutant_lives_without_a_reason() -> None:
    """What the tests do not see is explained, one by one."""
    assert [] == [each for each in ALIVE if not each.why]


def test_the_tests_kill_enough() -> None:
    """Of the mutants that were tried the tests kill the share that was set."""
    assert mutants.rate(TALLIES) >= mutants.ENOUGH


def test_the_page_tells_what_was_found() -> None:
    """The page of the documentation is the rendering of what is kept."""
    assert mutants.render(TALLIES, ALIVE, MEASURED) == mutants.PAGE.read_text("utf-8")


@cache
def _functions() -> set[str]:
    """Every function of the package, named as mutants are: `service._outbox.deliver`, `chart.chart.Chart.form`."""
    found = set()
    for path in sorted(Path(ja_reset.__file__).parent.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        module = ".".join(path.relative_to(Path(ja_reset.__file__).parent).with_suffix("").parts)
        module = module.removesuffix(".__init__")
        within = [(module, node) for node in tree.body]
        within += [
            (f"{module}.{each.name}", node)
            for each in tree.body
            if isinstance(each, ast.ClassDef)
            for node in each.body
        ]
        found |= {f"{where}.{node.name}" for where, node in within if isinstance(node, ast.FunctionDef)}
    return found


def test_a_reason_is_for_functions_that_exist() -> None:
    """What was renamed or is gone needs no reason under its old name."""
    reasons = tomllib.loads(mutants.REASONS.read_text("utf-8"))["reason"]
    known = _functions()
    assert [] == [
        each["function"] for each in reasons if not any(re.fullmatch(each["function"], name) for name in known)
    ]


def test_what_was_found_is_told_by_modules_that_exist() -> None:
    """A module that was renamed since is named as it is today."""
    known = {name.rpartition(".")[0] for name in _functions()}
    known |= {name.rpartition(".")[0] for name in known}
    assert [] == [each.module for each in TALLIES if each.module not in known]


@pytest.mark.parametrize(
    ("mutant", "expected"),
    [
        ("ja_reset.service._outbox.x__give__mutmut_3", "service._outbox._give"),
        ("ja_reset.chart.chart.xǁChartǁways__mutmut_12", "chart.chart.Chart.ways"),
        ("ja_reset.policies.x__is__mutmut_1", "policies._is"),
        ("ja_reset.chart.session.xǁSessionǁis_claimed__mutmut_1", "chart.session.Session.is_claimed"),
    ],
)
def test_a_mutant_is_told_by_its_function(mutant: str, expected: str) -> None:
    """The name that mutmut gives it is read back."""
    assert expected == mutants.function_of(mutant)


def test_a_change_is_told_without_what_stands_around_it() -> None:
    """Of a diff only the changed lines are told, each side in one line."""
    diff = "--- a/x.py\n+++ b/x.py\n@@ -1,3 +1,3 @@\n def f():\n-    a = 1\n-    b = 2\n+    a = None\n     return a\n"
    assert ("a = 1 b = 2", "a = None") == mutants.change_of(diff)


def test_a_reason_is_for_one_function_and_one_line() -> None:
    """It does not excuse another mutant of that function, nor the same line elsewhere."""
    reasons = [{"function": r"service\._outbox\._give", "line": r"strict=True", "why": "one length"}]
    alive = Alive("service._outbox._give", "zip(a, b, strict=True)", "zip(a, b, strict=False)", "")
    assert "one length" == mutants.reason(alive, reasons)
    assert "" == mutants.reason(alive._replace(function="service._outbox._give_all"), reasons)
    assert "" == mutants.reason(alive._replace(before="zip(a, b)", after="zip(b)"), reasons)


def test_what_was_not_tried_is_not_counted_as_killed() -> None:
    """The rate is of those that were tried."""
    assert 0.5 == mutants.rate([Tally("x", 10, 3, 1, 4)])
    assert 0.0 == mutants.rate([Tally("x", 4, 0, 0, 4)])


def test_what_no_test_calls_is_not_counted_as_killed() -> None:
    """Only what a test has seen, at the first look or the second, is killed; running out of time is seen."""
    outcomes = {
        f"ja_reset.chart.chart.x_f__mutmut_{number}": code for number, code in enumerate((0, 1, 5, 33, -24, None, 33))
    }
    assert [Tally("chart.chart", 7, 3, 1, 1)] == mutants.tallied(outcomes, {"ja_reset.chart.chart.x_f__mutmut_6"})


def test_a_page_shows_who_lives_and_why() -> None:
    """A living mutant stands with its change, a bar in it escaped, and its reason."""
    page = mutants.render([Tally("chart", 3, 2, 1, 0)], [Alive("chart.f", "a | b", "a & b", "the same")], "2026-04-01")
    assert "| `chart` | 3 | 0 | 2 | 1 | 66.7% |" in page
    assert r"| `chart.f` | `a \| b` | `a & b` | the same |" in page
