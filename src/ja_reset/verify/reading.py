"""Which attributes a guard or a learn can read, as its compiled code names them.

A counter that no guard can read from a state on need not be told apart there; a clock that a guard reads by itself has
phases that nobody knows. So every attribute name in the code is found, through nested functions and through the plain
functions that it calls. It errs on the side of more: what cannot be looked into is said to read everything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from types import CodeType, FunctionType

from ja_reset.arrows import Guard, Learn
from ja_reset.chart import Chart

COUNTERS = ("tries", "windows", "wrong_codes")
"""The counts of a session."""

METHOD = "method"
"""The method that was chosen, by which a state may show another screen and read another form."""

WAIT = "WAIT"
"""The name by which a guard reads the number's row."""

EVERYTHING = "*"
"""Stands for every attribute: the code of a callable object, or of one written in C, is not seen."""


def attributes_read(function: Callable[..., object]) -> frozenset[str]:
    """The attribute names in the code of *function* and of what it calls, or `EVERYTHING` among them."""
    names: set[str] = set()
    seen: set[int] = set()
    todo: list[object] = [function]
    while todo:
        each = todo.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        if not isinstance(each, FunctionType):
            names.add(EVERYTHING)
            continue
        for code in _codes(each.__code__):
            names.update(code.co_names)
            names.update(name for name in code.co_consts if isinstance(name, str))
            todo.extend(
                found
                for name in code.co_names
                if isinstance(found := each.__globals__.get(name), FunctionType | Guard | Learn)
            )
        cells = each.__closure__ or ()
        todo.extend(cell.cell_contents for cell in cells if isinstance(cell.cell_contents, FunctionType))
    return frozenset(names)


def reads_of_guard(guard: Guard) -> frozenset[str]:
    """What a guard, or the reasons that it gives, can read."""
    reasons = attributes_read(guard.reasons) if guard.reasons else frozenset[str]()
    return attributes_read(guard.holds) | reasons


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def live_names(chart: Chart) -> dict[str, frozenset[str]]:
    """The counters, and other names, that a guard can read in a state or after it."""
    counters = frozenset({*COUNTERS, WAIT, METHOD})
    learns = {learn.name: attributes_read(learn.change) for arrow in chart.arrows for learn in arrow.learns}
    guards = {name: reads_of_guard(guard) for name, guard in chart.guards.items()}
    here: dict[str, set[str]] = defaultdict(set)
    for arrow in chart.arrows:
        for names in (
            *(guards[name] for name in (*arrow.conditions, *arrow.unless)),
            *(learns[learn.name] for learn in arrow.learns),
        ):
            read = counters if EVERYTHING in names else names & counters
            here[arrow.source] |= read | (counters & {"wrong_codes"} if "wrong" in names else set())
    for step in chart.steps:
        if isinstance(step.form, Mapping):
            here[step.source].add(METHOD)
    after: dict[str, set[str]] = {name: set(here[name]) for name in chart.states}
    grown = True
    while grown:
        grown = False
        for arrow in chart.arrows:
            if arrow.to is not None and not after[arrow.to] <= after[arrow.source]:
                after[arrow.source] |= after[arrow.to]
                grown = True
    return {name: frozenset(read) for name, read in after.items()}
