"""A turn as text: what came in, what was read, asked and committed, what went out (docs/turns.md shows the files).

`Scene` is a service over a store and a bank that write down what they are asked. Names that are random by nature are
told by the order in which they first came (`session 1`), and nothing that was typed is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from hosts import KEY
from ja_reset import Call, CallSource, Procedure, ResetService, View
from ja_reset.bank._values import CallResult
from ja_reset.service._records import CALL, IDENTITY_ATTEMPTS, OUTBOX, PIN_ATTEMPTS, REQUEST, SESSION, WAIT
from ja_reset.stores import MemoryStore
from ja_reset.stores.rows import Put, Row
from ja_reset.testing import FakeBank, FakeClock
from ja_reset.testing._bank import METHODS
from ja_reset.testing.cast import ORDINARY

WORDS = {
    SESSION: "session",
    PIN_ATTEMPTS: "PIN count",
    IDENTITY_ATTEMPTS: "identity count",
    WAIT: "number",
    CALL: "call",
    REQUEST: "request",
    OUTBOX: "effect",
}
"""What the kinds of rows are called here."""

Body = Mapping[str, object]


class Tape:
    """The lines so far, and the names that were given."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._names: dict[str, dict[str, int]] = {}

    def name(self, kind: str, key: str) -> str:
        """A row by the order in which its kind was first seen; a request goes by its session."""
        known = self._names.setdefault(SESSION if kind == REQUEST else kind, {})
        number = known.setdefault(key, len(known) + 1)
        return f"{WORDS.get(kind, kind)} {number}"

    def say(self, word: str, what: str, depth: int = 1) -> None:
        """A line."""
        self.lines.append(f"{'  ' * depth}{word:<8}{what}".rstrip())


class Crash(BaseException):
    """The process is gone."""


class TapedStore(MemoryStore):
    """A memory store that says what it is asked; nobody reaches it from a process that is gone."""

    gone = False

    def __init__(self, tape: Tape) -> None:
        super().__init__()
        self._tape = tape

    def get(self, kind: str, key: str) -> Row | None:
        """The row, and a line."""
        if self.gone:
            raise Crash
        row = super().get(kind, key)
        self._tape.say("read", self._tape.name(kind, key) + (": none" if row is None else ""))
        return row

    def get_many(self, names: Sequence[tuple[str, str]]) -> list[Row | None]:
        """The rows, and one line for all of them."""
        if self.gone:
            raise Crash
        rows = super().get_many(names)
        told = (
            self._tape.name(*name) + (": none" if row is None else "") for name, row in zip(names, rows, strict=True)
        )
        self._tape.say("read", ", ".join(told))
        return rows

    def commit(self, puts: Sequence[Put], audit: Sequence[Mapping[str, object]] = ()) -> bool:
        """The commit, and a line for each row and record in it."""
        if self.gone:
            raise Crash
        made = super().commit(puts, audit)
        self._tape.say("commit", "" if made else "refused: a row was changed meanwhile")
        for put in puts:
            self._tape.say("", f"{self._tape.name(put.kind, put.key)}: {_change(put)}", 2)
        for record in audit:
            self._tape.say("", f"audit: {_audit(record)}", 2)
        return made

    def scan(self, kind: str, **more: object) -> list[Row]:
        """The page, and a line."""
        rows = super().scan(kind, **more)  # type: ignore[arg-type]
        self._tape.say("scan", f"{WORDS.get(kind, kind)}: {len(rows)}")
        return rows


def _change(put: Put) -> str:
    if put.body is None:
        return "deleted" if put.expect is not None else "is not there"
    say = {
        SESSION: _session,
        PIN_ATTEMPTS: _ledger,
        IDENTITY_ATTEMPTS: _tries,
        WAIT: _wait,
        CALL: _call,
        OUTBOX: _effect,
        REQUEST: _request,
    }
    words = say[put.kind](put.body) if put.kind in say else ", ".join(sorted(put.body))
    return f"new, {words}" if put.expect is None else words


def _session(body: Body) -> str:
    claimed = ", claimed" if body.get("claim") else ""
    return f"{body['state']}, version {body['version']}{claimed}"


def _many(body: Body, name: str) -> int:
    held = body.get(name)
    return len(held) if isinstance(held, list) else 0


def _ledger(body: Body) -> str:
    wrong = int(str(body.get("total", 0))) - int(str(body.get("cleared", 0)))
    locked = ", locked" if body.get("locked") else ""
    return f"{wrong} wrong, {_many(body, 'open')} under way{locked}"


def _tries(body: Body) -> str:
    return f"{_many(body, 'failures')} failed, {_many(body, 'pending')} under way"


def _wait(body: Body) -> str:
    end = body.get("end")
    return f"rests ({end})" if end else "waited for"


def _call(body: Body) -> str:
    return f"answered {body.get('status')}"


def _effect(body: Body) -> str:
    lease = ", leased" if body.get("lease") else ""
    return f"{body['kind']} {body.get('status', 'pending')}{lease}"


