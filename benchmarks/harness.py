"""What a benchmark gives: figures, each with its samples, beside its goal.

A *figure* is a count, which is exact, or the median of samples. Nearly all are ratios, as a machine's speed is nobody's
promise: both sides are measured in turn in one run (`interleaved`), round by round, and each round gives one sample.
CPU time is measured where nothing is waited for, so that what else a machine does touches a figure less.
"""

from __future__ import annotations

import gc
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import attrs

Words = tuple[str, str]
"""In English and in Japanese, for the two pages."""


@attrs.frozen
class Goal:
    """A bound, and the side of it that is wanted."""

    bound: float
    at_least: bool = False

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {shown(self.bound)}"

    def is_reached(self, value: float) -> bool:
        """Whether *value*, as it is printed, is on the right side."""
        value = float(shown(value).replace(",", ""))
        return value >= self.bound if self.at_least else value <= self.bound


def at_most(bound: float) -> Goal:
    """Not more than that."""
    return Goal(bound)


def at_least(bound: float) -> Goal:
    """Not less than that."""
    return Goal(bound, at_least=True)


def _floats(samples: Iterable[float]) -> tuple[float, ...]:
    return tuple(map(float, samples))


@attrs.frozen(kw_only=True)
class Figure:
    """One line of the table. `key` names it for ever: pages and later runs find it by that.

    `beside` are the absolute medians that a ratio was made of, in the unit that stands with each.
    """

    key: str
    words: Words
    samples: tuple[float, ...] = attrs.field(converter=_floats)
    unit: str = ""
    goal: Goal | None = None
    beside: Mapping[str, tuple[float, str]] = attrs.field(factory=dict)

    @property
    def quartiles(self) -> tuple[float, float, float]:
        """The lower one, the median, the upper one."""
        if len(self.samples) == 1:
            return (self.samples[0],) * 3
        low, middle, high = statistics.quantiles(self.samples, n=4, method="inclusive")
        return low, middle, high

    @property
    def value(self) -> float:
        """The median, or the count."""
        return self.quartiles[1]

    @property
    def is_reached(self) -> bool | None:
        """Whether the goal is; None without a goal."""
        return None if self.goal is None else self.goal.is_reached(self.value)

    def line(self) -> str:
        """As it is printed."""
        low, middle, high = self.quartiles
        spread = "" if len(self.samples) == 1 else f"({shown(low)} to {shown(high)})"
        beside = ", ".join(f"{name} {shown(value)} {unit}" for name, (value, unit) in self.beside.items())
        goal = "" if self.goal is None else f"{self.goal!s:<9} {'reached' if self.is_reached else 'NOT REACHED'}"
        return f"{self.words[0]:<76}{shown(middle):>9} {self.unit:<8}{spread:<20}{goal:<22}{beside}"


def shown(value: float) -> str:
    """Three figures that matter, and none behind the point of a big number."""
    if value == int(value) or abs(value) >= 100:  # noqa: PLR2004 - three figures
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"  # noqa: PLR2004 - as above


def interleaved(ways: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """What each way came to in each round; each round in another order, and one before them that is not counted."""
    chance: Final = random.Random(1)  # noqa: S311 - an order, not a secret
    found: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        order = list(ways)
        chance.shuffle(order)
        for name in order:
            gc.collect()
            measured = ways[name]()
            if number:
                found[name].append(measured)
    return found


def ratios(ours: Sequence[float], other: Sequence[float]) -> list[float]:
    """Round by round, *ours* over *other*."""
    return [a / b for a, b in zip(ours, other, strict=True)]


def cpu(work: Callable[[], object], times: int) -> float:
    """Microseconds of CPU time for one call, the mean of several calls."""
    began = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - began) / times * 1e6


def paired(
    key: str,
    words: Words,
    found: Mapping[str, Sequence[float]],
    *,
    of: tuple[str, str],
    unit: str,
    goal: Goal | None = None,
) -> Figure:
    """The ratio of two of the ways that were measured in turn; *unit* is that of the ways."""
    ours, other = of
    beside = {name: (statistics.median(found[name]), unit) for name in of}
    return Figure(key=key, words=words, samples=ratios(found[ours], found[other]), unit="×", goal=goal, beside=beside)


def resident() -> int:
    """Bytes of memory that the process has now; the most that it had, where the system does not say (not on Linux)."""
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * resource.getpagesize()
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024


Part = Callable[[int], Iterator[Figure]]
"""A benchmark: gives its figures, each measured in a number of rounds."""
