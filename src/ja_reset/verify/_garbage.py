"""Collects garbage seldom while an exploration is under way.

An exploration makes hundreds of thousands of values and keeps nearly all of them to its end. The collector would look
at them again and again, in a seventh of the time, and find nothing.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

SELDOM: Final = 50
"""How much less often."""

_lock: Final = Lock()
_before: Final[list[tuple[int, int, int]]] = []
"""The thresholds as they were before each exploration that is under way; the first ones are put back at the end."""


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Within the block; several threads may be in it at once."""
    with _lock:
        _before.append(gc.get_threshold())
        first, *rest = _before[0]
        gc.set_threshold(first * SELDOM, *rest)
    try:
        yield
    finally:
        with _lock:
            first_of_all = _before[0]
            _before.pop()
            if not _before:
                gc.set_threshold(*first_of_all)
