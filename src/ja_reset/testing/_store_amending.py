"""What every store must do with a change of audit records: all at once, and only of what is still as it was found."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from functools import partial
from typing import Final

import pytest

from ja_reset.errors import InvalidArgument, StoreError
from ja_reset.stores.rows import AUDIT, Amendment, Put, Record, Row, Store
from ja_reset.testing.store_history import NOON

SECOND: Final = timedelta(seconds=1)
FIRST: Final = 40
ALL: Final = 60
OLD, NEW = frozenset(["ref:a"]), frozenset(["ref:b"])


class AmendingContract:
    """Amending audit records in a store; part of `ja_reset.testing.store_finding.FindingContract`."""

    @pytest.mark.rule("S8")
    def test_an_amended_record_takes_the_place_of_the_old(self, make_store: Callable[[], Store]) -> None:
        """Its body is the new one, at its time and in its order; its terms are those before, less and plus some."""
        with closing(make_store()) as store:
            _fill(store)
            newest, _, oldest = store.find(AUDIT, "ref:a")
            store.amend([Amendment(row, {**row.body, "ref": "b"}, OLD, NEW) for row in (newest, oldest)])
            assert _numbers(store.find(AUDIT, "ref:a")) == [1]
            assert _numbers(store.find(AUDIT, "ref:b")) == [2, 0]
            assert _numbers(store.find(AUDIT, "")) == [3, 2, 1, 0]
            assert [(each["n"], each["ref"]) for each in store.audit()] == [(0, "b"), (1, "a"), (2, "b"), (3, "c")]
            assert [each["n"] for each in store.audit(session="even")] == [0, 2]
            assert [row.at for row in store.find(AUDIT, "ref:b") if row.body["n"] == 0] == [NOON]

    @pytest.mark.rule("S8")
    def test_a_record_that_has_changed_is_left(self, make_store: Callable[[], Store]) -> None:
        """Who found a record before another changed it changes nothing; neither does the same change made twice."""
        with closing(make_store()) as store:
            _fill(store)
            (row, *_) = store.find(AUDIT, "ref:a")
            first = Amendment(row, {**row.body, "ref": "b"}, OLD, NEW)
            late = Amendment(row, {**row.body, "ref": "d"}, OLD, frozenset(["ref:d"]))
            store.amend([first, late])
            for each in (late, first):
                store.amend([each])
            assert _numbers(store.find(AUDIT, "ref:b")) == [2]
            assert store.find(AUDIT, "ref:d") == []
            assert store.audit()[2]["ref"] == "b"
            store.amend([])

    @pytest.mark.rule("S8", "A8")
    def test_neither_time_nor_session_can_be_amended(self, make_store: Callable[[], Store]) -> None:
        """A record says when it happened and to whom for good; a row is no record. Nothing of the call is done."""
        with closing(make_store()) as store:
            _fill(store)
            good, row, _ = store.find(AUDIT, "ref:a")
            well = Amendment(good, {**good.body, "ref": "b"}, OLD, NEW)
            there = Row("session", "x", "1", row.body)
            for wrong in (
                Amendment(row, {**row.body, "session": None}),
                Amendment(row, {**row.body, "time": (NOON + 9 * SECOND).isoformat()}),
                Amendment(row, {**row.body, "n": object()}),
                Amendment(row, {}),
                Amendment(there, row.body),
            ):
                with pytest.raises(InvalidArgument):
                    store.amend([well, wrong])
            assert _numbers(store.find(AUDIT, "ref:a")) == [2, 1, 0]
            with pytest.raises(InvalidArgument):
                Amendment(row, row.body, terms=frozenset(["a\0"]))
        with pytest.raises(StoreError, match="closed"):
            store.amend([well])

    @pytest.mark.rule("S8")
    def test_two_that_amend_at_once_end_alike(self, make_store: Callable[[], Store]) -> None:
        """Beside commits and each other: every record is changed once, none is lost, and each is found as it says."""
        with closing(make_store()) as store, ThreadPoolExecutor(3) as threads:
            store.commit([], [_record(n, "a") for n in range(FIRST)])
            found = store.find(AUDIT, "ref:a")
            changes = [Amendment(row, {**row.body, "ref": "b"}, OLD, NEW) for row in found]

            def add() -> None:
                for n in range(FIRST, ALL):
                    assert store.commit([Put("count", str(n), None, {})], [_record(n, "c")])

            works = [threads.submit(partial(_in_parts, store, each)) for each in (changes, changes[::-1])]
            for work in (threads.submit(add), *works):
                work.result()
            assert store.find(AUDIT, "ref:a") == []
            assert list(range(FIRST))[::-1] == _numbers(store.find(AUDIT, "ref:b"))
            audit = sorted(store.audit(), key=lambda each: int(str(each["n"])))
            assert [each["ref"] for each in audit] == ["b"] * FIRST + ["c"] * (ALL - FIRST)


def _in_parts(store: Store, changes: list[Amendment]) -> None:
    for first in range(0, len(changes), 7):
        store.amend(changes[first : first + 7])


def _fill(store: Store) -> None:
    store.commit([], [_record(0, "a"), _record(1, "a")])
    store.commit([], [_record(2, "a"), _record(3, "c")])


def _record(n: int, ref: str) -> Record:
    body = {"time": (NOON + n * SECOND).isoformat(), "session": "odd" if n % 2 else "even", "n": n, "ref": ref}
    return Record(body, frozenset(["", f"ref:{ref}"]))


def _numbers(rows: list[Row]) -> list[object]:
    return [row.body["n"] for row in rows]
