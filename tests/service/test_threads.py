"""One service under eight threads: turns run side by side, and nothing that they share is written."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier
from typing import Any, Final

import attrs
import pytest

from hosts import KEY
from ja_reset import Call, CallSource, Contract, Effect, PinCheck, Policies, Procedure, ResetService, Secret
from ja_reset.fields.forms import PasswordForm
from ja_reset.stores import MemoryStore, SqliteStore
from ja_reset.stores.rows import Store
from ja_reset.testing import CAST, Customer, FakeBank, FakeClock, answers, entries

THREADS: Final = 8
PATIENCE: Final = 60
"""Seconds that the threads wait for each other: only a lock around a turn makes them wait so long."""


def _customers() -> list[Customer]:
    """One for each thread, with a number of their own."""
    like = CAST[0]
    return [
        attrs.evolve(
            like,
            account=f"{number:07d}",
            contract=attrs.evolve(like.contract, ref=f"T-{number}", phones=(f"090{12000000 + number}",)),
        )
        for number in range(THREADS)
    ]


class _MeetingBank(FakeBank):
    """A bank that answers no thread until all of them have asked: in each of its methods, they meet."""

    def __init__(self, everyone: list[Customer]) -> None:
        super().__init__(customers=everyone)
        self.meeting = Barrier(THREADS, timeout=PATIENCE)

    def find_contract(self, *asked: str) -> Contract | None:
        self.meeting.wait()
        return super().find_contract(*asked)

    def check_pin(self, ref: str, pin: Secret, /) -> PinCheck:
        self.meeting.wait()
        return super().check_pin(ref, pin)

    def carry_out(self, effect: Effect, /) -> Mapping[str, str] | None:
        self.meeting.wait()
        return super().carry_out(effect)


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store that threads share."""
    made: MemoryStore | SqliteStore = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "t.db")
    with closing(made):
        yield made


def _run(service: ResetService, customer: Customer) -> str:
    """LOGIN_PASSWORD from its first screen to its last; the state that it ends in."""
    view = service.start(Procedure.LOGIN_PASSWORD, institution=customer.institution)
    for event in ("submit_identity", "choose_phone"):
        view = service.send(view.token, event, answers(view, customer), version=view.version)
    service.report_call(Call(id=customer.ref, number=customer.contract.phones[0], source=CallSource.NETWORK))
    return str(service.send(view.token, "submit_reset", entries(PasswordForm, customer)).state)


@pytest.mark.rule("C4", "S2")
def test_eight_turns_are_with_the_bank_at_the_same_time(store: Store) -> None:
    """No turn waits for another customer's: all eight ask for the contract, the PIN and the order together."""
    everyone = _customers()
    service = ResetService(bank=_MeetingBank(everyone), store=store, key=KEY, clock=FakeClock())
    with ThreadPoolExecutor(THREADS) as threads:
        assert ["DONE"] * THREADS == list(threads.map(lambda customer: _run(service, customer), everyone))


@pytest.mark.rule("M6")
def test_nothing_shared_is_written_while_threads_run() -> None:
    """Charts, screens, catalogues, policies and every module of ours hold the same objects afterwards as before."""
    everyone, policies = _customers(), Policies()
    service = ResetService(
        bank=FakeBank(customers=everyone), store=MemoryStore(), key=KEY, clock=FakeClock(), policies=policies
    )
    for customer in everyone[:2]:  # what is made when first needed is there
        assert "DONE" == _run(service, customer)
    before = _held(policies)
    with ThreadPoolExecutor(THREADS) as threads:
        assert {"DONE"} == set(threads.map(lambda customer: _run(service, customer), everyone[2:]))
    after = _held(policies)
    assert 10_000 < len(before)
    assert before.keys() == after.keys()
    assert [] == [where for where, what in before.items() if after[where] != what]


def test_a_write_would_be_seen() -> None:
    """A changed attribute of a chart, and a container that grows, are no longer what they were."""
    catalogue = {"a": [1]}
    before = _held(catalogue)
    catalogue["a"].append(2)
    assert before.items() - _held(catalogue).items() == {("0['a']()", (int, 1))}


SHARED: Final = ("bank", "chart", "fields", "machines", "policies", "proofs", "screens", "text", "secret", "service")


def _held(*more: object) -> dict[str, object]:
    """What the modules of ours and *more* hold, object by object: each place with what is there, by identity."""
    found: dict[str, object] = {}
    seen: set[int] = set()
    todo: list[tuple[str, object]] = [(str(number), each) for number, each in enumerate(more)]
    for name, module in list(sys.modules.items()):
        if name.startswith("ja_reset.") and name.split(".")[1] in SHARED:
            todo += [(f"{name}.{key}", each) for key, each in vars(module).items() if not key.startswith("__")]
    while todo:
        where, value = todo.pop()
        found[where] = (type(value), value if isinstance(value, _PLAIN) else id(value))
        if id(value) not in seen:
            seen.add(id(value))
            todo += [(f"{where}{step}", each) for step, each in _parts(value)]
    return found


_PLAIN: Final = (str, int, float, bytes, bool, type(None))


def _parts(value: Any) -> Iterator[tuple[str, object]]:  # noqa: ANN401 - anything at all
    """What an object holds: items, attributes, slots; of modules, functions and foreign objects nothing."""
    if isinstance(value, Mapping):
        yield from ((f"[{key!r}]", each) for key, each in list(value.items()))
        yield "()", len(value)
    elif isinstance(value, list | tuple):
        yield from ((f"[{number}]", each) for number, each in enumerate(value))
        yield "()", len(value)
    elif isinstance(value, set | frozenset):
        yield "()", len(value)
    elif not isinstance(value, type | types.FunctionType | types.ModuleType) and type(value).__module__.startswith(
        "ja_reset"
    ):
        names = [*getattr(type(value), "__slots__", ()), *getattr(value, "__dict__", ())]
        yield from ((f".{name}", getattr(value, name)) for name in names if hasattr(value, name) and "__" not in name)
