"""Every schedule of turns that differs, exhaustively: dynamic partial-order reduction with sleep sets.

A turn is stopped before each request that others can notice or that can notice others: commits, questions to the bank,
pages, reads (unless these are fused with what came before them), and, where time passes in between, the clock. Two
steps of different turns depend on each other where one writes what the other reads or writes. Schedules that differ
only in the order of independent steps lead to the same end, and one of each such class is run (Flanagan and Godefroid,
2005): where a step was done after one that it depends on, without need, its turn is tried before that one too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import attrs

from hosts import KEY
from ja_reset.service._io import Ask, Commit, Flow, Get, GetMany, Now, Pause, Request, Scan
from ja_reset.service._sealing import Sealer
from ja_reset.service._shell import Shell
from runs import World

Begin = Callable[[], tuple[World, Sequence[Flow[Any]]]]
Thing = tuple[str, ...]


@attrs.frozen
class Tick:
    """A request of a turn of its own: the clock goes on by *span*."""

    span: timedelta


def ticking(span: timedelta) -> Flow[None]:
    """A turn in which nothing happens but that time passes."""
    yield Tick(span)  # type: ignore[misc]  # the scheduler's own request


@attrs.frozen
class Access:
    """What a step reads, and what it writes."""

    reads: frozenset[Thing] = frozenset()
    writes: frozenset[Thing] = frozenset()

    def depends_on(self, other: Access) -> bool:
        """Whether it matters which of the two is first."""
        mine, theirs = self.reads | self.writes, other.reads | other.writes
        return not self.writes.isdisjoint(theirs) or not other.writes.isdisjoint(mine)

    def joined(self, other: Access) -> Access:
        """What both touch."""
        return Access(self.reads | other.reads, self.writes | other.writes)


BANK: Thing = ("bank",)
CLOCK: Thing = ("clock",)
PINS: Thing = ("pins",)


NOTHING = Access()


def access(request: Request | Tick) -> Access:
    """What *request* touches that others can touch."""
    reads: set[Thing] = set()
    writes: set[Thing] = set()
    if isinstance(request, Tick):
        writes = {CLOCK}
    elif isinstance(request, Now):
        reads = {CLOCK}
    elif isinstance(request, (Get, GetMany)):
        reads = set(request.names) if isinstance(request, GetMany) else {(request.kind, request.key)}
    elif isinstance(request, Scan):  # depends on every writer of a row of that kind
        writes = {("page", request.kind)}
    elif isinstance(request, Commit):
        rows = {(put.kind, put.key) for put in request.puts}
        reads = {("page", kind) for kind, _ in rows}
        writes = rows | {("audit", str(record["session"])) for record in request.audit}
    elif isinstance(request, Ask):
        if request.method == "carry_out":
            writes = {BANK}
        elif request.method == "check_pin":
            reads, writes = {BANK}, {PINS}
        elif request.method != "institution":
            reads = {BANK}
    return Access(frozenset(reads), frozenset(writes))


class Turn:
    """A flow that goes on from one point to the next; a read is one too, unless *fused* with what came before it."""

    def __init__(self, flow: Flow[Any], world: World, shell: Shell, *, time_passes: bool, fused: bool) -> None:
        self.answer: Any = None
        self.is_done = False
        self._flow = flow
        self._world = world
        self._shell = shell
        self._points = (
            Tick,
            Commit,
            Ask,
            Scan,
            Pause,
            *(() if fused else (Get, GetMany)),
            *((Now,) if time_passes else ()),
        )
        self._time_passes = time_passes
        self._request: Request | None = None
        self._done = NOTHING
        self._until_point(lambda: next(flow))

    def step(self) -> Access:
        """Do what it stands before, and all up to the next point; what was touched by that."""
        self._done = NOTHING
        self._until_point(self._perform)
        return self._done

    def _perform(self) -> Request:
        request = self._request
        assert request is not None
        if self._time_passes or not isinstance(request, Now):
            self._done = self._done.joined(access(request))
        if isinstance(request, Tick):
            self._world.clock.advance(request.span)
            return self._flow.send(None)
        try:
            answer = self._shell(request)
        except Exception as error:  # noqa: BLE001 - as the library's own driver does
            return self._flow.throw(error)
        return self._flow.send(answer)

    def _until_point(self, go: Callable[[], Request]) -> None:
        try:
            self._request = go()
            while not isinstance(self._request, self._points):
                self._request = self._perform()
        except StopIteration as stop:
            self.answer, self.is_done = stop.value, True
        except Exception as error:  # noqa: BLE001 - an answer too, for the test to judge
            self.answer, self.is_done = error, True


@attrs.define
class _Frame:
    """A point of the present schedule: who goes on there, who must yet, and who has (doing what), and who need not."""

    chosen: int
    sleep: dict[int, Access]
    backtrack: set[int]
    leaves: int
    """The turn that could go on from the step before; -1: none."""
    done: dict[int, Access] = attrs.field(factory=dict)

    def sleep_after(self, mine: Access) -> dict[int, Access]:
        """Who need not go on after this step: what they would do is independent of it, and was tried before it."""
        asleep = {**self.sleep, **self.done}
        return {turn: what for turn, what in asleep.items() if turn != self.chosen and not what.depends_on(mine)}


@attrs.frozen
class _Step:
    turn: int
    what: Access
    then: tuple[int, ...]
    """How far each turn had come when it happened, as far as it depends on that."""


def schedules(
    begin: Begin, *, time_passes: bool = False, fused: bool = False, switches: int | None = None
) -> Iterator[tuple[World, list[Any]]]:
    """One of each class of schedules that differ; the world and the turns' answers (or errors) at the end of each.

    `switches`: how often at most a turn is left that could go on, where it is not the first choice; None: any number.
    """
    frames: list[_Frame] = []
    while True:
        world, flows = begin()
        shell = Shell(world.bank, world.store, world.clock, Sealer(KEY), lambda _seconds: None)
        turns = [Turn(flow, world, shell, time_passes=time_passes, fused=fused) for flow in flows]
        if _run(frames, turns):
            yield world, [turn.answer for turn in turns]
        if not _go_back(frames, switches):
            return


def _go_back(frames: list[_Frame], switches: int | None) -> bool:
    """Shorten the schedule to where another turn must be tried, and choose it; False where there is none."""
    while frames:
        frame = frames[-1]
        todo = frame.backtrack - frame.done.keys() - frame.sleep.keys()
        left = sum(each.leaves not in {-1, each.chosen} for each in frames[:-1])
        if switches is not None and left >= switches and frame.leaves != -1:
            todo &= {frame.leaves}
        if todo:
            frame.chosen = min(todo)
            return True
        frames.pop()
    return False


def _run(frames: list[_Frame], turns: list[Turn]) -> bool:
    """Go on as *frames* say, then on to the end; False where every end from there has been seen."""
    clocks = [(0,) * len(turns) for _ in turns]
    steps: list[_Step] = []
    planned, sleep = len(frames), dict[int, Access]()
    last = -1
    while live := [n for n, turn in enumerate(turns) if not turn.is_done]:
        if len(steps) < planned:
            choice = frames[len(steps)].chosen
        else:
            awake = [each for each in live if each not in sleep]
            if not awake:
                for each in live:
                    _races(frames, steps, each, sleep[each], clocks[each])
                return False
            choice = last if last in awake else awake[0]
            frames.append(_Frame(choice, sleep, {choice}, last if last in live else -1))
        frame = frames[len(steps)]
        done = turns[choice].step()
        _races(frames, steps, choice, done, clocks[choice])
        sleep = frame.sleep_after(done)
        frame.done[choice] = done
        seen = [step.then for step in steps if step.turn != choice and step.what.depends_on(done)]
        clock = [max(each) for each in zip(clocks[choice], *seen, strict=True)]
        clock[choice] = len(steps) + 1
        clocks[choice] = tuple(clock)
        steps.append(_Step(choice, done, clocks[choice]))
        last = choice
    return True


def _races(frames: list[_Frame], steps: list[_Step], turn: int, what: Access, clock: tuple[int, ...]) -> None:
    """Wherever *turn*'s step could have come before one that it depends on, have the turn tried there."""
    for place, step in enumerate(steps):
        if step.turn != turn and clock[step.turn] <= place and step.what.depends_on(what):
            frames[place].backtrack.add(turn)
