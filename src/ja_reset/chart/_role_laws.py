"""The laws of events by their roles: time leads out, cancelling is everywhere, who is waited for has an event."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ja_reset.chart._spec import ChartSpec
from ja_reset.chart.states import Ending, StateKind
from ja_reset.chart.transitions import EventRole, Handler

CLOCK_ROLES = {
    StateKind.FORM: (EventRole.TIME_RAN_OUT, EventRole.CLOCK_WENT_BACK),
    StateKind.WAITING: (EventRole.WINDOW_CLOSED, EventRole.CLOCK_WENT_BACK),
    StateKind.COMPLETING: (),
}
"""The events by which time leads out of each kind of state (S3, P6, M2a)."""


HEARD_ROLES = {
    StateKind.WAITING: frozenset({EventRole.CALL, EventRole.KEYS, EventRole.CALL_ENDED, EventRole.CONTESTED}),
    StateKind.COMPLETING: frozenset({EventRole.CONFIRMED, EventRole.REFUSED}),
}
"""The events that each kind of state waits for; keys, and the end of a call, only after a call was answered."""

_OF_A_CALL = frozenset({EventRole.KEYS, EventRole.CALL_ENDED})


_ALL_AWAITED = frozenset().union(*HEARD_ROLES.values())


def cancel_is_everywhere(spec: ChartSpec) -> Iterator[str]:
    """申込を中止する (cancel) works in every state that is not final, except COMPLETING (M3, M2a)."""
    cancelled = {transition.source for transition in spec.transitions if transition.role is EventRole.CANCEL}
    for state in spec.states:
        if state.kind is StateKind.COMPLETING and state.name in cancelled:
            yield f"state {state.name} is completing and cannot be cancelled"
        elif state.kind in {StateKind.FORM, StateKind.WAITING} and state.name not in cancelled:
            yield f"state {state.name} cannot be cancelled"


def time_leads_out(spec: ChartSpec) -> Iterator[str]:
    """Each state handles the clock's events that its kind needs, and no others (S3, P6)."""
    every = {role for roles in CLOCK_ROLES.values() for role in roles}
    for state in spec.states:
        has = spec.roles(state) & every
        needs = set(CLOCK_ROLES.get(state.kind, ()))
        for role in _in_order(needs - has):
            yield f"state {state.name} must handle the clock's event (role {role.name})"
        for role in _in_order(has - needs):
            yield f"state {state.name} must not handle the clock's event (role {role.name})"


def what_is_awaited_has_an_event(spec: ChartSpec) -> Iterator[str]:
    """A state handles what it waits for, and nothing else: calls, keys (P2, P4), other sessions (P8), the bank (C4)."""
    for state in spec.states:
        has = spec.roles(state)
        hears = HEARD_ROLES.get(state.kind, frozenset())
        # without CALL_ENDED, a call that is over is waited in until the window closes
        needs = hears - ({EventRole.CALL_ENDED} if "answered" in state.keeps else _OF_A_CALL)
        for role in _in_order(needs - has):
            yield f"state {state.name} lacks an event of role {role.name}"
        for role in _in_order(has & _ALL_AWAITED - hears):
            yield f"state {state.name} must not have an event of role {role.name}"


def roles_are_told_apart(spec: ChartSpec) -> Iterator[str]:
    """An event has one role, or none, wherever the chart has it; a state has one event of a role."""
    named: dict[str, EventRole | None] = {}
    places: dict[tuple[str, EventRole], str] = {}
    for transition in spec.transitions:
        role = named.setdefault(transition.trigger, transition.role)
        if role is not transition.role:
            there = f"in {transition.source} {_name(transition.role)}"
            yield f"{transition.trigger} has the role {_name(role)}, and {there}"
        elif (
            role is not None and places.setdefault((transition.source, role), transition.trigger) != transition.trigger
        ):
            other = places[transition.source, role]
            yield f"state {transition.source} has two events of role {role.name}: {other} and {transition.trigger}"


def asking_brings_nothing(spec: ChartSpec) -> Iterator[str]:
    """An event of role PROCEED, BACK, CANCEL or EXTEND has no form: it may name an older view (P7, S3)."""
    for handler in spec.handlers:
        if handler.role in _WITHOUT_FORM and handler.form is not None:
            yield f"{handler.trigger} from {handler.source} has the role {_name(handler.role)}, which takes no form"


_WITHOUT_FORM = frozenset({EventRole.PROCEED, EventRole.BACK, EventRole.CANCEL, EventRole.EXTEND})


def extending_does_nothing(spec: ChartSpec) -> Iterator[str]:
    """An event of role EXTEND stays in its form and changes nothing but when the customer was last there (S3)."""
    for handler in (each for each in spec.handlers if each.role is EventRole.EXTEND):
        source = spec.state(handler.source)
        where = f"{handler.trigger} from {handler.source} has the role EXTEND"
        if source is not None and source.kind is not StateKind.FORM:
            yield f"{where}, and no form is idle there: let a state that shows a form handle it"
        if handler.to is not None or handler.wait is not None or _does_something(handler):
            yield f"{where}, which stays and has no checks, reasons, assignments or effects"


def _does_something(handler: Handler) -> bool:
    return bool(handler.checks or handler.reasons or handler.assigns or handler.effects)


def endings_are_told_apart(spec: ChartSpec) -> Iterator[str]:
    """A chart has one state that means EXPIRED (S4), and CLOSED at most once (E4); only endings mean anything."""
    expired = list(dict.fromkeys(state.name for state in spec.states if state.ending is Ending.EXPIRED))
    if len(expired) != 1:
        yield f"one state must be the ending {Ending.EXPIRED.name}, not {' and '.join(expired) or 'none'}"
    closed = [state.name for state in spec.states if state.ending is Ending.CLOSED]
    if len(closed) > 1:
        yield f"one state can be the ending {Ending.CLOSED.name}, not {' and '.join(closed)}"
    for state in spec.states:
        if state.ending is not None and state.kind is not StateKind.ENDING:
            yield f"state {state.name} is no ending, and means {state.ending.name}"


def _in_order(roles: Iterable[EventRole]) -> list[EventRole]:
    return sorted(roles, key=lambda role: role.name)


def _name(role: EventRole | None) -> str:
    return "none" if role is None else role.name
