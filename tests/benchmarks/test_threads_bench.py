"""How the benchmark of threads divides its work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from threading import get_ident
from typing import Any

import pytest


@pytest.mark.parametrize("threads", [1, 2, 8])
def test_each_piece_is_done_once(harness: Any, load: Callable[[str], Any], threads: int) -> None:
    """By all threads together, each with its share; rate and CPU time are of one piece."""
    load("turn")
    program = load("threads")
    done: list[tuple[int, int]] = []
    spent: list[float] = []
    pieces = [lambda number=number: done.append((number, get_ident())) for number in range(24)]
    assert program._rate(lambda: pieces, threads, spent) > 0
    assert list(range(24)) == sorted(number for number, _ in done)
    assert 24 // threads == max(Counter(thread for _, thread in done).values())
    assert 1 == len(spent)
