"""Watches one call of the service: its context goes into each audit record, and the observer is told of each commit.

A service without an observer, whose host passes no context, does not come here: the shell answers its flows directly.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from time import perf_counter
from types import MappingProxyType
from typing import Any, cast

import attrs

from ja_reset.errors import InvalidArgument
from ja_reset.service import _io as requests
from ja_reset.service._happened import NONE, Happened, Observer
from ja_reset.service._shell import ANSWERS, Shell

_LOG = logging.getLogger("ja_reset")
_Audit = tuple[Mapping[str, object], ...]


def check_observer(observer: object) -> None:
    """Raise InvalidArgument for what cannot be called with a Happened, or would have to be awaited."""
    if observer is None:
        return
    kind = type(observer)
    if issubclass(kind, type):
        name = getattr(observer, "__name__", "")
        msg = f"observer must be a callable that takes a Happened: got the class {name}; did you mean {name}()?"
        raise InvalidArgument(msg)
    if not callable(observer):
        msg = f"observer must be a callable that takes a Happened, or None; got {kind.__name__}"
        raise InvalidArgument(msg)
    waits = (inspect.iscoroutinefunction, inspect.isasyncgenfunction, inspect.isgeneratorfunction)
    call = getattr(kind, "__call__", None)  # noqa: B004 - the method itself is wanted
    if any(each(given) for each in waits for given in (observer, call)):
        msg = (
            "observer must be a plain function: a coroutine or a generator would never run. Hand the value to a queue "
            "or a task instead"
        )
        raise InvalidArgument(msg)


def performing(
    shell: Shell, observer: Observer | None, called: str, context: Mapping[str, str], *, awaits: bool = False
) -> Callable[[requests.Request], Any]:
    """What answers the requests of one call of *called*: the shell, watched only if somebody wants to know."""
    return shell if observer is None and not context else Observation(shell, observer, called, context, awaits=awaits)


class Observation:
    """The shell, watched for the time of one call."""

    def __init__(
        self, shell: Shell, observer: Observer | None, called: str, context: Mapping[str, str], *, awaits: bool
    ) -> None:
        self._shell = shell
        self._observer = observer
        self._called = called
        self._context = context
        self._awaits = awaits
        self._began = self._told_last = perf_counter()
        self._asked, self._bank_took = False, 0.0

    def __call__(self, request: requests.Request) -> Any:  # noqa: ANN401 - each request has its own answer
        """The shell's answer to *request*."""
        kind = type(request)
        if kind is requests.Commit:
            return self._commit(cast("requests.Commit", request))
        if kind is requests.Ask:
            return self._ask(cast("requests.Ask", request))
        return ANSWERS[kind](self._shell, request)  # as the shell does, without asking it: a turn has many of these

    def _commit(self, request: requests.Commit) -> object:
        if self._context:
            context = dict(self._context)
            audit = tuple(attrs.evolve(record, body={**record, "context": context}) for record in request.audit)
            request = attrs.evolve(request, audit=audit)
        made = self._shell(request)
        if self._observer is None or not request.audit:
            return made
        if self._awaits and inspect.isawaitable(made):
            return self._tell_when_made(made, request.audit)
        if made:
            self._tell(self._observer, request.audit)
        return made

    async def _tell_when_made(self, made: Awaitable[bool], audit: _Audit) -> bool:
        done = await made
        if done and self._observer is not None:
            self._tell(self._observer, audit)
        return done

    def _ask(self, request: requests.Ask) -> object:
        self._asked = True
        began = perf_counter()
        try:
            answer = self._shell(request)
        finally:
            self._bank_took += perf_counter() - began
        return self._awaited(answer) if self._awaits and inspect.isawaitable(answer) else answer

    async def _awaited(self, answer: Awaitable[object]) -> object:
        began = perf_counter()
        try:
            return await answer
        finally:
            self._bank_took += perf_counter() - began

    def _tell(self, observer: Observer, audit: _Audit) -> None:
        """Tell of a commit that was made.

        What the observer raises is not raised: the commit is made, and the customer gets the answer. An interrupt
        (KeyboardInterrupt, SystemExit) goes on, as one within the commit would.
        """
        now = perf_counter()
        duration, took = timedelta(0, now - self._began), timedelta(0, now - self._told_last)
        bank_took = timedelta(0, self._bank_took) if self._asked else NONE
        for record in audit:
            says: Callable[[str], Any] = record.get
            try:
                happened = Happened(
                    time=datetime.fromisoformat(says("time")),
                    event=says("event"),
                    session=says("session"),
                    procedure=says("procedure"),
                    institution=says("institution"),
                    ref=says("ref"),
                    before=says("before"),
                    after=says("after"),
                    status=says("status"),
                    effect=says("effect"),
                    reasons=tuple(says("reasons") or ()),
                    record=MappingProxyType(record),
                    context=self._context,
                    called=self._called,
                    duration=duration,
                    took=took,
                    bank_asked=self._asked,
                    bank_took=bank_took,
                )
                answer = observer(happened)
                if answer is not None and inspect.iscoroutine(answer):
                    answer.close()
                    _LOG.error("the observer returned a coroutine, which nobody awaits: it must be a plain function")
            except Exception as error:  # noqa: BLE001 - whatever it is, it harms nothing
                _LOG.error("the observer raised %s at %s", type(error).__name__, _place(error))
        self._told_last, self._asked, self._bank_took = now, False, 0.0


def _place(error: Exception) -> str:
    """Where it was raised; its message is not logged, because it may quote the context."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "an unknown place" if trace is None else f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
