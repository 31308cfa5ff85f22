"""Names of states, events and guards as the languages of drawings can take them.

A name of a host's own Machine is any text. Where it stands as a word, `legible` spells out what no page can show; where
it is a name in the drawing's language, `identifiers` gives one that the language takes. JSON alone keeps it as it is.
"""

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


_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff0-\uffff]"
    "|[\U000e0000-\U000e00ff\U000f0000-\U0010ffff]"
)
"""Controls, line ends, what turns the direction of writing or is not seen, lone surrogates, tags, private use."""


def legible(words: str) -> str:
    r"""*words* on one line, each character of them seen: a line break is `\n`, another control `\x07`, as in Python.

    Words that are empty, or have a blank at an end, are put in quotes.
    """
    spelled = _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), words)
    return spelled if spelled and spelled == spelled.strip() else f'"{spelled}"'


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
