"""The slow lanes: each is declared with its reason, `make test` leaves out those alone, `make check` has them all."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import settings

from budgets import SHARE, budget
from lanes import EMPTY_ENTRIES, HERE, LANES, QUICK, covers, lanes_of, name_of
from shares import too_slow
from tools import MARK, not_tried

ROOT = Path(__file__).resolve().parents[2]
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
MARKERS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["pytest"]["markers"]
RECIPES = dict(re.findall(r"^([a-z-]+):.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE))


def test_every_slow_lane_is_declared_with_its_reason() -> None:
    """The markers of slow lanes are those of the table, each with a reason."""
    told = [marker.split(": slow lane: ") for marker in MARKERS if not marker.startswith("rule(")]
    assert sorted(LANES) == [name for name, _ in told]
    assert all(len(reason.split()) > 3 for _, reason in told)


def test_what_is_in_a_lane_is_there_and_in_no_other(pytestconfig: pytest.Config) -> None:
    """Each entry of the tables is a folder, a file or a test, named once; what is quick would be in a lane."""
    entries = [entry for each in LANES.values() for entry in each]
    assert len(set(entries)) == len(entries)
    assert [] == [entry for entry in [*entries, *QUICK] if not (ROOT / "tests" / entry.partition("::")[0]).exists()]
    assert [] == [entry for entry in QUICK if not any(covers(lane, entry) for lane in entries)]
    assert [] == pytestconfig.stash.get(EMPTY_ENTRIES, [])


def test_no_two_files_of_tests_share_a_name() -> None:
    """They are imported by their names alone: of two that share one, neither `make test` nor CI could collect both."""
    names = Counter(path.name for path in HERE.rglob("test_*.py"))
    assert [] == [name for name, times in names.items() if times > 1]


def test_the_lanes_together_are_the_whole() -> None:
    """`make test` leaves out the slow lanes and nothing else; `make test-all`, which `make check` runs, nothing."""
    assert f"\nSLOW := {' or '.join(sorted(LANES))}\n" in MAKEFILE
    assert "\nPYTEST := PYTHONDONTWRITEBYTECODE= $(RUN) pytest --numprocesses auto --dist worksteal\n" in MAKEFILE
    assert '\t$(PYTEST) -m "not ($(SLOW))" --hypothesis-profile quick --shares\n' == RECIPES["test"]
    measured = '\t$(PYTEST) -m "not ($(SLOW) or hypothesis)" --cov --cov-report=term\n'
    assert f'\t$(PYTEST) -m "$(SLOW) or hypothesis"\n{measured}' == RECIPES["test-all"]
    assert re.search(r"^check: .* test-all ##", MAKEFILE, re.MULTILINE)


def test_a_test_is_in_the_lane_of_its_entry_and_in_no_other(request: pytest.FixtureRequest) -> None:
    """Of all tests of this run, those in a slow lane are those of the lane's entries."""
    for item in request.session.items:
        lanes = lanes_of(name_of(item))
        assert lanes == [mark.name for mark in item.iter_markers() if mark.name in LANES]
        assert len(lanes) <= 1, item.nodeid


def test_an_entry_covers_what_is_within_it() -> None:
    """A folder its files, a file its tests, a test its parameters; not what only begins like it."""
    name = "docs/test_docs.py::test_commands_work[README.md]"
    inside = ["docs/", "docs/test_docs.py", "docs/test_docs.py::test_commands_work", name]
    assert [] == [entry for entry in inside if not covers(entry, name)]
    outside = ["docs/test", "docs/test_docs.py::test_commands", "docs/test_docs.py::test_commands_work[README.ja.md]"]
    assert [] == [entry for entry in outside if covers(entry, name)]


def test_a_test_that_takes_more_than_its_share_is_told() -> None:
    """A fortieth of what all take together is the most; what the machine makes of it is no matter."""
    even = {f"test {number}": 0.5 for number in range(200)}
    assert [] == too_slow(even)
    uneven = {**even, "slow": 3.2, "slowest": 3.3}
    assert ["slowest", "slow"] == too_slow(uneven)
    assert ["slowest", "slow"] == too_slow({name: 7 * took for name, took in uneven.items()})


def test_a_run_tries_all_examples_but_in_the_quick_profile() -> None:
    """`make test` tries a share of the random examples, every other run as many as the test says."""
    now = settings().max_examples
    quick, full = settings.get_profile("quick").max_examples, settings.get_profile("dev").max_examples
    assert (full // SHARE, 100, 200) == (quick, full, settings.get_profile("ci").max_examples)
    assert [40 // SHARE if now == quick else 40, 1] == [budget(40), budget(1)]


def test_what_a_machine_lacks_is_told_in_one_line() -> None:
    """Of the tests that were skipped, those that lack a program are told with the command that brings it, once each."""

    def skipped(reason: str) -> pytest.TestReport:
        return pytest.TestReport(
            nodeid="x",
            location=("x", 1, "x"),
            keywords={},
            outcome="skipped",
            longrepr=("x", 1, f"Skipped: {reason}"),
            when="call",
        )

    reports = [skipped(MARK + "no A: install a"), skipped(MARK + "no B: install b"), skipped(MARK + "no A: install a")]
    assert "Not tried here: no A: install a; no B: install b" == not_tried([*reports, skipped("for Linux only")])
    assert not not_tried([skipped("for Linux only")])
