"""What a chart is made of, by type: asked before its laws, which could not be asked of anything else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import GeneratorType
from typing import TypeVar

from ja_reset.chart.states import State
from ja_reset.chart.transitions import Handler, guards_of
from ja_reset.errors import ChartError
from ja_reset.text import Text

T = TypeVar("T")

_SHOWN = 60
"""The characters of a wrong name that its error shows."""


def listed(values: Iterable[T]) -> tuple[T, ...]:
    """The values, once; what is no iterable is left for `shapes_fit` to complain of."""
    return tuple(values) if isinstance(values, Iterable) else values


def shapes_fit(
    name: object, *, title: object, states: object, handlers: object, texts: object, codes: object, policies: object
) -> None:
    """Raise ChartError with all that is of another type than a chart is made of."""
    complaints = [
        *_is("name", name, str),
        *_is("title", title, Text),
        *_are("states", states, State),
        *_are("handlers", handlers, Handler),
        *_is("texts", texts, Mapping),
        *_is("codes", codes, Mapping),
        *_is("policies", policies, Iterable),
    ]
    for handler in handlers if isinstance(handlers, tuple) else ():
        for guard in guards_of(handler) if isinstance(handler, Handler) else ():
            complaints += _is(f"says of guard {guard.name}", guard.says, Text)
    if complaints:
        msg = f"chart {str(name)[:_SHOWN]}: " + "; ".join(dict.fromkeys(complaints))
        raise ChartError(msg)


def _is(what: str, value: object, kind: type) -> Iterator[str]:
    if not isinstance(value, kind):
        yield f"{what} must be of type {kind.__name__}, not {type(value).__name__}"


def _are(what: str, values: object, kind: type) -> Iterator[str]:
    if not isinstance(values, tuple):
        yield f"{what} must be an iterable of {kind.__name__}s, not {type(values).__name__}"
        return
    for value in values:
        if isinstance(value, GeneratorType):
            yield f"{what} must be {kind.__name__}s, not a generator: unpack it, as in *common.cancel(…)"
        elif not isinstance(value, kind):
            yield f"{what} must be {kind.__name__}s, not {type(value).__name__}"
