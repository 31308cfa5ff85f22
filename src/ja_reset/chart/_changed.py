"""Frozen values, made and changed in a fraction of the time that their own constructor takes: sessions change all day.

The constructor of a frozen class sets each field through `object.__setattr__`, which takes most of its time. Here the
fields are set in a *draft*: an object of a class that has the same slots and is not frozen. Complete, it gets the class
of the value, as Python allows for classes with equal `__slots__`. Until then nobody else sees it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar, cast

import attrs

T = TypeVar("T")


def made(kind: type[T], **fields: object) -> T:
    """As `kind(**fields)` does it, for a frozen class that checks and converts nothing (`weakref_slot=False`)."""
    draft, _ = _plan(cast("type", kind))
    value = draft(**fields)
    value.__class__ = kind
    return cast("T", value)


def changed(value: T, **fields: object) -> T:
    """As `attrs.evolve` does it, for such a class; raises KeyError for a field that it has not."""
    if not fields:
        return value
    kind = type(value)
    draft, read = _plan(cast("type", kind))
    copy = draft(*read(value))
    for name, each in fields.items():
        try:
            setattr(copy, name, each)
        except AttributeError:
            raise KeyError(name) from None
    copy.__class__ = kind
    return cast("T", copy)


@cache
def _plan(kind: type) -> tuple[Callable[..., Any], Callable[[Any], tuple[object, ...]]]:
    """What makes a draft of that class from its fields, and what reads them from a value."""
    if hasattr(kind, "__attrs_post_init__") or any(each.validator or each.converter for each in attrs.fields(kind)):
        msg = f"{kind.__name__} checks or converts what it is given: call its constructor, or attrs.evolve"
        raise TypeError(msg)
    fields = {field.name: attrs.field(default=field.default) for field in attrs.fields(kind)}
    draft = attrs.make_class(kind.__name__, fields, slots=True, weakref_slot=False, eq=False, repr=False)
    return draft, attrgetter(*fields)
