"""The laws of what a chart brings of its own: its version, retired states, texts and words, figures, values.

The library's names are never taken: a text of its own is another key, a reason another code, a figure or a value
another `{name}`. Rewording what the library says is a host's `messages`, and no chart's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

import attrs

from ja_reset.chart._kept import FACTS
from ja_reset.chart.states import State, StateKind
from ja_reset.screens import SCREEN_TEXTS, ScreenPlan
from ja_reset.screens._codes import CODES
from ja_reset.screens._named import CODES_OF_FIELDS, NAMES, named_in
from ja_reset.screens.placeholders import NO_TEXTS, is_placeholder
from ja_reset.text import Text

_SHOWN: Final = 60
"""The characters of a wrong name that its complaint shows."""
_A_NAME: Final = "a lower-case identifier as its name: ASCII letters, digits and _, a letter first"


NOTHING_RETIRED: Final[Mapping[str, str]] = MappingProxyType({})
"""The retired states of a chart whose older versions had no others."""


@attrs.frozen(eq=False, repr=False, kw_only=True)
class Own:
    """What a chart brings beside its states and steps; `values` are the names that its sessions keep values under."""

    version: object = 1
    retired: Mapping[str, str] = NOTHING_RETIRED
    texts: Mapping[str, Text] = NO_TEXTS
    codes: Mapping[str, Text] = NO_TEXTS
    policies: tuple[type[attrs.AttrsInstance], ...] = ()
    values: frozenset[str] = frozenset()
    states: tuple[State, ...] = ()

    def figures(self) -> Iterator[str]:
        """The names of its policies' figures, those that come twice too."""
        for kind in self.policies:
            if _why_no_policy(kind) is None:
                yield from _figure_names(kind())


NOTHING_OWN: Final = Own()
"""What a chart has that brings nothing."""


def _why_no_policy(kind: object) -> str | None:
    from ja_reset.policies._parts import why_no_policy  # noqa: PLC0415 - loaded for a chart with policies of its own

    return why_no_policy(kind)


def _figure_names(policy: attrs.AttrsInstance) -> Iterator[str]:
    from ja_reset.screens.placeholders import figure_names  # noqa: PLC0415 - loaded for a chart with policies of its own

    return figure_names(policy)


def _figures_of_ours() -> frozenset[str]:
    from ja_reset.screens.placeholders import PLACEHOLDERS  # noqa: PLC0415 - loaded for a chart with names of its own

    return frozenset(PLACEHOLDERS)


def version_is_a_number(own: Own) -> Iterator[str]:
    """A version is a whole number from 0."""
    if type(own.version) is not int or own.version < 0:
        yield "version must be an int of 0 or more"


def retired_states_restart(own: Own) -> Iterator[str]:
    """A state that an older version had leads to a form that keeps nothing, or a release would skip proofs (S4, A1)."""
    present = {state.name: state for state in own.states}
    for name, to in own.retired.items():
        goal = present.get(to)
        if not isinstance(name, str) or not name:
            yield f"retired must map the names of states to names of states, not {str(name)[:_SHOWN]!r}"
        elif name in present:
            yield f"retired state {name} is a state of the chart: take it out of retired"
        elif goal is None:
            yield f"retired state {name[:_SHOWN]} leads to {str(to)[:_SHOWN]!r}, which is not declared"
        elif goal.kind is not StateKind.FORM or goal.keeps:
            kept = f"keeps {', '.join(sorted(goal.keeps))}" if goal.keeps else "is no form"
            yield f"retired state {name[:_SHOWN]} leads to {to}, which {kept}: let it lead to a form that keeps nothing"


def texts_are_its_own(own: Own) -> Iterator[str]:
    """Its texts and codes have keys that the library has not, and are Texts."""
    for key, text in (*own.texts.items(), *own.codes.items()):
        if not isinstance(key, str) or not isinstance(text, Text):
            yield f"text {str(key)[:_SHOWN]!r} must map a str to a Text"
        elif _is_ours(key):
            yield f"text {key!r} is the library's: give it another key, or reword it by the service's messages"
    for key in own.texts:
        if key in own.codes:
            yield f"text {key!r} has the key of a reason code"


