"""What the SQLite store does when its file gives trouble: it says so, leaves nothing half-written, and goes on."""

from __future__ import annotations

import shutil
import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest

from ja_reset.errors import StoreError
from ja_reset.stores import SqliteStore
from ja_reset.stores._connections import explained
from ja_reset.stores._sqlite_commits import _DROP_AUDIT_TERM, look_up, page
from ja_reset.stores._statements import AMEND_AUDIT
from ja_reset.stores.rows import AUDIT, Put, Row
from ja_reset.testing.store_concurrency import increment
from ja_reset.testing.store_history import NOON, there

NOW = timedelta(0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where no file is yet."""
    return tmp_path / "reset.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    """A store that waits for nobody, with one row."""
    with SqliteStore(path, busy_timeout=NOW) as opened:
        assert opened.commit([Put("count", "c", None, {"n": 0})])
        yield opened


def _by_hand(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


@pytest.mark.rule("S10")
def test_a_lock_beyond_the_timeout_is_an_error_that_passes(path: Path, store: SqliteStore) -> None:
    """While another holds the file, commits raise StoreError and reads go on; afterwards commits go on."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked"):
            increment(store)
        assert {"n": 0} == there(store, "count", "c").body
        with pytest.raises(StoreError, match="locked"):
            SqliteStore(path, busy_timeout=NOW)
        other.execute("ROLLBACK")
    increment(store)
    assert {"n": 1} == there(store, "count", "c").body


def test_a_reader_of_a_new_file_holds_the_log_up_no_longer_than_allowed(path: Path, store: SqliteStore) -> None:
    """Where the switch to write-ahead logging meets another's lock: StoreError, and all is well when it is gone."""
    store.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN")
        other.execute("SELECT * FROM rows").fetchall()
        with pytest.raises(StoreError, match="locked"):
            SqliteStore(path, busy_timeout=timedelta(milliseconds=20))
        other.execute("COMMIT")
    with SqliteStore(path, busy_timeout=NOW) as opened:
        increment(opened)
        assert {"n": 1} == there(opened, "count", "c").body


def test_threads_queue_for_the_place_to_write_no_longer_than_allowed(store: SqliteStore) -> None:
    """A thread that finds another of its process writing gets StoreError when its time is up."""
    holding, told = threading.Event(), threading.Event()

    def hold(_connection: sqlite3.Connection) -> None:
        holding.set()
        told.wait()

    writer = threading.Thread(target=store._connections.writing, args=(hold,))
    writer.start()
    holding.wait()
    with pytest.raises(StoreError, match="locked"):
        increment(store)
    told.set()
    writer.join()
    increment(store)
    assert {"n": 1} == there(store, "count", "c").body


@pytest.mark.skipif(sys.platform == "win32", reason="has no limit to a file's size")
@pytest.mark.rule("S10", "C6")
def test_a_disk_that_takes_no_more_is_an_error_that_passes(path: Path, store: SqliteStore) -> None:
    """When the file cannot grow, a commit raises StoreError and is not there; with room again the store goes on."""
    import resource  # noqa: PLC0415 - not on every system

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    big = [Put("session", str(n), None, {"x": "y" * 50_000}) for n in range(20)]
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, before[1]))
    try:
        with pytest.raises(StoreError, match="disk"):
            store.commit(big, [{"time": "t", "session": None}])
        assert [] == store.scan("session")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [] == store.audit()
    assert store.commit(big)
    assert len(big) == len(store.scan("session"))


