"""What the operator API returns: frozen values that are also read-only mappings, and pages of them.

An item reads by attribute (`item.state`), with its Python types, and as a mapping of its plain form (`item["state"]`),
so that code written for dicts goes on working. A page is a sequence of its items, with the cursor of the next page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, overload

import attrs

from ja_reset.secret import shown

T_co = TypeVar("T_co", covariant=True)


@attrs.frozen(eq=False)
class Item(Mapping[str, object]):
    """A frozen value, and a read-only mapping of its plain form. Two are equal if their plain forms are.

    Subclasses are `@attrs.frozen(eq=False)` classes. No field is named as a method of a mapping (`keys`, `items`,
    `values`, `get`), and none holds a secret.
    """

    __repr__ = shown

    def to_dict(self) -> dict[str, object]:
        """Plain JSON; times in ISO 8601."""
        return {name: _plain(getattr(self, name)) for name in _names(type(self))}

    def __getitem__(self, name: str) -> object:
        if name not in _names(type(self)):
            raise KeyError(name)
        return _plain(getattr(self, name))

    def __iter__(self) -> Iterator[str]:
        return iter(_names(type(self)))

    def __len__(self) -> int:
        return len(_names(type(self)))


@attrs.frozen(eq=False)
class Page(Sequence[T_co]):
    """Some items of a longer list, and `next`: the cursor of the following page, or None at the end.

    A cursor is opaque; pass it as `after` to the same call with the same filters. A page may have fewer items than its
    limit, even none, and still have a `next`. It is a sequence of its items, and equal to a list of them.
    """

    __repr__ = shown

    items: tuple[T_co, ...] = attrs.field(converter=tuple)
    next: str | None = None

    def to_dict(self) -> dict[str, object]:
        """Plain JSON: `items` and `next`."""
        return {"items": [_plain(item) for item in self.items], "next": self.next}

    @overload
    def __getitem__(self, place: int) -> T_co: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[T_co, ...]: ...

    def __getitem__(self, place: int | slice) -> T_co | tuple[T_co, ...]:
        return self.items[place]

    def __len__(self) -> int:
        return len(self.items)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Page):
            return self.items == other.items and self.next == other.next
        return list(self.items) == list(other) if isinstance(other, list | tuple) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # its items have none either


@cache
def _names(kind: type[Item]) -> tuple[str, ...]:
    return tuple(field.name for field in attrs.fields(kind))


def _plain(value: object) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, Item):
        return value.to_dict()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, tuple | list) else value
