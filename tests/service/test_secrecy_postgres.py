"""No secret reaches a PostgreSQL server: not its tables, its files, nor a log that a hostile operator set (S5, A7)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import attrs
import psycopg
import pytest

from hosts import Host
from ja_reset.service._sealing import Sealer
from ja_reset.stores import PostgresStore
from ja_reset.testing import FakeBank
from ja_reset.testing.postgres import PostgresServer
from test_secrecy import ACTIVATION, CUSTOMER, NEW, Planted, run_everything

HOSTILE = {
    "log_statement": "all",
    "log_min_duration_statement": "0",
    "log_parameter_max_length": "-1",
    "log_parameter_max_length_on_error": "-1",
    "log_min_error_statement": "debug5",
    "log_min_messages": "debug2",
    "log_connections": "on",
    "log_line_prefix": "%a %u %d ",
}
"""What tells an operator most: every statement, with all that is bound to it, and every error."""


@pytest.fixture
def hostile(postgres: PostgresServer) -> Iterator[PostgresServer]:
    """A server of the test's own that logs all that it is told; `postgres` says first that there can be one."""
    with PostgresServer() as server:
        with psycopg.connect(server.url, autocommit=True) as connection:
            for name, value in HOSTILE.items():
                connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
            connection.execute("SELECT pg_reload_conf()")
        _await_reload(server)
        yield server


def _await_reload(server: PostgresServer) -> None:
    """Until a new connection finds the settings; each try is a round trip to the server."""
    for _ in range(10_000):
        with psycopg.connect(server.url, autocommit=True) as connection:
            row = connection.execute("SHOW log_parameter_max_length_on_error").fetchone()
        if row == ("-1",):
            return
    pytest.fail("the server did not read its settings")


def _places(server: PostgresServer) -> dict[str, str]:
    """Everything that the server has: every table's rows, every file of its folder, after a CHECKPOINT, and its log."""
    found = {}
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        named = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for schema, table in named:
            name = psycopg.sql.Identifier(schema, table)
            rows = connection.execute(psycopg.sql.SQL("SELECT t::text FROM {} t").format(name)).fetchall()
            found[f"table {table}"] = "\n".join(text for (text,) in rows)
        activity = connection.execute("SELECT query FROM pg_stat_activity").fetchall()
    found["pg_stat_activity"] = "\n".join(query or "" for (query,) in activity)
    log = (server.folder / "log").read_text("utf-8", "replace")
    found["the log"] = re.sub(r"PID \d+", "PID", log)  # four or more digits, as a PIN has them
    data = server.folder / "data"
    for path in sorted(data.rglob("*")):
        if path.is_file() and path.name != "postmaster.pid":  # that process's number and port, and no more
            found[f"file {path.relative_to(data)}"] = path.read_bytes().decode("latin-1")
    return found


def _words(server: PostgresServer) -> set[str]:
    """Digits that stand in the files of a server without rows: found later, they say nothing."""
    text = b"\n".join(path.read_bytes() for path in (server.folder / "data").rglob("*") if path.is_file())
    found: list[bytes] = re.findall(rb"(?<![0-9A-Za-z])(?:[0-9]{4}|[0-9]{6})(?![0-9A-Za-z])", text)
    return {word.decode() for word in found}


@pytest.mark.rule("S5", "S7", "A7")
def test_a_server_is_told_no_secret(hostile: PostgresServer) -> None:
    """All procedures, every secret typed: none is in a statement or what is bound to it, a row, the WAL, any file."""
    before = _words(hostile)
    pin = next(pin for pin in map("{:04}".format, range(7391, 10_000)) if pin not in before)
    customer = attrs.evolve(CUSTOMER, pin=pin)
    with closing(PostgresStore(hostile.url, pool_size=2)) as store:
        host = Host(store=store, bank=FakeBank([customer]), customer=customer)
        planted = Planted(host, pin=customer.pin)
        for where in run_everything(planted):
            planted.is_free_of_them(where, "a step")
        places = _places(hostile)
    rows = [name for name in places if name.startswith("table ")]
    assert len(rows) >= 2
    assert host.view.id in "".join(places[name] for name in rows), "the rows are those of the run"
    assert re.search(r"(?i)detail: .*parameters: .*" + host.view.id, places["the log"]), "parameters are logged"
    assert any(host.view.id in text for name, text in places.items() if name.startswith("file pg_wal")), "the WAL"
    assert any(host.view.id in text for name, text in places.items() if name.startswith("file base")), "the heap"
    by_chance = tuple(code for code in planted.codes if code in before)
    for name, text in places.items():
        planted.is_free_of_them(text, name, but=by_chance)


@pytest.mark.rule("S5", "A7")
def test_a_server_that_is_told_a_secret_is_found_out(hostile: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a seal that keeps the plain text, log, rows, heap and WAL each show it."""
    monkeypatch.setattr(Sealer, "seal", lambda _self, secret, _context: "v2." + secret.reveal())
    with closing(PostgresStore(hostile.url, pool_size=2)) as store:
        host = Host(store=store, bank=FakeBank([CUSTOMER]), customer=CUSTOMER)
        planted = Planted(host)
        host.at_btr003()
        host.send(
            "submit_details", host.details(activation_password=ACTIVATION, activation_password_confirm=ACTIVATION)
        )
        places = _places(hostile)
    found = set()
    for name, text in places.items():
        try:
            planted.is_free_of_them(text, name)
        except AssertionError:
            found.add(Path(name).parts[0])
    assert {"the log", "file base", "file pg_wal"} <= found
    assert any(name.startswith("table ") for name in found)
    assert NEW not in places["the log"], "what was not typed is not found"
