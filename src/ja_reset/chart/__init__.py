"""The language that a procedure is written in, and the machine that runs it."""

from __future__ import annotations

from ja_reset.chart.chart import Chart
from ja_reset.chart.effects import EffectSpec
from ja_reset.chart.session import Refusal
from ja_reset.chart.states import Ending, State, StateKind
from ja_reset.chart.transitions import Assign, EventRole, Guard, Handler, Otherwise, WaitWrite, check
from ja_reset.chart.turn import BankFact, Turn

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
