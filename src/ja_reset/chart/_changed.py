"""Frozen values, made and changed in a fraction of the time that their own constructor takes: sessions change all day.

The constructor of a frozen class sets each field through `object.__setattr__`, which takes most of its time. Here the
fields are set in a *draft*: an object of a class that has the same slots and is not frozen. Complete, it gets the class
of the value, as Python allows for classes with equal `__slots__`. Until then nobody else sees it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

import attrs

T = TypeVar("T")


def made(kind: type[T], fields: Mapping[str, object]) -> T:
    """As `kind(**fields)` does it, for a frozen class of which a draft can be made (see `draft_of`)."""
    return finished(draft_of(kind)(**fields), kind)  # type: ignore[arg-type]  # a class is hashable


def changed(value: T, **fields: object) -> T:
    """As `attrs.evolve` does it, for such a class; raises KeyError for a field that it has not."""
    if not fields:
        return value
    copy = draft_from(value)
    for name, each in fields.items():
        try:
            setattr(copy, name, each)
        except AttributeError:
            raise KeyError(name) from None
    return finished(copy, type(value))


def draft_from(value: object) -> Any:  # noqa: ANN401 - a class of its own for each class
    """A draft that is alike, to be changed and `finished`."""
    draft, read = _copier(type(value))  # type: ignore[arg-type]  # as above
    return draft(*read(value))


def finished(draft: Any, kind: type[T]) -> T:  # noqa: ANN401 - as above
    """The draft as the frozen value that it has become: an object of *kind*."""
    draft.__class__ = kind
    return draft  # type: ignore[no-any-return]  # it is one now


@cache
def draft_of(kind: type) -> type:
    """The class of its drafts: *kind* itself where it checks or converts anything, or has weak references."""
    fields = attrs.fields(kind)
    checks = hasattr(kind, "__attrs_post_init__") or any(each.validator or each.converter for each in fields)
    if checks or kind.__weakrefoffset__:
        return kind
    alike = {each.name: attrs.field(default=each.default) for each in fields}
    return attrs.make_class(kind.__name__, alike, slots=True, weakref_slot=False, eq=False, repr=False)


@cache
def _copier(kind: type) -> tuple[Callable[..., Any], Callable[[Any], tuple[object, ...]]]:
    """The class of its drafts, and what reads the fields of a value."""
    draft = draft_of(kind)
    if draft is kind:
        msg = f"{kind.__name__} checks or converts what it is given, or has weak references: use attrs.evolve"
        raise TypeError(msg)
    return draft, attrgetter(*(field.name for field in attrs.fields(kind)))