def _is_ours(key: str) -> bool:
    from ja_reset.screens import CALL_TEXTS  # noqa: PLC0415 - loaded for a chart with texts of its own
    from ja_reset.screens.messages import MESSAGES  # noqa: PLC0415 - as above

    return key in SCREEN_TEXTS or key in CALL_TEXTS or key in MESSAGES


def codes_are_its_own(own: Own) -> Iterator[str]:
    """A reason code of its own is a lower-case identifier that the library does not publish (S9)."""
    for code in own.codes:
        if not isinstance(code, str) or not code.isidentifier() or code != code.lower():
            yield f"reason code {str(code)[:_SHOWN]!r} must be a lower-case identifier"
        elif code in CODES:
            yield f"reason code {code} is the library's: give it another name"


def policies_are_classes(own: Own) -> Iterator[str]:
    """Its policies are classes of frozen attrs values with a default for each figure."""
    for kind in own.policies:
        trouble = _why_no_policy(kind)
        if trouble is not None:
            yield f"policies: {getattr(kind, '__name__', type(kind).__name__)} {trouble}"


def placeholders_differ(own: Own) -> Iterator[str]:
    """A `{name}` stands for one thing: a figure of the library's, a figure of its own, or a value of its own."""
    if not own.policies and not own.values:
        return
    taken = {*_figures_of_ours(), *NAMES}
    for name in own.figures():
        if name in taken:
            yield f"figure {name} is there already: give it another name"
        elif not is_placeholder(name):
            yield f"figure {name[:_SHOWN]!r} must have {_A_NAME}"
        taken.add(name)
    for value in sorted(own.values):
        if value in FACTS or value in taken:
            yield f"value {value} has the name of a fact or figure: give it another one"
        elif not is_placeholder(value):
            yield f"value {value[:_SHOWN]!r} must have {_A_NAME}"


def texts_name_what_there_is(own: Own) -> Iterator[str]:
    """A `{name}` in a text is a figure; in a screen's, it may be a value that each state keeps which shows it."""
    if not own.texts and not own.codes:
        return
    figures = _figures_of_ours().union(own.figures())
    for key, text in (*own.texts.items(), *own.codes.items()):
        values = own.values if key in _keys_shown(own) else frozenset()
        values |= named_in(key, at_field=_is_at_field(own, key))
        for name in _names_in(text) if isinstance(text, Text) else ():
            if not any(f"{{{known}}}" == name for known in figures | values):
                what = (
                    "which no screen shows" if name[1:-1] in own.values else "which is not a placeholder and no value"
                )
                yield f"text {key!r} names {name[:_SHOWN]}, {what}"
    for state in own.states if own.texts else ():
        for key, name in _shown(own, state.plans):
            if name in own.values and name not in state.keeps:
                yield f"state {state.name} shows {{{name}}} in {key!r} and does not keep it"


def _names_in(text: Text) -> Iterator[str]:
    from ja_reset.screens._wording import names_in_text  # noqa: PLC0415 - loaded for a chart with texts of its own

    return names_in_text(text)


def _is_at_field(own: Own, key: str) -> bool:
    code = str(key).partition(".")[0]
    return code in own.codes or code in CODES_OF_FIELDS


def _shown(own: Own, plans: Iterable[ScreenPlan]) -> Iterator[tuple[str, str]]:
    for key in dict.fromkeys(key for plan in plans for key in plan.text_keys()):
        text = own.texts.get(key)
        if isinstance(text, Text):
            yield from ((key, name.strip("{}")) for name in dict.fromkeys(_names_in(text)))


def _keys_shown(own: Own) -> frozenset[str]:
    return frozenset(key for state in own.states for plan in state.plans for key in plan.text_keys())


def values_by_text(own: Own) -> Mapping[str, frozenset[str]]:
    """The values that each of its texts may name, reworded too: those that every state keeps which shows it."""
    if not own.texts:
        return {}
    found = dict.fromkeys(own.texts.keys() & _keys_shown(own), own.values)
    for state in own.states:
        for key in found.keys() & {key for plan in state.plans for key in plan.text_keys()}:
            found[key] &= state.keeps
    return found


LAWS: Final[tuple[Callable[[Own], Iterator[str]], ...]] = (
    version_is_a_number,
    retired_states_restart,
    texts_are_its_own,
    codes_are_its_own,
    policies_are_classes,
    placeholders_differ,
    texts_name_what_there_is,
)
