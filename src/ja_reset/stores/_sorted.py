"""Sorted lists as indexes: what the memory store keeps beside its rows."""

from __future__ import annotations

from bisect import bisect_left
from datetime import datetime
from typing import TypeVar

Item = TypeVar("Item", str, tuple[datetime, str])


def insert(order: list[Item], item: Item) -> None:
    """Put *item* in its place, unless it is there."""
    at = bisect_left(order, item)
    if order[at : at + 1] != [item]:
        order.insert(at, item)


def remove(index: dict[tuple[str, str | None], list[Item]], name: tuple[str, str | None], item: Item) -> None:
    """Take *item* out of the list of that name, and the list out of *index* where it is empty."""
    order = index.get(name, [])
    at = bisect_left(order, item)
    if order[at : at + 1] == [item]:
        del order[at]
    if not order:
        index.pop(name, None)
