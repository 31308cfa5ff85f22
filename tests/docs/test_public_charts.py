"""The three procedures are written with nothing that a host does not have: names of one reference page."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

import ja_reset
from ja_reset.chart import Chart
from ja_reset.machines import CHARTS

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = ROOT / "docs" / "reference" / "charts.md"
OURS: Final = ("_bim", "_btr")
"""The modules of the three procedures' charts."""
EXAMPLE: Final = ROOT / "docs" / "procedures" / "transfer_limit.py"


def _documented() -> frozenset[str]:
    """The modules of the page, and the package itself."""
    return frozenset(re.findall(r"automodule:: (\S+)", PAGE.read_text("utf-8"))) | {"ja_reset"}


def _imported(source: str) -> Iterator[tuple[str, str]]:
    """Each name that is imported of the library, with its module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module is not None and node.module.startswith("ja_reset"):
            yield from ((node.module, alias.name) for alias in node.names)


def _source(name: str) -> Path:
    return ROOT / "src" / "ja_reset" / "machines" / f"{name}.py"


@pytest.mark.parametrize("path", [*map(_source, OURS), EXAMPLE], ids=lambda path: path.stem)
def test_a_chart_is_written_with_names_of_one_page(path: Path) -> None:
    """Every name that a chart's module imports is public, and of a module that the page has."""
    documented = _documented()
    imported = list(_imported(path.read_text("utf-8")))
    assert imported
    for module, name in imported:
        assert not name.startswith("_")
        value = getattr(importlib.import_module(module), name)
        of_package = name in ja_reset.__all__ and value is getattr(ja_reset, name)
        places = {module, f"{module}.{name}", getattr(value, "__module__", module)}
        assert of_package or places & documented, f"{module}.{name} is not on {PAGE.name}"


def test_the_three_are_built_from_these_names_alone() -> None:
    """Their source, run as a host's module, makes the same charts."""
    made: dict[str, Chart] = {}
    for name in OURS:
        space: dict[str, object] = {"__name__": f"a_hosts_{name}"}
        exec(compile(_source(name).read_text("utf-8"), f"{name}.py", "exec"), space)  # noqa: S102 - our own source
        made |= {chart.name: chart for chart in space.values() if isinstance(chart, Chart)}
    assert set(CHARTS) == set(made)
    for name, chart in CHARTS.items():
        assert made[name] is not chart
        assert [transition.to_dict() for transition in chart.transitions] == [
            transition.to_dict() for transition in made[name].transitions
        ]
        assert {state: each.keeps for state, each in chart.states.items()} == {
            state: each.keeps for state, each in made[name].states.items()
        }
