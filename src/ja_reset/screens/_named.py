"""What a text may name in braces beside the figures of the policies.

`{label}`: the label of the field that a reason stands at. `{dial_start}`, `{dial_rest}` and `{dial_digits}`: a
toll-free number to call in two parts, and how many digits the second one has, in the one notice that warns of
misdialling it. `{tries_left}` and `{windows_left}`: what is left, in the notices of moments. `{procedure}`,
`{institution}` and `{contact}`: in the notices of endings; the first two also in what is said when a call is
answered. `{hours}`: on the menu.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ja_reset.text import Text

LABEL: Final = "label"
CODES_OF_FIELDS: Final = frozenset({"required", "too_long", "format", "mismatch", "not_accepted", "password_rule"})
"""The library's reasons that stand at a field; a code of a chart's own may."""
DIAL_NOTICE: Final = "notice.phone.dial_digits"
THIS_FIELD: Final = Text("この項目", "This field")
"""The label where a reason stands at no field."""

_NONE: Final[frozenset[str]] = frozenset()
_OF_DIAL: Final = frozenset({"dial_start", "dial_rest", "dial_digits"})
_OF_REASON: Final = frozenset({LABEL})
_OF_MOMENT: Final = frozenset({"tries_left", "windows_left"})
_OF_ENDING: Final = frozenset({"procedure", "institution", "contact"})
_OF_CALL: Final = frozenset({"procedure", "institution"})
_OF_MENU: Final = frozenset({"hours"})
_BY_KEY: Final = {
    **dict.fromkeys(("notice.moment.answered", "notice.moment.wrong_code", "notice.moment.call_over"), _OF_MOMENT),
    "timed_out.window": _OF_MOMENT,
    "MENU.notice.hours": _OF_MENU,
    "call.greeting": _OF_CALL,
    "call.does": _OF_CALL,
    "call.pressure": _OF_CALL,
    "call.wrong": frozenset({"tries_left"}),
}
NAMES: Final = _OF_DIAL | _OF_REASON | _OF_MOMENT | _OF_ENDING | _OF_MENU
"""All of them: no figure and no value of a chart has such a name."""
_TOLL_FREE: Final = r"\+81(120|800)(\d{3})(\d{3,4})"
NOTHING_TOLD: Final[Mapping[str, Text]] = MappingProxyType({})


def named_in(key: str, *, at_field: bool) -> frozenset[str]:
    """What the text of that key may name; *at_field*: it is of a reason that stands at a field."""
    if at_field:
        return _OF_REASON
    if key.startswith("notice.ending."):
        return _OF_ENDING
    if key.startswith("call.does."):
        return _OF_CALL
    return _OF_DIAL if key == DIAL_NOTICE else _BY_KEY.get(key, _NONE)


def dial_words(dial: str | None) -> Mapping[str, Text]:
    """The parts of the number to call; nothing where it is not a toll-free number."""
    from ja_reset.fields._phone_numbers import read_presented  # noqa: PLC0415 - loaded for a service

    found = re.fullmatch(_TOLL_FREE, (dial and read_presented(dial)) or "")
    if found is None:
        return NOTHING_TOLD
    start, middle, end = found.groups()
    parts = {
        "dial_start": f"0{start}",
        "dial_rest": f"{middle}-{end}",
        "dial_digits": str(len(middle + end)),
    }
    return {name: Text(part, part) for name, part in parts.items()}
