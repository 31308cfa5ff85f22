"""What a drawing tells of any flat `transitions.Machine`, read from its states and events as they are."""

from __future__ import annotations

from collections.abc import Iterator

from transitions import Machine
from transitions import Transition as EngineTransition

from ja_reset.chart.states import StateKind
from ja_reset.diagrams._model import Line, Node, main_path
from ja_reset.errors import InvalidArgument
from ja_reset.text import Text


def title_of(machine: Machine) -> str:
    """The machine's name; `transitions` puts a colon behind it."""
    return str(machine.name).rstrip(": ") or type(machine).__name__


def lines_of_machine(machine: Machine) -> tuple[Line, ...]:
    """Every transition, state by state, in the order of checking; the automatic `to_STATE` ones are left out.

    Raises InvalidArgument for a hierarchical machine, and for one without states.
    """
    if not machine.states:
        msg = f"{title_of(machine)} has no states; a drawing needs at least one"
        raise InvalidArgument(msg)
    if any(hasattr(state, "states") and state.states for state in machine.states.values()):
        msg = f"{title_of(machine)} is hierarchical; only a flat transitions.Machine can be drawn"
        raise InvalidArgument(msg)
    automatic = {f"to_{name}" for name in machine.states} if machine.auto_transitions else set()
    return tuple(
        _line(event.name, transition)
        for state in machine.states
        for event in machine.events.values()
        if event.name not in automatic
        for transition in event.transitions.get(state, ())
    )


def nodes_of_machine(machine: Machine, lines: tuple[Line, ...], path: tuple[Line, ...]) -> tuple[Node, ...]:
    """One node a state; a final state that ends the main path is the success, one with a way out is no ending."""
    ways = {initial_of(machine), *(name for line in path for name in (line.source, line.target))}
    left = {line.source for line in lines}
    return tuple(
        Node(
            name=name,
            states=(name,),
            kind=_kind(final=final and name not in left, on_path=name in ways),
            screen=name,
            title=Text(name, name),
            limit=None,
            keeps=(),
            on_path=name in ways,
        )
        for name, final in _finals(machine)
    )


def path_of_machine(machine: Machine, lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """The way to the first final state; without one, the first transition out of each state to one not yet seen."""
    initial = initial_of(machine)
    for goal in (name for name, final in _finals(machine) if final):
        if path := main_path(lines, initial=initial, goals={goal}):
            return path
    seen, way = {initial}, list[Line]()
    while True:
        here = way[-1].target if way else initial
        following = next((line for line in lines if line.source == here and line.target not in seen), None)
        if following is None:
            return tuple(way)
        seen.add(following.target)
        way.append(following)


def initial_of(machine: Machine) -> str:
    """The state in which it begins, or its first one."""
    return str(next(iter(machine.states)) if machine.initial is None else machine.initial)


def _finals(machine: Machine) -> Iterator[tuple[str, bool]]:
    for name, state in machine.states.items():
        yield name, bool(state.final)


def _kind(*, final: bool, on_path: bool) -> StateKind:
    if not final:
        return StateKind.FORM
    return StateKind.SUCCESS if on_path else StateKind.ENDING


def _line(trigger: str, transition: EngineTransition) -> Line:
    wanted = tuple(_name(each.func) for each in transition.conditions if each.target)
    unwanted = tuple(_name(each.func) for each in transition.conditions if not each.target)
    words = ", ".join([*wanted, *(f"!{name}" for name in unwanted)])
    return Line(
        source=transition.source,
        target=transition.source if transition.dest is None else transition.dest,
        stays=transition.dest is None,
        trigger=trigger,
        event=Text(trigger, trigger),
        guarded=bool(words),
        falls=False,
        fails=None,
        when=Text(words, words) if words else None,
        conditions=wanted,
        unless=unwanted,
        codes=(),
        effects=(),
    )


def _name(function: object) -> str:
    """A condition is a name, or something that is called; a lambda has no better name than its place."""
    if isinstance(function, str):
        return function
    name = str(getattr(function, "__qualname__", type(function).__name__))
    return name.rpartition("<locals>.")[2].rpartition(".")[2].strip("<>")
