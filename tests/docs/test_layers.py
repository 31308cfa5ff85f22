"""The layers of the package, as its own imports show them: nothing is imported, the files are read.

To add a module, put its name (without `ja_reset.`) on its layer. A package's name covers its modules; a module
named by itself has its own place. Imports point down, or stay within a layer without going in a circle.
"""

from __future__ import annotations

import ast
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

from imports import imports_of

SOURCE = Path(__file__).resolve().parents[2] / "src" / "ja_reset"

CORE = (
    "errors",
    "secret",
    "text",
    "bank",
    "policies",
    "fields",
    "telephony",
    "screens",
    "stores.rows proofs",
    "chart",
    "machines",
    "service",
)
"""From the bottom up; pure: what they know of time, chance and the world comes in as arguments."""

SHELL = (
    "service._sealing stores testing.cast testing._entries testing.postgres",
    "testing._bank testing._clock service._port_checks service._shell",
    "service._construction service._observation",
    "service._flows service._reading",
    "service._async_facade service._facade",
    "ja_reset",
    "observing",
    "diagrams sphinx_ext.traceability",
    "sphinx_ext verify",
    "testing",
    "play demo",
    "cli",
    "__main__",
)
"""The same, above the core; `ja_reset` is the package's own `__init__`."""

IMPURE = frozenset(
    {"asyncio", "concurrent", "logging", "multiprocessing", "os", "random", "secrets", "select", "signal"}
    | {"socket", "sqlite3", "subprocess", "threading", "time", "uuid"}
)
"""What the core imports none of."""

CLOCKS = frozenset({"now", "today", "utcnow"})
"""What the core never calls."""

ENGINE = {
    "chart._compiled": "builds the Machine",
    "diagrams._engine": "reads any Machine's states and events",
    "diagrams._extraction": "tells a Machine from a chart",
    "diagrams.subjects": "knows a host's own Machine when it is to be drawn",
}
"""The modules that import `transitions`, and what for."""

ENGINE_IN_TYPES = dict.fromkeys(
    ("chart.chart", "machines"), "the public `machine` of a chart, and of a procedure, is a transitions.Machine (M6)"
)
"""The modules that name it in annotations only."""


class Import(NamedTuple):
    """One import of one of our modules: *name* as the statement spells it, dotted; *typing*: for annotations only."""

    module: str
    name: str
    typing: bool


def _name(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__") or "ja_reset"


PATHS = {_name(path): path for path in sorted(SOURCE.rglob("*.py"))}
"""Our modules, by their names without `ja_reset.`."""


@cache
def _imports() -> list[Import]:
    """Every import in our modules, those inside functions too."""
    return [Import(module, *each) for module, path in PATHS.items() for each in imports_of(path)]


def _ours(name: str) -> str | None:
    """The module of ours that `from … import …` of *name* reaches, or None for somebody else's."""
    if name != "ja_reset" and not name.startswith("ja_reset."):
        return None
    path = name.removeprefix("ja_reset").removeprefix(".")
    while path and path not in PATHS:
        path = path.rpartition(".")[0]
    return path or "ja_reset"


def _layer(module: str) -> int | None:
    """The number of the module's layer: that of the longest name in the lists that covers it."""
    places = {name: number for number, names in enumerate(CORE + SHELL) for name in names.split()}
    while module and module not in places:
        module = module.rpartition(".")[0]
    return places.get(module)


def _is_core(module: str) -> bool:
    layer = _layer(module)
    return layer is not None and layer < len(CORE)


def _inside() -> list[tuple[Import, str]]:
    """The imports of our own modules, each with the module that it reaches."""
    return [(found, target) for found in _imports() if (target := _ours(found.name)) is not None]


def test_every_module_has_a_layer() -> None:
    """A module that is on no layer fails here, so the picture stays complete."""
    assert [] == [module for module in PATHS if _layer(module) is None]


def test_no_layer_lists_what_is_not_there() -> None:
    """Each name in the lists is a module's, and stands once."""
    names = " ".join(CORE + SHELL).split()
    assert [] == [name for name in names if not any(f"{module}.".startswith(f"{name}.") for module in PATHS)]
    assert sorted(set(names)) == sorted(names)


def test_imports_point_down() -> None:
    """No module imports one of a higher layer, not even for annotations."""
    up = {(found.module, target) for found, target in _inside() if (_layer(found.module) or 0) < (_layer(target) or 0)}
    assert set() == up


def test_imports_go_in_no_circle() -> None:
    """No module needs itself, on one layer or across them, not even for annotations."""
    graph: dict[str, set[str]] = {module: set() for module in PATHS}
    for found, target in _inside():
        if target != found.module:
            graph[found.module].add(target)
    circle: list[str] = []
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle = error.args[1]
    assert [] == circle


def test_the_core_knows_no_time_chance_or_world() -> None:
    """No core module imports a module that reads a clock, draws lots, or talks to the system."""
    impure = [
        (found.module, found.name)
        for found in _imports()
        if _is_core(found.module) and found.name.partition(".")[0] in IMPURE
    ]
    assert [] == impure


def test_the_core_reads_no_clock() -> None:
    """No core module calls `now`, `today` or `utcnow`, of whatever it may be, nor hands on those of datetime."""
    calls = [
        (module, node.lineno)
        for module, path in PATHS.items()
        if _is_core(module)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if (isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in CLOCKS)
        or (isinstance(node, ast.Attribute) and node.attr in CLOCKS and "date" in ast.unparse(node.value))
    ]
    assert [] == calls


@pytest.mark.rule("M6")
def test_the_engine_is_imported_in_one_place() -> None:
    """`transitions` is imported where the Machine is built and its table read, and nowhere else but in types."""
    users = {found.module: found.typing for found in _imports() if found.name.partition(".")[0] == "transitions"}
    assert set(ENGINE) | set(ENGINE_IN_TYPES) == set(users)
    assert [] == [module for module, typing in users.items() if not typing and module not in ENGINE]
