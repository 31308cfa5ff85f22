"""The pages on performance show what docs/performance.json says, in both languages; nobody types a figure."""

from __future__ import annotations

import json
from typing import Any

import pytest


@pytest.fixture
def pages(harness: Any, load: Any) -> Any:
    """The program that writes them."""
    load("plots")
    return load("pages")


def test_pages_and_plots_are_those_of_the_json(pages: Any) -> None:
    """Tables and plots are written again if the JSON changes: make performance."""
    measured = json.loads(pages.JSON.read_text("utf-8"))
    for path, text in pages.written(measured).items():
        assert text == path.read_text("utf-8"), f"{path.name}: python benchmarks/pages.py --again"


def _run(value: float, *, at_least: bool = False) -> dict[str, Any]:
    figure = {
        "key": "turn",
        "en": "a turn",
        "ja": "ターン",
        "unit": "×",
        "value": value,
        "low": value - 1,
        "high": value + 1,
        "goal": {"bound": 3, "at_least": at_least},
        "beside": {"turn": [value * 2, "µs"]},
    }
    return {"machine": {}, "began": "2026-04-01T00:00:00+00:00", "load_before": 0.1, "figures": [figure]}


def test_the_last_three_runs_give_their_median(pages: Any) -> None:
    """Older runs are left out; what a ratio was made of is merged likewise."""
    merged = pages.merged([_run(value) for value in (99, 4, 2, 3)])
    (figure,) = merged["figures"]
    assert (3, 2, 4, [4, 2, 3], {"turn": [6, "µs"]}) == tuple(
        figure[name] for name in ("value", "low", "high", "runs", "beside")
    )
    assert 3 == len(merged["began"])


def test_a_table_says_in_how_many_runs_a_goal_was_reached(pages: Any) -> None:
    """All of them, none, or some."""
    for values, said in (((1, 2, 3), "yes"), ((4, 5, 6), "**no**"), ((1, 4, 5), "1 of 3 runs")):
        rows = pages.goals(pages.merged([_run(value) for value in values]), "en")
        assert said == rows[1][4]


def test_without_a_run_there_is_nothing_to_write(pages: Any) -> None:
    """The program says what to do first."""
    with pytest.raises(SystemExit, match="make bench first"):
        pages.merged([])
