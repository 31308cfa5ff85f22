"""Marks: by what an account, a login id or a forgotten contract is found, without being stored (S5, M4).

A mark is an HMAC under a subkey of the host's key. It is made under the first key and looked up under all of them.
"""

from __future__ import annotations

from collections.abc import Iterable

from ja_reset.service._io import Flow, Marks
from ja_reset.service._terms import term


def marks_of(institution: str, names: Iterable[str]) -> Flow[tuple[str, ...]]:
    """The terms that what concerns these accounts is stored under; *names* as they are counted."""
    found: tuple[str, ...] = ()
    for name in names:
        found += (yield from look_ups(institution, name))[:1]
    return found


def ref_marks(ref: str) -> Flow[tuple[str, ...]]:
    """The terms that a session of that contract may be stored under, also after it has forgotten the contract (M4)."""
    return (yield from look_ups("", f"ref:{ref}"))


def look_ups(institution: str, name: str) -> Flow[tuple[str, ...]]:
    """The terms that an account may be stored under: one for each of the host's keys."""
    marks: tuple[str, ...] = yield Marks(f"{institution}\0{name}")
    return tuple(term("mark", mark) for mark in marks)
