"""Names of states, events and guards as the languages of drawings can take them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from keyword import kwlist
from typing import Final

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

KEYWORDS: Final = frozenset(word.lower() for word in kwlist) | frozenset(
    [
        "as",
        "choice",
        "class",
        "classdef",
        "default",
        "digraph",
        "direction",
        "edge",
        "end",
        "fork",
        "graph",
        "join",
        "left",
        "lr",
        "node",
        "note",
        "of",
        "rl",
        "root",
        "right",
        "start",
        "state",
        "strict",
        "style",
        "subgraph",
        "tb",
        "bt",
        "click",
        "href",
        "hide",
        "scale",
        "under_way",
        "history",
        "title",
        "skinparam",
        "new",
        "delete",
        "function",
        "var",
        "let",
        "const",
        "this",
        "typeof",
        "void",
        "switch",
        "case",
        "true",
        "false",
        "null",
    ]
)
"""Read otherwise by one of the languages, in capitals or not."""


def identifiers(
    names: Iterable[str], *, stem: str = "s", taken: Collection[str] = KEYWORDS, beside: Collection[str] = ()
) -> Mapping[str, str]:
    """For each name one that no language of drawings reads otherwise: its own where that will do, else `s1` and so on.

    `beside`: names that are given already to something else.
    """
    listed = list(dict.fromkeys(names))
    plain = {name for name in listed if _PLAIN.fullmatch(name) and name.lower() not in taken and name not in beside}
    given: dict[str, str] = {}
    for number, name in enumerate(listed, 1):
        sign = f"{stem}{number}"
        while name not in plain and (sign in plain or sign in beside):
            sign += "_"
        given[name] = name if name in plain else sign
    return given
