"""What every store must do when many use it at once: the part of the store contract that takes threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier

import pytest

from ja_reset.stores.rows import Put, Store
from ja_reset.testing.store_history import there

MakeStore = Callable[[], Store]


class ConcurrencyContract:
    """A store among threads; part of `ja_reset.testing.store_contract.StoreContract`."""

    @pytest.mark.rule("S2", "A5")
    def test_of_many_who_expect_the_same_exactly_one_wins(self, make_store: MakeStore) -> None:
        """Threads that commit at the same time on the same expectation: one True, and its body and audit alone."""
        many = 8
        with closing(make_store()) as store, ThreadPoolExecutor(many) as threads:
            stamp: str | None = None
            for turn in range(10):
                start = Barrier(many)

                def attempt(who: int, expect: str | None = stamp, turn: int = turn, start: Barrier = start) -> bool:
                    start.wait()
                    record = {"time": str(turn), "session": str(who)}
                    return store.commit([Put("session", "a", expect, {"who": who, "turn": turn})], [record])

                won = [who for who, one in enumerate(threads.map(attempt, range(many))) if one]
                row = there(store, "session", "a")
                assert [row.body] == [{"who": who, "turn": turn} for who in won]
                assert [{"time": str(turn), "session": str(row.body["who"])}] == store.audit(limit=1)
                assert turn + 1 == len(store.audit())
                stamp = row.stamp

    @pytest.mark.rule("L3")
    def test_counting_by_threads_loses_nothing(self, make_store: MakeStore) -> None:
        """Increments that read, add and try again until they are let through are all there in the end."""
        many, each = 6, 15
        with closing(make_store()) as store, ThreadPoolExecutor(many) as threads:
            store.commit([Put("count", "c", None, {"n": 0})])
            list(threads.map(increment, [store] * many * each))
            assert {"n": many * each} == there(store, "count", "c").body

    def test_a_transaction_is_seen_whole_or_not_at_all(self, make_store: MakeStore) -> None:
        """Who scans while another commits two rows never sees one of them changed and the other not."""
        turns = 40
        with closing(make_store()) as store, ThreadPoolExecutor(2) as threads:
            store.commit([Put("count", key, None, {"n": 0}) for key in "ab"])

            def write() -> None:
                for n in range(1, turns):
                    puts = [Put("count", row.key, row.stamp, {"n": n}) for row in store.scan("count")]
                    assert store.commit(puts)

            writing = threads.submit(write)
            while not writing.done():
                first, second = store.scan("count")
                assert second.body == first.body
            writing.result()


def increment(store: Store, key: str = "c") -> None:
    """Add one to the `n` of a row of kind `count`, reading it again for as long as others come first."""
    while True:
        row = there(store, "count", key)
        n = row.body["n"]
        assert isinstance(n, int)
        if store.commit([Put("count", key, row.stamp, {"n": n + 1})]):
            return
