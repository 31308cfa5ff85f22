"""The store's part of a whole LOGIN_PASSWORD run, recorded once and played again on other keys.

`ours` plays it through a Store, `ours_awaited` through one of an event loop; benchmarks/bare.py through a driver alone.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence

import attrs
from turn import KEY, Bank, customers
from turn import play as run

from ja_reset import ResetService
from ja_reset.stores import MemoryStore
from ja_reset.stores.rows import AsyncStore, Put, Record, Row, Store
from ja_reset.testing import FakeClock

Turn = Callable[[str], None]
"""Plays the run once, on keys with this ending, that nobody has played it on."""

AwaitedTurn = Callable[[str], Awaitable[None]]
"""The same, awaited."""

Name = tuple[str, str]


@attrs.frozen
class Got:
    """A read of rows: of one, or (`many`) of several at once."""

    names: tuple[Name, ...]
    many: bool = False


@attrs.frozen
class Committed:
    """A commit: what it changes, and its audit records."""

    puts: tuple[Put, ...]
    audit: tuple[Mapping[str, object], ...]


Tape = Sequence[Got | Committed]


class _Recorder(MemoryStore):
    def __init__(self) -> None:
        super().__init__()
        self.tape: list[Got | Committed] = []

    def get(self, kind: str, key: str) -> Row | None:
        self.tape.append(Got(((kind, key),)))
        return super().get(kind, key)

    def get_many(self, names: Sequence[Name]) -> list[Row | None]:
        self.tape.append(Got(tuple(names), many=True))
        return super().get_many(names)

    def commit(self, puts: Sequence[Put], audit: Sequence[Mapping[str, object]] = ()) -> bool:
        self.tape.append(Committed(tuple(puts), tuple(audit)))
        return super().commit(puts, audit)


def record() -> tuple[Tape, int]:
    """What a run from the first screen to DONE asks of its store, and how many turns it took."""
    everyone, store = customers(1), _Recorder()
    run(ResetService(bank=Bank(everyone), store=store, key=KEY, clock=FakeClock()), everyone[0])
    return store.tape, 5


def ours(tape: Tape, store: Store) -> Turn:
    """The run through *store*."""
    asked = _asked(tape)

    def play(ending: str) -> None:
        calls = asked(ending)
        call = next(calls, None)
        while call is not None:
            name, arguments = call
            call = _next(calls, getattr(store, name)(*arguments))

    return play


def ours_awaited(tape: Tape, store: AsyncStore) -> AwaitedTurn:
    """The run through *store*, awaited."""
    asked = _asked(tape)

    async def play(ending: str) -> None:
        calls = asked(ending)
        call = next(calls, None)
        while call is not None:
            name, arguments = call
            call = _next(calls, await getattr(store, name)(*arguments))

    return play


_Calls = Generator[tuple[str, tuple[object, ...]], object, None]


def _next(calls: _Calls, answer: object) -> tuple[str, tuple[object, ...]] | None:
    try:
        return calls.send(answer)
    except StopIteration:
        return None


def _asked(tape: Tape) -> Callable[[str], _Calls]:
    """The run as calls of a store: method and arguments, on keys with an ending; takes the answers."""
    steps = [
        step if isinstance(step, Got) else (step.puts, [(dict(each), _terms(each)) for each in step.audit])
        for step in tape
    ]

    def calls(ending: str) -> _Calls:
        stamps: dict[Name, str] = {}
        for step in steps:
            if isinstance(step, Got):
                names = [(kind, key + ending) for kind, key in step.names]
                yield ("get_many", (names,)) if step.many else ("get", names[0])
                continue
            puts, (changes, audit) = [], step
            for put in changes:
                name = put.kind, put.key
                old, new = None if put.expect is None else stamps[name], secrets.token_hex(8)
                puts.append(put_of(put, put.key + ending, old, None if put.body is None else new))
                stamps[name] = new
            records = [Record({**body, "session": f"{body['session']}{ending}"}, terms) for body, terms in audit]
            if not (yield "commit", (puts, records)):
                msg = "a commit was not made"
                raise RuntimeError(msg)

    return calls


def put_of(put: Put, key: str, expect: str | None, stamp: str | None) -> Put:
    """*put* on another key, with other stamps."""
    return Put(put.kind, key, expect, put.body, put.tag, put.due, stamp=stamp, at=put.at, terms=put.terms)


def _terms(record: Mapping[str, object]) -> frozenset[str]:
    return record.terms if isinstance(record, Record) else frozenset()


def ended(record: Mapping[str, object], session: str) -> Mapping[str, object]:
    """An audit record of that session."""
    body = {**record, "session": session}
    return Record(body, record.terms) if isinstance(record, Record) else body
