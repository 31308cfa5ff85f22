"""A procedure is a table that runs: the states and arrows of a chart, and the Machine built from them (M6).

The `transitions.Machine` built from the arrows is the authority on what may follow what. It is built once and
knows no model: a cursor that answers to the guards' names is moved instead (see `ja_reset.advance`). A chart
that breaks a law of `ja_reset.chart_laws` cannot be made, so it cannot be imported.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import attrs
from transitions import EventData, Machine

from ja_reset.arrows import Arrow, Guard, State, Step, expand, guards_of
from ja_reset.chart_laws import obey
from ja_reset.text import Text


class Chart:
    """A procedure's states and arrows, held to the laws of charts when it is made (raises ChartError)."""

    def __init__(self, name: str, *, title: Text, initial: str, states: Iterable[State], steps: Iterable[Step]) -> None:
        self.name = name
        self.title = title
        self.initial = initial
        self._listed = tuple(states)
        self.steps = tuple(steps)
        self.states: Mapping[str, State] = MappingProxyType({state.name: state for state in self._listed})
        self.arrows = tuple(arrow for step in self.steps for arrow in expand(step))
        self.guards: Mapping[str, Guard] = MappingProxyType(
            {guard.name: guard for step in self.steps for guard in guards_of(step)}
        )
        obey(name=name, initial=initial, states=self._listed, steps=self.steps, arrows=self.arrows)
        self._forms = {(step.trigger, step.source): step.form for step in self.steps if step.form is not None}
        self.machine = self._machine()
        self._arrow_of = self._pair()
        self._events = {state: self._customer_events(state) for state in self.states}

    def _machine(self) -> Machine:
        return Machine(
            model=None,
            states=[{"name": state.name, "final": state.is_final} for state in self._listed],
            transitions=[arrow.to_dict() for arrow in self.arrows],
            initial=self.initial,
            auto_transitions=False,
            send_event=True,
            after_state_change=[_note],
            name=self.name,
        )

    def _pair(self) -> dict[int, Arrow]:
        """Which arrow each transition of the machine was made from: by identity, in the order of the table."""
        pairs: dict[int, Arrow] = {}
        taken: dict[tuple[str, str], int] = {}
        for arrow in self.arrows:
            place = (arrow.trigger, arrow.source)
            index = taken.get(place, 0)
            taken[place] = index + 1
            pairs[id(self.machine.events[arrow.trigger].transitions[arrow.source][index])] = arrow
        return pairs

    def _customer_events(self, state: str) -> tuple[str, ...]:
        return tuple(button.event for button in self.states[state].screen.buttons if button.event is not None)

    def __repr__(self) -> str:
        return f"<Chart {self.name}: {len(self.states)} states, {len(self.arrows)} arrows>"

    @property
    def triggers(self) -> frozenset[str]:
        """Every event that some state has."""
        return frozenset(arrow.trigger for arrow in self.arrows)

    def events(self, state: str) -> tuple[str, ...]:
        """What a customer can send in *state*, in the order of the buttons."""
        return self._events[state]

    def has(self, state: str, trigger: str) -> bool:
        """Whether *state* has the event *trigger*; the machine is asked."""
        event = self.machine.events.get(trigger)
        return event is not None and state in event.transitions

    def form(self, state: str, trigger: str, method: str | None) -> type[attrs.AttrsInstance] | None:
        """The form that comes with *trigger* in *state*, or None."""
        form = self._forms.get((trigger, state))
        return form.get(method or "") if isinstance(form, Mapping) else form

    def arrow_of(self, event_data: EventData) -> Arrow:
        """The arrow that the machine has just taken."""
        return self._arrow_of[id(event_data.transition)]


def _note(event_data: EventData) -> None:
    """Tell the cursor which arrow was taken; any other model need not know of arrows."""
    note = getattr(event_data.model, "note_arrow", None)
    if note is not None:
        note(event_data)
