"""Two or more turns, interleaved in every order at the points where they touch store or bank."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import attrs

from hosts import KEY
from ja_reset.secret import Secret
from ja_reset.service import _customer as customer
from ja_reset.service._config import Config
from ja_reset.service._customer import Submitted
from ja_reset.service._io import Ask, Commit, Flow, Get, GetMany, Pause, Request, Scan
from ja_reset.service._names import digest
from ja_reset.service._sealing import Sealer
from ja_reset.service._shell import Shell
from ja_reset.service._typed import Typed
from ja_reset.service._view import View
from ja_reset.service._waiting import PAUSE
from runs import World

ASIDE = frozenset({"institution", "carry_out"})
"""Questions that no other turn's answer depends on."""


def touches_others(request: Request) -> bool:
    """Whether it matters to somebody else when this is done: a commit, or a question whose answer may change.

    Nor does anybody go on who pauses for another turn, until the scheduler says so.
    """
    return isinstance(request, (Commit, Pause)) or (isinstance(request, Ask) and request.method not in ASIDE)


def touches_world(request: Request) -> bool:
    """Whether it is a commit, a page of rows or any question to the bank, the orders too."""
    return isinstance(request, (Commit, Ask, Scan, Pause))


def touches_anything(request: Request) -> bool:
    """The same, reads too: between any two of them somebody else may come."""
    return isinstance(request, (Commit, Ask, Get, GetMany, Pause))


def sending(  # what `ResetService.send` takes
    world: World, token: str, event: str, data: object, *, version: int | None = None, request_id: str | None = None
) -> Flow[View]:
    """The flow of an event; it waits for one pause, so that its schedules can be counted."""
    request = None if request_id is None else digest(request_id)
    session = attrs.evolve(world.policies.session, duplicate_wait=PAUSE)
    policies = attrs.evolve(world.policies, session=session)
    return customer.send(Config(policies), Submitted(Secret(token), event, Typed(data), version, request))


class Turn:
    """A flow that goes on from one point to the next."""

    def __init__(self, flow: Flow[Any], shell: Shell, is_point: Callable[[Request], bool]) -> None:
        self.answer: Any = None
        self.is_done = False
        self._flow = flow
        self._shell = shell
        self._is_point = is_point
        self._request: Request | None = None
        self._run(next(flow))

    def goes_on(self) -> None:
        """Do what it stands before, and all up to the next point."""
        assert self._request is not None
        try:
            self._run(self._flow.send(self._shell(self._request)))
        except StopIteration as stop:
            self.answer = stop.value
            self.is_done = True

    def _run(self, request: Request) -> None:
        while not self._is_point(request):
            request = self._flow.send(self._shell(request))
        self._request = request


def interleaved(
    begin: Callable[[], tuple[World, Sequence[Flow[Any]]]],
    *,
    is_point: Callable[[Request], bool] = touches_others,
    switches: int | None = None,
) -> Iterator[tuple[World, list[Any]]]:
    """Every order in which the turns can go on, each from a beginning of its own; world and answers at the end.

    `switches`: how often at most a turn is left that could go on; None: any number of times.
    """
    todo: list[tuple[int, ...]] = [()]
    while todo:
        planned = todo.pop()
        world, flows = begin()
        shell = Shell(world.bank, world.store, world.clock, Sealer(KEY), lambda _seconds: None)
        turns = [Turn(flow, shell, is_point) for flow in flows]
        taken: list[int] = []
        left, last = 0, -1
        while live := [n for n, turn in enumerate(turns) if not turn.is_done]:
            step = len(taken)
            if step < len(planned):
                choice = planned[step]
            else:
                choice = last if last in live else live[0]
                may_leave = switches is None or left < switches or last not in live
                todo += [(*taken, other) for other in live if other != choice and may_leave]
            left += last in live and choice != last
            turns[choice].goes_on()
            taken.append(choice)
            last = choice
        yield world, [turn.answer for turn in turns]
