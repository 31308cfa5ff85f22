"""sipp calls the lab's SIP server as the benchmark has it: the small version of `make bench-sip`."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

from sip_site import HOW
from tools import missing


def test_no_call_is_lost(load: Callable[[str], Any]) -> None:
    """A hundred calls, fifty a second: each is seen through by sipp, and reported once."""
    if shutil.which("sipp") is None:
        missing(HOW)
    found = load("calling").run(2, 50)
    assert (100, 100, 100) == (found.made, found.seen_through, found.last.reported)
    assert 0 == found.lost


def test_what_is_lost_slow_or_grows_is_told(load: Callable[[str], Any]) -> None:
    """Each of the three alone is enough to be no good."""
    program = load("calling")

    def outcome(*, made: int = 1000, seconds: float = 10.0, bytes_more: float = 1.0) -> Any:
        settled = program.Look(500, 5.0, 1.0, 1000, 500, 0, 0)
        last = program.Look(1000, seconds, 2.0, round(1000 * bytes_more), 1000, 0, 0)
        return program.Outcome(made=made, seen_through=1000, settled=settled, last=last)

    assert outcome().is_good(100)
    assert not outcome(made=1001).is_good(100)
    assert not outcome(seconds=10.5).is_good(100)
    assert not outcome(bytes_more=1.06).is_good(100)
