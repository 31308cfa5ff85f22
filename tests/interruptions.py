"""Exceptions where the handler of a signal may raise one: at every such point in turn, or at random instants.

CPython runs the handlers of signals after a call, at the start of a function and when a loop goes back. `points`
counts these places and `interrupted` raises at one of them, as a handler would; `Timer` strikes by the real clock.
"""

from __future__ import annotations

import dis
import signal
import sys
from collections.abc import Callable
from random import Random
from types import CodeType, FrameType, TracebackType
from typing import Self

Trace = Callable[[FrameType, str, object], object]


class Interrupted(BaseException):
    """What the handler raises, as KeyboardInterrupt is raised by Ctrl-C."""


def points(work: Callable[[], object]) -> int:
    """At how many points of *work* the handler of a signal could raise."""
    return _traced(work, at=0)


def interrupted(work: Callable[[], object], *, at: int) -> Interrupted | None:
    """The exception that was raised over *work* at its *at*-th point; None where it had done without so many."""
    try:
        _traced(work, at=at)
    except Interrupted as error:
        return error
    return None


class Timer:
    """A timer whose handler raises, for as long as the block lasts."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._left = 0

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGALRM, self._handler)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._rest()
        signal.signal(signal.SIGALRM, self._before)

    def strike(self, work: Callable[[], object], within: float, *, times: int) -> Interrupted | None:
        """The exception raised over *work*, up to *times* times, first at a random instant *within* so many seconds."""
        caught = None
        self._left = times
        try:
            signal.setitimer(signal.ITIMER_REAL, self._random.uniform(1e-6, within), 2e-5)
            work()
            self._left = 0
        except Interrupted as error:
            self._left = 0
            caught = error
        self._rest()
        return caught

    def _rest(self) -> None:
        self._left = 0
        signal.setitimer(signal.ITIMER_REAL, 0)

    def _handler(self, _number: int, _frame: FrameType | None) -> None:
        if self._left:
            self._left -= 1
            raise Interrupted


def _traced(work: Callable[[], object], *, at: int) -> int:
    passed = 0
    codes: dict[CodeType, bytes] = {}

    def enter(frame: FrameType, _event: str, _what: object) -> Trace:
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        code = codes.setdefault(frame.f_code, frame.f_code.co_code)
        before = "RESUME"

        def step(frame: FrameType, event: str, _what: object) -> Trace:
            nonlocal before, passed
            if event == "opcode":
                if before.startswith(("CALL", "RESUME")) or "BACKWARD" in before:
                    passed += 1
                    if passed == at:
                        raise Interrupted
                before = dis.opname[code[frame.f_lasti]]
            return step

        return step

    other = sys.gettrace()
    sys.settrace(enter)  # type: ignore[arg-type]  # a function that answers a function, without end
    try:
        work()
    finally:
        sys.settrace(other)
    return passed
