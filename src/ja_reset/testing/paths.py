"""The shortest path to every state of a procedure, and paths that take every transition, with all input.

A path is data (`path_steps.Path`), found by a breadth-first search of the chart with `path_recipes`. `path_player.play`
plays one against a service; a host's end-to-end tests play them against its own pages.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

import attrs

from ja_reset.chart import Chart
from ja_reset.chart.states import Ending, StateKind
from ja_reset.chart.transitions import EventRole, Transition
from ja_reset.machines import Procedure, chart_of, procedure_of
from ja_reset.policies import Policies
from ja_reset.testing._own_misses import refuted
from ja_reset.testing._path_recipes import MISSES, Making, Recipe, goal
from ja_reset.testing.cast import ORDINARY, Customer
from ja_reset.testing.path_steps import BankDoes, Path, PathStep, Start, Wait

_SILENT: Final = BankDoes(what="silent", method="carry_out")


@attrs.frozen
class Paths:
    """`states`: by name, the shortest path to each but CLOSED, which no session moves to (E4).

    `transitions`: by name, a path that ends with each transition.
    """

    procedure: Procedure | str
    states: Mapping[str, Path]
    transitions: Mapping[str, Path]

    @property
    def all(self) -> tuple[Path, ...]:
        """Every path, in the chart's order; those to the transitions pass through every state."""
        return tuple(self.transitions.values())

    def missing(self, taken: Mapping[str, object] | set[str]) -> list[str]:
        """The transitions that are not among those *taken*, in the chart's order."""
        return [name for name in self.transitions if name not in taken]


@attrs.frozen
class _Way:
    steps: tuple[PathStep, ...]
    figures: Mapping[str, object]
    customer: Customer

    def then(self, recipe: Recipe) -> _Way:
        """This way, and what the recipe says."""
        steps = (*self.steps, *recipe.before, recipe.step)
        return _Way(steps, {**self.figures, **recipe.figures}, recipe.customer or self.customer)


def paths(
    procedure: Procedure | Chart,
    *,
    policies: Policies = Policies(),  # noqa: B008 - frozen
    customer: Customer = ORDINARY,
) -> Paths:
    """The paths of *procedure* for a *customer* without locks, under *policies*, whose times they wait for.

    A guard of a chart's own fails by a value of a fact of the bank, by another entry of a reader, or by another
    customer of the cast. Raises KeyError, which names the guard, where none of them makes it fail.
    """
    chart = chart_of(procedure)
    ways: dict[str, _Way] = {}
    making = Making(customer=customer, policies=policies, chart=chart, ways=_Steps(ways))
    _find(ways, making)

    of_others: dict[str, dict[str, _Way]] = {customer.ref: ways}

    def way_of(transition: Transition) -> _Way:
        """To the transition's source and by it; where it needs another customer, all the way as that one."""
        recipe = _recipe(transition, making)
        who = recipe.customer or customer
        if who.ref not in of_others:
            theirs = of_others[who.ref] = {}
            _find(theirs, attrs.evolve(making, customer=who, ways=_Steps(theirs)))
        return of_others[who.ref][transition.source].then(recipe)

    def named(way: _Way, state: str, takes: str) -> Path:
        return Path(
            procedure=chart.name,
            state=state,
            takes=takes,
            customer=way.customer.ref,
            figures=MappingProxyType(dict(way.figures)),
            steps=way.steps,
        )

    return Paths(
        procedure_of(chart.name),
        MappingProxyType(
            {
                name: named(ways[name], name, "")
                for name, state in chart.states.items()
                if state.ending is not Ending.CLOSED
            }
        ),
        MappingProxyType(
            {
                transition.name: named(
                    way_of(transition),
                    transition.to or transition.source,
                    transition.name,
                )
                for transition in chart.transitions
            }
        ),
    )


class _Steps(Mapping[str, tuple[PathStep, ...]]):
    """The steps of the ways that were found so far."""

    def __init__(self, ways: Mapping[str, _Way]) -> None:
        self._ways = ways

    def __getitem__(self, state: str) -> tuple[PathStep, ...]:
        return self._ways[state].steps

    def __iter__(self) -> Iterator[str]:
        return iter(self._ways)

    def __len__(self) -> int:
        return len(self._ways)


def _find(ways: dict[str, _Way], making: Making) -> None:
    """The shortest way to each state, breadth first; what a path needs of the bank or of figures only where it must."""
    chart = making.chart
    ways[chart.initial] = _Way((Start(),), {}, making.customer)
    todo = deque([chart.initial])
    while todo:
        state = todo.popleft()
        for transition in _onward(chart, state):
            if transition.to is None or transition.to in ways:
                continue
            ways[transition.to] = ways[state].then(_recipe(transition, making))
            todo.append(transition.to)


def _onward(chart: Chart, state: str) -> Iterator[Transition]:
    """The transitions that leave *state*: those to a target before the others."""
    own = [transition for transition in chart.transitions if transition.source == state]
    yield from (transition for transition in own if not transition.otherwise)
    yield from (transition for transition in own if transition.otherwise)


def _recipe(transition: Transition, making: Making) -> Recipe:
    if transition.otherwise:
        guard = transition.name.partition("!")[2].partition("+")[0]
        miss = MISSES.get(guard)
        recipe = miss(transition, making) if miss else refuted(guard, transition, making)
        goes_on = () if transition.codes else _no_longer_asked(transition, making)
        return attrs.evolve(recipe, before=(*recipe.before, *goes_on))
    recipe = goal(transition, making)
    states = making.chart.states
    enters = transition.to is not None and states[transition.to].kind is StateKind.COMPLETING
    asks = states[transition.source].kind is StateKind.COMPLETING and transition.role is EventRole.PROCEED
    if enters or asks:
        return attrs.evolve(recipe, before=(_SILENT,))
    if transition.role is EventRole.REFUSED:
        return attrs.evolve(recipe, before=(BankDoes(what="refuse"),))
    if transition.role is EventRole.CONTESTED:
        return attrs.evolve(recipe, before=making.of_rival(making.choosing.source))
    return attrs.evolve(recipe, before=_no_longer_asked(transition, making))


def _no_longer_asked(transition: Transition, making: Making) -> tuple[PathStep, ...]:
    """Where a code was asked for when the first call came, and the call is enough when the next one comes: between."""
    states = making.chart.states
    goes_on = transition.to is not None and states[transition.to].kind is not StateKind.WAITING
    if transition.role is not EventRole.CALL or "answered" not in states[transition.source].keeps or not goes_on:
        return ()
    refresh = making.policies.session.institution_refresh.total_seconds() + 1
    return BankDoes(what="policy", figures={"bim_code": False}), Wait(seconds=refresh)
