"""What the SQLite store makes of the file that it finds: its own, another's, damaged, out of reach."""

from __future__ import annotations

import gc
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from ja_reset.errors import InvalidArgument, StoreError
from ja_reset.stores import MemoryStore, SqliteStore
from ja_reset.stores._sqlite_schema import APPLICATION_ID, MIGRATIONS
from ja_reset.stores.rows import AUDIT, Put, Record, Row
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


@pytest.mark.rule("S4")
def test_rows_and_audit_outlive_the_store(path: Path) -> None:
    """What one store committed, another finds in the file, stamp and all."""
    with SqliteStore(path) as first:
        first.commit([Put("session", "a", None, {"n": 1}, "open")], [{"time": "t", "session": "s"}])
        row = first.get("session", "a")
    with SqliteStore(str(path), synchronous="NORMAL") as second:
        assert row == second.get("session", "a")
        assert [{"time": "t", "session": "s"}] == second.audit()
    assert (MemoryStore.persistent, SqliteStore.persistent) == (False, True)


def test_a_closed_store_leaves_one_file(path: Path, store: SqliteStore) -> None:
    """After close the log is in the file and nothing lies beside it."""
    store.close()
    assert [path.name] == [file.name for file in path.parent.iterdir()]


@pytest.mark.parametrize("wrong", [":memory:", "", "a\0b", b"reset.db", None, 7])
def test_a_path_that_is_no_file_is_refused(wrong: str) -> None:
    """No file, no store; for ":memory:" there is MemoryStore, and the message names it."""
    with pytest.raises(InvalidArgument, match="MemoryStore" if wrong == ":memory:" else "path"):
        SqliteStore(wrong)


def test_options_that_make_no_sense_are_refused(path: Path) -> None:
    """A negative or unitless timeout and an unknown kind of writing raise InvalidArgument, and make no file."""
    with pytest.raises(InvalidArgument):
        SqliteStore(path, busy_timeout=timedelta(seconds=-1))
    with pytest.raises(InvalidArgument):
        SqliteStore(path, busy_timeout=5)  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument):
        SqliteStore(path, synchronous="OFF")  # type: ignore[arg-type]
    assert not path.exists()


