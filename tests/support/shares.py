"""The CPU time of each test, as a share of the run's: none of the quick lane's takes more than a fortieth.

A share holds on any machine, and a test that outgrows it is told by name: it belongs in a slow lane, or is to be made
quicker. What is counted is a test's call, with the processes that it waits for; fixtures are shared by many.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Final

import pytest

MOST: Final = 1 / 40
"""Of the run's CPU time, what one test may take."""
PROPERTY: Final = "cpu"


def spent() -> float:
    """Seconds of CPU that this process has used, and the processes that it has waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def too_slow(by_test: Mapping[str, float]) -> list[str]:
    """The tests that take more than their share, the slowest first."""
    most = MOST * sum(by_test.values())
    return sorted((test for test, seconds in by_test.items() if seconds > most), key=lambda test: -by_test[test])


class Shares:
    """A plugin of pytest: fails a run in which a test takes more than its share."""

    def __init__(self) -> None:
        self.by_test: dict[str, float] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        """Hand what the call takes to the process that sums up."""
        before = spent()
        try:
            return (yield)
        finally:
            item.user_properties.append((PROPERTY, spent() - before))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note it there."""
        if report.when == "call":
            self.by_test[report.nodeid] = sum(
                value for name, value in report.user_properties if name == PROPERTY and isinstance(value, float)
            )

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """A test that is too slow fails the run."""
        if too_slow(self.by_test) and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(wrapper=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
        """Name those tests, and the sum."""
        yield
        everything = sum(self.by_test.values())
        terminalreporter.write_line(f"{len(self.by_test)} tests took {everything:.0f} s of CPU, fixtures not counted")
        for test in too_slow(self.by_test):
            terminalreporter.write_line(
                f"{test} took {self.by_test[test]:.1f} s, over a fortieth of it: make it quicker, or give it a lane in "
                "tests/support/lanes.py",
                red=True,
            )
