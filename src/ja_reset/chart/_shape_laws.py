"""What a chart is made of, by type: asked before its laws, which could not be asked of anything else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import attrgetter
from types import GeneratorType, NoneType
from typing import Any, Final, TypeVar

from ja_reset.chart.effects import EffectSpec
from ja_reset.chart.states import Ending, State, StateKind
from ja_reset.chart.transitions import Assign, Check, EventRole, Guard, Handler, Otherwise, WaitWrite
from ja_reset.errors import ChartError
from ja_reset.fields.specs import Role
from ja_reset.screens import ButtonPlan, FieldPlan, Notice, ScreenPlan
from ja_reset.text import Text

T = TypeVar("T")

_SHOWN = 60
"""The characters of a wrong name that its error shows."""


_One = tuple[type, ...]
"""A value of one of these types."""


class _Many:
    """Several values, each of that kind: `object` where a law says what they must be. `perhaps`: or None."""

    __slots__ = ("containers", "kind", "perhaps")

    def __init__(self, kind: type, *, perhaps: bool = False) -> None:
        self.kind = kind
        self.perhaps = perhaps
        self.containers = (tuple, frozenset, NoneType) if perhaps else (tuple, frozenset)


def _one(*kinds: Any) -> _One:  # noqa: ANN401 - Callable is no type to the type checker
    return kinds


SHAPES: Final[Mapping[type, Mapping[str, _One | _Many]]] = {
    State: {
        "name": _one(str),
        "kind": _one(StateKind),
        "screen": _one(ScreenPlan),
        "variants": _one(Mapping),
        "keeps": _Many(str),
        "tolerates": _Many(str),
        "on_entry": _Many(object),
        "ending": _one(Ending, NoneType),
    },
    ScreenPlan: {
        "id": _one(str),
        "title": _one(str),
        "breadcrumb": _Many(str),
        "application": _one(str, NoneType),
        "fields": _Many(FieldPlan),
        "buttons": _Many(ButtonPlan),
        "notices": _Many(Notice),
    },
    Handler: {
        "trigger": _one(str),
        "source": _one(str),
        "to": _one(str, NoneType),
        "role": _one(EventRole, NoneType),
        "checks": _Many(Check),
        "reasons": _Many(str),
        "assigns": _Many(Assign),
        "effects": _Many(object),
        "wait": _one(WaitWrite, NoneType),
    },
    Check: {"guard": _one(Guard), "otherwise": _Many(Otherwise)},
    Otherwise: {
        "to": _one(str, NoneType),
        "when": _one(Guard, NoneType),
        "reasons": _Many(str, perhaps=True),
        "assigns": _Many(Assign),
        "effects": _Many(object),
        "wait": _one(WaitWrite, NoneType),
    },
    Guard: {
        "name": _one(str),
        "holds": _one(Callable),
        "codes": _Many(str),
        "says": _one(Text),
        "reasons": _one(Callable, NoneType),
        "reads": _Many(object),
        "roles": _Many(Role),
    },
    Assign: {
        "name": _one(str),
        "change": _one(Callable),
        "reads": _Many(object),
        "roles": _Many(Role),
        "own": _one(str, NoneType),
        "order": _one(EffectSpec, NoneType),
    },
    EffectSpec: {
        "name": _one(str),
        "data": _one(Callable),
        "secrets": _Many(str),
        "needs": _Many(str),
        "reads": _Many(object),
        "roles": _Many(Role),
        "result": _Many(str, perhaps=True),
        "due": _one(Callable, NoneType),
        "locks": _one(bool),
    },
}
"""The parts of a chart, and of what type theirs are."""


_SCREENS: Final = _Many(ScreenPlan)
_READ: Final = {kind: attrgetter(*shape) for kind, shape in SHAPES.items()}
_SEVERAL: Final = {
    kind: tuple((name, of.kind) for name, of in shape.items() if isinstance(of, _Many))
    for kind, shape in SHAPES.items()
}
_SINGLE: Final = {
    kind: tuple(name for name, of in shape.items() if not isinstance(of, _Many) and any(each in SHAPES for each in of))
    for kind, shape in SHAPES.items()
}
"""Which of a part's attributes are several values, and which are a part of their own."""


def listed(values: Iterable[T]) -> tuple[T, ...]:
    """The values, once; what is no iterable is left for `shapes_fit` to complain of."""
    return tuple(values) if isinstance(values, Iterable) else values


