"""Checks of a host's own texts: their keys and the placeholders in them.

An unknown key would be ignored, and an unknown placeholder would be shown to customers in its braces. Both are typing
errors, and are found when a service or an Institution is created (S9).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from itertools import chain
from types import MappingProxyType
from typing import Final, NoReturn

from ja_reset.errors import InvalidArgument
from ja_reset.screens import PLANS, SCREEN_TEXTS
from ja_reset.screens.messages import CODES, MESSAGES
from ja_reset.screens.placeholders import NO_TEXTS, Catalogue
from ja_reset.text import Text

_NAMED: Final = re.compile(r"\{\s*(?=[A-Za-z_}])[^{}]*\}?")
_FIELDS: Final = frozenset(field.name for plan in PLANS for field in plan.fields)
_SHOWN: Final = 60
"""The characters of a wrong key that its error shows."""


def own_texts(value: object, charts: Iterable[Catalogue] = ()) -> Mapping[str, Text]:
    """A host's own texts by their keys, copied; None: none.

    A key is one of `SCREEN_TEXTS` or `MESSAGES`, or `code.field` of any code and field; or one of those of *charts*,
    for all that have it. Raises InvalidArgument for any other key, with the nearest one; for an unknown or unclosed
    placeholder; for a value of a chart's sessions that is not kept wherever the text is shown; and for anything other
    than a mapping of str to Text. What was judged with charts (`Chart.reworded`) is taken where none are given.
    """
    charts = tuple(charts)
    if isinstance(value, Catalogue) and not charts:
        return value
    texts = dict(value) if isinstance(value, Mapping) else {} if value is None else None
    if texts is None or not all(isinstance(key, str) and isinstance(text, Text) for key, text in texts.items()):
        msg = "messages map a key of the catalogue to a Text"
        raise InvalidArgument(msg)
    for key, text in texts.items():
        shows = [NO_TEXTS] if _is_key(key) else [chart for chart in charts if _is_key(key, chart)]
        if not shows:
            _refuse(f"messages: there is no text {key[:_SHOWN]!r}", key, chain(_keys(), *map(_keys, charts)))
        figures = frozenset.intersection(*(frozenset(chart.names).union(chart.kept.get(key, ())) for chart in shows))
        for name in names_in(text):
            kept_by = (kept for chart in shows for kept in chart.kept.values())
            if name[1:-1] not in figures and any(name[1:-1] in kept for kept in kept_by):
                where = "a value that is not kept wherever this text is shown; name a figure, or let the states keep it"
                msg = f"messages: {key!r} names {name[:_SHOWN]}, {where}"
                raise InvalidArgument(msg)
            if name[1:-1] not in figures or f"{{{name[1:-1]}}}" != name:
                what = f"messages: {key!r} names {name[:_SHOWN]}, which is not a placeholder"
                _refuse(what, name.strip("{}"), figures)
    return MappingProxyType(texts)


def _is_key(key: str, chart: Catalogue = NO_TEXTS) -> bool:
    code, _, field = key.partition(".")
    is_own = key in chart or ((code in chart.codes or code in CODES) and (field in chart.fields or field in _FIELDS))
    return is_own or key in SCREEN_TEXTS or key in MESSAGES


def _keys(chart: Catalogue = NO_TEXTS) -> Iterator[str]:
    codes, fields = (*CODES, *chart.codes), (*_FIELDS, *chart.fields)
    return chain(SCREEN_TEXTS, MESSAGES, chart, (f"{code}.{field}" for code in codes for field in fields))


def names_in(text: Text) -> Iterator[str]:
    """What begins like a figure in braces, or is empty braces; as it is written, closed or not."""
    for found in chain(_NAMED.finditer(text.ja), _NAMED.finditer(text.en)):
        yield found[0]


def _refuse(what: str, given: str, known: Iterable[str]) -> NoReturn:
    near = get_close_matches(given.strip(), sorted(known), n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    where = (
        "keys are in ja_reset.screens.messages.MESSAGES and ja_reset.screens.SCREEN_TEXTS, placeholders in "
        "ja_reset.screens.placeholders.PLACEHOLDERS"
    )
    msg = f"{what}; {hint}{where}"
    raise InvalidArgument(msg)
