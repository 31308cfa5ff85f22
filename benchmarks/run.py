"""What ja_reset costs beside what it cannot do without: ratios, each pair measured side by side in one run.

`make bench` prints them. Nothing here is asserted: a machine's speed is nobody's promise. Times are CPU times; each
pair is measured in turn, round by round, and the median of the rounds' ratios is printed with its range.
"""

from __future__ import annotations

import gc
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import attrs

from ja_reset import Contract, Policies, Procedure, ResetService
from ja_reset.fields.forms import IdentityForm, read
from ja_reset.stores import MemoryStore, SqliteStore
from ja_reset.stores.rows import Store
from ja_reset.testing import CAST, Customer, FakeBank, FakeClock, identity

ROUNDS, TURNS = 7, 200
TODAY = date(2026, 4, 1)


class _Bank(FakeBank):
    """The fake bank, finding a contract as fast as a dictionary does: the bank's own time is not ours to measure."""

    def __init__(self, customers: list[Customer]) -> None:
        super().__init__(customers=customers)
        self._contracts = {customer.account: customer.contract for customer in customers}

    def find_contract(self, _institution: str, _branch: str, _subject: str, account: str, /) -> Contract | None:
        return self._contracts.get(account)


def _customers(number: int) -> list[Customer]:
    """So many customers with numbers and addresses of their own, so that no cache knows them."""
    like = CAST[0]
    return [
        attrs.evolve(
            like,
            account=f"{n:07d}",
            login_id=f"user{n}",
            contract=attrs.evolve(
                like.contract, ref=f"R-{n}", phones=(f"090{12000000 + n}",), email=f"taro{n}@nochu.co.jp"
            ),
        )
        for n in range(number)
    ]


def _each(work: Callable[[], object]) -> float:
    """Microseconds of CPU for one call, the mean over that many."""
    gc.collect()
    began = time.process_time()
    for _ in range(TURNS):
        work()
    return (time.process_time() - began) / TURNS * 1e6


def _row(name: str, unit: str, ours: list[float], other: list[float], remark: str) -> None:
    ratios = [a / b for a, b in zip(ours, other, strict=True)]
    print(
        f"{name:<48}{statistics.median(ours):9.1f} {unit}{statistics.median(other):9.1f} {unit}"
        f"{statistics.median(ratios):8.2f}  ({min(ratios):.2f} to {max(ratios):.2f})  {remark}"
    )


def turn(make_store: Callable[[], Store], name: str, remark: str) -> None:
    """A turn, form in and view out, beside the reading of such a form alone, on data seen for the first time."""
    everyone = _customers(2 * ROUNDS * TURNS)
    service = ResetService(bank=_Bank(everyone), store=make_store(), key=bytes(32), clock=FakeClock())
    unseen: Iterator[Customer] = iter(everyone)

    def forms() -> Iterator[dict[str, str]]:
        return iter([identity(next(unseen)) for _ in range(TURNS)])

    ours, alone = [], []
    for _ in range(ROUNDS):
        views = iter([service.start(Procedure.LOGIN_PASSWORD, institution="ja-0417") for _ in range(TURNS)])
        ours.append(_submit(service, views, forms()))
        alone.append(_read(forms()))
    _row(f"identity submitted, {name} : its form read", "µs", ours, alone, remark)


def _submit(service: ResetService, views: Iterator[object], forms: Iterator[dict[str, str]]) -> float:
    def submit() -> None:
        view = next(views)
        after = service.send(view.token, "submit_identity", next(forms), version=view.version)  # type: ignore[attr-defined]
        if after.state != "BIM016":
            msg = f"the turn ended in {after.state}"
            raise RuntimeError(msg)

    return _each(submit)


def _read(forms: Iterator[dict[str, str]]) -> float:
    fields = Policies().fields
    return _each(lambda: read(IdentityForm, next(forms), policy=fields, today=TODAY))


def imports() -> None:
    """`import ja_reset` beside the import of the packages that it imports, each in a process of its own."""
    ours, others = [], []
    for _ in range(ROUNDS):
        ours.append(_import("ja_reset"))
        others.append(_import("transitions, attrs"))
    over = statistics.median([a - b for a, b in zip(ours, others, strict=True)])
    _row("import ja_reset : import transitions, attrs", "ms", ours, others, f"over them by {over:.0f} ms (aim: 60)")


def _import(names: str) -> float:
    program = f"import time; began = time.process_time(); import {names}; print(time.process_time() - began)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return float(done.stdout) * 1e3


def verifying() -> None:
    """Steps that `verify` tries in a second of one core, each procedure in processes of its own.

    What it explores under other policies takes time too, and is not counted.
    """
    for procedure in Procedure:
        rates = []
        for _ in range(3):
            program = (
                f"{_VERIFIED}seen = verify(PROCEDURES['{procedure}']); print(seen.steps / (process_time() - began))"
            )
            done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
            rates.append(float(done.stdout))
        name = f"verify {procedure}, steps a second and core"
        print(f"{name:<48}{statistics.median(rates):9.0f}  ({min(rates):.0f} to {max(rates):.0f})  (aim: 35,000)")


_VERIFIED = (
    "from time import process_time; from ja_reset import PROCEDURES; from ja_reset.verify import verify; "
    "began = process_time(); "
)


def main() -> None:
    """Print the table."""
    print(f"{'':<48}{'ours':>9}   {'alone':>9}   {'ratio':>6}")
    turn(MemoryStore, "memory", "(aim: 3)")
    with tempfile.TemporaryDirectory() as folder:
        turn(lambda: SqliteStore(Path(folder) / "bench.db"), "SQLite", "")
    imports()
    verifying()


if __name__ == "__main__":
    main()
