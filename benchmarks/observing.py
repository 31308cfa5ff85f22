"""What an observer costs: whole LOGIN_PASSWORD runs without one, beside the drive of before, and with Prometheus.

`make bench-observing` prints the figures of docs/observing.md. `before` drives the same flows past all that watches a
call, as the service did when there were no observers; `before, again` says how exact the figures are. The services
take turns, run by run, each round in another order; a round's figure is the ratio of CPU times to that of `before`.
Printed is the median of the rounds, with the quartiles, and the ratio of the fastest tenth of the runs to that of
`before`: what else a machine does hardly touches it.
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import statistics
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Final, TypeVar

from opentelemetry.sdk.trace import TracerProvider
from prometheus_client import CollectorRegistry

from ja_reset import Call, CallSource, Procedure, ResetService
from ja_reset.observing import OpenTelemetryObserver, PrometheusObserver
from ja_reset.service._happened import NO_CONTEXT, Observer
from ja_reset.service._io import Flow, run
from ja_reset.stores import MemoryStore, SqliteStore
from ja_reset.stores.rows import Store
from ja_reset.testing import CAST, FakeBank, FakeClock, identity

KEY: Final = bytes(32)
CONTEXT: Final = {"ip": "203.0.113.7", "user_agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X)"}
TURNS: Final = 5
"""Of a run: start, identity, phone, call, reset."""
WARM_UP: Final = 20
T = TypeVar("T")


class _Before(ResetService):
    """The service as it was: its flows go to the shell, whoever would like to watch."""

    def _run(self, flow: Flow[T], context: Mapping[str, str] = NO_CONTEXT, *, method: str = "operator") -> T:
        del context, method
        return run(flow, self._shell)


class _Played:
    """A service with a bank, a store and a clock of its own, and how long each of its runs took."""

    def __init__(
        self,
        store: Store,
        observer: Observer | None = None,
        *,
        context: Mapping[str, str] | None = None,
        kind: type[ResetService] = ResetService,
    ) -> None:
        self._clock, self._context, self._calls = FakeClock(), context, 0
        self._service = kind(bank=FakeBank(), store=store, key=KEY, clock=self._clock, observer=observer)
        self.seconds: list[float] = []

    def play(self) -> None:
        """One run; nothing of the run before holds it up."""
        self._clock.advance(86_400)
        self._calls += 1
        customer, service, context = CAST[0], self._service, self._context
        typed = identity(customer)
        began = time.process_time()
        view = service.start(Procedure.LOGIN_PASSWORD, institution=customer.institution, context=context)
        view = service.send(view.token, "submit_identity", typed, version=view.version, context=context)
        view = service.send(view.token, "choose_phone", {"phone_id": view.phones[0].id}, context=context)
        number = customer.contract.phones[0]
        service.report_call(Call(id=f"c-{self._calls}", number=number, source=CallSource.NETWORK), context=context)
        data = {"new_password": "Shinai-77", "new_password_confirm": "Shinai-77", "pin": customer.pin}
        view = service.send(view.token, "submit_reset", data, context=context)
        self.seconds.append(time.process_time() - began)
        if view.state != "DONE":
            msg = f"the run has ended in {view.state}"
            raise RuntimeError(msg)


def _stores(name: str, number: int, folder: Path, stack: ExitStack) -> list[Store]:
    made: list[Store] = []
    for n in range(number):
        made.append(MemoryStore() if name == "memory" else SqliteStore(folder / f"{n}.db"))
        stack.callback(made[-1].close)
    return made


def _compare(name: str, rounds: int) -> None:
    prometheus = PrometheusObserver(registry=CollectorRegistry())
    spans = OpenTelemetryObserver(tracer_provider=TracerProvider())
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        stores = iter(_stores(name, 6, Path(folder), stack))
        before = _Played(next(stores), kind=_Before)
        others = {
            "before, again": _Played(next(stores), kind=_Before),
            "observer=None": _Played(next(stores)),
            "a context, observer=None": _Played(next(stores), context=CONTEXT),
            "PrometheusObserver": _Played(next(stores), prometheus),
            "OpenTelemetryObserver": _Played(next(stores), spans),
        }
        everybody = [before, *others.values()]
        chance = random.Random(1)  # noqa: S311 - an order, no secret
        for number in range(WARM_UP + rounds):
            if number == WARM_UP:
                for each in everybody:
                    each.seconds.clear()
            chance.shuffle(everybody)
            gc.collect(0)
            for each in everybody:
                each.play()
    micro = statistics.median(before.seconds) / TURNS * 1e6
    print(f"{name}: {micro:.0f} µs of CPU a turn before")
    for what, other in others.items():
        ratios = [ours / theirs for ours, theirs in zip(other.seconds, before.seconds, strict=True)]
        low, middle, high = (f"{(each - 1) * 100:+.1f}" for each in statistics.quantiles(ratios, n=4))
        fastest = _fastest(other) / _fastest(before)
        print(f"  {what:26} {middle} %   quartiles {low} … {high}   fastest tenth {(fastest - 1) * 100:+.1f} %")


def _fastest(played: _Played) -> float:
    return statistics.quantiles(played.seconds, n=10)[0]


def main() -> None:
    """Print the ratios for each store."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=2000)
    options.add_argument("--store", action="append", choices=["memory", "SQLite"])
    asked = options.parse_args()
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; {asked.rounds} rounds")
    for name in asked.store or ["memory", "SQLite"]:
        _compare(name, asked.rounds)


if __name__ == "__main__":
    main()
