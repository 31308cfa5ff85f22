"""The laws of a chart, checked when it is made: a chart that is wrong cannot be imported.

Each law is a generator of complaints. `obey` raises one ChartError with all of them, so that whoever writes a
procedure mends it in one go.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator

import attrs

from ja_reset.arrows import (
    BY_CUSTOMER,
    Arrow,
    Ending,
    EventRole,
    Guard,
    State,
    StateKind,
    Step,
    WaitWrite,
    guards_of,
)
from ja_reset.errors import ChartError
from ja_reset.messages import CODES
from ja_reset.own_laws import LAWS as OWN_LAWS
from ja_reset.own_laws import NOTHING_OWN, Own
from ja_reset.session import FACTS

CLOCK_ROLES = {
    StateKind.FORM: (EventRole.TIME_RAN_OUT, EventRole.CLOCK_WENT_BACK),
    StateKind.WAITING: (EventRole.WINDOW_CLOSED, EventRole.CLOCK_WENT_BACK),
    StateKind.COMPLETING: (),
}
"""The events by which time leads out of each kind of state (S3, P6, M2a)."""

HEARD_ROLES = {
    StateKind.WAITING: frozenset({EventRole.CALL, EventRole.KEYS, EventRole.CONTESTED}),
    StateKind.COMPLETING: frozenset({EventRole.CONFIRMED, EventRole.REFUSED}),
}
"""The events by which each kind of state learns what it waits for; keys only where a call is answered."""

_ALL_HEARD = frozenset().union(*HEARD_ROLES.values())


@attrs.frozen(eq=False, repr=False, kw_only=True)
class Draft:
    """A chart before it is one."""

    initial: str
    states: tuple[State, ...]
    steps: tuple[Step, ...]
    arrows: tuple[Arrow, ...]
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
        return {arrow.role for arrow in self.arrows if arrow.source == state.name and arrow.role is not None}

    def follows(self) -> dict[str, set[str]]:
        """Which states an arrow leads to from each."""
        after: dict[str, set[str]] = defaultdict(set)
        for arrow in self.arrows:
            if arrow.to is not None:
                after[arrow.source].add(arrow.to)
        return after


def names_are_known(draft: Draft) -> Iterator[str]:
    """States have one name each, and every arrow begins and ends at one of them."""
    for name, count in Counter(state.name for state in draft.states).items():
        if count > 1:
            yield f"state {name} is declared {count} times"
    if draft.state(draft.initial) is None:
        yield f"the initial state {draft.initial} is not declared"
    for arrow in draft.arrows:
        if draft.state(arrow.source) is None:
            yield f"{arrow.trigger}: unknown source {arrow.source}"
        if arrow.to is not None and draft.state(arrow.to) is None:
            yield f"{arrow.trigger} from {arrow.source}: unknown destination {arrow.to}"


def every_state_is_reached(draft: Draft) -> Iterator[str]:
    """From the initial state the arrows lead to every state."""
    reached = _closure({draft.initial}, draft.follows())
    for state in draft.states:
        if state.name not in reached:
            yield f"state {state.name} cannot be reached"


def nothing_is_a_trap(draft: Draft) -> Iterator[str]:
    """From every state a final one can be reached (A4)."""
    before: dict[str, set[str]] = defaultdict(set)
    for source, after in draft.follows().items():
        for name in after:
            before[name].add(source)
    escaping = _closure({state.name for state in draft.states if state.is_final}, before)
    for state in draft.states:
        if state.name not in escaping:
            yield f"state {state.name} is a trap: no final state can be reached"


def final_states_absorb(draft: Draft) -> Iterator[str]:
    """A final state has no arrow at all (M2, A4)."""
    for arrow in draft.arrows:
        source = draft.state(arrow.source)
        if source is not None and source.is_final:
            yield f"final state {arrow.source} has a way out: {arrow.trigger}"


def cancel_is_everywhere(draft: Draft) -> Iterator[str]:
    """申込を中止する works in every state that is not final, COMPLETING apart (M3, M2a)."""
    cancelled = {arrow.source for arrow in draft.arrows if arrow.role is EventRole.CANCEL}
    for state in draft.states:
        if state.kind is StateKind.COMPLETING and state.name in cancelled:
            yield f"state {state.name} is completing and cannot be cancelled"
        elif state.kind in {StateKind.FORM, StateKind.WAITING} and state.name not in cancelled:
            yield f"state {state.name} cannot be cancelled"


def time_leads_out(draft: Draft) -> Iterator[str]:
    """Each state has the clock's events that its kind needs, and no other (S3, P6)."""
    every = {role for roles in CLOCK_ROLES.values() for role in roles}
    for state in draft.states:
        has = draft.roles(state) & every
        needs = set(CLOCK_ROLES.get(state.kind, ()))
        for role in _in_order(needs - has):
            yield f"state {state.name} lacks the clock's event (role {role.name})"
        for role in _in_order(has - needs):
            yield f"state {state.name} must not have the clock's event (role {role.name})"


