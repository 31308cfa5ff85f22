"""Where a walk of an event branches, and the steps to which its branches have led: walked once, and then repeated.

A branch depends on the counts that are read on it, and on no others: a wrong code is walked once for each number of
wrong codes, a right one once for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import attrs

from ja_reset.verify._counts import ByCounts, Counts
from ja_reset.verify._drafts import Draft
from ja_reset.verify._points import Point, Run
from ja_reset.verify._repeats import Alike, Proofs, Repeat
from ja_reset.verify._situations import Situation
from ja_reset.verify._steps import Step


@attrs.define(eq=False, repr=False)
class Branch:
    """A walk so far: a draft, and the point at which its turn stands; `unanswered`: the fact to which no answer comes.

    `tried`: the tries that were counted on the way. `forks` and `repeats` are what follows from each run of the point.
    """

    draft: Draft
    point: Point
    tried: int = 0
    unanswered: str | None = None
    forks: dict[Run, tuple[Branch, ...]] | None = attrs.field(default=None, init=False)
    repeats: dict[Run | None, dict[Proofs, Repeat]] | None = attrs.field(default=None, init=False)

    def counts(self, began: Counts) -> Counts:
        """What the counts are here where they were *began* at first."""
        return (began[0] + self.tried, *began[1:]) if self.tried else began

    def fork(self, run: Run) -> tuple[Branch, ...]:
        """What follows from the *run*; nothing if that is not known yet."""
        return () if self.forks is None else self.forks.get(run, ())

    def keep(self, run: Run, ways: tuple[Branch, ...]) -> None:
        """Keep what follows from the *run*."""
        if self.forks is None:
            self.forks = {}
        self.forks[run] = ways

    def steps(self, run: Run | None) -> dict[Proofs, Repeat]:
        """The steps with which the *run* has ended, by what was proved before."""
        if self.repeats is None:
            self.repeats = {}
        return self.repeats.setdefault(run, {})

    def at(self, here: Situation) -> Draft:
        """The draft from another situation, which differs in counts and proofs alone."""
        return self.draft.at(here, tried=self.tried)


@attrs.define(eq=False, repr=False)
class Whole:
    """A whole walk, step by step, and as it is repeated: in groups of steps that do the same."""

    repeats: tuple[Repeat, ...]
    _groups: tuple[Alike, ...] | None = attrs.field(default=None, init=False)

    def groups(self, is_shown: Callable[[Step], bool]) -> tuple[Alike, ...]:
        """The steps in groups, but for those of which *is_shown* says so."""
        if self._groups is None:
            self._groups = Alike.of(self.repeats, is_shown)
        return self._groups


@attrs.define(eq=False, repr=False)
class Walks:
    """The walks from one place, which differ in counts and proofs alone: as a tree, and each as a whole."""

    root: Branch
    _whole: dict[Proofs, ByCounts[Whole]] = attrs.field(factory=dict, init=False)

    def found(self, proofs: Proofs, counts: Counts) -> Whole | None:
        """The whole walk with these *proofs* and *counts*, if it was walked before."""
        found = self._whole.get(proofs)
        return None if found is None else found.found(counts)

    def keep(self, proofs: Proofs, counts: Counts, reads: frozenset[str], walk: Iterable[Repeat]) -> None:
        """Keep a *walk* that *reads* these counts."""
        self._whole.setdefault(proofs, ByCounts()).keep(counts, reads, Whole(tuple(walk)))
