"""Explores every situation that can be reached, breadth first, so the way to each is a shortest one.

Each step is shown to the rules as it is taken. Little of the graph is stored: for each situation the step that reached
it first, and which situations follow it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs

from ja_reset.chart import Chart
from ja_reset.chart.session import Session
from ja_reset.chart.transitions import Transition
from ja_reset.policies import Policies
from ja_reset.verify._abstraction import Key
from ja_reset.verify._environment import EnvironmentMoves, others
from ja_reset.verify._samples import Sample
from ja_reset.verify._situations import Environment, Situation
from ja_reset.verify._starting import firsts
from ja_reset.verify._steps import Event, Source, Step
from ja_reset.verify._turns import Turns

Watch = Callable[[Step, int], None]
"""What looks at each step, with the number of the situation that it leads to."""


@attrs.frozen
class Predecessor:
    """How a situation was reached first."""

    source: int
    event: Event
    state: str
    codes: tuple[str, ...]
    transition: Transition | None


class TooManyError(Exception):
    """The exploration did not end within its limit."""


class EnoughError(Exception):
    """Raised by what watches, when it has seen what it wanted."""


class Exploration:
    """The situations of a chart under a policy, and the steps between them."""

    def __init__(
        self,
        chart: Chart,
        policies: Policies,
        *,
        given: Mapping[str, tuple[Sample, ...]],
        limit: int,
        tell: Callable[[int, int], None] | None = None,
    ) -> None:
        self.chart = chart
        self.policies = policies
        self.turns = Turns.of(chart, policies, given)
        self._abstraction = self.turns.abstraction
        self.limit = limit
        self.steps = 0
        self.situations: list[Situation] = []
        self.came: list[Predecessor | None] = []
        self.edges: list[dict[int, Predecessor]] = []
        """From each situation, the situations that follow it, each with the first step that leads there."""
        self.fairly: list[set[int]] = []
        """Where time or the bank leads from each: they go on in the end, whatever the customer does."""
        self.taken: dict[int, tuple[int, Event, int]] = {}
        """The first step that took each transition (by its place in the chart): from where, by what, to where."""
        self.given_codes: set[str] = set()
        self.events: set[tuple[str, str, str, tuple[str, ...]]] = set()
        """Each event of the chart with where it led from and to, and the reasons given."""
        self.tell = tell
        self._keys: dict[Key, int] = {}
        self._last: tuple[Situation | None, int, int] = (None, 0, 0)
        self._places = {id(transition): place for place, transition in enumerate(chart.transitions)}

    def run(self, watch: Watch) -> None:
        """Explore to the end; raises NoSampleError, TooManyError."""
        for first in firsts(self.chart, self.policies):
            world = Environment()
            key = self._abstraction.key(self._abstraction.fixed(first, world, grace=False), first, world.ghost)
            self._number(first, world, key, grace=False, came=None)
        surroundings = EnvironmentMoves(self.turns)
        looked = 0
        beside: dict[str, int] = {}
        while looked < len(self.situations):
            here = self.situations[looked]
            looked += 1
            for step in surroundings.steps(here):
                self._take(step, watch)
            reads = self._asked(here.state)
            for step in others(self.turns, here, reads):
                self._take(step, watch)
            if len(reads) > beside.get(here.state, 0):  # what this state reads was not known before: look again
                known, beside[here.state] = beside.get(here.state, 0), len(reads)
                for earlier in self.situations[: looked - 1] if known or here.number else ():
                    if earlier.state == here.state:
                        for step in others(self.turns, earlier, reads):
                            self._take(step, watch)
            if self.tell is not None and looked % 1000 == 0:
                self.tell(len(self.situations), self.steps)

    def _asked(self, state: str) -> frozenset[str]:
        return frozenset(name for where, name in self.turns.abstraction.asked if where == state)

    def _take(self, step: Step, watch: Watch) -> None:
        self.steps += step.times
        here, like = step.before.number, step.like
        key = self._abstraction.key(self._fixed(like or step), step.session, step.environment.ghost)
        there = self._keys.get(key)
        if there is None:
            there = self._number(step.session, step.environment, key, grace=step.grace, came=predecessors(step))
        if like is None:
            if step.transition is not None:
                place = self._places[id(step.transition)]
                if place not in self.taken:
                    self.taken[place] = (here, step.event, there)
                self.given_codes.update(step.reasons)
            if step.reasons or step.transition is not None:
                self.events.add((step.event.trigger, step.before.state, step.state, step.reasons))
        edges = self.edges[here]
        if there not in edges:
            edges[there] = predecessors(step)
        source = step.event.source
        if source is Source.CLOCK or source is Source.BANK:
            self.fairly[here].add(there)
        watch(step, there)

    def _fixed(self, step: Step) -> int:
        """The number of where *step* leads but for counts: found again once more facts have been asked for."""
        asked, (number, at) = len(self._abstraction.asked), step.number
        if at != asked:
            number = self._standing(step.before, asked) if _stays(step) else self._found(step)
            step.number = (number, asked)
        return number

    def _found(self, step: Step) -> int:
        return self._abstraction.fixed(step.session, step.environment, grace=step.grace)

    def _standing(self, here: Situation, asked: int) -> int:
        """The number of a situation itself; the last one is remembered, as many steps in a row stay there."""
        last, at, number = self._last
        if last is not here or at != asked:
            number = self._abstraction.fixed(here.session, here.environment, grace=here.grace)
            self._last = (here, asked, number)
        return number

    def _number(
        self, session: Session, environment: Environment, key: Key, *, grace: bool, came: Predecessor | None
    ) -> int:
        number = len(self.situations)
        if number >= self.limit:
            msg = f"more than {self.limit} situations"
            raise TooManyError(msg)
        self._keys[key] = number
        environment = self._abstraction.of_interest(session.state, environment)
        stands, beside = self._abstraction.stand_for(session, environment, grace=grace)
        self.situations.append(Situation(number, stands, beside, grace))
        self.came.append(came)
        self.edges.append({})
        self.fairly.append(set())
        return number

    def way_to(self, number: int) -> tuple[Predecessor, ...]:
        """How a situation is reached, by the fewest steps."""
        way: list[Predecessor] = []
        came = self.came[number]
        while came is not None:
            way.append(came)
            came = self.came[came.source]
        return tuple(reversed(way))


def _stays(step: Step) -> bool:
    """Whether a step leaves all but the counts of the truth as they were."""
    before, after = step.before.environment, step.environment
    return (
        step.session is step.before.session
        and step.grace == step.before.grace
        and after.attempts is before.attempts
        and after.tries is before.tries
        and after.wait is before.wait
        and after.beside is before.beside
        and after.ordered == before.ordered
        and after.ghost.proofs is before.ghost.proofs
    )


def predecessors(step: Step) -> Predecessor:
    """How a step leads to where it leads."""
    return Predecessor(step.before.number, step.event, step.state, step.reasons, step.transition)
