"""`ja-reset store`: what a release says of a store's tables, and the step that leads to its own."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import attrs
import psycopg
import pytest

from ja_reset import cli
from ja_reset.stores import PostgresStore, SqliteStore
from ja_reset.stores._sqlite_schema import APPLICATION_ID, MIGRATIONS, VERSION
from ja_reset.stores.postgres import ddl
from ja_reset.testing.postgres import PostgresServer

pytestmark = pytest.mark.rule("S4")

PASSWORD = "kono-himitsu-4711"


@attrs.frozen
class Subject:
    """A store that is not there yet: how the command names it, and how somebody else speaks to it."""

    where: tuple[str, ...]
    say: Callable[[str], Sequence[tuple[object, ...]]]
    open: Callable[[], SqliteStore | PostgresStore]
    old: Callable[[], None]

    def run(self, *arguments: str) -> int:
        """The command about this store."""
        return cli.main(["store", self.where[0], *arguments, *self.where[1:]])


def _sqlite(folder: Path) -> Subject:
    path = folder / "reset.db"

    def say(statements: str) -> Sequence[tuple[object, ...]]:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            *first, last = [each for each in statements.split(";\n") if each]
            for each in first:
                connection.execute(each)
            return connection.execute(last).fetchall()

    def old() -> None:
        marks = (f"PRAGMA application_id = {APPLICATION_ID}", "PRAGMA user_version = 1")
        say(";\n".join([*MIGRATIONS[1], *marks]))

    return Subject((str(path),), say, lambda: SqliteStore(path), old)


def _postgres(server: PostgresServer, schema: str) -> Subject:
    def say(statements: str) -> Sequence[tuple[object, ...]]:
        with psycopg.connect(server.url, options=f"-c search_path={schema}", autocommit=True) as connection:
            cursor = connection.execute(statements.encode())
            return cursor.fetchall() if cursor.description else []

    def old() -> None:
        made, _, _ = ddl(schema).partition("ALTER TABLE")
        say(made + f"UPDATE {schema}.schema_version SET version = 1")  # noqa: S608 - our own words

    def opened() -> PostgresStore:
        return PostgresStore(server.url, schema=schema, create=False)

    return Subject((server.url, "--schema", schema), say, opened, old)


@pytest.fixture(params=["sqlite", "postgres"])
def subject(request: pytest.FixtureRequest, tmp_path: Path) -> Subject:
    """A store of each kind that is kept."""
    if request.param == "sqlite":
        return _sqlite(tmp_path)
    return _postgres(request.getfixturevalue("postgres"), request.getfixturevalue("new_schema")())


def _told(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    told: dict[str, object] = json.loads(capsys.readouterr().out)
    return told


def test_a_store_is_made_by_the_printed_sql(subject: Subject, capsys: pytest.CaptureFixture[str]) -> None:
    """None yet is 1, and changes nothing; who runs what `migrate` prints has a store that opens, and 0."""
    assert 1 == subject.run("check")
    assert "no tables yet; a migration is needed: migrate makes them" in capsys.readouterr().out
    assert 1 == subject.run("check")
    capsys.readouterr()
    assert 0 == subject.run("migrate")
    subject.say(capsys.readouterr().out)
    subject.open().close()
    assert 0 == subject.run("check")
    assert capsys.readouterr().out.endswith(f": schema {VERSION}, complete; this release can use them\n")
    assert 0 == subject.run("migrate")
    assert f"-- nothing to do: schema {VERSION} is what this release works with\n" == capsys.readouterr().out


@pytest.mark.parametrize("by_hand", [True, False], ids=["by hand", "apply"])
def test_an_older_store_is_brought_up_to_date(
    subject: Subject, by_hand: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """The tables of 0.1 are 1 until the step is taken, by the printed SQL or by `--apply`; then 0, and again."""
    subject.old()
    assert 1 == subject.run("check")
    assert "schema 1; a migration is needed: this release works with schema 2" in capsys.readouterr().out
    if by_hand:
        assert 0 == subject.run("migrate")
        subject.say(capsys.readouterr().out)
    else:
        assert 0 == subject.run("migrate", "--apply")
    assert 0 == subject.run("check")
    subject.open().close()
    assert 0 == subject.run("migrate", "--apply")


@pytest.mark.parametrize("by_hand", [True, False], ids=["by hand", "apply"])
@pytest.mark.parametrize("index", ["rows_by_due", "terms_by_time"])
def test_a_lost_index_is_made_again(
    subject: Subject, index: str, by_hand: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without an index all works, slowly: 1, and the step makes it."""
    assert 0 == subject.run("migrate", "--apply")
    subject.say(f"DROP INDEX {index}")
    capsys.readouterr()
    assert 1 == subject.run("check", "--json")
    told = _told(capsys)
    assert ("migration_needed", [], [index]) == (told["standing"], told["missing"], told["unindexed"])
    if by_hand:
        assert 0 == subject.run("migrate")
        subject.say(capsys.readouterr().out)
    assert 0 == subject.run("migrate", "--apply", "--json")
    assert [] == _told(capsys)["unindexed"]


@pytest.mark.parametrize("old", [True, False])
def test_an_incomplete_store_is_not_usable(subject: Subject, old: bool, capsys: pytest.CaptureFixture[str]) -> None:
    """A column that was renamed, a table that was dropped: 3, by name, and `migrate` refuses to build on it."""
    if old:
        subject.old()
    else:
        subject.run("migrate", "--apply")
        subject.say("DROP TABLE terms")
    subject.say("ALTER TABLE rows RENAME COLUMN tag TO label")
    capsys.readouterr()
    assert 3 == subject.run("check", "--json")
    told = _told(capsys)
    assert ("unusable", ["rows.tag"] if old else ["rows.tag", "terms"]) == (told["standing"], told["missing"])
    assert 3 == subject.run("check")
    assert "this release cannot use them: they lack rows.tag" in capsys.readouterr().out
    assert 3 == subject.run("migrate", "--apply")
    assert "they lack rows.tag" in capsys.readouterr().err


