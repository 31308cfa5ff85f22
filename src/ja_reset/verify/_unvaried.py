"""What a guard reads and no sample varies: the verifier has not explored what depends on it.

When a transition is taken for the first time, its guards are evaluated once more on a copy of the turn that records
every attribute that is read. In the end, each attribute is compared with its values in the samples and situations: one
that always has the same value is an *idle sample*. Policies are given and so never idle; a time is varied as a whole,
but no part of it (its hour, its weekday) is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from typing import TypeVar, cast

import attrs

from ja_reset.chart import Chart
from ja_reset.chart.session import Answered, Window
from ja_reset.chart.turn import Turn
from ja_reset.proofs.attempts import IdentityAttempts, PinAttempts
from ja_reset.proofs.waits import Wait, Waits

Read = tuple[str, str]
"""The name of a class, and of an attribute of it."""

T = TypeVar("T")

DIMENSIONS: frozenset[Read] = frozenset(
    {
        ("SessionData", "answered"),
        *(("Session", name) for name in ("id", "state", "kept", "tries", "windows", "wrong_codes")),
        *(
            (kind.__name__, field.name)
            for kind in (PinAttempts, IdentityAttempts, Wait, Waits, Window, Answered)
            for field in attrs.fields(kind)
        ),
    }
)
"""What situations differ in: counts, rows and phases are varied as far as the policies let them differ."""

_PARTS = frozenset(name for name in dir(datetime) if not name.startswith("_")) - {"min", "max", "astimezone"}
"""What is only a part of a time, or tells of parts of it."""


@attrs.frozen(eq=False)
class Reads:
    """What each guard of a chart has read."""

    chart: Chart
    of: dict[str, set[Read]] = attrs.field(factory=lambda: defaultdict(set), init=False)
    _seen: set[int] = attrs.field(factory=set, init=False)

    def note(self, transition: object, turn: Turn, guards: Iterable[str]) -> None:
        """Evaluate the *guards* again on a turn that has all their facts, if the *transition* is new."""
        if id(transition) in self._seen:
            return
        self._seen.add(id(transition))
        for name in guards:
            note = self.of[name].add
            facts = {key: _noted(value, note) for key, value in turn.facts.items()}
            watched = Turn(_noted(turn.session, note), _noted(turn.now, note), turn.policies, facts)
            self.chart.guards[name].holds(watched)

    def note_no_more(self) -> None:
        """Take each transition for seen, where nobody asks what guards read."""
        self._seen.update(map(id, self.chart.transitions))

    def unvaried(self, values: Iterable[object]) -> dict[str, tuple[str, ...]]:
        """For each guard the attributes that it has read and that are alike in all of *values*."""
        varied = _varied(values, frozenset().union(*self.of.values()) - DIMENSIONS)
        found = {
            guard: tuple(sorted(f"{kind}.{name}" for kind, name in reads - varied - DIMENSIONS))
            for guard, reads in self.of.items()
        }
        return {guard: names for guard, names in sorted(found.items()) if names}


# A value that notes what is read ----------------------------------------------------------------------------

_NOTES = "_ja_reset_notes"


def _noted(value: T, note: Callable[[Read], None]) -> T:
    """A copy of *value* that equals it, and notes the attributes of attrs values, and the parts of times."""
    if isinstance(value, datetime):
        return cast("T", _noting_time(value, note))
    if isinstance(value, tuple):
        return cast("T", tuple(_noted(each, note) for each in value))
    kind = type(value)
    if not attrs.has(kind):
        return value
    copy: object = object.__new__(_noting(kind))
    for field in attrs.fields(kind):
        object.__setattr__(copy, field.name, getattr(value, field.name))
    object.__setattr__(copy, _NOTES, note)
    return cast("T", copy)


@cache
def _noting(kind: type) -> type:
    names = frozenset(field.name for field in attrs.fields(cast("type[attrs.AttrsInstance]", kind)))

    def read(self: object, name: str) -> object:
        if name == "__class__":  # so that it equals, and is an instance of, what it is a copy of
            return kind
        value = object.__getattribute__(self, name)
        if name not in names:
            return value
        note = object.__getattribute__(self, _NOTES)
        note((kind.__name__, name))
        return _noted(value, note)

    return type(kind.__name__, (kind,), {"__getattribute__": read})


class _Time(datetime):
    """A time that notes which of its parts are read."""

    def __getattribute__(self, name: str) -> object:
        if name in _PARTS:
            note = object.__getattribute__(self, "__dict__").get(_NOTES)
            if note is not None:
                note(("datetime", name))
        return super().__getattribute__(name)


def _noting_time(value: datetime, note: Callable[[Read], None]) -> datetime:
    noting = _Time.combine(value.date(), value.timetz())
    noting.__dict__[_NOTES] = note
    return noting


# What varies ------------------------------------------------------------------------------------------------


def _varied(values: Iterable[object], wanted: frozenset[Read]) -> frozenset[Read]:
    """Those of the attributes *wanted* that are not alike in all of *values*."""
    first: dict[Read, object] = {}
    alike = set(wanted)
    for value in values:
        if not alike:
            break
        for read, held in _attributes(value):
            if read in alike and first.setdefault(read, held) != held:
                alike.discard(read)
    return wanted - alike


def _attributes(value: object) -> Iterator[tuple[Read, object]]:
    if isinstance(value, tuple):
        for each in value:
            yield from _attributes(each)
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _attributes(each)
    elif attrs.has(type(value)) and not isinstance(value, date):
        for field in attrs.fields(cast("type[attrs.AttrsInstance]", type(value))):
            held = getattr(value, field.name)
            yield (type(value).__name__, field.name), held
            yield from _attributes(held)
