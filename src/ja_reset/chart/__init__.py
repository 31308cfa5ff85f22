"""The language that a procedure is written in, and the machine that runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ja_reset.chart.chart import Chart
from ja_reset.chart.effects import EffectSpec
from ja_reset.chart.states import Ending, State, StateKind
from ja_reset.chart.transitions import Assign, EventRole, Guard, Handler, Otherwise, WaitWrite, check
from ja_reset.chart.turn import BankFact, Turn

if TYPE_CHECKING:
    from ja_reset.chart.session import Refusal

__all__ = [
    "Assign",
    "BankFact",
    "Chart",
    "EffectSpec",
    "Ending",
    "EventRole",
    "Guard",
    "Handler",
    "Otherwise",
    "Refusal",
    "State",
    "StateKind",
    "Turn",
    "WaitWrite",
    "check",
]

if not TYPE_CHECKING:  # or a type checker would take any name for one of ours

    def __getattr__(name: str) -> object:
        if name == "Refusal":  # loaded when it is first asked for
            from ja_reset.chart.session import Refusal  # noqa: PLC0415

            return Refusal
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
