"""What a store's database has of the tables that this release works with: looked at, and nothing changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

import attrs

_INDEX: Final = re.compile(r"CREATE INDEX (\w+)")


class Standing(StrEnum):
    """What this release can do with the tables."""

    USABLE = "usable"
    STEP_NEEDED = "migration_needed"
    UNUSABLE = "unusable"


@attrs.frozen
class Tables:
    """The tables at a place: their schema's version (None: there are none yet), and what they lack.

    `needed`: the version that this release works with. `missing`: tables and columns of *version* that are not there.
    `unindexed`: the statements that make the indexes of *version* that are not there.
    """

    place: str
    version: int | None
    needed: int
    missing: tuple[str, ...] = ()
    unindexed: tuple[str, ...] = ()

    @property
    def standing(self) -> Standing:
        """Whether this release can use them as they are, after a step, or not at all."""
        if self.missing or (self.version or 0) > self.needed:
            return Standing.UNUSABLE
        return Standing.STEP_NEEDED if self.unindexed or self.version != self.needed else Standing.USABLE

    @property
    def opens(self) -> bool:
        """Whether a store opens with them as they are; a missing index only slows it down."""
        return self.version == self.needed and not self.missing

    @property
    def advice(self) -> str | None:
        """What keeps this release from using them, and what to do; None if nothing does."""
        if self.version is not None and self.version > self.needed:
            return f"a later release made them, this one works with schema {self.needed}; install that release"
        if self.missing:
            return f"they lack {', '.join(self.missing)}; restore a backup (new tables would forget every count)"
        if self.version is None:
            return "migrate makes them"
        if self.version < self.needed:
            return f"this release works with schema {self.needed}; migrate leads to it"
        names = ", ".join(indexes(self.unindexed))
        return f"they lack the indexes {names}, so queries are slow; migrate makes them" if names else None

    def to_dict(self) -> dict[str, object]:
        """The same as JSON."""
        return {
            "place": self.place,
            "version": self.version,
            "needed": self.needed,
            "standing": str(self.standing),
            "missing": list(self.missing),
            "unindexed": list(indexes(self.unindexed)),
        }


def indexes(statements: Iterable[str]) -> Mapping[str, str]:
    """The statements among *statements* that make an index, by the name of the index."""
    return {found[1]: each for each in statements if (found := _INDEX.match(each))}


def lacks(expected: Mapping[str, Iterable[str]], found: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Tables of *expected*, and columns of its tables, that *found* does not have."""
    missing = list[str]()
    for table, columns in expected.items():
        there = frozenset(found.get(table, ()))
        missing.extend([f"{table}.{each}" for each in columns if each not in there] if there else [table])
    return tuple(missing)
