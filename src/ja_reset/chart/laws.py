"""The laws of charts, checked at construction: a wrong chart cannot be imported.

Each law is a generator of complaints. All of them are raised together in one ChartError, so that the author of a
procedure can fix everything at once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

import attrs

from ja_reset.bank._kinds import is_own_name
from ja_reset.chart._effect_laws import LAWS as EFFECT_LAWS
from ja_reset.chart._keeping_laws import LAWS as KEEPING_LAWS
from ja_reset.chart._kept import FACTS
from ja_reset.chart._reading_laws import LAWS as READING_LAWS
from ja_reset.chart._role_laws import (
    asking_brings_nothing,
    cancel_is_everywhere,
    endings_are_told_apart,
    extending_does_nothing,
    roles_are_told_apart,
    time_leads_out,
    what_is_awaited_has_an_event,
)
from ja_reset.chart._screen_laws import LAWS as SCREEN_LAWS
from ja_reset.chart._spec import ChartSpec
from ja_reset.chart.own_laws import LAWS as OWN_LAWS
from ja_reset.chart.own_laws import NOTHING_OWN, Own
from ja_reset.chart.states import Ending, State, StateKind
from ja_reset.chart.transitions import BY_CUSTOMER, EventRole, Guard, Handler, Transition, WaitWrite, guards_of
from ja_reset.errors import ChartError
from ja_reset.fields.specs import Role
from ja_reset.screens._codes import CODES

_SHOWN = 60
"""The characters of a wrong name that its error shows."""


def names_are_known(spec: ChartSpec) -> Iterator[str]:
    """States have one name each, and every transition begins and ends at one of them."""
    for name, count in Counter(state.name for state in spec.states).items():
        if count > 1:
            yield f"state {name} is declared {count} times"
    if spec.state(spec.initial) is None:
        yield f"the initial state {spec.initial} is not declared"
    for transition in spec.transitions:
        if spec.state(transition.source) is None:
            yield f"{transition.trigger}: unknown source {transition.source}"
        if transition.to is not None and spec.state(transition.to) is None:
            yield f"{transition.trigger} from {transition.source}: unknown destination {transition.to}"


def every_state_is_reached(spec: ChartSpec) -> Iterator[str]:
    """Transitions lead from the initial state to every state."""
    closed = {state.name for state in spec.states if state.ending is Ending.CLOSED}  # where it is not begun (E4)
    reached = _closure({spec.initial, *closed}, spec.follows())
    for state in spec.states:
        if state.name not in reached:
            yield f"state {state.name} cannot be reached"


def nothing_is_a_trap(spec: ChartSpec) -> Iterator[str]:
    """A final state can be reached from every state (A4)."""
    before: dict[str, set[str]] = defaultdict(set)
    for source, after in spec.follows().items():
        for name in after:
            before[name].add(source)
    escaping = _closure({state.name for state in spec.states if state.is_final}, before)
    for state in spec.states:
        if state.name not in escaping:
            yield f"state {state.name} is a trap: no final state can be reached from it"


def final_states_absorb(spec: ChartSpec) -> Iterator[str]:
    """A final state has no transitions (M2, A4)."""
    for transition in spec.transitions:
        source = spec.state(transition.source)
        if source is not None and source.is_final:
            yield f"final state {transition.source} has a way out: {transition.trigger}"


def every_event_has_an_otherwise(spec: ChartSpec) -> Iterator[str]:
    """The last transition of an event in a state has no condition, and only the last, so every event has an outcome."""
    places: dict[tuple[str, str], list[Transition]] = defaultdict(list)
    for transition in spec.transitions:
        places[transition.trigger, transition.source].append(transition)
    for (trigger, source), transitions in places.items():
        guarded = [bool(transition.conditions or transition.unless) for transition in transitions]
        if guarded[-1]:
            yield f"{trigger} from {source} has no otherwise"
        if not all(guarded[:-1]):
            yield f"{trigger} from {source} has a transition after the otherwise, which is never taken"


def transitions_differ(spec: ChartSpec) -> Iterator[str]:
    """No two transitions leave a state by the same event under the same conditions."""
    seen = Counter((a.trigger, a.source, frozenset(a.conditions), frozenset(a.unless)) for a in spec.transitions)
    for (trigger, source, *_), count in seen.items():
        if count > 1:
            yield f"{trigger} from {source} has {count} equal transitions"


def refusals_have_reasons(spec: ChartSpec) -> Iterator[str]:
    """A refusal gives a reason, and every reason code is published (M7, S9); what goes on is no refusal."""
    for transition in spec.transitions:
        for code in transition.codes:
            if code not in CODES and code not in spec.own.codes:
                yield f"{transition.trigger} from {transition.source}: unpublished reason {code}"
        goes_on = transition.to and (transition.assigns or transition.wait is WaitWrite.RELEASE)
        if transition.otherwise and not transition.codes and not goes_on:
            yield f"{transition.trigger} from {transition.source} refuses without a reason"


def guards_have_one_meaning(spec: ChartSpec) -> Iterator[str]:
    """The name of a guard is an identifier, and names one guard only."""
    named: dict[str, Guard] = {}
    for guard in (guard for handler in spec.handlers for guard in guards_of(handler)):
        if not guard.name.isidentifier() or guard.name.startswith("_"):
            yield f"{guard.name!r} must be an identifier to name a guard"
        if named.setdefault(guard.name, guard) is not guard:
            yield f"two guards are named {guard.name}"


def otherwise_is_ordered(spec: ChartSpec) -> Iterator[str]:
    """Of the outcomes of a failed check, only the last has no condition of its own."""
    for handler in spec.handlers:
        for each in handler.checks:
            if (
                not each.otherwise
                or each.otherwise[-1].when is not None
                or any(f.when is None for f in each.otherwise[:-1])
            ):
                where = f"{handler.trigger} from {handler.source}: the outcomes of {each.guard.name}"
                yield f"{where} are out of order: only the last may have no condition"


def screens_offer_the_events(spec: ChartSpec) -> Iterator[str]:
    """The buttons of a state's screens are events of that state, the same on each variant."""
    for state in spec.states:
        roles = {transition.trigger: transition.role for transition in spec.leaving[state.name]}
        triggers = set(roles)
        offered = [{button.event for button in plan.buttons if button.event is not None} for plan in state.plans]
        for events in offered:
            for event in sorted(events - triggers):
                yield f"state {state.name} shows a button for {event}, which it does not handle"
            if events != offered[0]:
                yield f"state {state.name} shows other buttons on its variants"
        shown = set().union(*offered) & triggers
        for event in sorted(event for event in shown if not _is_customers(roles[event], state)):
            yield f"state {state.name} shows a button for {event}, which is not the customer's to send"
        cancels = {event for event in triggers if roles[event] is EventRole.CANCEL}
        if any(not cancels <= events for events in offered):
            yield f"state {state.name} can be cancelled but shows no button for it"


