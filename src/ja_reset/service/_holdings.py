"""What the store holds of one contract, wherever it stands: what an export tells and an erasure goes through (S8).

Sessions, effects and audit are found by the contract's `ref`, also after a session has forgotten it; calls and waits by
their sessions, waits and wrong codes by the numbers too. Failed identities are counted under the account that was
typed, by its hash, so that no `ref` leads to them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import attrs

from ja_reset.errors import InvalidArgument
from ja_reset.machines._phones import offered
from ja_reset.service._bank import ask_contract
from ja_reset.service._finding import Query, all_of
from ja_reset.service._io import Flow, Get, Scan
from ja_reset.service._marks import ref_marks
from ja_reset.service._records import CALL, CODES, OUTBOX, PIN_ATTEMPTS, SESSION, WAIT
from ja_reset.service._terms import reference_of, term
from ja_reset.stores.rows import AUDIT, Row, is_name


@attrs.frozen(eq=False, repr=False)
class Holdings:
    """The rows of one contract. `audit`: the records that name it. `beside`: those of its sessions that name none."""

    ref: str
    sessions: tuple[Row, ...]
    effects: tuple[Row, ...]
    attempts: Row | None
    waits: tuple[Row, ...]
    codes: tuple[Row, ...]
    calls: tuple[Row, ...]
    audit: tuple[Row, ...]
    beside: tuple[Row, ...]
    shared: frozenset[str]
    """The sessions in which another contract was proved too."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing leads to that ref: nobody has proved such a contract, or there is none."""
        return not (self.sessions or self.effects or self.attempts or self.audit)


def holdings_of(ref: object) -> Flow[Holdings]:
    """All that is held of the contract *ref*. Raises InvalidArgument, BankUnavailable.

    The bank is asked for its numbers; what it no longer knows goes by what the store says.
    """
    if not is_name(ref):
        msg = "ref must be a str: a contract's reference"
        raise InvalidArgument(msg)
    name = str(ref)
    by_mark = ((yield from ref_marks(name)),)
    sessions = yield from all_of(Query(SESSION, by_mark), old=lambda row: _kept(row, "ref") == name)
    by_ref = ((term("ref", name),),)
    effects = yield from all_of(Query(OUTBOX, by_ref), old=lambda row: row.body.get("ref") == name)
    audit = yield from all_of(Query(AUDIT, by_ref), old=lambda row: row.body.get("ref") == name)
    attempts: Row | None = yield Get(PIN_ATTEMPTS, name)
    ids = {row.key for row in sessions}
    for each in sorted({*_texts(row.body.get("session") for row in (*effects, *audit))} - ids):
        row: Row | None = yield Get(SESSION, each)  # one that release 0.1 has ended says nothing of its contract
        sessions += [] if row is None else [row]
        ids.add(each)
    theirs = yield from _audit_of(ids)
    contract = yield from ask_contract(name)
    numbers = {*_numbers(sessions), *(offered(contract, relay=True) if contract is not None else ())}
    waits = yield from _all(WAIT, lambda row: row.key in numbers or not ids.isdisjoint(_sessions_of(row)))
    codes: list[Row] = []
    for number in sorted(numbers | {row.key for row in waits}):
        row = yield Get(CODES, number)
        codes += [] if row is None else [row]
    return Holdings(
        ref=name,
        sessions=tuple(sessions),
        effects=tuple(effects),
        attempts=attempts,
        waits=tuple(waits),
        codes=tuple(codes),
        calls=tuple((yield from _all(CALL, lambda row: row.body.get("session") in ids))),
        audit=tuple(audit),
        beside=tuple(row for row in theirs if row.body.get("ref") is None),
        shared=frozenset(_texts(row.body.get("session") for row in theirs if row.body.get("ref") not in {None, name})),
    )


def _audit_of(sessions: set[str]) -> Flow[list[Row]]:
    """The audit records of these sessions."""
    references = tuple(sorted({term("reference", name) for each in sessions if (name := reference_of(each))}))
    if not references:
        return []
    found = yield from all_of(Query(AUDIT, (references,)), old=lambda row: row.body.get("session") in sessions)
    return [row for row in found if row.body.get("session") in sessions]


def _all(kind: str, wanted: Callable[[Row], bool]) -> Flow[list[Row]]:
    found: list[Row] = []
    after: Row | None = None
    while page := (yield Scan(kind, after=after)):
        after = page[-1]
        found += [row for row in page if wanted(row)]
    return found


def _kept(row: Row, name: str) -> object:
    kept = row.body.get("kept")
    return kept.get(name) if isinstance(kept, Mapping) else None


def _numbers(sessions: Iterable[Row]) -> list[str]:
    """The numbers that sessions still keep."""
    phones = (each for row in sessions if isinstance(kept := _kept(row, "phones"), list) for each in kept)
    return _texts(each.get("number") for each in phones if isinstance(each, Mapping))


def _sessions_of(row: Row) -> list[str]:
    """The sessions that wait, or waited, for a number."""
    beside = row.body.get("beside")
    others = (each.get("session") for each in beside if isinstance(each, Mapping)) if isinstance(beside, list) else ()
    return _texts([row.body.get("session"), *others])


def _texts(values: Iterable[object]) -> list[str]:
    return [each for each in values if isinstance(each, str)]
