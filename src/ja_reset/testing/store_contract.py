# ruff: noqa: SIM300 - expected == actual (house style)
"""What every store must do, as a test class.

Subclass it and give it a fixture `make_store`::

    class TestMyStore(StoreContract):
        @pytest.fixture
        def make_store(self, tmp_path):
            return lambda: MyStore(...)        # each call: a new store without rows

A `Store` that passes may stand behind every session. Needs pytest and Hypothesis.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from ja_reset.errors import InvalidArgument, StoreError
from ja_reset.stores.rows import Put, Record, Row, Store
from ja_reset.testing.store_concurrency import ConcurrencyContract, MakeStore
from ja_reset.testing.store_finding import FindingContract
from ja_reset.testing.store_history import NOON, StoreHistory, paged, there


class StoreContract(ConcurrencyContract, FindingContract):
    """The behaviour of a `ja_reset.stores.rows.Store`; see the module for how to use it."""

    examples: ClassVar[int] = 60
    """How many histories the comparison with a dict tries."""

    @pytest.mark.rule("S2")
    def test_a_new_row_is_found_as_it_was_put(self, make_store: MakeStore) -> None:
        """What is put where no row was is what is got: body, tag, due."""
        body = {"text": "髙橋\ud800\0", "n": [1, 2.5, None, True], "deep": {"": {}}}
        with closing(make_store()) as store:
            assert store.get("session", "a") is None
            assert store.commit([Put("session", "a", None, body, "open", NOON)])
            row = there(store, "session", "a")
            assert (row.body, row.tag, row.due, row.kind, row.key) == (body, "open", NOON, "session", "a")
            assert store.get("count", "a") is None

    @pytest.mark.rule("S2")
    def test_a_put_with_the_present_stamp_replaces_and_gives_a_new_stamp(self, make_store: MakeStore) -> None:
        """The stamp that was read lets one change through, whole: body, tag and due are the new ones."""
        with closing(make_store()) as store:
            store.commit([Put("session", "a", None, {"n": 1}, "open", NOON)])
            first = there(store, "session", "a")
            assert store.commit([Put("session", "a", first.stamp, {"n": 2})])
            second = there(store, "session", "a")
            assert (second.body, second.tag, second.due) == ({"n": 2}, "", None)
            assert first.stamp != second.stamp

    @pytest.mark.rule("S2", "S10")
    @pytest.mark.parametrize("body", [{"n": 9}, None], ids=["write", "delete"])
    @pytest.mark.parametrize("expect", ["old", "foreign", None])
    def test_a_failed_expectation_writes_nothing_at_all(
        self, make_store: MakeStore, body: Mapping[str, object] | None, expect: str | None
    ) -> None:
        """A stamp of the past, of another row, or none where there is a row: no row and no audit is written."""
        with closing(make_store()) as store:
            store.commit([Put("session", "a", None, {"n": 1}), Put("session", "b", None, {"n": 1})])
            old = there(store, "session", "a").stamp
            store.commit([Put("session", "a", old, {"n": 2})])
            stamps = {"old": old, "foreign": there(store, "session", "b").stamp, None: None}
            wrong = Put("session", "a", stamps[expect], body)
            others = [Put("session", "c", None, {"n": 1}), Put("session", "b", stamps["foreign"], None)]
            before = store.scan("session")
            for puts in ([wrong, *others], [*others, wrong]):
                assert store.commit(puts, [{"time": "t", "session": "s"}]) is False
            assert before == store.scan("session")
            assert [] == store.audit()

    @pytest.mark.rule("S2")
    def test_a_row_made_again_is_not_the_row_that_was_deleted(self, make_store: MakeStore) -> None:
        """The stamp of a deleted row opens nothing, not even a row of the same name and content (ABA)."""
        with closing(make_store()) as store:
            seen: set[str] = set()
            for _ in range(20):
                assert store.commit([Put("session", "a", None, {"n": 1})])
                stamp = there(store, "session", "a").stamp
                assert stamp not in seen
                assert not any(store.commit([Put("session", "a", old, {"n": 2})]) for old in seen)
                seen.add(stamp)
                assert store.commit([Put("session", "a", stamp, None)])
                assert store.get("session", "a") is None

    def test_no_row_can_be_held_without_being_written(self, make_store: MakeStore) -> None:
        """A delete that expects no row writes nothing and fails where there is one."""
        with closing(make_store()) as store:
            hold = Put("session", "a", None, None)
            assert store.commit([hold, Put("session", "b", None, {})])
            assert store.get("session", "a") is None
            store.commit([Put("session", "a", None, {})])
            assert store.commit([hold]) is False

    def test_an_empty_commit_succeeds(self, make_store: MakeStore) -> None:
        """Nothing to change is no failure, with or without audit."""
        with closing(make_store()) as store:
            assert store.commit([])
            assert store.commit([], [{"time": "t", "session": None, "event": "unlock"}])
            assert [{"time": "t", "session": None, "event": "unlock"}] == store.audit()

    @pytest.mark.parametrize(
        "body",
        [
            {"x": object()},
            {"x": float("nan")},
            {"x": float("inf")},
            {"x": {1: "a"}},
            {2: "a"},
            {"x": b"a"},
            {"x": {"s"}},
        ],
        ids=["object", "nan", "inf", "inner key", "key", "bytes", "set"],
    )
    def test_a_body_that_is_no_json_is_refused_before_anything_is_written(
        self, make_store: MakeStore, body: dict[str, object]
    ) -> None:
        """What a file could not keep as it is raises InvalidArgument in every store."""
        circle: dict[str, object] = {}
        circle["me"] = circle
        with closing(make_store()) as store:
            for wrong in (body, circle):
                with pytest.raises(InvalidArgument):
                    store.commit([Put("session", "b", None, {}), Put("session", "a", None, wrong)])
            assert [] == store.scan("session")

    def test_an_audit_record_has_a_time_and_a_session(self, make_store: MakeStore) -> None:
        """A record without them raises InvalidArgument and nothing is written."""
        records: list[dict[str, object]] = [
            {"session": "s"},
            {"time": "t"},
            {"time": 1, "session": "s"},
            {"time": "t", "session": 1},
            {"time": "t", "session": "s", "x": object()},
        ]
        with closing(make_store()) as store:
            for record in (*records, *(Record(record, frozenset({""})) for record in records)):
                with pytest.raises(InvalidArgument):
                    store.commit([Put("session", "a", None, {})], [record])
            assert store.get("session", "a") is None
            assert [] == store.audit()

    def test_a_commit_names_a_row_once(self, make_store: MakeStore) -> None:
        """A row named twice in a commit raises InvalidArgument and nothing is written."""
        with closing(make_store()) as store:
            with pytest.raises(InvalidArgument):
                store.commit([Put("session", "a", None, {}), Put("session", "a", None, None)])
            assert store.get("session", "a") is None

    @pytest.mark.rule("A8")
    def test_names_that_no_row_can_have_name_no_row(self, make_store: MakeStore) -> None:
        """Lone surrogates and NUL find nothing and cannot be put; blanks, quotes and the empty name can."""
        with closing(make_store()) as store:
            for name in ("\ud800", "a\0b"):
                assert store.get("session", name) is None
                assert store.get(name, "a") is None
                assert [] == store.scan(name)
                assert [] == store.scan("session", tag=name)
                assert [] == store.audit(session=name)
                with pytest.raises(InvalidArgument):
                    Put("session", name, None, {})
            for name in ("", " ", "' OR 1=1 --", "%", "髙", "😀"):
                assert store.commit([Put("session", name, None, {"of": name})])
                assert {"of": name} == there(store, "session", name).body

    def test_bodies_are_shared_with_nobody(self, make_store: MakeStore) -> None:
        """Neither who wrote a body nor who read it can change what is kept."""
        body: dict[str, object] = {"list": [1]}
        record: dict[str, object] = {"time": "t", "session": "s", "list": [1]}
        with closing(make_store()) as store:
            store.commit([Put("session", "a", None, body)], [record])
            body["list"] = record["list"] = [2]
            read, audited = dict(there(store, "session", "a").body), store.audit()[0]
            assert read == {"list": [1]}
            read["list"] = audited["list"] = [3]
            assert ({"list": [1]}, [1]) == (there(store, "session", "a").body, store.audit()[0]["list"])

    def test_due_times_are_kept_to_the_microsecond_in_utc(self, make_store: MakeStore) -> None:
        """A due time comes back as the same instant in UTC, at both ends of the calendar."""
        japan = timezone(timedelta(hours=9))
        dues = [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999999, UTC), NOON.astimezone(japan)]
        with closing(make_store()) as store:
            for number, due in enumerate(dues):
                store.commit([Put("session", str(number), None, {}, due=due)])
                found = there(store, "session", str(number)).due
                assert found == due
                assert found is not None
                assert found.tzinfo is UTC

    def test_a_scan_pages_through_everything_once(self, make_store: MakeStore) -> None:
        """Pages of any size, taken one after the other, are the whole in order; without due, rows without are there."""
        with closing(make_store()) as store:
            _fill(store)
            rows = store.scan("session")
            assert sorted(string.ascii_letters) == [row.key for row in rows]
            due = NOON + timedelta(seconds=4)
            timed = store.scan("session", due=due)
            assert sorted((row.due, row.key) for row in rows if row.due is not None and row.due <= due) == [
                (row.due, row.key) for row in timed
            ]
            for size in (1, 3, 7, 52, 10**30):
                assert rows == paged(store, size=size)
                assert timed == paged(store, size=size, due=due)
                assert [row for row in rows if row.tag == "open"] == paged(store, size=size, tag="open")
                assert [row for row in timed if row.tag == "open"] == paged(store, size=size, tag="open", due=due)

    @pytest.mark.rule("S3", "S8")
    def test_paging_goes_on_though_the_rows_seen_are_deleted(self, make_store: MakeStore) -> None:
        """Maintenance that deletes each page it has read reads every row once."""
        with closing(make_store()) as store:
            _fill(store)
            timed = [row.key for row in store.scan("session") if row.due is not None]
            seen: list[str] = []
            after = None
            while page := store.scan("session", due=NOON + timedelta(days=1), after=after, limit=5):
                assert store.commit([Put("session", row.key, row.stamp, None) for row in page])
                seen += [row.key for row in page]
                after = page[-1]
            assert timed == sorted(seen)
            assert all(row.due is None for row in store.scan("session"))

    def test_a_scan_that_makes_no_sense_is_refused(self, make_store: MakeStore) -> None:
        """A limit below one, a naive due time, a page by due time after a row without one: InvalidArgument."""
        row = Row("session", "a", "s", {})
        with closing(make_store()) as store:
            for limit in (0, -1, True):
                with pytest.raises(InvalidArgument):
                    store.scan("session", limit=limit)
                with pytest.raises(InvalidArgument):
                    store.audit(limit=limit)
            with pytest.raises(InvalidArgument):
                store.scan("session", due=NOON, after=row)
            with pytest.raises(InvalidArgument):
                store.scan("session", due=NOON.replace(tzinfo=None))

    @pytest.mark.rule("S7")
    def test_audit_is_read_oldest_first_by_session_the_newest_so_many(self, make_store: MakeStore) -> None:
        """Records come in the order in which they were committed, whatever their times say."""
        records = [{"time": f"{9 - n}", "session": "ab"[n % 2] if n else None, "n": n} for n in range(8)]
        with closing(make_store()) as store:
            store.commit([], records[:3])
            store.commit([], records[3:])
            assert records == store.audit()
            assert records[-3:] == store.audit(limit=3)
            assert records == store.audit(limit=10**30)
            assert records[2::2] == store.audit(session="a")
            assert records[5::2] == store.audit(session="b", limit=2)
            assert [] == store.audit(session="c")

    @pytest.mark.rule("A8")
    def test_a_closed_store_says_so(self, make_store: MakeStore) -> None:
        """After close, which may be called again, every method raises StoreError."""
        store = make_store()
        store.close()
        store.close()
        for use in (
            lambda: store.get("session", "a"),
            lambda: store.commit([]),
            lambda: store.scan("session"),
            store.audit,
        ):
            with pytest.raises(StoreError, match="closed"):
                use()

    @pytest.mark.rule("S2")
    def test_every_history_is_that_of_a_dict(self, make_store: MakeStore) -> None:
        """Whatever is put, deleted, scanned and read, in whatever order: a dict of rows would answer the same."""

        class OfThisStore(StoreHistory):
            def __init__(self) -> None:
                super().__init__(make_store())

        run_state_machine_as_test(
            OfThisStore,
            settings=settings(
                max_examples=self.examples,
                stateful_step_count=25,
                deadline=None,
                # the fixture only makes stores: each history has a new one
                suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
            ),
        )


def _fill(store: Store) -> None:
    dues = [None, *(NOON + timedelta(seconds=n) for n in (5, 4, 4, -3, 0))]
    puts = [
        Put("session", key, None, {"key": key}, ("open", "done", "")[n % 3], dues[n % 6])
        for n, key in enumerate(string.ascii_letters)
    ]
    assert store.commit([*puts, Put("sessions", "other", None, {}, "open", NOON)])
