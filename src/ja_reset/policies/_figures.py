"""One figure by its path: whether there is one, whether a value fits it, and how it is written in TOML and JSON.

A duration is a number of seconds, or a number with a unit: `"120s"`, `"10m"`, `"24h"`, `"30d"`. A date is ISO 8601. An
enum is its value. None is the word `"none"`, because TOML has no null.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any, Final

import attrs

from ja_reset.errors import InvalidArgument
from ja_reset.policies._bounds import LIKE
from ja_reset.policies._parts import OWN, Kind

_SHOWN: Final = 60
"""The characters of an unknown name that its error shows."""

_NONE: Final = "none"
_UNITS: Final = {"d": 86_400, "h": 3600, "m": 60, "s": 1}
_DURATION: Final = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,6}))?([dhms])")
_LARGEST_FROM: Final = 10
"""A duration is written in the largest unit of which it is ten or more: 120s, 30m, 24h, 30d."""

_PLAIN: Final = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}


def paths_of(kinds: Mapping[str, Kind]) -> Iterator[str]:
    """The paths of all figures: what a class is made with, and is not its own affair."""
    for path, kind in kinds.items():
        yield from (f"{path}.{each.name}" for each in attrs.fields(kind) if each.init and each.name == each.alias)


def part_and_name(path: str) -> tuple[str, str]:
    """`phone.bim_window` as its two halves."""
    part, _, name = path.rpartition(".")
    return part, name


def no_such_figure(path: object, kinds: Mapping[str, Kind]) -> str:
    """What to say of a path that leads to no figure, with the nearest that does."""
    if not isinstance(path, str):
        return f"a figure is named by a str such as 'phone.bim_window', not {type(path).__name__}"
    if path in kinds or path == OWN:
        return f"{path} is a group of figures: name them one by one"
    if path.startswith(f"{OWN}."):
        name = path.removeprefix(f"{OWN}.").partition(".")[0]
        if f"{OWN}.{name}" not in kinds:
            return f"there is no class {name[:_SHOWN]!r} among the own policies: give it (own=[…], or --chart)"
    known = list(paths_of(kinds))
    same = [each for each in known if part_and_name(each)[1] == path.strip().rpartition(".")[2]]
    from difflib import get_close_matches  # noqa: PLC0415 - loaded when first needed

    near = same or get_close_matches(path.strip(), [*known, *kinds], n=1)
    hint = f"; did you mean {near[0]!r}?" if near else "; all are in ja_reset.policies.standard.STANDARD"
    return f"there is no figure {path[:_SHOWN]!r}{hint}"


def flat(
    data: Mapping[object, object], kinds: Mapping[str, Kind], complaints: list[str], within: str = ""
) -> dict[str, object]:
    """The figures of nested tables by their paths; dotted keys are paths too. What is wrong goes to *complaints*."""
    found: dict[str, object] = {}
    for key, value in data.items():
        path = f"{within}{key}" if isinstance(key, str) else key
        if isinstance(path, str) and (path in kinds or path == OWN):
            if isinstance(value, Mapping):
                inner = flat(value, kinds, complaints, f"{path}.")
            else:
                complaints.append(f"{path} must be a table of figures, not {type(value).__name__}")
                continue
        elif isinstance(path, str) and path in set(paths_of(kinds)):
            inner = {path: value}
        else:
            complaints.append(no_such_figure(path, kinds))
            continue
        complaints.extend(f"{each} is there twice" for each in inner if each in found)
        found.update(inner)
    return found


def tables(figures: Mapping[str, object], kinds: Mapping[str, Kind]) -> dict[str, object]:
    """The figures in nested tables, as TOML and JSON write them; raises InvalidArgument for one that they cannot."""
    found: dict[str, Any] = {}
    for path, value in figures.items():
        part, name = part_and_name(path)
        table = found
        for step in part.split("."):
            table = table.setdefault(step, {})
        table[name] = written(path, value, default_of(kinds[part], name))
    return found


def default_of(kind: Kind, name: str) -> object:
    """The figure that a policy without arguments has."""
    return getattr(kind(), name)


def written(path: str, value: object, default: object) -> object:
    """*value* as TOML and JSON have it."""
    match value:
        case timedelta():
            return _duration(value)
        case date():
            return value.isoformat()
        case Enum():
            return value.value
        case None:
            return _NONE
        case bool() | int() | float() | str() if not (value == _NONE and default is None):
            return value
    trouble = "is a function" if callable(value) else f"is a {type(value).__name__}"
    msg = f"{path} {trouble}, which cannot be written in a file: set it in Python"
    raise InvalidArgument(msg)


def as_read(path: str, raw: object, owner: Kind) -> object:
    """What was written, as the figure's own type; raises InvalidArgument, which says what was expected."""
    _, name = part_and_name(path)
    default, like = default_of(owner, name), attrs.fields_dict(owner)[name].metadata.get(LIKE)
    if raw == _NONE and (default is None or like is not None):
        return None
    default = like if default is None else default
    if default is None:
        return raw
    match default:
        case timedelta():
            return _span(path, raw)
        case date():
            return _day(path, raw)
        case Enum():
            return _member(path, raw, default)
    for kind, words in _PLAIN.items():
        if isinstance(default, kind):
            fits = isinstance(raw, kind) or (kind is float and isinstance(raw, int))
            if not fits or (isinstance(raw, bool) and kind is not bool):
                raise _must(path, words)
            break
    return raw


