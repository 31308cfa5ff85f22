"""What a figure of a policy may be, as attrs validators: a wrong one is found where the host writes it.

Each raises `InvalidArgument` with the class, the attribute and what is allowed, never with the value.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import attrs

from ja_reset.errors import InvalidArgument

LONGEST = timedelta(days=36_525)
"""A hundred years: times are added to figures, and a sum must stay within what a datetime can hold."""

LIKE = "like"
"""The key in the metadata of a figure that can be None: a value of its type, which tells how to read a file."""

Validator = Callable[[Any, "attrs.Attribute[Any]", Any], None]


def _must(instance: object, attribute: attrs.Attribute[Any], demand: str) -> InvalidArgument:
    return InvalidArgument(f"{type(instance).__name__}.{attribute.name} must be {demand}")


def positive(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """A whole number from 1; True is none."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise _must(instance, attribute, "an int of 1 or more")


def flag(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """True or False, not merely something that counts as such."""
    if not isinstance(value, bool):
        raise _must(instance, attribute, "True or False")


def day(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """A date; a datetime is one to Python, but the two do not compare."""
    if not isinstance(value, date) or isinstance(value, datetime):
        raise _must(instance, attribute, "a date")


def span(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """A timedelta longer than nothing: a window or a limit of no length would let nobody through."""
    if not isinstance(value, timedelta) or not timedelta(0) < value <= LONGEST:
        raise _must(instance, attribute, "a timedelta of more than nothing and at most a hundred years")


def allowance(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """A timedelta that may be nothing: no grace, no rest."""
    if not isinstance(value, timedelta) or not timedelta(0) <= value <= LONGEST:
        raise _must(instance, attribute, "a timedelta of nothing up to a hundred years")


def allowance_or_none(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """A timedelta that may be nothing, or None: without end."""
    if value is not None:
        allowance(instance, attribute, value)


def key(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """One of the ten digits of a telephone."""
    if not isinstance(value, str) or len(value) != 1 or value not in "0123456789":
        raise _must(instance, attribute, "one digit, 0 to 9, as a str")


def not_below(lower: str) -> Validator:
    """A whole number from 1 that is at least the attribute *lower*, which is declared before it."""

    def validate(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
        positive(instance, attribute, value)
        if isinstance(value, int) and value < getattr(instance, lower):
            raise _must(instance, attribute, f"at least {lower}")

    return validate
