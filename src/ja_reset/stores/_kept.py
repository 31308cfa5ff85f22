"""Rows and audit records at rest in the memory store, and what a commit changes of them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

import attrs

from ja_reset.stores._bodies import amended, decoded
from ja_reset.stores.rows import Amendment, Put, Row

Standing = tuple[str, datetime | None, datetime | None, frozenset[str]]
"""What decides where a row stands in the indexes: its tag, due, at and terms."""


@attrs.frozen
class Kept:
    """A row at rest: its body is text."""

    stamp: str
    text: str
    tag: str
    due: datetime | None
    at: datetime | None
    terms: frozenset[str]

    @property
    def standing(self) -> Standing:
        """What decides where it stands in the indexes."""
        return self.tag, self.due, self.at, self.terms


@attrs.frozen
class Audited:
    """An audit record at rest."""

    session: str | None
    text: str
    at: datetime | None
    terms: frozenset[str]


@attrs.frozen
class Commit:
    """What a commit changes.

    Each row, what it was and what it will be; the audit records that are added, with their place; those that are
    amended, by their places, each as it was and as it will be.
    """

    rows: tuple[tuple[str, str, Kept | None, Kept | None], ...]
    audit: tuple[Audited, ...]
    place: int
    amended: tuple[tuple[int, Audited, Audited], ...] = ()

    @classmethod
    def of_amendments(cls, changes: Sequence[Amendment], audit: Mapping[int, Audited], place: int) -> Commit:
        """What amendments change of *audit*: the records that are as they were found; the next one has that place."""
        made: dict[int, tuple[int, Audited, Audited]] = {}
        for change in changes:
            found, session, text, at = amended(change)
            at_place = int(change.row.key)
            before = audit.get(at_place)
            if before is not None and before.text == found and at_place not in made:
                made[at_place] = (
                    at_place,
                    before,
                    Audited(session, text, at, before.terms - change.gone | change.terms),
                )
        return cls((), (), place, tuple(made.values()))


def kept_by(put: Put, text: str, before: Kept | None) -> Kept:
    """The row as *put* leaves it."""
    stamp = put.stamp or secrets.token_hex(8)
    if put.terms is not None:
        return Kept(stamp, text, put.tag, put.due, put.at, put.terms)
    at, terms = (None, frozenset[str]()) if before is None else (before.at, before.terms)
    return Kept(stamp, text, put.tag, put.due, at, terms)


def row_of(kind: str, key: str, kept: Kept) -> Row:
    """A row as the store gives it."""
    return Row(kind, key, kept.stamp, decoded(kept.text) or {}, kept.tag, kept.due, kept.at)