def shapes_fit(
    name: object,
    *,
    title: object,
    states: object,
    handlers: object,
    retired: object,
    texts: object,
    codes: object,
    policies: object,
) -> None:
    """Raise ChartError with all that is of another type than a chart is made of."""
    complaints = [
        *_fits("name", name, _one(str)),
        *_fits("title", title, _one(Text)),
        *_are("states", states, State),
        *_are("handlers", handlers, Handler),
        *_fits("retired", retired, _one(Mapping)),
        *_fits("texts", texts, _one(Mapping)),
        *_fits("codes", codes, _one(Mapping)),
        *_fits("policies", policies, _one(Iterable)),
    ]
    sound: set[object] = set()
    for part in (each for several in (states, handlers) if isinstance(several, tuple) for each in several):
        if not _is_sound(part, sound):
            complaints += _parts(part, "")
    if complaints:
        msg = f"chart {str(name)[:_SHOWN]}: " + "; ".join(dict.fromkeys(complaints))
        raise ChartError(msg)


def _is_sound(part: object, sound: set[object]) -> bool:
    """Whether nothing is wrong in *part*, nor in what it is made of; where it is not sure, `_parts` says.

    *sound*: the parts that are known to be, by identity, and what types the values of such a part have together.
    """
    if id(part) in sound:
        return True
    kind = type(part)
    read = _READ.get(kind)
    if read is None:
        return False
    values = read(part)
    types = (kind, *map(type, values))
    if types not in sound and not all(map(_is_fit, values, SHAPES[kind].values())):
        return False
    several = [(getattr(part, name), of) for name, of in _SEVERAL[kind]]
    if isinstance(part, State):
        several.append((part.variants.values(), ScreenPlan))
    fits = all(_are_sound(given, of, sound) for given, of in several if given)
    for name in _SINGLE[kind] if fits else ():
        given = getattr(part, name)
        fits = fits and (given is None or _is_sound(given, sound))
    if fits:
        sound.update((types, id(part)))
    return fits


def _are_sound(values: Iterable[object], kind: type, sound: set[object]) -> bool:
    """Whether the values are of that kind, and those that are parts are sound."""
    for value in values:
        if not isinstance(value, kind) or isinstance(value, GeneratorType):
            return False
        if type(value) in SHAPES and not _is_sound(value, sound):
            return False
    return True


def _is_fit(value: object, kind: _One | _Many) -> bool:
    return isinstance(value, kind.containers if isinstance(kind, _Many) else kind)


def _parts(part: object, where: str) -> Iterator[str]:
    """What is wrong in *part*, and in all that it is made of."""
    shape = SHAPES.get(type(part))
    if shape is None:
        return
    owner = _owner(part, where)
    for name, kind in shape.items():
        given = getattr(part, name)
        yield from _fits(f"{name} of {owner}", given, kind)
        if isinstance(given, Mapping):  # a screen for each method
            given = tuple(given.values())
            yield from _fits(f"{name} of {owner}", given, _SCREENS)
        for each in given if isinstance(given, tuple) else (given,):
            yield from _parts(each, owner)


def _owner(part: object, where: str) -> str:
    match part:
        case State():
            return f"state {str(part.name)[:_SHOWN]}"
        case ScreenPlan():
            return f"the screen {str(part.id)[:_SHOWN]} of {where}"
        case Handler():
            return f"{str(part.trigger)[:_SHOWN]} from {str(part.source)[:_SHOWN]}"
        case Check():
            return where
        case Otherwise():
            return f"an outcome in {where}"
        case _:
            return str(part)


def _fits(what: str, value: object, kind: _One | _Many) -> Iterator[str]:
    if isinstance(kind, _Many):
        if value is not None or not kind.perhaps:
            yield from _each(what, value, kind.kind)
    elif not isinstance(value, kind):
        named = " or ".join("None" if each is NoneType else each.__name__ for each in kind)
        yield f"{what} must be of type {named}, not {type(value).__name__}"


def _each(what: str, values: object, kind: type) -> Iterator[str]:
    if not isinstance(values, tuple | frozenset):
        named = "" if kind is object else f" of {kind.__name__}s"
        yield f"{what} must be a tuple{named}, not {type(values).__name__}"
        return
    yield from _one_by_one(what, values, kind)


def _are(what: str, values: object, kind: type) -> Iterator[str]:
    if not isinstance(values, tuple):
        yield f"{what} must be an iterable of {kind.__name__}s, not {type(values).__name__}"
        return
    yield from _one_by_one(what, values, kind)


def _one_by_one(what: str, values: Iterable[object], kind: type) -> Iterator[str]:
    for value in values:
        if isinstance(value, GeneratorType):
            yield f"{what} must be {kind.__name__}s, not a generator: unpack it, as in *common.cancel(…)"
        elif isinstance(value, tuple | list) and kind is not object:
            named = f"not a {type(value).__name__}: unpack it, as in *common.pin_is_proved"
            yield f"{what} must be {kind.__name__}s, {named}"
        elif not isinstance(value, kind):
            yield f"{what} must be {kind.__name__}s, not {type(value).__name__}"