def _request(body: Body) -> str:
    return "answered" if body.get("answer") else "under way" if body.get("until") else "can be tried again"


_SAYS = {
    SESSION: _session,
    PIN_ATTEMPTS: _ledger,
    IDENTITY_ATTEMPTS: _tries,
    WAIT: _wait,
    CALL: _call,
    OUTBOX: _effect,
    REQUEST: _request,
}


def _audit(record: Mapping[str, object]) -> str:
    reasons = record.get("reasons")
    why = f" ({', '.join(map(str, reasons))})" if isinstance(reasons, list) and reasons else ""
    where = f" {record['before']} → {record['after']}" if record.get("before") else ""
    more = "".join(f" {record[name]}" for name in ("effect", "status") if record.get(name))
    return f"{record['event']}{where}{more}{why}"


class TapedBank(FakeBank):
    """A fake bank that says what it is asked, never what was typed; `dies`: with which question its caller is gone."""

    dies: str | None = None

    def __init__(self, tape: Tape, store: TapedStore) -> None:
        super().__init__()
        self._tape = tape
        self._store = store

    def __getattribute__(self, name: str) -> object:
        held = super().__getattribute__(name)
        if name not in METHODS:
            return held
        tape: Tape = super().__getattribute__("_tape")

        def ask(*arguments: object) -> object:
            about = getattr(arguments[0], "kind", None)
            tape.say("bank", f"{name}({about.value if about is not None else ''})")
            if name == self.dies:
                self._store.gone = True
                raise Crash
            try:
                answer: object = held(*arguments)
            except BaseException as error:
                tape.say("", type(error).__name__, 2)
                raise
            said = getattr(answer, "value", None) or ("nothing" if answer is None else type(answer).__name__)
            tape.say("", str(said), 2)
            return answer

        return ask


class Scene:
    """A service whose turns are written down; `text` is the file."""

    def __init__(self, title: str) -> None:
        self.tape = Tape()
        self.tape.lines += [title, "=" * len(title)]
        self.clock = FakeClock()
        self.store = TapedStore(self.tape)
        self.bank = TapedBank(self.tape, self.store)
        self.service = ResetService(bank=self.bank, store=self.store, key=KEY, clock=self.clock)
        self.view: View | None = None
        self._calls = 0

    @property
    def text(self) -> str:
        """Everything that was written down."""
        return "\n".join(self.tape.lines) + "\n"

    @contextmanager
    def _turn(self, who: str, what: str) -> Iterator[None]:
        self.tape.lines += ["", f"{who}: {what}"]
        yield

    def _shown(self, view: View) -> View:
        reasons = f", {', '.join(reason.code for reason in view.reasons)}" if view.reasons else ""
        self.tape.say("answer", f"{view.state}, version {view.version}{reasons}")
        self.view = view
        return view

    @contextmanager
    def dying_in(self, method: str) -> Iterator[None]:
        """The process dies when it asks the bank that; then another process goes on."""
        self.bank.dies = method
        try:
            yield
        except Crash:
            self.note("the process is gone")
        self.bank.dies, self.store.gone = None, False
        self.service = ResetService(bank=self.bank, store=self.store, key=KEY, clock=self.clock)

    def note(self, words: str) -> None:
        """A remark between two turns."""
        self.tape.lines += ["", f"-- {words}"]

    def start(self, procedure: Procedure) -> View:
        """A new session."""
        with self._turn("host", f"start {procedure.value}"):
            return self._shown(self.service.start(procedure, institution=ORDINARY.institution))

    def send(
        self,
        event: str,
        data: Mapping[str, str] | None = None,
        *,
        request_id: str | None = None,
        view: View | None = None,
    ) -> View:
        """An event of the customer who last saw *view* (None: the last answer)."""
        seen = view or self.view
        assert seen is not None
        under = f", request {request_id}" if request_id else ""
        with self._turn("customer", f"{event} of version {seen.version}{under}"):
            answer = self.service.send(seen.token, event, data, version=seen.version, request_id=request_id)
            return self._shown(answer)

    def call(self, number: str | None = None) -> CallResult:
        """A call from the customer's first phone."""
        self._calls += 1
        with self._turn("gateway", f"call {self._calls}"):
            call = Call(
                id=f"call-{self._calls}", number=number or ORDINARY.contract.phones[0], source=CallSource.NETWORK
            )
            result = self.service.report_call(call)
            reasons = f", {', '.join(reason.code for reason in result.reasons)}" if result.reasons else ""
            self.tape.say("answer", f"{result.status.value}{reasons}")
            return result

    def looks(self, view: View) -> View:
        """The customer's page asks for the present view."""
        with self._turn("customer", "looks"):
            return self._shown(self.service.view(view.token))

    def recover(self) -> int:
        """The maintenance gives what was not confirmed."""
        with self._turn("housekeeping", "recover"):
            settled = self.service.recover()
            self.tape.say("answer", f"{settled} settled")
            return settled
