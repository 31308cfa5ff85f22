"""Sessions come and go, `purge()` runs, and nothing is left of them: the small version of `make soak`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

OBJECTS = 100
"""How many containers more or fewer are no growth: caches that fill, and what the interpreter keeps."""


@pytest.mark.rule("S8")
def test_objects_rows_and_audit_stay_flat(harness: Any, load: Callable[[str], Any]) -> None:
    """A session a day, 30 days of retention: after half a year there is as much as after twenty months."""
    load("turn")
    there = list(load("soak").soak(600, 6, between=timedelta(days=1), audit_limit=200, people=20))
    settled = there[2:]
    rows = [each.rows for each in settled]
    assert max(rows) - min(rows) <= 2, rows  # one session in three is left, so one more or fewer is there
    assert {200} == {each.audit for each in settled}
    objects = [each.objects for each in settled]
    assert max(objects) - min(objects) < OBJECTS, objects


def test_a_leak_is_found(load: Callable[[str], Any], harness: Any) -> None:
    """If the second half needs more than the first, memory is not flat."""
    load("turn")
    program = load("soak")
    flat = [program.Checkpoint(number, 1_000, 1_000, 10, 10) for number in range(10)]
    assert program.is_flat(flat)
    assert not program.is_flat([*flat[:-1], program.Checkpoint(10, 1_000, 1_030, 10, 10)])
    assert not program.is_flat([*flat[:-1], program.Checkpoint(10, 1_030, 1_000, 10, 10)])
