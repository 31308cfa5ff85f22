"""The counts of a session, of which most situations differ in nothing else; and what is found again by those read."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Generic, TypeVar

import attrs

from ja_reset.chart._changed import changed
from ja_reset.chart.session import Session, SessionData
from ja_reset.machines import facts

T = TypeVar("T")

Counts = tuple[int, int, int, int]
"""The tries, windows and wrong codes of a session, and the wrong codes in its call."""

TRIES, WINDOWS, CODES, IN_CALL = (
    fact.name for fact in (facts.SESSION_TRIES, facts.WINDOWS, facts.WRONG_CODES, facts.WRONG_IN_CALL)
)
_PLACES: Final[Mapping[str, int]] = MappingProxyType({TRIES: 0, WINDOWS: 1, CODES: 2, IN_CALL: 3})


def counts_of(session: Session) -> Counts:
    """The counts of *session*."""
    answered = session.kept.answered
    return (session.tries, session.windows, session.wrong_codes, 0 if answered is None else answered.wrong)


def kept_uncounted(kept: SessionData) -> SessionData:
    """What is kept, but for the wrong codes of the call."""
    answered = kept.answered
    return kept if answered is None or not answered.wrong else changed(kept, answered=changed(answered, wrong=0))


def uncounted(session: Session) -> Session:
    """The session with each of its counts 0."""
    if not any(counts_of(session)):
        return session
    return changed(session, tries=0, windows=0, wrong_codes=0, kept=kept_uncounted(session.kept))


@attrs.define(eq=False, repr=False)
class ByCounts(Generic[T]):
    """What holds for sessions that agree in the counts that were read while it was found."""

    _always: T | None = attrs.field(default=None, init=False)
    """What holds whatever the counts are, as none was read."""
    _found: dict[tuple[int, ...], dict[tuple[int, ...], T]] | None = attrs.field(default=None, init=False)
    """By which counts were read, and then by what they were."""

    def found(self, counts: Counts) -> T | None:
        """What was kept for these counts, if anything was."""
        if self._always is not None or self._found is None:
            return self._always
        for places, kept in self._found.items():
            each = kept.get(tuple([counts[place] for place in places]))
            if each is not None:
                return each
        return None

    def keep(self, counts: Counts, reads: frozenset[str], value: T) -> None:
        """Keep *value* for all that agree with *counts* in those that it *reads*, by their facts' names."""
        if not reads:
            self._always = value
            return
        if self._found is None:
            self._found = {}
        places = tuple(sorted(_PLACES[name] for name in reads))
        self._found.setdefault(places, {})[tuple([counts[place] for place in places])] = value
