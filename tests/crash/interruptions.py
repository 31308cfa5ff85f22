"""Exceptions where the handler of a signal may raise one: at every such point in turn, or at random instants.

CPython runs the handlers of signals after a call, at the start of a function and when a loop goes back. `points`
counts these places and `interrupted` raises at one of them, as a handler would; `Timer` strikes by the real clock.
"""

from __future__ import annotations

import contextlib
import ctypes
import dis
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from threading import get_ident
from types import CodeType, FrameType, ModuleType, TracebackType
from typing import Self

OWN = {__file__, contextlib.__file__}
"""What is no part of what is interrupted."""

Trace = Callable[[FrameType, str, object], object]


class Interrupted(BaseException):
    """What the handler raises, as KeyboardInterrupt is raised by Ctrl-C."""


def points(work: Callable[[], object]) -> int:
    """At how many points of *work* the handler of a signal could raise."""
    return _traced(work, at=0)


def interrupted(work: Callable[[], object], *, at: int) -> Interrupted | None:
    """The exception that was raised over *work* at its *at*-th point; None if it has fewer points."""
    caught: Interrupted | None = None
    try:
        _traced(work, at=at)
    except Interrupted as error:
        caught = error
    forget_handled()
    return caught


def forget_handled() -> None:
    """Forget the exception that this thread is said to handle: none, wherever this is called.

    Where a trace function raises on the way out of a handler, CPython leaves the handled exception behind as if it
    still were; each later exception of the thread would have it for a context.
    """
    set_handled = ctypes.pythonapi.PyErr_SetHandledException
    set_handled.argtypes, set_handled.restype = [ctypes.c_void_p], None
    set_handled(None)


def late(_number: int, _frame: FrameType | None) -> None:
    """The handler when a timer is over: another thread may have taken a signal of it that Python has yet to hear of."""


class Timer:
    """A timer whose handler raises, for as long as the block lasts."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._left = 0

    def __enter__(self) -> Self:
        signal.signal(signal.SIGALRM, self._handler)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._rest()
        signal.signal(signal.SIGALRM, late)

    def strike(self, work: Callable[[], object], within: float, *, times: int) -> Interrupted | None:
        """The exception raised over *work*, up to *times* times, first at random *within* that many seconds."""
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
    """Do *work*, raising at its *at*-th point; how many points were passed."""
    passed = 0
    before = ""
    codes: dict[CodeType, bytes] = {}

    def step(code: CodeType, offset: int) -> None:
        nonlocal before, passed
        if code.co_filename in OWN:
            return
        last, before = before, dis.opname[codes.setdefault(code, code.co_code)[offset]]
        if last.startswith(("CALL", "RESUME", "RETURN")) or "BACKWARD" in last:
            passed += 1
            if passed == at:
                raise Interrupted

    with _monitored(step) if sys.version_info >= (3, 12) else _followed(step):
        work()
    return passed


@contextmanager
def _followed(step: Callable[[CodeType, int], None]) -> Iterator[None]:
    def trace(frame: FrameType, event: str, _what: object) -> Trace:
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        if event == "opcode":
            step(frame.f_code, frame.f_lasti)
        return trace

    other = sys.gettrace()
    sys.settrace(trace)  # type: ignore[arg-type]  # a function that answers a function, without end
    try:
        yield
    finally:
        sys.settrace(other)


@contextmanager
def _monitored(step: Callable[[CodeType, int], None]) -> Iterator[None]:
    """The same where each instruction can be watched without tracing (Python 3.12)."""
    monitoring: ModuleType = sys.monitoring  # type: ignore[attr-defined,unused-ignore]  # from Python 3.12 on
    tool, instruction, here = 4, monitoring.events.INSTRUCTION, get_ident()

    def seen(code: CodeType, offset: int) -> None:
        if get_ident() == here:
            step(code, offset)

    monitoring.use_tool_id(tool, "interruptions")
    monitoring.register_callback(tool, instruction, seen)
    monitoring.set_events(tool, instruction)
    try:
        yield
    finally:
        monitoring.set_events(tool, 0)
        monitoring.free_tool_id(tool)
