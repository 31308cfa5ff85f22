"""The slow lanes: each is declared with its reason, `make test` leaves out those alone, `make check` has them all."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from lanes import LANES, lanes_of

ROOT = Path(__file__).resolve().parents[2]
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
MARKERS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["pytest"]["markers"]


def test_every_slow_lane_is_declared_with_its_reason() -> None:
    """The markers of slow lanes are those of the table, each with a reason."""
    told = [marker.split(": slow lane: ") for marker in MARKERS if not marker.startswith("rule(")]
    assert sorted(LANES) == [name for name, _ in told]
    assert all(len(reason.split()) > 3 for _, reason in told)


def test_what_is_in_a_lane_is_there_and_in_no_other() -> None:
    """Each entry of the table is a file or a folder of tests, named once."""
    entries = [entry for files in LANES.values() for entry in files]
    assert len(set(entries)) == len(entries)
    assert [] == [entry for entry in entries if not (ROOT / "tests" / entry).exists()]


def test_the_lanes_together_are_the_whole() -> None:
    """`make test` leaves out the slow lanes and nothing else; `make test-all`, which `make check` runs, nothing."""
    assert f"\nQUICK := {' and '.join(f'not {name}' for name in sorted(LANES))}\n" in MAKEFILE
    assert "\nPYTEST := $(RUN) pytest --numprocesses auto --dist worksteal\n" in MAKEFILE
    recipes = dict(re.findall(r"^([a-z-]+):.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE))
    assert '\t$(PYTEST) -m "$(QUICK)"\n' == recipes["test"]
    measured = '\t$(PYTEST) -m "not interruptions" --cov --cov-report=term\n'
    assert f"\t$(PYTEST) -m interruptions\n{measured}" == recipes["test-all"]
    assert re.search(r"^check: .* test-all ##", MAKEFILE, re.MULTILINE)


def test_a_test_is_in_the_lane_of_its_file_and_in_no_other(request: pytest.FixtureRequest) -> None:
    """Of all tests of this run, those in a slow lane are those of the lane's files."""
    for item in request.session.items:
        assert lanes_of(item.path) == [mark.name for mark in item.iter_markers() if mark.name in LANES]