def _is_customers(role: EventRole | None, state: State) -> bool:
    """Whether a customer may send an event of that role; while the bank is waited for, only "does it go on?" (M2a)."""
    if state.kind is StateKind.COMPLETING:
        return role in {EventRole.PROCEED, EventRole.CANCEL}  # that it cannot be cancelled is another law's to say
    return role is None or role in BY_CUSTOMER


def tolerated_events_are_no_events(spec: ChartSpec) -> Iterator[str]:
    """A state does not handle an event that it tolerates: a page's late button must have one meaning (P7)."""
    for state in spec.states:
        triggers = {transition.trigger for transition in spec.leaving[state.name]}
        for event in sorted(triggers & set(state.tolerates)):
            yield f"state {state.name} both handles and tolerates {event}"


def facts_exist(spec: ChartSpec) -> Iterator[str]:
    """What a state keeps is session data, or a value of the chart's own that some transition assigns."""
    for state in spec.states:
        for name in sorted(state.keeps - FACTS - spec.own.values):
            yield f"state {state.name} keeps {name}, which is no session data, and no transition assigns it"


def waits_fit(spec: ChartSpec) -> Iterator[str]:
    """A wait is opened by a transition into a waiting state, and ended by one out of it (P8)."""
    for transition in spec.transitions:
        source, goal = spec.state(transition.source), spec.state(transition.to or transition.source)
        if source is None or goal is None:
            continue
        enters = goal.kind is StateKind.WAITING and source.kind is not StateKind.WAITING
        leaves = source.kind is StateKind.WAITING and goal.kind is not StateKind.WAITING
        if enters != (transition.wait is WaitWrite.OPEN):
            where = f"{transition.trigger} from {source.name} to {goal.name}"
            yield f"{where}: a wait must be opened on entering a waiting state, and only there"
        if transition.wait is WaitWrite.RELEASE and not leaves:
            yield f"{transition.trigger} from {source.name} ends the wait, though its target still waits"
        if source.kind is goal.kind is StateKind.WAITING and _chooses(transition):
            where = f"{transition.trigger} from {source.name} chooses a phone, and {goal.name} waits for a call"
            yield f"{where} already: lead to a state where a phone is chosen"


def _chooses(transition: Transition) -> bool:
    return any(Role.PHONE_CHOICE in assign.roles for assign in transition.assigns)


LAWS: tuple[Callable[[ChartSpec], Iterator[str]], ...] = (
    names_are_known,
    every_state_is_reached,
    nothing_is_a_trap,
    final_states_absorb,
    cancel_is_everywhere,
    time_leads_out,
    what_is_awaited_has_an_event,
    asking_brings_nothing,
    extending_does_nothing,
    roles_are_told_apart,
    endings_are_told_apart,
    every_event_has_an_otherwise,
    transitions_differ,
    refusals_have_reasons,
    guards_have_one_meaning,
    otherwise_is_ordered,
    screens_offer_the_events,
    tolerated_events_are_no_events,
    facts_exist,
    waits_fit,
    *KEEPING_LAWS,
    *READING_LAWS,
    *EFFECT_LAWS,
    *SCREEN_LAWS,
)


def validate(
    *,
    name: str,
    initial: str,
    states: tuple[State, ...],
    handlers: tuple[Handler, ...],
    transitions: tuple[Transition, ...],
    own: Own = NOTHING_OWN,
) -> None:
    """Raise ChartError with the complaints of every law."""
    values = frozenset(
        assign.own for transition in transitions for assign in transition.assigns if assign.own is not None
    )
    own = attrs.evolve(own, states=states, values=values)
    spec = ChartSpec(initial=initial, states=states, handlers=handlers, transitions=transitions, own=own)
    complaints = [] if is_own_name(name) else ["it must have a name of 1 to 41 capitals, digits and _, a capital first"]
    complaints += [complaint for law in LAWS for complaint in law(spec)]
    complaints += [complaint for own_law in OWN_LAWS for complaint in own_law(own)]
    complaints = list(dict.fromkeys(complaints))
    if complaints:
        msg = f"chart {name if is_own_name(name) else repr(name[:_SHOWN])}: " + "; ".join(complaints)
        raise ChartError(msg)


def _closure(start: set[str], follows: dict[str, set[str]]) -> set[str]:
    reached, todo = set(start), list(start)
    while todo:
        for name in follows.get(todo.pop(), set()) - reached:
            reached.add(name)
            todo.append(name)
    return reached