def _span(path: str, raw: object) -> timedelta:
    span = None
    try:
        if isinstance(raw, int | float) and not isinstance(raw, bool):
            span = timedelta(seconds=raw)
        elif isinstance(raw, str) and (found := _DURATION.fullmatch(raw)) is not None:
            whole, part, unit = found.groups()
            span = timedelta(microseconds=(int(whole) * 10**6 + int((part or "").ljust(6, "0"))) * _UNITS[unit])
    except (OverflowError, ValueError):  # longer than a timedelta holds; not a number
        pass
    if span is None:
        raise _must(path, 'a duration: a number of seconds, or text such as "120s", "10m", "24h", "30d"')
    return span


def _duration(span: timedelta) -> str:
    micros = span // timedelta(microseconds=1)
    for unit, seconds in _UNITS.items():
        count, rest = divmod(micros, seconds * 10**6)
        if not rest and (count >= _LARGEST_FROM or unit == "s"):
            return f"{count}{unit}"
    return f"{micros // 10**6}.{micros % 10**6:06d}".rstrip("0") + "s"


def _day(path: str, raw: object) -> date:
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return raw
    try:
        return date.fromisoformat(raw)  # type: ignore[arg-type]  # its TypeError is caught
    except (TypeError, ValueError):
        raise _must(path, "a date, as YYYY-MM-DD") from None


def _member(path: str, raw: object, default: Enum) -> Enum:
    try:
        return type(default)(raw)
    except ValueError:
        raise _must(path, " or ".join(repr(each.value) for each in type(default))) from None


def _must(path: str, expected: str) -> InvalidArgument:
    return InvalidArgument(f"{path} must be {expected}")


class _ReadsOthersError(Exception):
    """A validator compares a figure with another one, which is not known yet."""


class _Alone:
    """Stands for a policy where one figure is judged by itself."""

    def __getattr__(self, name: str) -> object:
        raise _ReadsOthersError(name)


def checked(path: str, kind: Kind, value: object) -> object:
    """*value* as the class keeps it; raises InvalidArgument where it never fits, whatever the other figures."""
    part, name = part_and_name(path)
    field = attrs.fields_dict(kind)[name]
    alone = type(part, (_Alone,), {})()
    convert: Any = field.converter
    validate: Callable[[Any, Any, Any], Any] | None = field.validator
    try:
        kept = value if convert is None else convert(value)
        if validate is not None:
            validate(alone, field, kept)
    except _ReadsOthersError:
        return kept
    except Exception as error:  # noqa: BLE001 - what the validators of a host's own classes raise
        raise InvalidArgument(_worded(path, error)) from None
    return kept


def _worded(path: str, error: Exception) -> str:
    said = str(error.args[0]) if error.args else type(error).__name__
    return said if said.startswith(f"{path} ") else f"{path}: {said}"
