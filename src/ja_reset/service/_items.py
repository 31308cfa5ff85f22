"""What the operator API lists: sessions, effects, audit records, locks and waits, told without secrets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

import attrs

from ja_reset.chart import Chart
from ja_reset.errors import NewerSession, StoreError
from ja_reset.fields._phone_numbers import masked
from ja_reset.proofs.attempts import PinAttempts
from ja_reset.proofs.waits import Wait, Waits
from ja_reset.secret import shown
from ja_reset.service._pages import Item
from ja_reset.service._records import OUTBOX, PIN_ATTEMPTS, WAIT, OutboxEntry
from ja_reset.service._terms import reference_of
from ja_reset.service.saved import load, read_session
from ja_reset.stores.rows import Row

DAMAGED, NEWER, NO_CHART = "damaged", "newer", "no_chart"


@attrs.frozen(eq=False, kw_only=True)
class SessionItem(Item):
    """A session as it was saved last; time does not pass for it.

    `problem`: None, or why this process cannot go on with it: `damaged`, `newer` (a newer release saved it), `no_chart`
    (the service was not given its chart). A session that cannot be read has only `id` and `reference`.
    """

    __repr__ = shown

    id: str
    reference: str
    procedure: str | None = None
    institution: str | None = None
    state: str | None = None
    version: int = 0
    ref: str | None = None
    created_at: datetime | None = None
    active_at: datetime | None = None
    reasons: tuple[str, ...] = ()
    phone_windows: int = 0
    identity_failures: int = 0
    wrong_codes: int = 0
    problem: str | None = None


@attrs.frozen(eq=False, kw_only=True)
class EffectItem(Item):
    """An effect, without its data. `what`: of a notice, which one it is, such as `locked`.

    `tries`: how often it was delivered, last at `tried_at`; `error`: the class of the last failure. `next_try`: when it
    is delivered again; `deadline`: when it is overdue. `problem`: None, or `damaged`; a damaged one has only its key.
    """

    __repr__ = shown

    key: str
    kind: str | None = None
    what: str | None = None
    status: str | None = None
    session: str | None = None
    institution: str | None = None
    ref: str | None = None
    made_at: datetime | None = None
    tries: int = 0
    tried_at: datetime | None = None
    error: str | None = None
    next_try: datetime | None = None
    deadline: datetime | None = None
    problem: str | None = None


@attrs.frozen(eq=False, repr=False)
class AuditItem(Item):
    """An audit record (S7). As a mapping, it is the record, whatever is in it.

    `problem`: None, or `damaged`; a damaged record is empty.
    """

    record: Mapping[str, object]
    problem: str | None = None

    @property
    def time(self) -> datetime | None:
        """When it happened, aware UTC."""
        return datetime.fromisoformat(str(self.record["time"])) if "time" in self.record else None

    @property
    def event(self) -> str | None:
        """What happened."""
        return self._text("event")

    @property
    def session(self) -> str | None:
        """The id of the session."""
        return self._text("session")

    @property
    def institution(self) -> str | None:
        """The institution."""
        return self._text("institution")

    @property
    def ref(self) -> str | None:
        """The contract, where it was known."""
        return self._text("ref")

    @property
    def actor(self) -> str | None:
        """Who did it, where it was an operator."""
        return self._text("actor")

    @property
    def reasons(self) -> tuple[str, ...]:
        """The codes of the reasons."""
        reasons = self.record.get("reasons")
        return tuple(map(str, reasons)) if isinstance(reasons, list | tuple) else ()

    def to_dict(self) -> dict[str, object]:
        """The record, with `problem` if there is one."""
        return {**self.record, **({} if self.problem is None else {"problem": self.problem})}

    def __getitem__(self, name: str) -> object:
        return self.to_dict()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.to_dict())

    def __len__(self) -> int:
        return len(self.to_dict())

    def __repr__(self) -> str:
        return f"AuditItem({self.to_dict()!r})"

    def _text(self, name: str) -> str | None:
        value = self.record.get(name)
        return value if isinstance(value, str) else None


@attrs.frozen(eq=False, kw_only=True)
class LockItem(Item):
    """A contract that is locked after wrong PINs (L2). `orders`: the keys of the effects that locked it."""

    __repr__ = shown

    ref: str
    wrong: int = 0
    orders: tuple[str, ...] = ()
    problem: str | None = None


@attrs.frozen(eq=False, kw_only=True)
class WaitItem(Item):
    """A number that a session waits for, until `until`, or that rests, until `rests` (P8).

    `number` without its last four digits. `line`: the dialled line, in E.164; None where the institution has one alone.
    `end`: None while the session waits, else how its wait ended.
    """

    __repr__ = shown

    number: str
    session: str | None = None
    until: datetime | None = None
    rests: datetime | None = None
    end: str | None = None
    problem: str | None = None
    line: str | None = None


def session_item(row: Row, charts: Mapping[str, Chart]) -> SessionItem:
    """The session of a row, of any chart."""
    bare = SessionItem(id=row.key, reference=reference_of(row.key), problem=DAMAGED)
    if row.damaged:
        return bare
    try:
        session = read_session(row.body)
    except NewerSession:
        return attrs.evolve(bare, problem=NEWER)
    except StoreError:
        return bare
    chart = charts.get(session.procedure)
    problem = NO_CHART if chart is None else NEWER if session.chart_version > chart.version else None
    return SessionItem(
        id=session.id,
        reference=reference_of(session.id),
        procedure=session.procedure,
        institution=session.institution,
        state=session.state,
        version=session.version,
        ref=session.kept.ref,
        created_at=session.created_at,
        active_at=session.active_at,
        reasons=tuple(reason.code for reason in session.reasons),
        phone_windows=session.windows,
        identity_failures=session.tries,
        wrong_codes=session.wrong_codes,
        problem=problem,
    )


def effect_item(row: Row) -> EffectItem:
    """The effect of a row."""
    try:
        entry = load(OutboxEntry, row.body, OUTBOX)
    except StoreError:
        return EffectItem(key=row.key, problem=DAMAGED)
    return EffectItem(
        key=entry.key,
        kind=str(entry.kind),
        what=entry.what,
        status=entry.status.value,
        session=entry.session,
        institution=entry.institution,
        ref=entry.ref,
        made_at=entry.made_at,
        tries=entry.tries,
        tried_at=entry.tried_at,
        error=entry.error or None,
        next_try=entry.next_try,
        deadline=entry.deadline,
    )


def audit_item(row: Row) -> AuditItem:
    """The audit record in a row that `find` gave."""
    return AuditItem(row.body, DAMAGED if row.damaged else None)


def lock_items(row: Row) -> tuple[LockItem, ...]:
    """The lock of a card's count; none where it is not locked."""
    try:
        attempts = load(PinAttempts, row.body, PIN_ATTEMPTS)
    except StoreError:
        return (LockItem(ref=row.key, problem=DAMAGED),)
    return (LockItem(ref=row.key, wrong=attempts.wrong, orders=attempts.orders),) if attempts.locked else ()


def wait_items(row: Row) -> tuple[WaitItem, ...]:
    """The waits for a number, each on its line."""
    number = masked(row.key)
    try:
        waits = Waits.of(load(Wait, row.body, WAIT))
    except StoreError:
        return (WaitItem(number=number, problem=DAMAGED),)
    return tuple(
        WaitItem(
            number=number,
            session=wait.session,
            until=wait.until,
            rests=wait.rests,
            end=None if wait.end is None else wait.end.value,
            line=wait.line,
        )
        for wait in waits.held
    )
