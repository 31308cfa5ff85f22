"""What finding costs: a page of 50 sessions by contract, account and state, beside the bare driver's query.

Each store is filled with `--sessions` ended sessions (a session of LOGIN_PASSWORD as it was saved, under other names).
Each pair is measured in turn, round by round: `operator.sessions` and the same statement through the driver alone,
which reads no JSON and makes no item. Printed is the median of the rounds' ratios, with the quartiles (aim: at most 3).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from ja_reset import Procedure, ResetService
from ja_reset.service._records import SESSION
from ja_reset.service._terms import filed
from ja_reset.stores import MemoryStore, PostgresStore, SqliteStore
from ja_reset.stores._columns import microseconds
from ja_reset.stores._sqlite_commits import look_up
from ja_reset.stores.postgres._plans import Plans
from ja_reset.stores.rows import Store
from ja_reset.testing import CAST, FakeBank, FakeClock, identity
from ja_reset.testing.postgres import PostgresServer

PAGE = 50
SCHEMA = "ja_reset"
EACH = 100
"""How many sessions one contract, or one account, has."""
STATES = ("DONE", "CANCELLED", "EXPIRED", "REJECTED")
START = datetime(2026, 1, 1, tzinfo=UTC)
KEY = bytes(32)

Rows = Iterator[tuple[str, str, int]]
Terms = Iterator[tuple[str, str, int]]


def main() -> None:
    """Print a table for each store."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sessions", type=int, default=1_000_000)
    options.add_argument("--rounds", type=int, default=201)
    asked = options.parse_args()
    print(f"a page of {PAGE} among {asked.sessions} sessions: ours, bare driver, ours : bare (aim: at most 3)")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.db"
        with SqliteStore(path) as store:
            _fill_sqlite(path, asked.sessions)
            with closing(sqlite3.connect(path)) as connection:
                _measure("SQLite", store, _of_sqlite(connection), asked.rounds)
    with PostgresServer(fsync=True) as server, PostgresStore(server.url) as store:
        _fill_postgres(server.url, asked.sessions)
        with psycopg.connect(server.url, autocommit=True) as connection:
            _measure("PostgreSQL", store, _of_postgres(connection), asked.rounds)


def _measure(name: str, store: Store, bare: Callable[[str], Sequence[object]], rounds: int) -> None:
    operator = ResetService(bank=FakeBank(), store=store, key=KEY, clock=FakeClock()).operator
    body = _example()
    account = (CAST[0].institution, CAST[0].branch, CAST[0].subject, CAST[0].account)
    marks = [str(mark) for mark in body["marks"]]  # type: ignore[attr-defined]  # of the account, then of the contract
    looks: dict[str, tuple[str, Callable[[], Sequence[object]]]] = {
        "ref": (marks[1], lambda: operator.sessions(ref=CAST[0].ref)),
        "account": (marks[0], lambda: operator.sessions(account=account)),
        "state": ("state:DONE", lambda: operator.sessions(state="DONE")),
    }
    for word, (term, look) in looks.items():
        ours, theirs = [], []
        for _ in range(rounds):
            ours.append(_time(look))
            theirs.append(_time(lambda term=term: bare(term)))  # type: ignore[misc]  # bound at once
        low, middle, high = statistics.quantiles([a / b for a, b in zip(ours, theirs, strict=True)], n=4)
        print(
            f"{name}, by {word}: {statistics.median(ours):.0f} µs, {statistics.median(theirs):.0f} µs,"
            f" {middle:.2f} ({low:.2f} to {high:.2f})"
        )


def _time(look: Callable[[], Sequence[object]]) -> float:
    began = time.perf_counter()
    found = look()
    took = (time.perf_counter() - began) * 1_000_000
    if len(found) < PAGE:
        msg = f"a page of {len(found)}"
        raise RuntimeError(msg)
    return took


def _of_sqlite(connection: sqlite3.Connection) -> Callable[[str], Sequence[object]]:
    def bare(term: str) -> Sequence[object]:
        statement, values = look_up(SESSION, term, None, None, None)
        return connection.execute(statement, (*values, PAGE + 1)).fetchall()

    return bare


def _of_postgres(connection: psycopg.Connection) -> Callable[[str], Sequence[object]]:
    plans = Plans(SCHEMA, "")

    def bare(term: str) -> Sequence[object]:
        [said] = next(plans.find(SESSION, term, since=None, until=None, before=None, limit=PAGE + 1))
        return connection.execute(said.statement, said.values).fetchall()

    return bare


# The rows ---------------------------------------------------------------------------------------------------


def _example() -> dict[str, object]:
    """A session as it was saved at its end."""
    store = MemoryStore()
    service = ResetService(bank=FakeBank(), store=store, key=KEY, clock=FakeClock())
    view = service.start(Procedure.LOGIN_PASSWORD, institution=CAST[0].institution)
    view = service.send(view.token, "submit_identity", identity(CAST[0]), version=view.version)
    service.send(view.token, "cancel")
    row = store.get(SESSION, view.id)
    if row is None:
        msg = "the session was not saved"
        raise RuntimeError(msg)
    return dict(row.body)


def _sessions(many: int) -> Iterator[tuple[str, dict[str, object]]]:
    """Sessions in the order of their keys; every so many are of the customer who is looked for."""
    example = _example()
    others = ["mark:" + hashlib.sha256(str(n).encode()).hexdigest()[:22] for n in range(2 * many // EACH)]
    every = max(1, many // EACH)
    for key, n in sorted((hashlib.sha256(str(n).encode()).hexdigest(), n) for n in range(many)):
        at = (START + timedelta(seconds=n)).isoformat()
        times = {"created_at": at, "active_at": at, "seen_at": at}
        marks = example["marks"] if n % every == 0 else others[n % every * 2 : n % every * 2 + 2]
        yield key, {**example, **times, "id": key, "state": STATES[n % len(STATES)], "marks": marks}


def _rows(many: int) -> Iterator[tuple[object, ...]]:
    for key, body in _sessions(many):
        at, _ = filed(SESSION, body) or (START, frozenset())
        yield SESSION, key, "s", json.dumps(body, separators=(",", ":")), "ended", microseconds(at), microseconds(at)


def _terms(many: int) -> Iterator[tuple[object, ...]]:
    for key, body in _sessions(many):
        at, terms = filed(SESSION, body) or (START, frozenset())
        yield from ((SESSION, key, term, microseconds(at)) for term in sorted(terms))


def _fill_sqlite(path: Path, many: int) -> None:
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("PRAGMA synchronous = OFF")
        file.execute("PRAGMA cache_size = -500000")
        file.executemany(
            "INSERT INTO rows (kind, key, stamp, body, tag, due, at) VALUES (?, ?, ?, ?, ?, ?, ?)", _rows(many)
        )
        file.executemany("INSERT INTO terms (kind, key, term, at) VALUES (?, ?, ?, ?)", _terms(many))


def _fill_postgres(url: str, many: int) -> None:
    with psycopg.connect(url) as connection:
        for words, lines in (
            (f"COPY {SCHEMA}.rows (kind, key, stamp, body, tag, due, at) FROM STDIN", _rows(many)),
            (f"COPY {SCHEMA}.terms (kind, key, term, at) FROM STDIN", _terms(many)),
        ):
            with connection.cursor().copy(words.encode()) as copy:
                for line in lines:
                    copy.write_row(line)
    with psycopg.connect(url, autocommit=True) as connection:
        for table in ("rows", "terms"):
            connection.execute(f"VACUUM ANALYZE {SCHEMA}.{table}".encode())


if __name__ == "__main__":
    main()
