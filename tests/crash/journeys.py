"""Where a customer's run by processes leaves its traces, and customers who make every mistake once on their way."""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs
import psycopg

from file_bank import FileBank
from hosts import KEY
from ja_reset import Policies, Procedure, ResetService, View
from ja_reset.bank._values import Call, CallSource, Presentation
from ja_reset.policies import PhonePolicy
from ja_reset.stores import PostgresStore, SqliteStore
from ja_reset.stores.rows import Store
from ja_reset.testing._clock import START
from runs import WRONG_PIN, Person

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class FileClock:
    """A clock that processes share: it stands still in a file until one of them moves it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        if not path.exists():
            self._set(START)

    def __call__(self) -> datetime:
        """The present."""
        return _EPOCH + int(self._path.read_bytes()) * _MICROSECOND

    def advance(self, seconds: float) -> None:
        """Move the present by that many seconds."""
        self._set(self() + timedelta(seconds=seconds))

    def _set(self, at: datetime) -> None:
        # beside it, then in its place: who is killed on the way leaves the old time or the new, or no file at all
        beside = self._path.with_suffix(f".{os.getpid()}")
        beside.write_bytes(b"%020d" % ((at - _EPOCH) // _MICROSECOND))
        beside.replace(self._path)


@attrs.frozen
class Journey:
    """A kind of run: a procedure, whether the PINs are guessed, what the bank does, whether a code is asked for."""

    procedure: Procedure
    guesses: bool = False
    refuses: bool = False
    silent: bool = False

    @property
    def name(self) -> str:
        """How it is named on a command line, and in a test's id."""
        ways = [way for way in ("guesses", "refuses", "silent") if getattr(self, way)]
        return "-".join([self.procedure.value, *ways])

    @property
    def policies(self) -> Policies:
        """A code in the one that is silent too, so that all is tried."""
        return Policies(phone=PhonePolicy(bim_code=self.silent))

    @classmethod
    def of(cls, name: str) -> Journey:
        """The journey of that name."""
        return next(journey for journey in JOURNEYS if journey.name == name)


JOURNEYS = (
    Journey(Procedure.LOGIN_PASSWORD, refuses=True),
    Journey(Procedure.RISK_BASED_AUTH, silent=True),
    Journey(Procedure.TOKEN_REISSUE, silent=True),
    Journey(Procedure.LOGIN_PASSWORD, guesses=True),
    Journey(Procedure.RISK_BASED_AUTH, guesses=True),
)
"""Every procedure with every mistake on its way to success, and PINs guessed up to the lock."""


@attrs.frozen
class Place:
    """A folder, and the store: `sqlite` (a file in it), or the URL of a PostgreSQL server, where it has a schema."""

    folder: Path
    store: str = "sqlite"
    schema: str = "ja_reset"

    @property
    def clock(self) -> FileClock:
        """The clock of all its processes."""
        return FileClock(self.folder / "clock")

    @property
    def diary(self) -> Path:
        """What the customer and the gateway know: a line for each answer that reached them."""
        return self.folder / "diary"

    def opened(self) -> Store:
        """The store, its commits synced to the disk."""
        if self.store == "sqlite":
            return SqliteStore(self.folder / "reset.db", synchronous="FULL")
        return PostgresStore(self.store, schema=self.schema, pool_size=1)

    def wait_for_the_dead(self) -> None:
        """Until a server has noticed that its client was killed: what that had sent may still be done till then."""
        if self.store == "sqlite":
            return
        with psycopg.connect(self.store, autocommit=True) as connection:
            others = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'postgres' AND pid <> pg_backend_pid()"
            while connection.execute(others).fetchone() != (0,):
                time.sleep(0.002)

    def bank(self, journey: Journey) -> FileBank:
        """The bank, as every process reaches it."""
        return FileBank(self.folder / "bank", clock=self.clock, refuses=journey.refuses, silent=journey.silent)

    def service(self, journey: Journey, store: Store, bank: FileBank | None = None) -> ResetService:
        """A service as every process has one."""
        return ResetService(
            bank=bank or self.bank(journey), store=store, key=KEY, clock=self.clock, policies=journey.policies
        )


class Clumsy(Person):
    """A customer who makes each mistake once (or types wrong PINs only), and notes every answer in a diary."""

    def __init__(self, journey: Journey, place: Place) -> None:
        super().__init__(journey.procedure, pin=WRONG_PIN if journey.guesses else None)
        self._clock = place.clock
        self._made: set[str] = set()
        self._diary = place.diary
        self._calls_made = 0

    def looks(self, service: ResetService) -> View:
        """The present view, noted: whoever has an answer can rely on it (S10)."""
        return self._note(super().looks(service))

    def steps(self, service: ResetService, view: View) -> View:
        """Do what the screen asks for; the first time, wrongly where one can."""
        first = view.state not in self._made
        self._made.add(view.state)
        if not first:
            return self._note(super().steps(service, view))
        if view.state in {"PHONE", "BTR004"}:
            self._withheld(service)
            return self._note(service.view(view.token))
        if view.state.endswith("_KEYS") and self.heard is not None:
            name, code = self.heard
            service.report_keys(name, f"*{(int(code.reveal()) + 1) % 10**6:06}#")
            return self._note(service.view(view.token))
        event, data = self.types(view)
        return self._note(service.send(view.token, event, data | self._mistake(view.state), version=view.version))

    def _mistake(self, state: str) -> dict[str, str]:
        return {
            "BIM015": {"birth_date": "1999-09-09"},
            "BIM016": {"phone_id": "none"},
            "BIM017": {"pin": WRONG_PIN},
            "BTR002": {"password": "wrong-pass"},
            "BTR003": {"email_confirm": "else@example.jp"},
        }.get(state, {})

    def _withheld(self, service: ResetService) -> None:
        number = self.customer.contract.phones[0]
        call = Call(
            id=f"withheld-{next(self._calls)}",
            number=number,
            source=CallSource.NETWORK,
            presentation=Presentation.RESTRICTED,
        )
        service.report_call(call)

    def _note(self, view: View) -> View:
        line = {"id": view.id, "token": view.token, "state": view.state, "version": view.version}
        descriptor = os.open(self._diary, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.write(descriptor, json.dumps(line).encode() + b"\n")
        os.close(descriptor)
        return view


def noted(place: Place) -> list[dict[str, object]]:
    """The answers that reached the customer, in their order."""
    if not place.diary.exists():
        return []
    whole = place.diary.read_bytes().rpartition(b"\n")[0]
    return [json.loads(line) for line in whole.splitlines()]
