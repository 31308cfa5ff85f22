"""What every store must find: rows in one read, rows and audit records by their terms, newest first."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from ja_reset.errors import InvalidArgument, StoreError
from ja_reset.stores.rows import AUDIT, Put, Record, Row, Store
from ja_reset.testing._store_amending import AmendingContract
from ja_reset.testing.store_history import NOON, there

SECOND = timedelta(seconds=1)
NAIVE = NOON.replace(tzinfo=None)


class FindingContract(AmendingContract):
    """Finding in a store, and amending what is found; part of `ja_reset.testing.store_contract.StoreContract`."""

    def test_many_rows_come_in_the_order_asked(self, make_store: Callable[[], Store]) -> None:
        """Each as `get` gives it: None for what is not there, or what no row can be; one asked twice comes twice."""
        with closing(make_store()) as store:
            assert store.commit([Put("session", "a", None, {"n": 1}, "open", NOON), Put("count", "a", None, {})])
            names = [("count", "a"), ("session", "b"), ("session", "a"), ("\ud800", "a"), ("count", "a"), ("x", "a\0")]
            assert [store.get(*name) for name in names] == store.get_many(names)
            assert store.get_many([]) == []
            assert store.get_many([("session", "\0")]) == [None]

    def test_many_rows_are_of_one_moment(self, make_store: Callable[[], Store]) -> None:
        """Who reads two rows while another commits both never sees one of them changed and the other not."""
        names = [("count", "a"), ("count", "b")]
        with closing(make_store()) as store, ThreadPoolExecutor(1) as threads:
            store.commit([Put(*name, None, {"n": 0}) for name in names])

            def write() -> None:
                for n in range(1, 40):
                    puts = [Put(*name, there(store, *name).stamp, {"n": n}) for name in names]
                    assert store.commit(puts)

            writing = threads.submit(write)
            while not writing.done():
                first, second = store.get_many(names)
                assert first is not None
                assert second is not None
                assert second.body == first.body
            writing.result()

    @pytest.mark.rule("S2")
    def test_a_put_brings_its_own_stamp(self, make_store: Callable[[], Store]) -> None:
        """The stamp that a put names is the row's; the next put expects it without a read, and the old one no more."""
        with closing(make_store()) as store:
            assert store.commit([Put("session", "a", None, {"n": 1}, stamp="first")])
            assert there(store, "session", "a").stamp == "first"
            assert store.commit([Put("session", "a", "first", {"n": 2}, stamp="second")])
            assert not store.commit([Put("session", "a", "first", {"n": 3}, stamp="third")])
            assert ((row := there(store, "session", "a")).stamp, row.body) == ("second", {"n": 2})
            assert store.commit([Put("session", "a", "second", {"n": 4})])
            assert there(store, "session", "a").stamp not in {"first", "second", "third"}

    def test_rows_are_found_by_term_newest_first(self, make_store: Callable[[], Store]) -> None:
        """Those of that kind and term, by time and then key, from the last; pages of any size are the whole."""
        with closing(make_store()) as store:
            rows = _fill(store)
            even = [row for row in rows if int(row.key) % 2 == 0]
            assert rows == store.find("session", "")
            assert even == store.find("session", "even:yes")
            assert store.find("session", "even") == []
            assert store.find("count", "even:yes") == []
            for size in (1, 2, 5, 10**30):
                assert even == _paged(store, "even:yes", size)
            for since in (None, NOON, NOON + SECOND):
                for until in (None, NOON - SECOND, NOON + SECOND):
                    meant = [row for row in even if _within(row, since, until)]
                    assert meant == store.find("session", "even:yes", since=since, until=until)
                    assert meant[1:] == store.find(
                        "session", "even:yes", since=since, until=until, before=(meant or even)[0]
                    )

    def test_paging_goes_on_though_the_last_row_is_gone(self, make_store: Callable[[], Store]) -> None:
        """A page begins behind the row before, whether that was deleted or is found elsewhere by now."""
        with closing(make_store()) as store:
            first, second, third, *rest = _fill(store)
            store.commit([Put("session", second.key, second.stamp, None)])
            assert [third, *rest] == store.find("session", "", before=second)
            store.commit([Put("session", first.key, first.stamp, {}, at=NOON - 9 * SECOND, terms=frozenset([""]))])
            assert [row.key for row in (third, *rest, first)] == [
                row.key for row in store.find("session", "", before=first)
            ]

    def test_terms_are_the_last_ones_given(self, make_store: Callable[[], Store]) -> None:
        """A put with terms replaces them and the time; one without leaves both; a deleted row has none any more."""
        with closing(make_store()) as store:
            store.commit([Put("session", "a", None, {}, stamp="1", at=NOON, terms=frozenset(["", "state:A"]))])
            store.commit([Put("session", "a", "1", {"n": 2}, stamp="2")])
            (row,) = store.find("session", "state:A")
            assert (row, NOON, {"n": 2}) == (there(store, "session", "a"), row.at, row.body)
            later = NOON + SECOND
            store.commit([Put("session", "a", "2", {}, stamp="3", at=later, terms=frozenset(["", "state:B"]))])
            assert store.find("session", "state:A") == []
            assert [later, later] == [row.at for term in ("", "state:B") for row in store.find("session", term)]
            store.commit([Put("session", "a", "3", {}, stamp="4", at=later, terms=frozenset())])
            assert store.find("session", "") + store.find("session", "state:B") == []
            store.commit([Put("session", "a", "4", {}, stamp="5", at=later, terms=frozenset(["x:y"]))])
            store.commit([Put("session", "a", "5", None)])
            store.commit([Put("session", "a", None, {})])
            assert (store.find("session", "x:y"), there(store, "session", "a").at) == ([], None)

    @pytest.mark.rule("S2")
    def test_what_is_not_committed_is_not_found(self, make_store: Callable[[], Store]) -> None:
        """A commit that a failed expectation refused leaves terms as they were, of rows and of audit."""
        terms = frozenset(["state:B"])
        with closing(make_store()) as store:
            store.commit([Put("session", "a", None, {}, stamp="1", at=NOON, terms=frozenset(["state:A"]))])
            wrong = Put("session", "b", "none", {})
            for put in (
                Put("session", "a", "1", {}, at=NOON, terms=terms),
                Put("session", "a", "1", None),
                Put("session", "a", "0", {}, at=NOON, terms=terms),
                Put("session", "a", "0", None),
                Put("session", "a", None, {}, at=NOON, terms=terms),
            ):
                assert not store.commit([put, wrong], [Record({"time": NOON.isoformat(), "session": None}, terms)])
                if put.expect != "1":
                    assert not store.commit([put])
            assert [row.key for row in store.find("session", "state:A")] == ["a"]
            assert store.find("session", "state:B") + store.find(AUDIT, "state:B") == []

    @pytest.mark.rule("S7")
    def test_audit_is_found_by_term_newest_first(self, make_store: Callable[[], Store]) -> None:
        """By its time; records of the same time in the order in which they were committed, from the last."""
        times = [NOON, NOON + SECOND, NOON, NOON - SECOND, NOON, NOON]
        terms = [frozenset(["", f"ref:{n % 2}"]) for n in range(6)]
        records = [
            Record({"time": at.isoformat(), "session": None if n == 1 else "s", "n": n}, terms[n])
            for n, at in enumerate(times)
        ]
        with closing(make_store()) as store:
            store.commit([], records[:2])
            store.commit([], [*records[2:4], {"time": "t", "session": "s"}])
            store.commit([], records[4:])
            assert _numbers(store.find(AUDIT, "")) == [1, 5, 4, 2, 0, 3]
            assert _numbers(found := store.find(AUDIT, "ref:0")) == [4, 2, 0]
            assert [(NOON, dict(records[4]))] == [(row.at, row.body) for row in found[:1]]
            assert _numbers(store.find(AUDIT, "", since=NOON, until=NOON)) == [5, 4, 2, 0]
            for size in (1, 2, 4):
                pages = [page := store.find(AUDIT, "", limit=size)]
                while page := store.find(AUDIT, "", before=page[-1], limit=size):
                    pages.append(page)
                assert _numbers([row for page in pages for row in page]) == [1, 5, 4, 2, 0, 3]

    def test_what_was_put_is_not_of_an_older_release(self, make_store: Callable[[], Store]) -> None:
        """The term None finds nothing that this release has written, with terms or without."""
        with closing(make_store()) as store:
            _fill(store)
            store.commit([Put("session", "bare", None, {})], [{"time": "t", "session": None}])
            assert store.find("session", None) + store.find(AUDIT, None) == []

    @pytest.mark.rule("A8")
    def test_a_look_up_that_makes_no_sense_is_refused(self, make_store: Callable[[], Store]) -> None:
        """A limit below one, naive times, times without a term, another store's place: InvalidArgument, or nothing."""
        with closing(make_store()) as store:
            _fill(store)
            for limit in (0, -1, True):
                with pytest.raises(InvalidArgument):
                    store.find("session", "", limit=limit)
            for find in (partial(store.find, since=NAIVE), partial(store.find, until=NAIVE)):
                with pytest.raises(InvalidArgument):
                    find("session", "")
            with pytest.raises(InvalidArgument):
                store.find("session", None, since=NOON)
            with pytest.raises(InvalidArgument):
                store.commit([], [Record({"time": "t", "session": None}, frozenset(["x"]))])
            assert store.audit() == []
            for name in ("\ud800", "a\0"):
                assert store.find("session", name) + store.find(name, "") == []
        with pytest.raises(StoreError, match="closed"):
            store.find("session", "")
        with pytest.raises(StoreError, match="closed"):
            store.get_many([("session", "a")])


def _fill(store: Store) -> list[Row]:
    """Ten rows of five times, and some of another kind; newest first."""
    terms = [frozenset(["", "even:yes" if n % 2 == 0 else "even:no"]) for n in range(10)]
    times = [NOON + (n * 3 % 5 - 2) * SECOND for n in range(10)]
    puts = [Put("session", str(n), None, {"n": n}, at=times[n], terms=terms[n]) for n in range(10)]
    others = [Put("count", "c", None, {}, at=NOON, terms=frozenset([""])), Put("session", "bare", None, {})]
    assert store.commit([*puts, *others])
    rows = [there(store, "session", put.key) for put in puts]
    return sorted(rows, key=lambda row: (row.at or NOON, row.key), reverse=True)


def _within(row: Row, since: datetime | None, until: datetime | None) -> bool:
    at = row.at or datetime.max.replace(tzinfo=UTC)
    return (since is None or since <= at) and (until is None or at <= until)


def _paged(store: Store, term: str, size: int) -> list[Row]:
    rows: list[Row] = []
    while page := store.find("session", term, before=rows[-1] if rows else None, limit=size):
        assert len(page) <= size
        rows += page
    return rows


def _numbers(rows: list[Row]) -> list[object]:
    return [row.body["n"] for row in rows]
