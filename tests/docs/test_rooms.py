"""The house in figures: rooms, arrows between them, no circle, few modules at the root, few long ones.

A room is a folder directly under `src/ja_reset`, a module beside these folders, or a program's folder beside the
package. An arrow is a room whose modules import another's; an import for annotations alone counts like any other.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Final

from imports import imports_of

ROOT: Final = Path(__file__).parents[2]
PACKAGE: Final = ROOT / "src" / "ja_reset"
BESIDE: Final = ("src/ja_reset_pytest", "scripts", "lab", "benchmarks")

MOST_AT_THE_ROOT: Final = 8
MOST_ROOMS: Final = 27  # telephony came last
MOST_ARROWS: Final = 159  # it needs five rooms, and four need it: testing, demo, lab, benchmarks
LONG: Final = 300
MOST_LONG: Final = 3

OF_NO_ROOM: Final = frozenset({"benchmarks", "browser", "crash", "data", "docs", "golden", "lab", "mermaid", "support"})
"""The folders of tests whose subject is no single room, or that hold no tests."""


def _modules() -> dict[str, Path]:
    """Every module by its dotted name; a package by the name of its folder."""
    found = {}
    for folder in ("src", *BESIDE[1:]):
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT / folder).with_suffix("").parts
            found[".".join(part for part in parts if part != "__init__")] = path
    return found


MODULES: Final = _modules()


@cache
def _imports() -> dict[str, set[str]]:
    """The modules of ours that each module imports, wherever in it and for whatever purpose."""
    return {
        name: {found for each, _ in imports_of(path) if (found := _module(each))} - {name}
        for name, path in MODULES.items()
    }


def _module(name: str) -> str | None:
    """The module of ours that holds what is imported as *name*: the longest name of a module that it begins with."""
    while name and name not in MODULES:
        name = name.rpartition(".")[0]
    return name or None


def _room(name: str) -> str:
    """The room of a module."""
    path = MODULES[name]
    if path.is_relative_to(PACKAGE):
        return path.relative_to(PACKAGE).with_suffix("").parts[0]
    return next(folder for folder in BESIDE if path.is_relative_to(ROOT / folder))


def _arrows() -> dict[str, set[str]]:
    arrows: dict[str, set[str]] = defaultdict(set)
    for name, imported in _imports().items():
        arrows[_room(name)] |= {_room(each) for each in imported} - {_room(name)}
    return arrows


def _circle(graph: dict[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        return circle
    return []


def test_few_modules_stand_at_the_root() -> None:
    """Beside its folders the package has the few modules that everybody may need."""
    assert len(list(PACKAGE.glob("*.py"))) <= MOST_AT_THE_ROOT


def test_the_rooms_are_few() -> None:
    """Whoever comes in finds no more rooms than a page can name."""
    assert len({_room(name) for name in MODULES}) <= MOST_ROOMS


def test_the_arrows_between_rooms_are_few() -> None:
    """What a room needs of others is little, imports for annotations alone included."""
    assert sum(len(others) for others in _arrows().values()) <= MOST_ARROWS


def test_no_room_needs_itself_in_a_circle() -> None:
    """Neither rooms nor modules import each other in a circle, not even for annotations."""
    assert [] == _circle(_arrows())
    assert [] == _circle(_imports())


def test_few_modules_are_long() -> None:
    """A module past 300 lines is probably two nouns."""
    long = [name for name, path in MODULES.items() if len(path.read_text("utf-8").splitlines()) > LONG]
    assert len(long) <= MOST_LONG, long


def test_the_tests_have_the_rooms_of_the_package() -> None:
    """Each folder of tests is named after a room, or has a subject of its own; at their root stands what is at ours."""
    rooms = {path.name for path in PACKAGE.iterdir() if path.is_dir()}
    tests = ROOT / "tests"
    folders = {path.name for path in tests.iterdir() if path.is_dir() and not path.name.startswith(("_", "."))}
    assert folders <= rooms | OF_NO_ROOM
    at_the_root = {path.stem for path in PACKAGE.glob("*.py")}
    assert {path.stem.removeprefix("test_") for path in tests.glob("test_*.py")} <= at_the_root
