"""Sorted lists as indexes: what the memory store keeps beside its rows.

A changed row waits to be filed until a scan or a find asks, or until many rows wait: what a turn changes again and
again is then filed once. Nothing of a body waits here.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, TypeVar

from ja_reset.stores._kept import Kept, Standing

Item = TypeVar("Item", str, tuple[datetime, str])

KEYS, DUES, FOUND = range(3)
"""The indexes: of keys by tag, of what is due by tag, and of what is found by term."""
Place = tuple[int, tuple[str, str | None], Any]
"""Where a row stands in an index: which one, the name of its list, and the item in it."""

MOST: Final = 1_000
"""At most this many rows wait; filing them takes some milliseconds."""


class Indexes:
    """Three indexes of the rows: by (kind, tag), or by (kind, None) for scans that name no tag; by (kind, term)."""

    def __init__(self) -> None:
        self.keys: dict[tuple[str, str | None], list[str]] = {}
        self.dues: dict[tuple[str, str | None], list[tuple[datetime, str]]] = {}
        self.found: dict[tuple[str, str | None], list[tuple[datetime, str]]] = {}
        self._all: tuple[dict[tuple[str, str | None], list[Any]], ...] = (self.keys, self.dues, self.found)
        # each row that waits: as what it may be filed
        self._waiting: dict[tuple[str, str], tuple[Standing | None, ...]] = {}

    def note(self, name: tuple[str, str], before: Kept | None) -> None:
        """Let a row wait that has changed and may be filed as *before*."""
        if name not in self._waiting:
            self._waiting[name] = (None if before is None else before.standing,)

    @property
    def are_behind(self) -> bool:
        """Whether too many rows wait."""
        return len(self._waiting) >= MOST

    def file(self, rows: Mapping[tuple[str, str], Kept]) -> None:
        """File all that wait as they are in *rows*; what an exception has broken off is done again."""
        for name, filed in self._waiting.items():
            kept = rows.get(name)
            now = None if kept is None else kept.standing
            self._waiting[name] = *filed, now
            if filed == (now,):
                continue
            was = {place for each in filed if each is not None for place in _places(name, each)}
            will_be = set() if now is None else _places(name, now)
            for index, order, item in was - will_be:
                remove(self._all[index], order, item)
            # of what was broken off, nobody knows how much is there
            for index, order, item in will_be - was if len(filed) == 1 else will_be:
                insert(self._all[index].setdefault(order, []), item)
        self._waiting.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._waiting.clear()
        for each in self._all:
            each.clear()


def _places(name: tuple[str, str], standing: Standing) -> set[Place]:
    """Wherever a row that stands so is in the indexes; by the tag None it is found whatever its tag is."""
    kind, key = name
    tag, due, at, terms = standing
    found: set[Place] = {(KEYS, (kind, tag), key), (KEYS, (kind, None), key)}
    if due is not None:
        found.update([(DUES, (kind, tag), (due, key)), (DUES, (kind, None), (due, key))])
    if at is not None:
        item = at, key
        found.update([(FOUND, (kind, term), item) for term in terms])
    return found


def insert(order: list[Item], item: Item) -> None:
    """Put *item* in its place, unless it is there."""
    at = bisect_left(order, item)
    if order[at : at + 1] != [item]:
        order.insert(at, item)


def remove(index: dict[tuple[str, str | None], list[Item]], name: tuple[str, str | None], item: Item) -> None:
    """Take *item* out of the list of that name, and the list out of *index* where it is empty."""
    order = index.get(name, [])
    at = bisect_left(order, item)
    if order[at : at + 1] == [item]:
        del order[at]
    if not order:
        index.pop(name, None)
