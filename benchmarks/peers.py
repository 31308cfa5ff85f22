"""The same wizard on other engines: an event, a session, a request, and the memory of 20,000 sessions.

- *event*: the mean of the four of `wizard.JOURNEY`, two of which are refused with reasons, on sessions that are there.
- *session*: a new one, its four events, and its end.
- *request*: what a web host does between two pages: the session read from JSON, one event refused, and JSON again.
- *memory*: how much a process grows by for each of 20,000 sessions that wait for a PIN.

Every session keeps the same data in every engine. Each engine must first walk all of `wizard.PATHS` as it should, kept
in memory and saved between any two steps. The hand-written table is no engine: it shows what Python itself allows.
"""

from __future__ import annotations

import gc
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from harness import Figure, Goal, Words, at_most, interleaved, ratios, resident
from wizard import JOURNEY, RIGHT_IDENTITY, WRONG_IDENTITY, ByHand, Wizard, differences
from wizard_of_automat import Automat
from wizard_of_ours import Ours
from wizard_of_peers import PythonStatemachine, TransitionsOwn, TransitionsShared
from wizard_of_statecharts import Sismic, Xstate

SESSIONS: Final = 20_000
EACH: Final = 20
"""How many sessions a sample takes at a time; the slowest engine needs a millisecond for one."""

OURS: Final = "ja_reset"
BY_HAND: Final = "a table by hand"
ENGINES: Final[Mapping[str, Callable[[], Wizard]]] = {
    OURS: Ours,
    BY_HAND: ByHand,
    "transitions, one machine": TransitionsShared,
    "transitions, one a session": TransitionsOwn,
    "python-statemachine": PythonStatemachine,
    "Automat": Automat,
    "sismic": Sismic,
    "xstate-statemachine": Xstate,
}
MEASURES: Final[Mapping[str, Words]] = {
    "event": ("an event", "イベント1つ"),
    "session": ("a session", "セッション1つ"),
    "request": ("a request, JSON to JSON", "リクエスト1つ(JSONからJSONまで)"),
    "memory": ("memory of a session", "セッション1つのメモリ"),
}


def figures(rounds: int) -> Iterator[Figure]:
    """Each measure of ours beside that of each engine; the goal is not to be more."""
    engines = {name: make() for name, make in ENGINES.items()}
    for name, engine in engines.items():
        found = differences(engine)
        if found:
            msg = f"{name} is another wizard: {found[0]}"
            raise RuntimeError(msg)
    for measure, sample in (("event", _event), ("session", _session), ("request", _request)):
        ways = {name: _bound(sample, engine) for name, engine in engines.items()}
        yield from _beside(measure, interleaved(ways, rounds), "µs")
    grown: dict[str, list[float]] = {name: [_grown(name)] for name in ENGINES}
    yield from _beside("memory", grown, "B")


def _bound(sample: Callable[[Wizard], float], engine: Wizard) -> Callable[[], float]:
    return lambda: sample(engine)


def _beside(measure: str, found: Mapping[str, list[float]], unit: str) -> Iterator[Figure]:
    english, japanese = MEASURES[measure]
    for name in ENGINES:
        if name == OURS:
            continue
        goal: Goal | None = None if name == BY_HAND else at_most(1)
        beside = {each: (statistics.median(found[each]), unit) for each in (OURS, name)}
        yield Figure(
            key=f"peers.{measure}.{name}",
            words=(f"{english}: {OURS} : {name}", f"{japanese}: {OURS} : {name}"),
            samples=tuple(ratios(found[OURS], found[name])),
            unit="×",
            goal=goal,
            beside=beside,
        )


def _event(engine: Wizard) -> float:
    sessions = [engine.start() for _ in range(EACH)]
    send = engine.send
    began = time.process_time()
    for session in sessions:
        there = session
        for event, typed, _, _ in JOURNEY:
            there, _reasons = send(there, event, typed)
    taken = time.process_time() - began
    for session in sessions:
        engine.end(session)
    return taken / EACH / len(JOURNEY) * 1e6


def _session(engine: Wizard) -> float:
    began = time.process_time()
    for _ in range(EACH):
        session = engine.start()
        there = session
        for event, typed, _, _ in JOURNEY:
            there, _reasons = engine.send(there, event, typed)
        engine.end(session)
    return (time.process_time() - began) / EACH * 1e6


def _request(engine: Wizard) -> float:
    session = engine.start()
    saved = engine.save(session)
    engine.end(session)
    event, typed, _, _ = WRONG_IDENTITY
    began = time.process_time()
    for _ in range(EACH):
        session = engine.load(saved)
        after, _reasons = engine.send(session, event, typed)
        engine.save(after)
        engine.end(session)
    return (time.process_time() - began) / EACH * 1e6


# Memory: a process for each engine -------------------------------------------------------------------------


def _grown(name: str) -> float:
    command = [sys.executable, str(Path(__file__)), name]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout) / SESSIONS


def _grow(engine: Wizard) -> int:
    """How many bytes more the process has, once the sessions are there."""
    kept: list[Any] = [_waiting(engine) for _ in range(SESSIONS // 100)]
    gc.collect()
    before = resident()
    kept += [_waiting(engine) for _ in range(SESSIONS)]
    return resident() - before


def _waiting(engine: Wizard) -> Any:  # noqa: ANN401 - the engine's session
    event, typed, _, _ = RIGHT_IDENTITY
    return engine.send(engine.start(), event, typed)[0]


if __name__ == "__main__":
    print(_grow(ENGINES[sys.argv[1]]()))