def everybody_is_heard(draft: Draft) -> Iterator[str]:
    """Who is waited for has an event, and nobody else: caller and keys (P2, P4), other sessions (P8), the bank (C4)."""
    for state in draft.states:
        has = draft.roles(state)
        hears = HEARD_ROLES.get(state.kind, frozenset())
        needs = hears if "answered" in state.keeps else hears - {EventRole.KEYS}
        for role in _in_order(needs - has):
            yield f"state {state.name} lacks an event of role {role.name}"
        for role in _in_order(has & _ALL_HEARD - hears):
            yield f"state {state.name} must not have an event of role {role.name}"


def roles_are_told_apart(draft: Draft) -> Iterator[str]:
    """An event has one role, or none, wherever the chart has it; a state has one event of a role."""
    named: dict[str, EventRole | None] = {}
    places: dict[tuple[str, EventRole], str] = {}
    for arrow in draft.arrows:
        role = named.setdefault(arrow.trigger, arrow.role)
        if role is not arrow.role:
            yield f"{arrow.trigger} has the role {_name(role)}, and in {arrow.source} {_name(arrow.role)}"
        elif role is not None and places.setdefault((arrow.source, role), arrow.trigger) != arrow.trigger:
            other = places[arrow.source, role]
            yield f"state {arrow.source} has two events of role {role.name}: {other} and {arrow.trigger}"


def endings_are_told_apart(draft: Draft) -> Iterator[str]:
    """A chart has one state that means EXPIRED, for sessions whose state is gone (S4); only endings mean anything."""
    expired = list(dict.fromkeys(state.name for state in draft.states if state.ending is Ending.EXPIRED))
    if len(expired) != 1:
        yield f"one state must be the ending EXPIRED, not {' and '.join(expired) or 'none'}"
    for state in draft.states:
        if state.ending is not None and state.kind is not StateKind.ENDING:
            yield f"state {state.name} is no ending, and means {state.ending.name}"


def every_event_has_an_otherwise(draft: Draft) -> Iterator[str]:
    """The last arrow of an event in a state is unguarded, and only the last: nothing is silent, nothing dead."""
    places: dict[tuple[str, str], list[Arrow]] = defaultdict(list)
    for arrow in draft.arrows:
        places[arrow.trigger, arrow.source].append(arrow)
    for (trigger, source), arrows in places.items():
        guarded = [bool(arrow.conditions or arrow.unless) for arrow in arrows]
        if guarded[-1]:
            yield f"{trigger} from {source} has no otherwise"
        if not all(guarded[:-1]):
            yield f"{trigger} from {source} has an arrow behind the otherwise"


def arrows_differ(draft: Draft) -> Iterator[str]:
    """No two arrows leave a state by the same event under the same conditions."""
    seen = Counter((a.trigger, a.source, frozenset(a.conditions), frozenset(a.unless)) for a in draft.arrows)
    for (trigger, source, *_), count in seen.items():
        if count > 1:
            yield f"{trigger} from {source} has {count} equal arrows"


def falls_have_reasons(draft: Draft) -> Iterator[str]:
    """A fall says why, unless it is a way on; every code is published (M7, S9)."""
    for arrow in draft.arrows:
        for code in arrow.codes:
            if code not in CODES and code not in draft.own.codes:
                yield f"{arrow.trigger} from {arrow.source}: unpublished reason {code}"
        if arrow.falls and not arrow.codes and not (arrow.to and arrow.learns):
            yield f"{arrow.trigger} from {arrow.source} falls without a reason"


def guards_have_one_meaning(draft: Draft) -> Iterator[str]:
    """A guard's name is a plain identifier that names one guard only."""
    named: dict[str, Guard] = {}
    for guard in (guard for step in draft.steps for guard in guards_of(step)):
        if not guard.name.isidentifier() or guard.name.startswith("_"):
            yield f"{guard.name!r} cannot name a guard"
        if named.setdefault(guard.name, guard) is not guard:
            yield f"two guards are named {guard.name}"


