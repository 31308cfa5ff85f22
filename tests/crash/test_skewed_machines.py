"""Machines whose own clocks differ by minutes, over one PostgreSQL server (S3, P8, A3, A5, A6)."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo
from multiprocessing.connection import Connection
from pathlib import Path

import attrs
import pytest

import ja_reset.service._construction
from file_bank import FileBank
from hosts import KEY, codes
from ja_reset import BankUnavailable, Call, CallSource, Procedure, ResetService, View
from ja_reset.stores import PostgresStore
from ja_reset.testing.cast import ORDINARY
from ja_reset.testing.postgres import PostgresServer
from runs import LOCKS_TOLD, WRONG_PIN, Person

SKEWS = {"slow": timedelta(seconds=-300), "true": timedelta(0), "fast": timedelta(seconds=300)}
PATIENCE = 60
"""Seconds after which a machine that does not answer is taken to have failed."""

RESET = Person(Procedure.LOGIN_PASSWORD).reset()

Act = Callable[[ResetService, FileBank], object]


@attrs.frozen
class Start:
    """A new session, driven to a state."""

    state: str
    procedure: Procedure = Procedure.LOGIN_PASSWORD

    def __call__(self, service: ResetService, _bank: FileBank) -> View:
        """What is shown there."""
        return Person(self.procedure).goes_to(service, self.state)


@attrs.frozen
class Send:
    """An event of a customer."""

    view: View
    event: str
    data: dict[str, str] = attrs.field(factory=dict)

    def __call__(self, service: ResetService, _bank: FileBank) -> View:
        """The answer."""
        return service.send(self.view.token, self.event, self.data, version=self.view.version)


@attrs.frozen
class Calls:
    """The customer calls from the first phone."""

    id: str

    def __call__(self, service: ResetService, _bank: FileBank) -> str:
        """What the gateway is told."""
        number = ORDINARY.contract.phones[0]
        return service.report_call(Call(id=self.id, number=number, source=CallSource.NETWORK)).status.value


@attrs.frozen
class BankFails:
    """The bank gives no answer on this machine, once."""

    def __call__(self, _service: ResetService, bank: FileBank) -> None:
        """From now on."""
        bank.fail("carry_out", BankUnavailable)


class Recover:
    """The maintenance of this machine."""

    def __call__(self, service: ResetService, _bank: FileBank) -> int:
        """How many effects it has settled."""
        return service.recover()


def _machine(url: str, schema: str, folder: str, skew: timedelta, wire: Connection) -> None:
    """A machine with a clock of its own, which does what it is told until it is told None."""

    class Skewed(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + skew

    ja_reset.service._construction.datetime = Skewed  # type: ignore[attr-defined]  # its machine says so
    bank = FileBank(Path(folder) / "bank.db")
    with PostgresStore(url, schema=schema, timeout=timedelta(seconds=PATIENCE)) as store:
        service = ResetService(bank=bank, store=store, key=KEY)
        while (act := wire.recv()) is not None:
            wire.send(act(service, bank))


@attrs.frozen
class Machine:
    """A machine in a process of its own, by its wire."""

    wire: Connection

    def does(self, act: Act) -> object:
        """What the act gives there."""
        self.tells(act)
        return self.hears()

    def tells(self, act: Act) -> None:
        """Begin an act."""
        self.wire.send(act)

    def hears(self) -> object:
        """What the act that was begun gives."""
        assert self.wire.poll(PATIENCE), "the machine does not answer"
        return self.wire.recv()

    def shows(self, act: Act) -> View:
        """The view that the act gives."""
        view = self.does(act)
        assert isinstance(view, View)
        return view

    def leads(self, state: str) -> View:
        """A new session there, in that state."""
        return self.shows(Start(state))


@contextmanager
def _machines(url: str, schema: str, folder: Path) -> Iterator[dict[str, Machine]]:
    PostgresStore(url, schema=schema).close()
    context = multiprocessing.get_context("spawn")
    machines, processes = dict[str, Machine](), []
    for name, skew in SKEWS.items():
        ours, theirs = context.Pipe()
        process = context.Process(target=_machine, args=(url, schema, str(folder), skew, theirs), daemon=True)
        process.start()
        theirs.close()
        machines[name] = Machine(ours)
        processes.append(process)
    try:
        yield machines
        for machine in machines.values():
            machine.wire.send(None)
    finally:
        for process, machine in zip(processes, machines.values(), strict=True):
            process.join(PATIENCE)
            machine.wire.close()
    assert [0] * len(processes) == [process.exitcode for process in processes]


@pytest.fixture
def machines(postgres: PostgresServer, new_schema: Callable[[], str], tmp_path: Path) -> Iterator[dict[str, Machine]]:
    """Three machines, five minutes slow, right and five minutes fast, over one new store."""
    with _machines(postgres.url, new_schema(), tmp_path) as made:
        yield made


def _choose(view: View) -> Send:
    return Send(view, "choose_phone", {"phone_id": view.phones[0].id})


@pytest.mark.rule("S3", "S4")
def test_a_session_goes_from_machine_to_machine(machines: dict[str, Machine]) -> None:
    """A customer whose pages come from machines ten minutes apart walks through to the end."""
    slow, true, fast = machines.values()
    view = slow.shows(_choose(fast.leads("BIM016")))
    assert "PHONE" == view.state
    assert "VERIFIED" == true.does(Calls("call-1"))
    view = slow.shows(Send(view, "proceed"))
    assert "BIM017" == view.state
    assert "DONE" == fast.shows(Send(view, "submit_reset", RESET)).state


@pytest.mark.rule("P8", "A5")
@pytest.mark.parametrize(("first", "second"), [("slow", "fast"), ("fast", "slow"), ("true", "fast")])
def test_two_machines_never_let_two_sessions_wait_for_one_number(
    machines: dict[str, Machine], first: str, second: str
) -> None:
    """Whatever its clock says, the second machine sees that the number is waited for, and contests it."""
    machines[first].leads("PHONE")
    refused = machines[second].shows(_choose(machines[second].leads("BIM016")))
    assert ("BIM016", ["number_in_use"]) == (refused.state, codes(refused))
    assert "VERIFIED" != machines[first].does(Calls("call-1"))


@pytest.mark.rule("P8")
def test_a_contest_that_a_slow_machine_decides_rests_on_all(machines: dict[str, Machine]) -> None:
    """After a contest decided on the slow machine nobody may wait for the number on any other."""
    slow = machines["slow"]
    slow.leads("PHONE")
    assert ["number_in_use"] == codes(slow.shows(_choose(slow.leads("BIM016"))))
    for machine in machines.values():
        assert ["number_in_use"] == codes(machine.shows(_choose(machine.leads("BIM016"))))


@pytest.mark.rule("A3", "L2", "L3", "A6")
def test_machines_give_no_attempt_more_than_the_limit(machines: dict[str, Machine], tmp_path: Path) -> None:
    """Wrong PINs on all three machines at once: three verifications, then locked, and each lock given once."""
    views = {name: machine.leads("BIM017") for name, machine in machines.items()}
    for _ in range(3):
        for name, machine in machines.items():
            machine.tells(Send(views[name], "submit_reset", RESET | {"pin": WRONG_PIN}))
        for name, machine in machines.items():
            view = machine.hears()
            assert isinstance(view, View)
            views[name] = view
    machines["fast"].does(Recover())
    bank = FileBank(tmp_path / "bank.db")
    assert [True] * 3 == bank.pins()
    assert [kind.value for kind in LOCKS_TOLD] == bank.kinds()


@pytest.mark.rule("A6", "C4")
def test_an_effect_that_one_machine_ordered_is_carried_out_once_by_another(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    """The bank is silent on the slow machine: the others' maintenance gives the effect, once in all."""
    slow, true, fast = machines.values()
    view = slow.leads("BIM017")
    slow.does(BankFails())
    view = slow.shows(Send(view, "submit_reset", RESET))
    assert "COMPLETING" == view.state
    fast.does(Recover())
    true.does(Recover())
    assert "DONE" == true.shows(Send(view, "proceed")).state
    bank = FileBank(tmp_path / "bank.db")
    assert ["NOTIFY", "SET_LOGIN_PASSWORD"] == bank.kinds()
    assert [["done"]] * 2 == list(bank.keys_told().values())
