"""A chart: the states and transitions of a procedure, and the Machine built from them (M6).

The `transitions.Machine` decides what may follow what. It is built once, when the chart is first run, and no model is
registered with it. The candidates for each event are compiled from the built Machine, because asking it each time costs
some twenty times as much; a test proves that both agree for every combination of guard results. A chart that breaks a
law of charts cannot be constructed, so it cannot be imported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Generic, TypeVar

import attrs

from ja_reset.chart._shape_laws import listed, shapes_fit
from ja_reset.chart._start import starts
from ja_reset.chart.effects import EffectSpec
from ja_reset.chart.laws import validate
from ja_reset.chart.own_laws import NOTHING_RETIRED, Own, values_by_text
from ja_reset.chart.states import Ending, State, StateKind
from ja_reset.chart.transitions import EventRole, Guard, Handler, WaitWrite, expand, forms_of, guards_of
from ja_reset.chart.turn import Fact, Turn
from ja_reset.fields.specs import Role, field_in
from ja_reset.screens import SCREEN_TEXTS
from ja_reset.screens.placeholders import NO_TEXTS, Catalogue
from ja_reset.text import Messages, Text

if TYPE_CHECKING:
    from transitions import Machine

    from ja_reset.chart._compiled import Compiled
    from ja_reset.chart._questions import Candidate, Step

T = TypeVar("T")


class _made_once(Generic[T]):  # noqa: N801 - a decorator
    """`functools.cached_property` without the lock of Python 3.11, which stays locked in a child forked meanwhile."""

    def __init__(self, make: Callable[[Chart], T]) -> None:
        self._make = make

    def __get__(self, chart: Chart, _owner: type[Chart]) -> T:
        made = chart.__dict__[self._make.__name__] = self._make(chart)
        return made


class Chart:
    """The states and transitions of a procedure, checked against the laws of charts (raises ChartError).

    `guards` and `effects` are those of its transitions and states, by name; `locks` are the effects that lock.
    `version` goes up with a breaking change, and only then (S4). `retired` maps a state that an older version had to
    the form at which its sessions restart; that form keeps nothing, so that no release skips a proof.
    """

    def __init__(
        self,
        name: str,
        *,
        title: Text,
        initial: str,
        states: Iterable[State],
        handlers: Iterable[Handler],
        version: int = 1,
        retired: Mapping[str, str] = NOTHING_RETIRED,
        texts: Mapping[str, Text] = NO_TEXTS,
        codes: Mapping[str, Text] = NO_TEXTS,
        policies: Iterable[type[attrs.AttrsInstance]] = (),
    ) -> None:
        self.name = name
        self.version = version
        self.title = title
        self.initial = initial
        self._listed = listed(states)
        self.handlers = listed(handlers)
        shapes_fit(
            name,
            title=title,
            states=self._listed,
            handlers=self.handlers,
            retired=retired,
            texts=texts,
            codes=codes,
            policies=policies,
        )
        self.retired: Mapping[str, str] = MappingProxyType(dict(retired))
        self.states: Mapping[str, State] = MappingProxyType({state.name: state for state in self._listed})
        self.starts = starts(initial, self._listed)
        """How a session begins: from the initial dot, which is no state, to the first screen or to CLOSED (E4)."""
        self.transitions = tuple(transition for handler in self.handlers for transition in expand(handler))
        self.guards: Mapping[str, Guard] = MappingProxyType(
            {guard.name: guard for handler in self.handlers for guard in guards_of(handler)}
        )
        self.codes: Mapping[str, Text] = MappingProxyType(dict(codes))
        self.policies = tuple(policies)
        own = Own(version=version, retired=self.retired, texts=dict(texts), codes=self.codes, policies=self.policies)
        validate(
            name=name,
            initial=initial,
            states=self._listed,
            handlers=self.handlers,
            transitions=self.transitions,
            own=own,
        )
        self.effects: Mapping[str, EffectSpec] = MappingProxyType({each.name: each for each in self._ordered()})
        self.facts: Mapping[str, Fact[object]] = MappingProxyType({fact.name: fact for fact in self._read()})
        self.locks = tuple(effect for effect in self.effects.values() if effect.locks)
        values = frozenset(
            assign.own for transition in self.transitions for assign in transition.assigns if assign.own is not None
        )
        own = attrs.evolve(own, states=self._listed, values=values)
        self.texts: Catalogue = Catalogue(
            texts,
            codes,
            policies=self.policies,
            values=values_by_text(own),
            codes=codes,
            fields={field.name for state in self._listed for plan in state.plans for field in plan.fields},
        )
        """Its own texts and words by key, with the figures that they may name."""
        self._forms = {
            (handler.trigger, handler.source): handler.form for handler in self.handlers if handler.form is not None
        }
        self._roles = {transition.trigger: transition.role for transition in self.transitions}
        self._heard = {
            (transition.source, transition.role): transition.trigger
            for transition in self.transitions
            if transition.role is not None
        }
        self._pins = frozenset(
            handler.source for handler in self.handlers if any(field_in(form, Role.PIN) for form in forms_of(handler))
        )
        self._codes = {
            handler.source: self._code(handler) for handler in self.handlers if handler.role is EventRole.CALL
        }
        self.calling = frozenset(
            {state.name for state in self._listed if state.kind is StateKind.WAITING}
            | {transition.source for transition in self.transitions if transition.wait is WaitWrite.OPEN}
        )
        """The states in which a window for a call is open, or can be opened."""
        self.proved = frozenset(
            transition.to
            for transition in self.transitions
            if transition.role in {EventRole.CALL, EventRole.KEYS} and self._is(transition.to, StateKind.FORM)
        )
        """The forms that a proved phone leads to."""
        self._events = {state: self._customer_events(state) for state in self.states}
        self._completing = {
            assign.order.name: self.states[transition.to]
            for transition in self.transitions
            for assign in transition.assigns
            if assign.order is not None and transition.to is not None
        }

    @_made_once
    def _compiled(self) -> Compiled:
        """Threads that come first at the same time may each compile it: all that they compile is the same."""
        from ja_reset.chart._compiled import compiled  # noqa: PLC0415 - loads transitions: when a chart is first run

        return compiled(self.name, self.initial, self._listed, self.transitions, self.guards)

    @property
    def machine(self) -> Machine:
        """The Machine built from the chart, which decides what may follow what (M6)."""
        return self._compiled.machine

    def prepare(self) -> None:
        """Build the Machine now, as a service does for its charts when it is made: no customer waits for it."""
        _ = self._compiled

    def _ordered(self) -> Iterator[EffectSpec]:
        for transition in self.transitions:
            yield from transition.effects
        for state in self._listed:
            yield from state.on_entry

    def _read(self) -> Iterator[Fact[object]]:
        for guard in self.guards.values():
            yield from guard.reads
        for transition in self.transitions:
            for assign in transition.assigns:
                yield from assign.reads
        for effect in self.effects.values():
            yield from effect.reads

    def _customer_events(self, state: str) -> tuple[str, ...]:
        offered = tuple(button.event for button in self.states[state].screen.buttons if button.event is not None)
        unseen = self._heard.get((state, EventRole.EXTEND))
        return offered if unseen is None or unseen in offered else (*offered, unseen)

    def _code(self, handler: Handler) -> Guard | bool:
        """Whether a call is answered and a code keyed in: always, never, or where the guard does not hold."""
        if self._waits(handler.to):
            return True
        return next(
            (each.guard for each in handler.checks if any(self._waits(otherwise.to) for otherwise in each.otherwise)),
            False,
        )

    def _waits(self, state: str | None) -> bool:
        return self._is(state, StateKind.WAITING)

    def _is(self, state: str | None, kind: StateKind) -> bool:
        return state is not None and self.states[state].kind is kind

    def __repr__(self) -> str:
        return f"<Chart {self.name}: {len(self.states)} states, {len(self.transitions)} transitions>"

    def reworded(self, messages: Messages, *beside: Chart) -> Mapping[str, Text]:
        """*messages* for an `Institution`, where they reword texts of this chart, and of those *beside* it.

        They may reword the library's, too. A chart that is not among them keeps its own words, whatever their keys. A
        service that is given charts judges its own `messages` with them. Raises InvalidArgument as that does.
        """
        from ja_reset.screens._wording import own_texts  # noqa: PLC0415 - loaded for a service

        charts = [chart.texts for chart in (self, *beside)]
        return Catalogue(own_texts(messages, charts), charts=charts)

    def text(self, key: str) -> Text:
        """The text of that key on its screens: its own, or the library's."""
        return self.texts.get(key) or SCREEN_TEXTS[key]

    @property
    def triggers(self) -> frozenset[str]:
        """Every event that some state handles."""
        return frozenset(transition.trigger for transition in self.transitions)

    def events(self, state: str) -> tuple[str, ...]:
        """What a customer can send in *state*, in the order of the buttons; events without a button come last (S3)."""
        return self._events[state]

    def has(self, state: str, trigger: str) -> bool:
        """Whether *state* handles the event *trigger*."""
        return (state, trigger) in self._compiled.candidates

    def hears(self, state: str, role: EventRole) -> bool:
        """Whether *state* has an event of that role."""
        return (state, role) in self._heard

    def event(self, state: str, role: EventRole) -> str:
        """The event of that role in *state*; raises KeyError where it hears none."""
        return self._heard[state, role]

    def role(self, event: str | None) -> EventRole | None:
        """What *event* means to the engine; None for the chart's own, and for what is no event of it."""
        return None if event is None else self._roles.get(event)

    def ending(self, ending: Ending) -> str:
        """The first state that means *ending*; raises LookupError where the chart has none."""
        for state in self._listed:
            if state.ending is ending:
                return state.name
        msg = f"no state of chart {self.name} is the ending {ending.name}"
        raise LookupError(msg)

    def completing(self, effect: str) -> State | None:
        """The state that waits for the bank's word on the effect of that name; None where none does."""
        return self._completing.get(effect)

    def asks_pin(self, state: str) -> bool:
        """Whether a form of *state* has the PIN in it."""
        return state in self._pins

    def asks_code(self, turn: Turn) -> bool:
        """Whether the turn's state waits for a call in which a code is keyed in (P4)."""
        asks = self._codes.get(turn.session.state, False)
        return not asks.holds(turn) if isinstance(asks, Guard) else asks

    def candidates(self, state: str, trigger: str) -> tuple[Candidate, ...]:
        """The candidates for *trigger* in *state*, each with the guard results it needs, in the Machine's order."""
        return self._compiled.candidates[state, trigger]

    def first(self, state: str, trigger: str) -> Step:
        """What is asked first, or taken, if *trigger* happens in *state*."""
        return self._compiled.first[state, trigger]

    def reads(self, state: str, trigger: str) -> frozenset[str]:
        """The names of the facts that the guards of *trigger* in *state* may ask for."""
        return self._compiled.reads[state, trigger]

    def form(self, state: str, trigger: str, method: str | None) -> type[attrs.AttrsInstance] | None:
        """The form that is submitted with *trigger* in *state*, or None."""
        form = self._forms.get((trigger, state))
        return form.get(method or "") if isinstance(form, Mapping) else form