def test_a_full_disk_is_told_from_a_failing_one(path: Path) -> None:
    """SQLite's word for a full disk asks for room."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA max_page_count = 1")
        with pytest.raises(sqlite3.OperationalError) as caught:
            connection.execute("CREATE TABLE t (x)")
    assert "make room" in str(explained(caught.value, "reset.db"))


def test_an_error_that_has_no_advice_is_passed_on_in_its_words(path: Path, store: SqliteStore) -> None:
    """A file that lost its tables while it was open raises StoreError with what SQLite said."""
    _by_hand(path, "DROP TABLE rows")
    with pytest.raises(StoreError, match="no such table"):
        store.get("count", "c")


@pytest.mark.rule("L1")
def test_a_file_that_went_away_is_not_begun_anew(path: Path, store: SqliteStore) -> None:
    """With the file gone or another in its place every call raises StoreError: counts are never silently lost."""
    store.close()
    with SqliteStore(path) as opened:
        away = path.with_name("away.db")
        path.rename(away)
        with pytest.raises(StoreError, match="cannot be reached"):
            opened.get("count", "c")
        with pytest.raises(StoreError, match="cannot be reached"):
            opened.commit([Put("count", "c", None, {})])
        assert not path.exists()
        shutil.copy(away, path)
        with pytest.raises(StoreError, match="another file"):
            increment(opened)
        path.unlink()
        away.rename(path)
        increment(opened)
        assert {"n": 1} == there(opened, "count", "c").body


@pytest.mark.rule("S10")
def test_what_interrupts_a_commit_leaves_nothing_of_it(store: SqliteStore) -> None:
    """Whatever is raised between two statements of a commit, none of them is there, and the next one works."""

    def interrupted(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM rows")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store._connections.writing(interrupted)
    assert {"n": 0} == there(store, "count", "c").body
    increment(store)


def test_closing_lets_a_read_under_way_end(store: SqliteStore) -> None:
    """A connection that is lent when the store closes works on, and is closed when it comes back."""

    def read(connection: sqlite3.Connection) -> sqlite3.Connection:
        store.close()
        assert (1,) == connection.execute("SELECT count(*) FROM rows").fetchone()
        return connection

    connection = store._connections.reading(read)
    with pytest.raises(sqlite3.ProgrammingError):
        connection.execute("SELECT 1")


def test_a_change_of_folder_does_not_change_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative path is read once."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "else").mkdir()
    with SqliteStore("reset.db") as opened:
        monkeypatch.chdir(tmp_path / "else")
        opened.commit([Put("count", "c", None, {"n": 0})])
        increment(opened)
    assert [] == list((tmp_path / "else").iterdir())
    assert (tmp_path / "reset.db").exists()
    assert f"SqliteStore({str(tmp_path / 'reset.db')!r})" == repr(opened)


@pytest.mark.parametrize("kind", ["session", AUDIT])
def test_every_look_up_reads_along_an_index(path: Path, store: SqliteStore, kind: str) -> None:
    """A page by a term costs its length: no look at every row, and no sorting."""
    before = Row(kind, "7", "", {}, at=NOON)
    for term in ("x", None):
        times = [(None, None)] if term is None else [(None, None), (NOON, NOON)]
        for (since, until), place in product(times, (None, before)):
            statement, values = look_up(kind, term, since, until, place)
            with closing(sqlite3.connect(path)) as connection:
                plan = " ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", [*values, 5]))
            assert ("unfiled" if term is None else "t USING PRIMARY KEY" if kind == AUDIT else "terms_by_time") in plan
            assert "SCAN" not in plan.replace("SCAN a USING INDEX audit_unfiled", "")
            assert "TEMP B-TREE" not in plan


def test_an_amendment_reads_along_the_primary_keys(path: Path, store: SqliteStore) -> None:
    """To change a record costs no look at the others."""
    with closing(sqlite3.connect(path)) as connection:
        for statement, values in ((AMEND_AUDIT, ("{}", "{}", 1)), (_DROP_AUDIT_TERM, ("x", 1, 1))):
            plan = " ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values))
            assert "PRIMARY KEY" in plan
            assert "SCAN" not in plan


@pytest.mark.parametrize(
    ("tag", "due", "index"),
    [(None, None, "PRIMARY KEY"), ("open", None, "rows_by_tag"), (None, 1, "rows_by_due"), ("open", 1, "rows_by_due")],
)
def test_every_scan_reads_along_an_index(
    path: Path, store: SqliteStore, tag: str | None, due: int | None, index: str
) -> None:
    """No page costs a look at every row, nor sorting: its length is all it costs."""
    for after in (False, True):
        statement = page(tag=tag is not None, due=due is not None, after=after)
        values = ["k", *([tag] if tag else []), *([due] if due else [])]
        values += [] if not after else [1, "a"] if due else ["a"]
        with closing(sqlite3.connect(path)) as connection:
            plan = " ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", [*values, 5]))
        assert index in plan
        assert "TEMP B-TREE" not in plan