def falls_are_ordered(draft: Draft) -> Iterator[str]:
    """Of the falls from a rung only the last has no condition of its own."""
    for step in draft.steps:
        for each in step.ladder:
            if not each.falls or each.falls[-1].when is not None or any(f.when is None for f in each.falls[:-1]):
                yield f"{step.trigger} from {step.source}: falls of {each.guard.name} are out of order"


def screens_offer_the_events(draft: Draft) -> Iterator[str]:
    """The buttons of a state's screens are events of that state, a customer's, and the same on each variant."""
    for state in draft.states:
        roles = {arrow.trigger: arrow.role for arrow in draft.arrows if arrow.source == state.name}
        triggers = set(roles)
        offered = [{button.event for button in plan.buttons if button.event is not None} for plan in state.plans]
        for events in offered:
            for event in sorted(events - triggers):
                yield f"state {state.name} shows a button for {event}, which it does not have"
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


def echoes_are_no_events(draft: Draft) -> Iterator[str]:
    """What a state merely echoes is no event of it: a page's late button must not mean both (P7)."""
    for state in draft.states:
        triggers = {arrow.trigger for arrow in draft.arrows if arrow.source == state.name}
        for event in sorted(triggers & set(state.echoes)):
            yield f"state {state.name} both has and echoes {event}"


def facts_exist(draft: Draft) -> Iterator[str]:
    """What a state keeps is a fact that a session can keep, or a value of the chart's own."""
    for state in draft.states:
        for name in sorted(state.keeps - FACTS - draft.own.values):
            yield f"state {state.name} keeps {name}, which is no fact"


def waits_fit(draft: Draft) -> Iterator[str]:
    """A wait is opened by an arrow into a waiting state, and released by one out of it (P8)."""
    for arrow in draft.arrows:
        source, goal = draft.state(arrow.source), draft.state(arrow.to or arrow.source)
        if source is None or goal is None:
            continue
        enters = goal.kind is StateKind.WAITING and source.kind is not StateKind.WAITING
        leaves = source.kind is StateKind.WAITING and goal.kind is not StateKind.WAITING
        if enters != (arrow.wait is WaitWrite.OPEN):
            yield f"{arrow.trigger} from {source.name} to {goal.name}: a wait is opened exactly where one begins"
        if arrow.wait is WaitWrite.RELEASE and not leaves:
            yield f"{arrow.trigger} from {source.name} releases a wait that goes on"


LAWS: tuple[Callable[[Draft], Iterator[str]], ...] = (
    names_are_known,
    every_state_is_reached,
    nothing_is_a_trap,
    final_states_absorb,
    cancel_is_everywhere,
    time_leads_out,
    everybody_is_heard,
    roles_are_told_apart,
    endings_are_told_apart,
    every_event_has_an_otherwise,
    arrows_differ,
    falls_have_reasons,
    guards_have_one_meaning,
    falls_are_ordered,
    screens_offer_the_events,
    echoes_are_no_events,
    facts_exist,
    waits_fit,
)


def obey(
    *,
    name: str,
    initial: str,
    states: tuple[State, ...],
    steps: tuple[Step, ...],
    arrows: tuple[Arrow, ...],
    own: Own = NOTHING_OWN,
) -> None:
    """Raise ChartError with every complaint of every law."""
    values = frozenset(learn.own for arrow in arrows for learn in arrow.learns if learn.own is not None)
    own = attrs.evolve(own, states=states, values=values)
    draft = Draft(initial=initial, states=states, steps=steps, arrows=arrows, own=own)
    complaints = [complaint for law in LAWS for complaint in law(draft)]
    complaints += [complaint for own_law in OWN_LAWS for complaint in own_law(own)]
    if complaints:
        msg = f"chart {name}: " + "; ".join(complaints)
        raise ChartError(msg)


def _in_order(roles: Iterable[EventRole]) -> list[EventRole]:
    return sorted(roles, key=lambda role: role.name)


def _name(role: EventRole | None) -> str:
    return "none" if role is None else role.name


def _closure(start: set[str], follows: dict[str, set[str]]) -> set[str]:
    reached, todo = set(start), list(start)
    while todo:
        for name in follows.get(todo.pop(), set()) - reached:
            reached.add(name)
            todo.append(name)
    return reached
