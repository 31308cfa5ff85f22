"""The directives `ja-reset-screens`, `ja-reset-fields`, `ja-reset-messages` and `ja-reset-policies`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from enum import Enum
from itertools import chain

import attrs
from docutils import nodes

from ja_reset import InvalidArgument, Screen, Text
from ja_reset.chart import Chart
from ja_reset.screens.messages import CODES, MESSAGES
from ja_reset.screens.placeholders import NO_TEXTS, STANDARD, fill
from ja_reset.sphinx_ext._directive import ResetDirective
from ja_reset.text import Language

_SOURCE = re.compile(r"^\s+(?P<name>[a-z_]+):[^#]*#\s*(?P<source>.+)$")


class Screens(ResetDirective):
    """A table of a procedure's screens: id, title, fields, buttons with what they send, notices' count."""

    def made(self) -> nodes.Element:
        """One row a screen, in the chart's order."""
        say = _Words(self.language)
        heads = (say("画面", "Screen"), say("名称", "Title"), say("項目", "Fields"), say("ボタン", "Buttons"))
        return self.table(heads, (self._row(screen) for screen in screens_of(self.chart())))

    def _row(self, screen: Screen) -> Iterator[nodes.Node | str]:
        yield nodes.literal(text=screen.id)
        yield screen.step.get(self.language)
        yield _list(nodes.Text(field.label.get(self.language)) for field in screen.fields)
        yield nodes.bullet_list("", *(self._button(button.label, button.event) for button in screen.buttons))

    def _button(self, label: Text, event: str | None) -> nodes.list_item:
        sends = [nodes.Text(" → "), nodes.literal(text=event)] if event else []
        return nodes.list_item("", nodes.paragraph("", "", nodes.Text(label.get(self.language)), *sends))


class Fields(ResetDirective):
    """A table of a procedure's fields: screen, label, the name a form posts, kind, hint."""

    def made(self) -> nodes.Element:
        """One row a field, screen by screen."""
        say = _Words(self.language)
        heads = (
            *(say("画面", "Screen"), say("項目", "Field"), say("名前", "Name"), say("種類", "Kind")),
            *(say("必須", "Required"), say("入力のしかた", "What to enter")),
        )
        rows = (
            (
                nodes.literal(text=screen.id),
                field.label.get(self.language),
                nodes.literal(text=field.name),
                nodes.literal(text=field.kind.value),
                say("必須", "yes") if field.required else "",
                field.hint.get(self.language) if field.hint else "",
            )
            for screen in screens_of(self.chart())
            for field in screen.fields
        )
        return self.table(heads, rows)


class Messages(ResetDirective):
    """A table of reason codes and what they say; with a procedure, of those that it can give."""

    def made(self) -> nodes.Element:
        """One row a text, in the order of the published codes."""
        say = _Words(self.language)
        chart = None if self.procedure is None else self.chart()
        catalogue = NO_TEXTS if chart is None else chart.texts
        codes = CODES if chart is None else [*CODES, *chart.codes]
        given = set(codes) if chart is None else set(codes_of(chart))
        words = catalogue.words(STANDARD)
        rows = (
            (nodes.literal(text=key), fill(text, words).get(self.language))
            for code in codes
            if code in given
            for key, text in sorted({**MESSAGES, **catalogue}.items())
            if key.partition(".")[0] == code
        )
        return self.table((say("コード", "Code"), say("文言", "Text")), rows)


class PolicyFigures(ResetDirective):
    """A table of every figure of the policies: its name, its default, and the clause it comes from.

    The argument names one policy (`phone`), or, as module:NAME, a chart whose own policies are told of; without it all
    of the library's are.
    """

    def made(self) -> nodes.Element:
        """One row a figure, policy by policy."""
        say = _Words(self.language)
        heads = (say("方針", "Policy"), say("名前", "Name"), say("既定値", "Default"), say("出典", "Source"))
        chart = self.chart() if self.procedure is not None and ":" in self.procedure else None
        policies = STANDARD if chart is None else STANDARD.having(chart.policies)
        words = (NO_TEXTS if chart is None else chart.texts).words(policies)
        own = policies.parts.keys() - STANDARD.parts.keys()
        if chart is not None and not own:
            msg = f"chart {chart.name} has no policies of its own; name one of the library's, or leave the argument out"
            raise InvalidArgument(msg)
        parts = [name for name in policies.parts if (name in own if own else self.procedure in {None, name})]
        if not parts:
            names = ", ".join(STANDARD.parts)
            msg = f"there is no policy {self.procedure!r}; there are {names}"
            raise InvalidArgument(msg)
        rows = (self._rows(name, policies.parts[name], words) for name in parts)
        return self.table(heads, chain.from_iterable(rows))

    def _rows(
        self, policy: str, part: attrs.AttrsInstance, words: Mapping[str, Text]
    ) -> Iterator[Iterable[nodes.Node | str]]:
        sources = _sources(type(part))
        for field in attrs.fields(type(part)):
            value = getattr(part, field.name)
            shown = words[field.name].get(self.language) if field.name in words else _shown(value)
            yield (
                nodes.literal(text=policy),
                nodes.literal(text=field.name),
                shown,
                sources.get(field.name, ""),
            )


@attrs.frozen
class _Words:
    """The heading in the language of the page."""

    language: Language

    def __call__(self, ja: str, en: str) -> str:
        return ja if self.language == "ja" else en


def screens_of(chart: Chart) -> Iterator[Screen]:
    """Every screen that the chart's states show, each once, with the standard figures."""
    plans = dict.fromkeys(plan for state in chart.states.values() for plan in state.plans)
    return (plan.render(STANDARD, chart.texts) for plan in plans)


def codes_of(chart: Chart) -> Iterator[str]:
    """Every reason code that a transition of the chart can give."""
    return (code for transition in chart.transitions for code in transition.codes)


def _list(words: Iterable[nodes.Node]) -> nodes.Node | str:
    items = [nodes.list_item("", nodes.paragraph("", "", word)) for word in words]
    return nodes.bullet_list("", *items) if items else ""


def _sources(policy: type) -> dict[str, str]:
    """Each figure's clause, which stands behind it as a comment."""
    lines = inspect.getsourcelines(policy)[0]
    return {found["name"]: found["source"] for line in lines if (found := _SOURCE.match(line))}


def _shown(value: object) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    return str(value) if isinstance(value, bool | int | str | timedelta) else "—"
