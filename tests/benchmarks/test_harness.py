"""What the benchmarks are made with: figures, goals, and measuring in turn."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("value", "goal", "bound", "reached"),
    [
        (22, "at_most", 22, True),
        (23, "at_most", 22, False),
        (1.004, "at_most", 1, True),  # it is printed as 1.00
        (1.01, "at_most", 1, False),
        (0.85, "at_least", 0.85, True),
        (0.84, "at_least", 0.85, False),
        (35_432.6, "at_least", 35_000, True),
    ],
)
def test_a_goal_is_judged_as_it_is_printed(harness: Any, value: float, goal: str, bound: float, reached: bool) -> None:
    """What the table shows and what it says of the goal are never at odds."""
    figure = harness.Figure(key="k", words=("k", "k"), samples=(value,), goal=getattr(harness, goal)(bound))
    assert figure.is_reached is reached
    assert ("NOT REACHED" in figure.line()) is not reached


def test_a_figure_is_the_median_of_its_samples(harness: Any) -> None:
    """With the quartiles beside it; a count stands alone."""
    assert (2.0, 3.0, 4.0) == harness.Figure(key="k", words=("k", "k"), samples=(5, 1, 4, 2, 3)).quartiles
    assert (7.0, 7.0, 7.0) == harness.Figure(key="k", words=("k", "k"), samples=(7,)).quartiles


def test_ways_are_measured_in_turn_and_the_first_round_warms_up(harness: Any) -> None:
    """Each way once in each round, so that a slow moment of the machine meets both."""
    order: list[str] = []

    def way(name: str) -> float:
        order.append(name)
        return float(len(order))

    found = harness.interleaved({"a": lambda: way("a"), "b": lambda: way("b")}, 5)
    assert all({"a", "b"} == set(order[at : at + 2]) for at in range(0, 12, 2))
    assert ([5, 5], 12) == ([len(each) for each in found.values()], len(order))
    assert min(min(each) for each in found.values()) > 2


def test_a_ratio_is_made_round_by_round(harness: Any) -> None:
    """And the medians of both sides stand beside it."""
    figure = harness.paired("k", ("k", "k"), {"x": [2, 9], "y": [1, 3]}, of=("x", "y"), unit="µs")
    assert ((2.0, 3.0), {"x": (5.5, "µs"), "y": (2.0, "µs")}) == (figure.samples, figure.beside)
