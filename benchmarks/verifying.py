"""How fast `ja_reset.verify` explores: steps a second of one core, and how long all three procedures take."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Final

from harness import Figure, at_least, at_most

from ja_reset import Procedure

ROUNDS: Final = 3
"""Enough for what takes seconds each."""

_VERIFIED: Final = """
from time import process_time
from ja_reset import PROCEDURES
from ja_reset.verify import verify
began = process_time()
seen = verify(PROCEDURES['{procedure}'])
print(seen.steps, process_time() - began)
"""


def figures(rounds: int) -> Iterator[Figure]:
    """Steps a second of one core; and the whole command, near misses included, by the wall's clock."""
    rates: dict[str, list[float]] = {each: [] for each in Procedure}
    overall, walls = [], []
    for _ in range(min(rounds, ROUNDS)):
        steps = seconds = 0.0
        for procedure in Procedure:
            done = _run([sys.executable, "-c", _VERIFIED.format(procedure=procedure)])
            its_steps, its_seconds = (float(word) for word in done.split())
            rates[procedure].append(its_steps / its_seconds)
            steps, seconds = steps + its_steps, seconds + its_seconds
        overall.append(steps / seconds)
        began = time.perf_counter()
        _run([sys.executable, "-m", "ja_reset", "verify"])
        walls.append(time.perf_counter() - began)
    words = "verify: steps a second of one core", "検証器: 1コア1秒あたりのステップ数"
    beside = {name: (sorted(each)[len(each) // 2], "steps/s") for name, each in rates.items()}
    yield Figure(key="verify.rate", words=words, samples=tuple(overall), goal=at_least(35_000), beside=beside)
    words = "ja-reset verify, all procedures with near misses", "ja-reset verify(3つの手続き、変異も含む)"
    yield Figure(key="verify.wall", words=words, samples=tuple(walls), unit="s", goal=at_most(5))


def _run(command: list[str]) -> str:
    """What it prints; 1 says that a rule does not hold, which takes as long."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode > 1:
        raise RuntimeError(done.stderr)
    return done.stdout
