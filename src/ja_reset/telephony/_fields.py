"""The fields of a report, each read once and by its name: what is missing, doubled, too long or not ASCII is refused.

A form library that keeps only one of two fields of the same name lets a sender hide one. So forms are read from pairs,
or from an object that gives every value of a name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias, cast

from ja_reset.secret import Secret
from ja_reset.telephony._errors import Fault, UnreadableReport

Form: TypeAlias = Mapping[str, Any] | Iterable[tuple[str, str]]
"""A form as it came: pairs, or a mapping.

A mapping may hold lists (`parse_qs`), or have `getlist` or `getall`, as the forms of web frameworks do.
"""

LONGEST_ID: Final = 200
"""Of a call's id: `Call.id`."""
LONGEST_NUMBER: Final = 512
"""Of a caller's number, in whatever spelling: what P3 reads at most."""
LONGEST_KEYS: Final = 64
"""Of an entry of keys: ours; no code is half as long."""
MOST_FIELDS: Final = 200
"""Of a report: ours; the gateways send some thirty."""

_KEYS: Final = re.compile(r"[0-9*#A-D]*", re.ASCII)  # the sixteen keys of ITU-T Q.23


def pairs(form: Form) -> Iterator[tuple[object, object]]:
    """Every field of the form with each of its values; doubled ones are all there. Raises TypeError or ValueError."""
    if not isinstance(form, Mapping):
        for name, value in form:
            yield name, value
        return
    values_of = _all_of(form)
    for name in dict.fromkeys(form):  # some have a doubled name twice
        every = form[name] if values_of is None else values_of(name)
        for each in every if isinstance(every, list | tuple) else (every,):
            yield name, each


def _all_of(form: Mapping[str, Any]) -> Callable[[object], object] | None:
    """What gives every value of a name of that form; None where the mapping itself does."""
    if (getlist := getattr(form, "getlist", None)) is not None:
        return cast("Callable[[object], object]", getlist)
    getall = getattr(form, "getall", None)  # aiohttp, Pyramid, Litestar: some raise KeyError where there is none
    return None if getall is None else lambda name: getall(name) if name in form else None


class Fields:
    """The fields of one report of a gateway; every refusal is an UnreadableReport that names the field."""

    __slots__ = ("_doubled", "_has_lists", "_values", "_values_of", "gateway")

    def __init__(self, gateway: str, form: Form, *, is_json: bool = False) -> None:
        self.gateway = gateway
        self._doubled: set[object] = set()
        self._values_of: Callable[[object], object] | None = None
        self._has_lists = False
        if type(form) is dict or (not isinstance(form, list) and isinstance(form, Mapping)):
            self._has_lists = not is_json  # in JSON a list is a list, and not the values of one name
            self._values: Mapping[Any, object] = cast("Mapping[Any, object]", form)
            self._values_of = None if type(form) is dict else _all_of(self._values)
            count = len(self._values)
        else:
            self._values, count = self._gathered(cast("Iterable[tuple[str, str]]", form))
        if count > MOST_FIELDS:
            raise self.refused(Fault.TOO_MANY)

    def _gathered(self, form: Iterable[tuple[str, str]]) -> tuple[dict[Any, object], int]:
        values: dict[Any, object] = {}
        count = 0
        try:
            if isinstance(form, list) and len(form) <= MOST_FIELDS:
                values = dict(form)
                if len(values) == len(form):  # nothing is doubled: there is no more to look for
                    return values, len(form)
                values = {}
            for name, value in form:
                if name in values:
                    self._doubled.add(name)
                values[name] = value
                count += 1
                if count > MOST_FIELDS:
                    break
        except (TypeError, ValueError):  # not pairs at all
            raise self.refused(Fault.MALFORMED) from None
        return values, count

    def refused(self, fault: Fault, field: str | None = None) -> UnreadableReport:
        """The error to raise."""
        return UnreadableReport(self.gateway, fault, field)

    def get(self, name: str, *, longest: int) -> str | None:
        """The field of that name, printable ASCII of *longest* characters at most; None if it is missing or empty."""
        value = self.value(name) if self._has_lists or self._doubled else self._values.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise self.refused(Fault.MALFORMED, name)
        if len(value) > longest:
            raise self.refused(Fault.TOO_LONG, name)
        if not value.isascii() or not value.isprintable():
            raise self.refused(Fault.NOT_ASCII, name)
        return value

    def value(self, name: str) -> object:
        """What stands in the field of that name, whatever it is; None if it is missing, refused if it is doubled."""
        value = self._values.get(name) if self._values_of is None else self._values_of(name)
        if self._has_lists and not isinstance(value, str) and isinstance(value, list | tuple):
            if len(value) > 1:
                raise self.refused(Fault.DOUBLED, name)
            value = value[0] if value else None
        if self._doubled and name in self._doubled:
            raise self.refused(Fault.DOUBLED, name)
        return value

    def required(self, name: str, *, longest: int) -> str:
        """The same as `get`; a field that is missing or empty is refused."""
        value = self.get(name, longest=longest)
        if value is None:
            raise self.refused(Fault.MISSING, name)
        return value

    def keys(self, name: str) -> Secret:
        """An entry of keys; an empty one is an entry, a missing field is refused."""
        value = self.get(name, longest=LONGEST_KEYS)
        if value is None and self.value(name) is None:
            raise self.refused(Fault.MISSING, name)
        if _KEYS.fullmatch(value or "") is None:
            raise self.refused(Fault.MALFORMED, name)
        return Secret(value or "")

    def inside(self, name: str) -> Fields:
        """The fields of the object of JSON in that field, which has to be there."""
        inner: Any = self.value(name)
        if type(inner) is not dict and not isinstance(inner, Mapping):
            raise self.refused(Fault.MISSING if inner is None else Fault.MALFORMED, name)
        return Fields(self.gateway, inner, is_json=True)

    def only(self, names: Collection[str]) -> None:
        """Refuse a field that is not among *names*."""
        unknown = [name for name in self._values if name not in names]
        if unknown:
            raise self.refused(Fault.UNKNOWN, str(unknown[0]))
