"""A chart before it is one: what its laws are asked about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import attrs

from ja_reset.chart.effects import EffectSpec
from ja_reset.chart.own_laws import NOTHING_OWN, Own
from ja_reset.chart.states import State
from ja_reset.chart.transitions import EventRole, Handler, Otherwise, Transition
from ja_reset.chart.turn import Asker, Fact
from ja_reset.fields.specs import Form

Read = tuple[Asker, frozenset[Fact[Any]]]
"""Who is asked, and the facts that the checks above it have read."""


@attrs.frozen(eq=False, repr=False, kw_only=True, slots=False)
class ChartSpec:
    """A chart before it is one. What several laws ask of it is worked out once."""

    initial: str
    states: tuple[State, ...]
    handlers: tuple[Handler, ...]
    transitions: tuple[Transition, ...]
    own: Own = NOTHING_OWN
    _named: dict[str | None, State] = attrs.field(init=False, repr=False)

    @_named.default
    def _by_name(self) -> dict[str | None, State]:
        return {state.name: state for state in self.states}

    def state(self, name: str | None) -> State | None:
        """The state of that name, where there is one."""
        return self._named.get(name)

    def roles(self, state: State) -> set[EventRole]:
        """The roles of a state's events."""
        return {transition.role for transition in self.leaving[state.name] if transition.role is not None}

    @cached_property
    def leaving(self) -> Mapping[str, list[Transition]]:
        """The transitions that leave each state; none for one that has none."""
        found: dict[str, list[Transition]] = {state.name: [] for state in self.states}
        for transition in self.transitions:
            found.setdefault(transition.source, []).append(transition)
        return found

    @cached_property
    def forms(self) -> Mapping[str, list[tuple[str | None, Form]]]:
        """The forms of each state's events, each with the method that it is for; None: for every one."""
        found: dict[str, list[tuple[str | None, Form]]] = {state.name: [] for state in self.states}
        for handler in self.handlers:
            of_source = found.setdefault(handler.source, [])
            if isinstance(handler.form, Mapping):
                of_source.extend(handler.form.items())
            elif handler.form is not None:
                of_source.append((None, handler.form))
        return found

    @cached_property
    def asked(self) -> tuple[tuple[Handler, tuple[Read, ...]], ...]:
        """Each handler with everybody who is asked in its step, in the order of its checks."""
        return tuple((handler, tuple(self._asked_in(handler))) for handler in self.handlers)

    @cached_property
    def read(self) -> tuple[tuple[Handler, Asker, frozenset[Fact[Any]], Fact[Any]], ...]:
        """Each fact that somebody reads in a step, with the facts that the checks above have read."""
        return tuple(
            (handler, asker, above, fact)
            for handler, reads in self.asked
            for asker, above in reads
            for fact in _by_name(asker)
        )

    def _asked_in(self, handler: Handler) -> Iterator[Read]:
        above: frozenset[Fact[Any]] = frozenset()
        for each in handler.checks:
            yield each.guard, above
            above |= each.guard.reads
            for otherwise in each.otherwise:
                when = above
                if otherwise.when is not None:
                    yield otherwise.when, above
                    when = above | otherwise.when.reads
                yield from ((asker, when) for asker in self.on_the_way(otherwise))
        yield from ((asker, above) for asker in self.on_the_way(handler))

    def on_the_way(self, way: Handler | Otherwise) -> Iterator[Asker]:
        """What is learned and ordered, there and on entry of the state that it leads to."""
        goal = self.state(way.to)
        yield from way.assigns
        for effect in (*way.effects, *(goal.on_entry if goal is not None else ())):
            if isinstance(effect, EffectSpec):
                yield effect

    def follows(self) -> dict[str, set[str]]:
        """The states that the transitions of each state lead to."""
        after: dict[str, set[str]] = defaultdict(set)
        for transition in self.transitions:
            if transition.to is not None:
                after[transition.source].add(transition.to)
        return after


def _by_name(asker: Asker) -> list[Fact[Any]]:
    facts = [fact for fact in asker.reads if isinstance(fact, Fact)]
    return sorted(facts, key=lambda fact: str(fact.name)) if len(facts) > 1 else facts
