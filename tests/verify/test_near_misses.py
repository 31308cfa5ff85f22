"""Guards that compare too little are found: near misses of every fact, and a word on what no sample varies."""

from __future__ import annotations

import pytest

from broken_charts import LOGIN, TOKEN, ChartFault
from ja_reset.chart import Chart
from ja_reset.chart.transitions import Guard
from ja_reset.chart.turn import Turn
from ja_reset.verify import verify
from ja_reset.verify._failures import ELSEWHERE
from low_policies import LEAST, LEAST_WITH_CODES
from meaning_faults import with_meaning
from near_faults import near_faults

FAULTS = tuple(fault for chart in (LOGIN, TOKEN) for fault in near_faults(chart))


@pytest.mark.rule("A1", "A2", "F13", "I6", "P2", "P3", "P4", "P11")
@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_a_guard_that_compares_too_little_is_found(fault: ChartFault) -> None:
    """The verifier says what is wrong with a chart whose guard lets through what nearly fits, under these policies."""
    assert not verify(fault.make(), LEAST_WITH_CODES, first=True, without=ELSEWHERE).holds


def _guard_reading(read: str) -> Chart:
    guard: Guard = LOGIN.guards["windows_are_left"]

    def holds(turn: Turn) -> bool:
        value: object = turn
        for name in read.split("."):
            value = getattr(value, name)
        return guard.holds(turn) or value == "never"

    return with_meaning(LOGIN, guard, holds)


@pytest.mark.parametrize(
    ("read", "named"),
    [
        ("session.version", "Session.version"),
        ("session.institution", "Session.institution"),
        ("now.hour", "datetime.hour"),
        ("now.weekday", "datetime.weekday"),
    ],
)
def test_a_guard_that_reads_what_no_sample_varies_is_told(read: str, named: str) -> None:
    """A value that is alike in every sample is named with the guard that reads it, in both languages."""
    seen = verify(_guard_reading(read), LEAST, without=ELSEWHERE)
    (failure,) = (failure for failure in seen.failures if failure.name == "no idle sample")
    assert f"read, but alike in every sample: windows_are_left reads {named}" == failure.what.en
    assert f"windows_are_left の {named}" in failure.what.ja


def test_values_of_a_hosts_own_can_be_left_out_of_that_law() -> None:
    """If a value is known not to matter, the law is left out by its name."""
    seen = verify(_guard_reading("session.version"), LEAST, without=["no idle sample"])
    assert [] == [failure.name for failure in seen.failures]
