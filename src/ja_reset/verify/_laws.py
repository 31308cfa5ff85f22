"""Laws of the whole explored graph: traps, dead transitions, silent reasons, and the user's properties."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

import attrs

from ja_reset.chart import Chart
from ja_reset.text import Text
from ja_reset.verify._exploration import Exploration, Predecessor, predecessors
from ja_reset.verify._properties import LeadsTo, Never, OnlyAfter, Property
from ja_reset.verify._situations import Situation
from ja_reset.verify._steps import Step

Way = tuple[Predecessor, ...]


def leads_nowhere(
    exploration: Exploration, goal: Callable[[Situation], bool], *, beside: frozenset[str] = frozenset()
) -> int | None:
    """The first situation, of states other than *beside*, from which none that is *goal* can be reached."""
    before: list[list[int]] = [[] for _ in exploration.situations]
    for number, edges in enumerate(exploration.edges):
        for there in edges:
            before[there].append(number)
    todo = [here.number for here in exploration.situations if goal(here)]
    reached = set(todo)
    while todo:
        for number in before[todo.pop()]:
            if number not in reached:
                reached.add(number)
                todo.append(number)
    stuck = (here for here in exploration.situations if here.number not in reached and here.state not in beside)
    return next((here.number for here in stuck), None)


def goes_on_without(exploration: Exploration, property_: LeadsTo) -> tuple[int, Way, int | None] | None:
    """A way on which `cause` holds and `outcome` never does: to an end, or round and round.

    A round is one only if neither time nor the bank leads out of it: limits of time are never put off for ever, and the
    bank answers, and does not refuse for ever. Gives the situation
    where the cause holds, the way from it, and after how many steps the round begins (None: it ends).
    """
    situations = exploration.situations
    bad = [not property_.outcome(here) for here in situations]
    component = _components(exploration, bad)
    members: dict[int, list[int]] = defaultdict(list)
    for number, name in component.items():
        members[name].append(number)

    def is_round(name: int) -> bool:
        inside = members[name]
        if len(inside) == 1 and inside[0] not in exploration.edges[inside[0]]:
            return False
        return all(component.get(there) == name for number in inside for there in exploration.fairly[number])

    final = exploration.turns.abstraction.final
    for here in situations:
        if not bad[here.number] or not property_.cause(here):
            continue
        way = _search(
            exploration,
            here.number,
            lambda number: bad[number],
            lambda number: situations[number].state in final or is_round(component[number]),
        )
        if way is not None:
            last = way[1]
            return here.number, way[0], None if situations[last].state in final else len(way[0])
    return None


def _search(
    exploration: Exploration, start: int, through: Callable[[int], bool], goal: Callable[[int], bool]
) -> tuple[Way, int] | None:
    came: dict[int, tuple[int, Predecessor] | None] = {start: None}
    todo = [start]
    for number in todo:
        if goal(number):
            way: list[Predecessor] = []
            step = came[number]
            while step is not None:
                way.append(step[1])
                step = came[step[0]]
            return tuple(reversed(way)), number
        for there, edge in exploration.edges[number].items():
            if there not in came and through(there):
                came[there] = (number, edge)
                todo.append(there)
    return None


def _components(exploration: Exploration, inside: Sequence[bool]) -> dict[int, int]:
    """The strongly connected components of the situations *inside*, each by the number of one of its members."""
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    component: dict[int, int] = {}
    stack: list[int] = []
    for root, is_in in enumerate(inside):
        if not is_in or root in index:
            continue
        work: list[tuple[int, Iterator[int]]] = []

        def enter(number: int, work: list[tuple[int, Iterator[int]]] = work) -> None:
            index[number] = low[number] = len(index)
            stack.append(number)
            work.append((number, iter(tuple(exploration.edges[number]))))

        enter(root)
        while work:
            number, following = work[-1]
            there = next((each for each in following if inside[each] and each not in component), None)
            if there is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[number])
                if low[number] == index[number]:
                    start = stack.index(number)
                    component.update(dict.fromkeys(stack[start:], number))
                    del stack[start:]
            elif there in index:
                low[number] = min(low[number], index[there])
            else:
                enter(there)
    return component


# What is watched, step by step ------------------------------------------------------------------------------


@attrs.define(eq=False)
class Watched:
    """What the graph's laws and the user's properties need to see of each step."""

    properties: tuple[Property, ...]
    order: Mapping[str, int]
    broken: dict[str, tuple[int, Predecessor]] = attrs.field(factory=dict, init=False)
    unproved: dict[str, dict[int, dict[int, Predecessor]]] = attrs.field(
        factory=lambda: defaultdict(lambda: defaultdict(dict)), init=False
    )
    goals: dict[str, list[tuple[int, Predecessor]]] = attrs.field(factory=lambda: defaultdict(list), init=False)
    onwards: dict[str, set[str]] = attrs.field(factory=lambda: defaultdict(set), init=False)
    backwards: list[tuple[str, frozenset[str], int, Predecessor]] = attrs.field(factory=list, init=False)

    def look(self, step: Step, there: int) -> None:
        """See a step."""
        if step.moved and step.like is None:
            self._kept(step)
        for each in self.properties:
            if isinstance(each, Never) and each.name not in self.broken and each.predicate(step):
                self.broken[each.name] = (step.before.number, predecessors(step))
            elif isinstance(each, OnlyAfter) and not each.proof(step):
                self.unproved[each.name][step.before.number].setdefault(there, predecessors(step))
                if each.goal(step):
                    self.goals[each.name].append((step.before.number, predecessors(step)))

    def _kept(self, step: Step) -> None:
        names = step.session.kept.names
        if self.order[step.state] > self.order[step.before.state]:
            self.onwards[step.state] |= names
        elif names and step.state != step.before.state:
            self.backwards.append((step.state, names, step.before.number, predecessors(step)))

    def kept_over_back(self, chart: Chart) -> tuple[Text, int, Predecessor] | None:
        """Something kept on the way back that the way onwards does not bring (M4)."""
        for state, names, number, came in self.backwards:
            brought = self.onwards[state]
            if self.order[state] > self.order[chart.initial] and not brought:
                continue
            if more := names - brought:
                return (
                    Text(
                        f"{state} へ戻っても {', '.join(sorted(more))} が残る",
                        f"{', '.join(sorted(more))} is kept on the way back to {state}",
                    ),
                    number,
                    came,
                )
        return None

    def before_proof(self, property_: OnlyAfter) -> tuple[Way, Predecessor] | None:
        """The shortest way to the goal on which nothing proves."""
        goals: dict[int, Predecessor] = {}
        for number, came in self.goals[property_.name]:
            goals.setdefault(number, came)
        unproved = self.unproved[property_.name]
        ways: dict[int, Way] = {0: ()}
        todo = [0]
        for number in todo:
            if number in goals:
                return ways[number], goals[number]
            for there, edge in unproved[number].items():
                if there not in ways:
                    ways[there] = (*ways[number], edge)
                    todo.append(there)
        return None
