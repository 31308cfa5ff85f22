"""A chart before it is one: what its laws are asked about."""

from __future__ import annotations

from collections import defaultdict

import attrs

from ja_reset.chart.own_laws import NOTHING_OWN, Own
from ja_reset.chart.states import State
from ja_reset.chart.transitions import EventRole, Handler, Transition


@attrs.frozen(eq=False, repr=False, kw_only=True)
class ChartSpec:
    """A chart before it is one."""

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
        return {
            transition.role
            for transition in self.transitions
            if transition.source == state.name and transition.role is not None
        }

    def follows(self) -> dict[str, set[str]]:
        """The states that the transitions of each state lead to."""
        after: dict[str, set[str]] = defaultdict(set)
        for transition in self.transitions:
            if transition.to is not None:
                after[transition.source].add(transition.to)
        return after