@pytest.mark.rule("S4")
@pytest.mark.parametrize("content", [b"no database at all", b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_file_that_is_no_database_is_named(path: Path, content: bytes) -> None:
    """Another file raises StoreError with what to do, and is left as it was."""
    path.write_bytes(content)
    with pytest.raises(StoreError, match="backup"):
        SqliteStore(path)
    assert content == path.read_bytes()


@pytest.mark.rule("S4", "L1")
def test_a_file_that_was_cut_to_nothing_is_not_taken_for_a_new_one(path: Path, store: SqliteStore) -> None:
    """An empty file is refused, in words that say how to start a new store; so is one that is cut while it is open."""
    os.truncate(path, 0)
    with pytest.raises(StoreError, match="truncated"):
        store.get("count", "c")
    with pytest.raises(StoreError, match=r"truncated|damaged"):  # SQLite has written back what was in the log
        store.commit([Put("count", "c", None, {"n": 0})])
    store.close()
    os.truncate(path, 0)
    for _ in range(2):
        with pytest.raises(StoreError, match=r"empty.* delete the file"):
            SqliteStore(path)
    assert 0 == path.stat().st_size
    path.unlink()
    with SqliteStore(path) as new:
        assert new.commit([Put("count", "c", None, {"n": 0})])


@pytest.mark.rule("S4")
def test_a_new_file_is_there_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What interrupts the making leaves no file, also where a link leads to it; without hard links it is made too."""
    link = tmp_path / "link.db"
    link.symlink_to(tmp_path / "reset.db")

    def stop(*_paths: str) -> None:
        raise KeyboardInterrupt

    def no_links(*_paths: str) -> None:
        raise PermissionError

    with monkeypatch.context() as patched:
        patched.setattr(os, "link", stop)
        with pytest.raises(KeyboardInterrupt):
            SqliteStore(link)
    assert [link] == list(tmp_path.iterdir())
    with SqliteStore(link) as store:
        assert store.commit([])
    assert {link, tmp_path / "reset.db"} == set(tmp_path.iterdir())
    with monkeypatch.context() as patched:
        patched.setattr(os, "link", no_links)
        with SqliteStore(tmp_path / "other.db") as store:
            assert store.commit([])


def test_a_store_that_nobody_closed_closes_itself(path: Path) -> None:
    """When the last reference goes, the connections are closed, also where something else still holds one."""
    store = SqliteStore(path)
    connection = store._connections.reading(lambda connection: connection)
    del store
    gc.collect()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("SELECT 1")
    assert [path] == list(path.parent.iterdir())


def test_a_store_that_nobody_closed_is_closed_when_the_process_ends(path: Path) -> None:
    """A program that keeps its store to the end leaves one file, and Python has nothing to warn of."""
    script = "import sys; from ja_reset.stores import SqliteStore; store = SqliteStore(sys.argv[1]); store.audit()"
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", script, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - ourselves
    assert "" == done.stderr
    assert [path] == list(path.parent.iterdir())


@pytest.mark.rule("S4")
@pytest.mark.parametrize(
    "statement", ["CREATE TABLE theirs (x)", "PRAGMA application_id = 7", "PRAGMA user_version = 7"]
)
def test_a_database_of_another_program_is_left_alone(path: Path, statement: str) -> None:
    """Tables, an application id or a version that are not ours: StoreError, and not a byte is changed."""
    _by_hand(path, statement)
    before = path.read_bytes()
    with pytest.raises(StoreError, match="another program"):
        SqliteStore(path)
    assert before == path.read_bytes()


@pytest.mark.rule("S4")
def test_a_newer_schema_is_refused(path: Path, store: SqliteStore) -> None:
    """A file that a later release wrote raises StoreError that says so."""
    store.close()
    _by_hand(path, f"PRAGMA user_version = {max(MIGRATIONS) + 1}")
    with pytest.raises(StoreError, match="later"):
        SqliteStore(path)


@pytest.mark.rule("S4")
def test_a_file_is_marked_as_ours_with_its_schema(path: Path, store: SqliteStore) -> None:
    """The head of the file says whose it is and of which schema; the versions have no gap."""
    store.close()
    with closing(sqlite3.connect(path)) as connection:
        assert (APPLICATION_ID,) == connection.execute("PRAGMA application_id").fetchone()
        assert (max(MIGRATIONS),) == connection.execute("PRAGMA user_version").fetchone()
        assert ("wal",) == connection.execute("PRAGMA journal_mode").fetchone()
    assert list(range(1, max(MIGRATIONS) + 1)) == list(MIGRATIONS)


@pytest.mark.rule("S4")
def test_a_file_of_an_older_release_is_brought_up_to_date(tmp_path: Path) -> None:
    """What 0.1 saved is read, found as such, and found by its terms once it is written again; nothing is rewritten."""
    path = tmp_path / "old.db"
    into = "INSERT INTO rows (kind, key, stamp, body, tag)"
    rows = [f"{into} VALUES ('session', '{key}', 's', '{{}}', '')" for key in "ab"]
    audit = "INSERT INTO audit (time, session, body) VALUES ('t', 's', '{\"time\": \"t\"}')"
    marks = [f"PRAGMA application_id = {APPLICATION_ID}", "PRAGMA user_version = 1"]
    for statement in [*MIGRATIONS[1], *rows, audit, *marks]:
        _by_hand(path, statement)
    with SqliteStore(path) as store:
        assert {} == there(store, "session", "a").body
        assert ["b", "a"] == [row.key for row in store.find("session", None)]
        (last,) = store.find("session", None, limit=1)
        assert ["a"] == [row.key for row in store.find("session", None, before=last)]
        (record,) = store.find(AUDIT, None)
        assert ({"time": "t"}, []) == (record.body, store.find(AUDIT, None, before=record))
        store.commit([Put("session", "a", "s", {}, at=NOON, terms=frozenset(["x"]))])
        assert (["b"], ["a"]) == tuple([row.key for row in store.find("session", term)] for term in (None, "x"))


@pytest.mark.rule("S4")
@pytest.mark.parametrize(
    "damage",
    ["body = '{'", "body = '[]'", "body = CAST(x'22ff22' AS TEXT)", f"due = {2**62}", "due = 'x'"],
)
def test_a_damaged_row_is_found_as_such(path: Path, store: SqliteStore, damage: str) -> None:
    """One row that cannot be read does not keep the others from being found."""
    puts = [Put("session", key, None, {"n": 1}, at=NOON, terms=frozenset(["x"])) for key in "abc"]
    store.commit(puts, [Record({"time": NOON.isoformat(), "session": None}, frozenset(["x"]))])
    _by_hand(path, f"UPDATE rows SET {damage} WHERE key = 'b'")  # noqa: S608 - our own words
    found = store.find("session", "x")
    assert [("c", False), ("b", True), ("a", False)] == [(row.key, row.damaged) for row in found]
    assert [{"n": 1}, {}, {"n": 1}] == [row.body for row in found]
    assert ["a"] == [row.key for row in store.find("session", "x", before=found[1])]
    _by_hand(path, "UPDATE audit SET body = 'x'")
    assert [True] == [row.damaged for row in store.find(AUDIT, "x")]
    with pytest.raises(InvalidArgument, match="before"):
        store.find(AUDIT, "x", before=Row(AUDIT, "elsewhere", "", {}, at=NOON))


@pytest.mark.rule("S4")
@pytest.mark.parametrize(
    "damage",
    ["body = '{'", "body = '[]'", "body = x'7b7d'", "body = CAST(x'22ff22' AS TEXT)", f"due = {2**62}", "due = 'x'"],
)
def test_a_damaged_row_is_a_clear_error(path: Path, store: SqliteStore, damage: str) -> None:
    """A row that was damaged in the file raises StoreError, which quotes nothing of it; others are still read."""
    store.commit([Put("session", "k-secret", None, {})])
    _by_hand(path, f"UPDATE rows SET {damage} WHERE kind = 'session'")  # noqa: S608 - our own words
    for read in (lambda: store.get("session", "k-secret"), lambda: store.scan("session")):
        with pytest.raises(StoreError, match="damaged") as caught:
            read()
        assert "k-secret" not in str(caught.value)
        assert caught.value.__cause__ is None
    assert {"n": 0} == there(store, "count", "c").body


@pytest.mark.rule("S4")
def test_a_damaged_audit_record_is_a_clear_error(path: Path, store: SqliteStore) -> None:
    """An audit record that is no JSON raises StoreError."""
    store.commit([], [{"time": "t", "session": None}])
    _by_hand(path, "UPDATE audit SET body = 'x'")
    with pytest.raises(StoreError, match="audit record"):
        store.audit()


@pytest.mark.rule("S4")
def test_damaged_pages_are_a_clear_error(path: Path, store: SqliteStore) -> None:
    """A file whose pages were overwritten raises StoreError that asks for a backup."""
    store.commit([Put("session", str(n), None, {"x": "y" * 1000}) for n in range(50)])
    store.close()
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    with SqliteStore(path) as opened, pytest.raises(StoreError, match="backup"):
        opened.scan("session")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A path that cannot be opened raises StoreError that names the folder's part in it; so does a folder."""
    for wrong in (tmp_path / "none" / "reset.db", tmp_path):
        with pytest.raises(StoreError, match="folder"):
            SqliteStore(wrong)