def test_a_store_of_a_later_release_is_not_usable(subject: Subject, capsys: pytest.CaptureFixture[str]) -> None:
    """Its version is told, with 3; `migrate` leaves it alone."""
    subject.run("migrate", "--apply")
    is_file = len(subject.where) == 1
    subject.say("PRAGMA user_version = 9" if is_file else "UPDATE schema_version SET version = 9")
    capsys.readouterr()
    assert 3 == subject.run("check")
    assert "schema 9; this release cannot use them: a later release made them" in capsys.readouterr().out
    for step in ([], ["--apply"]):
        assert 3 == subject.run("migrate", *step)
        out, err = capsys.readouterr()
        assert ("", 1) == (out, err.count("\n"))
    assert [(9,)] == list(subject.say("PRAGMA user_version" if is_file else "SELECT version FROM schema_version"))


def test_what_is_none_of_ours_is_not_usable(subject: Subject, capsys: pytest.CaptureFixture[str]) -> None:
    """Tables of another program: 3, and one line."""
    if len(subject.where) > 1:
        subject.say(f"CREATE SCHEMA {subject.where[-1]}")
    subject.say("CREATE TABLE theirs (x INTEGER)")
    for action in (["check"], ["migrate"], ["migrate", "--apply"]):
        assert 3 == subject.run(*action)
        out, err = capsys.readouterr()
        assert ("", 1) == (out, err.count("\n"))


def test_a_file_is_looked_at_without_a_change(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`check` makes no file, writes into none, and waits for no writer; an empty or damaged file is 3."""
    path = tmp_path / "reset.db"
    assert 1 == cli.main(["store", str(path), "check"])
    assert [] == list(tmp_path.iterdir())
    with SqliteStore(path), closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert 0 == cli.main(["store", str(path), "check"])
    before = path.read_bytes()
    assert 0 == cli.main(["store", str(path), "check"])
    assert before == path.read_bytes()
    capsys.readouterr()
    for content in (b"", b"no database, though of some length"):
        path.write_bytes(content)
        assert 3 == cli.main(["store", str(path), "check"])
        out, err = capsys.readouterr()
        assert ("", 1) == (out, err.count("\n"))
        assert content == path.read_bytes()
    assert 3 == cli.main(["store", str(tmp_path), "check"])


def test_a_role_that_may_not_read_is_told(
    postgres: PostgresServer, new_schema: Callable[[], str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Tables that this user may not read are not taken for none."""
    schema = new_schema()
    PostgresStore(postgres.url, schema=schema).close()
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {schema}_nobody LOGIN".encode())
    url = postgres.url.replace("postgres@", f"{schema}_nobody@")
    for action in (["check"], ["migrate", "--apply"]):
        assert 3 == cli.main(["store", url, *action, "--schema", schema])
        assert "this user lacks the rights" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["a.db", "look"], "it must be check or migrate, after the URL"),
        (["check", f"postgresql://reset:{PASSWORD}@127.0.0.1:1/x"], "it must be check or migrate, after the URL"),
        (["a.db", "check", f"postgresql://reset:{PASSWORD}@127.0.0.1:1/x"], "unrecognized arguments"),
        (["a.db", "check", f"host=x password={PASSWORD}"], "unrecognized arguments"),
        (["a.db", "check", f"host=x password='{PASSWORD} x'"], "unrecognized arguments"),
        (["a.db", "check", "--apply"], "give --apply with migrate"),
        (["a.db", "check", "--schema", "x"], "--schema is for a PostgreSQL database"),
        (["postgresql://127.0.0.1:1/x", "check", "--schema", "X Y"], "schema must be a name"),
        ([f"mysql://reset:{PASSWORD}@db/x", "check"], "a store is the path of an SQLite file, or a postgresql:// URL"),
        ([f"postgresql+psycopg://reset:{PASSWORD}@db/x", "check"], "a store is the path of an SQLite file"),
        (["sqlite:///a.db", "check"], "a store is the path of an SQLite file"),
        ([":memory:", "migrate"], "a store is the path of an SQLite file"),
        (["", "check"], "a store is the path of an SQLite file"),
    ],
)
def test_misuse_is_one_line_without_the_password(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """2, what was expected, and nothing of what a URL holds."""
    assert 2 == cli.main(["store", *arguments])
    out, err = capsys.readouterr()
    assert ("", 1) == (out, err.count("\n"))
    assert words in err
    assert PASSWORD not in err


@pytest.mark.parametrize(
    "where",
    [
        f"postgresql://reset:{PASSWORD}@127.0.0.1:1/reset",
        f"postgres://reset:{PASSWORD}@[::1/reset",
        f"host=127.0.0.1 port=1 user=reset password={PASSWORD}",
    ],
)
def test_a_database_out_of_reach_is_one_line_without_the_password(
    where: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """3 for every action, also where libpq cannot read the URL."""
    for action in (["check"], ["migrate"], ["migrate", "--apply"], ["check", "--json"]):
        assert 3 == cli.main(["store", where, *action])
        out, err = capsys.readouterr()
        assert ("", 1) == (out, err.count("\n"))
        assert PASSWORD not in err
