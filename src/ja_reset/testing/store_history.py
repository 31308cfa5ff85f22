"""Histories of a store: Hypothesis puts, deletes, scans and reads, and a dict of rows must answer the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Literal

import attrs
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from ja_reset.stores.rows import Put, Row, Store

NOON = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)
KINDS = ("session", "count")
NAMES = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=3)
TAGS = st.sampled_from(["", "open", "done"])
DUES = st.none() | st.integers(-3, 3).map(lambda step: NOON + timedelta(microseconds=step))
TERMS = st.none() | st.frozensets(st.sampled_from(["", "state:A", "state:B", "ref:髙"]), max_size=3)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
BODIES = st.dictionaries(st.text(), JSON, max_size=4)


@attrs.frozen
class Change:
    """A Put before it is known what it is to expect: the right stamp, none, or one of the past."""

    name: tuple[str, str]
    body: dict[str, object] | None
    tag: str
    due: datetime | None
    terms: frozenset[str] | None
    expect: Literal["right", "none", "past"]


class StoreHistory(RuleBasedStateMachine):
    """A store beside a dict of what ought to be in it."""

    names = Bundle("names")

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.store = store
        self.rows: dict[tuple[str, str], Row] = {}
        self.terms: dict[tuple[str, str], frozenset[str]] = {}
        self.stamps: list[str] = ["never"]
        self.records: list[dict[str, object]] = []

    @rule(target=names, kind=st.sampled_from(KINDS), key=NAMES)
    def name(self, kind: str, key: str) -> tuple[str, str]:
        """A name that may come back."""
        return kind, key

    @rule(
        changes=st.lists(
            st.builds(Change, names, st.none() | BODIES, TAGS, DUES, TERMS, st.sampled_from(["right", "none", "past"])),
            max_size=3,
            unique_by=lambda change: change.name,
        ),
        audited=st.integers(0, 2),
        past=st.randoms(use_true_random=False),
    )
    def commit(self, changes: list[Change], audited: int, past: Random) -> None:
        """A commit is let through exactly where the dict meets what it expects."""
        held = {change.name: row.stamp if (row := self.rows.get(change.name)) else None for change in changes}
        puts = []
        for change in changes:
            stamps = {"right": held[change.name], "none": None, "past": past.choice(self.stamps)}
            terms = None if change.body is None else change.terms
            at = None if terms is None else change.due or NOON
            body, tag, due = change.body, change.tag, change.due
            puts.append(Put(*change.name, stamps[change.expect], body, tag, due, at=at, terms=terms))
        records: list[dict[str, object]] = [{"time": str(n), "session": "s"} for n in range(audited)]
        expected = all(put.expect == held[put.kind, put.key] for put in puts)
        assert self.store.commit(puts, records) is expected
        if expected:
            self.records += records
            self._remember(puts)

    @rule(kind=st.sampled_from(KINDS), tag=st.none() | TAGS, due=DUES, size=st.integers(1, 4))
    def scan(self, kind: str, tag: str | None, due: datetime | None, size: int) -> None:
        """All pages together are the dict's rows that are meant, in order."""
        meant = [row for row in self.rows.values() if row.kind == kind and tag in {None, row.tag}]
        if due is None:
            expected = sorted(meant, key=lambda row: row.key)
        else:
            timed = [(row.due, row) for row in meant if row.due is not None and row.due <= due]
            expected = [row for _, row in sorted(timed, key=lambda pair: (pair[0], pair[1].key))]
        assert expected == paged(self.store, kind, size=size, tag=tag, due=due)

    @rule(kind=st.sampled_from(KINDS), term=st.sampled_from(["", "state:A", "state:B", "ref:髙"]))
    def find(self, kind: str, term: str) -> None:
        """What is found is the dict's rows with that term, newest first."""
        meant = [(row.at, row.key, row) for name, row in self.rows.items() if term in self.terms[name]]
        found = [row for _, _, row in sorted(meant, key=lambda each: each[:2], reverse=True) if row.kind == kind]
        assert found == self.store.find(kind, term)

    @invariant()
    def all_rows_arethere(self) -> None:
        """What is got is what the dict has; and the audit is all of it."""
        for name, row in self.rows.items():
            assert row == self.store.get(*name)
        assert list(self.rows.values()) == self.store.get_many(list(self.rows))
        assert self.records == self.store.audit()

    def teardown(self) -> None:
        """Drop the store."""
        self.store.close()

    def _remember(self, puts: Sequence[Put]) -> None:
        for put in puts:
            old, terms = self.rows.pop((put.kind, put.key), None), self.terms.pop((put.kind, put.key), frozenset())
            if put.body is not None:
                at = put.at if put.terms is not None else old.at if old is not None else None
                self.terms[put.kind, put.key] = terms if put.terms is None else put.terms
                stamp = there(self.store, put.kind, put.key).stamp
                assert stamp not in self.stamps
                self.stamps.append(stamp)
                self.rows[put.kind, put.key] = Row(put.kind, put.key, stamp, put.body, put.tag, put.due, at)


def there(store: Store, kind: str, key: str) -> Row:
    """The row, which must be there."""
    row = store.get(kind, key)
    assert row is not None
    return row


def paged(
    store: Store, kind: str = "session", *, size: int, tag: str | None = None, due: datetime | None = None
) -> list[Row]:
    """All pages of a scan, one after the other."""
    rows: list[Row] = []
    while page := store.scan(kind, tag=tag, due=due, after=rows[-1] if rows else None, limit=size):
        assert len(page) <= size
        rows += page
    return rows
