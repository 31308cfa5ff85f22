"""The reference has every public name: of `ja_reset` itself, and of every module that users may import from."""

from __future__ import annotations

import importlib
import inspect
import pydoc
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import ja_reset
import reference_tables
from ja_reset.machines import PROCEDURES

ROOT = Path(__file__).parents[2]
PAGES = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "docs" / "reference").glob("*.md")))
SINGLE = re.findall(r"^\.\. auto(?:class|data|exception|function):: (\S+)", PAGES, re.MULTILINE)
WHOLE = dict(re.findall(r"^\.\. automodule:: (\S+)\n(?:   :exclude-members: ([^\n]+)\n)?", PAGES, re.MULTILINE))

OURS = {
    "errors": "its names are in ja_reset",
    "secret": "its name is in ja_reset",
    "text": "its name is in ja_reset",
}
"""Modules that need no section of their own, and why."""


def test_every_name_of_the_package_is_described() -> None:
    """Each name of `ja_reset.__all__` stands in the reference, once."""
    described = [name.removeprefix("ja_reset.") for name in SINGLE]
    assert set() == set(ja_reset.__all__) - set(described)
    assert sorted(set(described)) == sorted(described)


def test_every_module_is_described_or_ours() -> None:
    """Public is what the reference describes: every other module begins with _, or lies in a package that does."""
    folder = ROOT / "src" / "ja_reset"
    found = [path.relative_to(folder).with_suffix("").parts for path in folder.rglob("*.py")]
    plain = {".".join(parts) for parts in found if not any(part.startswith("_") for part in parts)}
    described = {name.removeprefix("ja_reset.") for name in WHOLE}
    assert set() == plain - described - set(OURS)
    assert set() == set(OURS) & described
    assert set() == set(OURS) - plain


@pytest.mark.parametrize("module", sorted(WHOLE))
def test_what_a_page_leaves_out_is_on_another(module: str) -> None:
    """Names that a module's section leaves out are described elsewhere in the reference."""
    for name in (WHOLE[module] or "").replace(" ", "").split(","):
        if name:
            value = getattr(importlib.import_module(module), name)
            others = [other for other in WHOLE if name not in (WHOLE[other] or "").replace(" ", "").split(",")]
            elsewhere = any(getattr(importlib.import_module(other), name, None) is value for other in others)
            assert elsewhere or f"ja_reset.{name}" in SINGLE, name


@pytest.mark.parametrize("module", ["ja_reset", *sorted(WHOLE)])
def test_every_public_class_and_function_has_a_docstring(module: str) -> None:
    """Whatever the reference shows says what it is."""
    loaded = importlib.import_module(module)
    names = getattr(loaded, "__all__", None) or [name for name in vars(loaded) if not name.startswith("_")]
    members = {name: getattr(loaded, name) for name in names}
    mine = {
        name: value
        for name, value in members.items()
        if callable(value) and str(getattr(value, "__module__", "")).startswith("ja_reset")
    }
    assert [] == [name for name, value in mine.items() if not value.__doc__]


def needed(requirements: Iterable[str]) -> set[str]:
    """The distributions that pip installs for these, with all that they require in turn, by canonical name."""
    found, todo = set[str](), [Requirement(each) for each in requirements]
    while todo:
        each = todo.pop()
        name = canonicalize_name(each.name)
        if name not in found:
            found.add(name)
            requires = map(Requirement, metadata.requires(name) or ())
            todo += [one for one in requires if one.marker is None or one.marker.evaluate({"extra": ""})]
    return found


def test_the_extra_docs_is_all_that_the_reference_needs() -> None:
    """Every module that a page describes is imported with the packages of `pip install 'ja-reset[docs]'` alone."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    there = needed([*project["dependencies"], *project["optional-dependencies"]["docs"]]) | {"ja-reset"}
    refused = [
        package
        for package, owners in metadata.packages_distributions().items()
        if not {canonicalize_name(owner) for owner in owners} & there
    ]
    program = (
        "import importlib, sys\n"
        "class Refusing:\n"
        "    def find_spec(name, path=None, target=None):\n"
        "        if name in set(sys.argv[1].split()): raise ModuleNotFoundError(name, name=name)\n"
        "sys.meta_path.insert(0, Refusing)\n"
        "for name in sys.argv[2].split(): importlib.import_module(name)\n"
    )
    command = [sys.executable, "-c", program, " ".join(refused), " ".join(sorted(WHOLE))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own program
    assert (0, "") == (done.returncode, done.stderr)


@pytest.mark.parametrize("service", [ja_reset.ResetService, ja_reset.AsyncResetService])
def test_help_tells_of_the_operator(service: type) -> None:
    """`help()` of both services shows `operator`, and what it is for."""
    told = pydoc.plain(pydoc.render_doc(service))
    assert 1 == told.count("\n |  operator\n")
    assert inspect.getdoc(service.operator)  # type: ignore[attr-defined]  # each has it


@pytest.mark.parametrize("page", ["host-guide.md", "ja/host-guide.md"])
def test_a_plain_table_tells_the_fields_of_each_event(page: str) -> None:
    """Where no directive is drawn, the guide still says which fields each screen posts, as the screens declare them."""
    rows = re.findall(
        r"^\| (B\w+)(?: \(`(\w+)`\))? \| `(\w+)` \| (.*) \|$", (ROOT / "docs" / page).read_text("utf-8"), re.MULTILINE
    )
    shown = {(screen, event, tuple(re.findall(r"`(\w+)`", fields))) for screen, _, event, fields in rows}
    declared = {
        (plan.id, plan.buttons[0].event, tuple(field.name for field in plan.fields))
        for chart in PROCEDURES.values()
        for state in chart.states.values()
        for plan in state.plans
        if plan.fields
    }
    assert declared == shown, "run `make diagrams`"
    assert len(declared) == len(rows)


def test_the_tables_of_constants_are_those_of_the_code() -> None:
    """Guards, fields, readers, effects, assignments, checks, buttons and notices stand in the reference as declared."""
    page = reference_tables.PAGE.read_text("utf-8")
    assert set(reference_tables.TABLES) == set(re.findall(r"^<!-- table: (\w+) -->$", page, re.MULTILINE))
    assert reference_tables.written(page) == page, "run `make diagrams`"
