"""How a turn and the verifier grow: with transitions, with procedures, with limits.

How they grow with stored sessions, `make bench-stores` shows.
"""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from harness import Figure, cpu, interleaved
from turn import KEY, Bank, customers
from wizard import ACCOUNT, NOW
from wizard_of_ours import POLICIES, long_wizard

from ja_reset import PROCEDURES, Procedure, ResetService
from ja_reset.chart import Chart, Turn
from ja_reset.chart.advance import advance
from ja_reset.chart.session import Session
from ja_reset.stores import MemoryStore
from ja_reset.testing import FakeClock, identity

FORMS: Final = (2, 8, 32, 128)
NUMBERS: Final = (3, 10, 100)
"""The library's three, and others beside them."""
LIMITS: Final = (1, 2)
GROWTH: Final = Path(__file__).resolve().parent.parent / "lab" / "growth.py"
EVENTS: Final = 2_000
TURNS: Final = 100


def figures(rounds: int) -> Iterator[Figure]:
    """Each point of each curve."""
    yield from _transitions(rounds)
    yield from _procedures(rounds)
    yield from _limits()


def _transitions(rounds: int) -> Iterator[Figure]:
    """An event in the last form of a chart, by the number of its transitions."""

    def event(chart: Chart, place: str) -> Callable[[], float]:
        session = Session("0" * 64, chart.name, "ja-0417", place, 1, NOW, NOW, NOW)
        return lambda: cpu(lambda: advance(chart, "submit", Turn(session, NOW, POLICIES, {"typed": ACCOUNT})), EVENTS)

    ways = {}
    for forms in FORMS:
        chart = long_wizard(forms, "LONG")
        ways[str(len(chart.transitions))] = event(chart, f"FORM{forms - 1}")
    for number, samples in interleaved(ways, rounds).items():
        words = f"an event in a chart of {number} transitions", f"遷移が{number}本のチャートでのイベント1つ"
        yield Figure(key=f"growth.transitions.{number}", words=words, samples=samples, unit="µs")


def _procedures(rounds: int) -> Iterator[Figure]:
    """A turn that reads the identity, by the number of procedures that the service has."""
    everyone = customers(TURNS)

    def turns(charts: list[Chart]) -> Callable[[], float]:
        def sample() -> float:
            service = ResetService(
                bank=Bank(everyone), store=MemoryStore(), key=KEY, clock=FakeClock(), procedures=charts
            )
            views = [service.start(Procedure.LOGIN_PASSWORD, institution="ja-0417") for _ in everyone]
            todo = iter([(view.token, identity(each)) for view, each in zip(views, everyone, strict=True)])
            gc.collect()
            return cpu(lambda: service.send((next_one := next(todo))[0], "submit_identity", next_one[1]), TURNS)

        return sample

    own = [_like_login(f"OWN{number}") for number in range(max(NUMBERS) - len(Procedure))]
    ways = {str(number): turns(own[: number - len(Procedure)]) for number in NUMBERS}
    for number, samples in interleaved(ways, rounds).items():
        words = f"a turn of a service with {number} procedures", f"手続きが{number}個のサービスでの1ターン"
        yield Figure(key=f"growth.procedures.{number}", words=words, samples=samples, unit="µs")


def _like_login(name: str) -> Chart:
    """LOGIN_PASSWORD under another name, as a procedure of a host's own."""
    like = PROCEDURES[Procedure.LOGIN_PASSWORD]
    return Chart(name, title=like.title, initial=like.initial, states=like.states.values(), handlers=like.handlers)


def _limits() -> Iterator[Figure]:
    """The steps that the verifier tries, by the limits of all counts: exact, and the same everywhere."""
    command = [sys.executable, str(GROWTH), *map(str, LIMITS)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    for line in done.stdout.splitlines()[2:]:
        most, procedure, _, _, steps, _ = (cell.strip() for cell in line[1:-1].split("|"))
        words = f"verify {procedure}, every limit {most}", f"{procedure}の検証、上限がすべて{most}のとき"
        yield Figure(key=f"growth.limits.{procedure}.{most}", words=words, samples=(int(steps),), unit="steps")
