"""A sequence of steps to read: numbered in Japanese and English, and as a drawing."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import attrs

from ja_reset.chart import Chart
from ja_reset.diagrams import Format, render
from ja_reset.errors import InvalidArgument
from ja_reset.policies import Policies
from ja_reset.screens.placeholders import STANDARD
from ja_reset.text import Language, Text
from ja_reset.verify._exploration import Exploration, Predecessor
from ja_reset.verify._steps import Event
from ja_reset.verify._words import event_words, told_words

QUOTED: Mapping[Language, str] = MappingProxyType({"ja": "「{}」", "en": "“{}”"})
"""A button's words, as they stand on the screen."""


@attrs.frozen
class Line:
    """One step of a counterexample: from which state, what happens, to which state, with which reasons.

    `words`: what the event is called; a button of the screen (`is_button`) by its own words.
    """

    source: str
    event: str
    words: Text
    told: Text
    target: str
    reasons: tuple[str, ...]
    is_button: bool = False

    def render(self, language: Language) -> str:
        """The step in one line."""
        told, words = self.told.get(language), self.words.get(language)
        named = QUOTED[language].format(words) if self.is_button else words
        said = f"{named} ({told})" if told else named
        moves = self.source if self.source == self.target else f"{self.source} → {self.target}"
        return f"{moves}: {said}" + (f" [{', '.join(self.reasons)}]" if self.reasons else "")


@attrs.frozen
class Counterexample:
    """The shortest sequence of steps to a failure; with `loops_from`, the steps from there on can repeat for ever.

    `everywhere`: the failure concerns the whole chart, and no step leads to it. `chart`: the chart that it is a way
    through.
    """

    lines: tuple[Line, ...]
    loops_from: int | None = None
    everywhere: bool = False
    chart: Chart | None = attrs.field(default=None, repr=False, eq=False)

    def render(self, language: Language = "en") -> str:
        """Numbered lines; where nothing has to happen at all, that is said."""
        if self.everywhere:
            return {"en": "      whatever happens\n", "ja": "      どの手順でも\n"}[language]
        if not self.lines:
            return {"en": "      at the very beginning\n", "ja": "      最初から\n"}[language]
        text = "".join(f"  {place:>2}. {line.render(language)}\n" for place, line in enumerate(self.lines, 1))
        if self.loops_from is not None:
            said = {"en": "and so on for ever, from step", "ja": "以後くり返し、手順"}[language]
            text += f"      {said} {self.loops_from + 1}\n"
        return text

    def draw(self, form: str = "mermaid", language: Language = "en", *, policies: Policies = STANDARD) -> str:
        """The chart with the way lit up; *form*: mermaid, dot, plantuml, svg or json. Raises InvalidArgument."""
        if form not in FORMS or self.chart is None:
            msg = f"a counterexample is drawn as {', '.join(FORMS)}, not as {form!r}"
            raise InvalidArgument(msg)
        return render(self.chart, FORMS[form], language=language, highlight=self, policies=policies)


FORMS: Mapping[str, Format] = MappingProxyType(
    {form.name.lower(): form for form in (Format.MERMAID, Format.DOT, Format.PLANTUML, Format.SVG, Format.JSON)}
)
"""What a counterexample is drawn in, by the names of the command line."""


def line_of(chart: Chart, source: str, event: Event, target: str, reasons: tuple[str, ...]) -> Line:
    """A step in words."""
    told = [told_words(chart, each) for each in event.told]
    words, is_button = event_words(chart, source, event.trigger)
    return Line(
        source=source,
        event=event.trigger,
        words=words,
        told=Text("、".join(each.ja for each in told), ", ".join(each.en for each in told)),
        target=target,
        reasons=reasons,
        is_button=is_button,
    )


def counterexample(
    exploration: Exploration, number: int, *last: Predecessor, loops_from: int | None = None
) -> Counterexample:
    """The way to situation *number*, and the steps that follow it."""
    way = (*exploration.way_to(number), *last)
    lines, source = [], exploration.situations[0].state
    for came in way:
        lines.append(line_of(exploration.chart, source, came.event, came.state, came.codes))
        source = came.state
    return Counterexample(tuple(lines), loops_from, chart=exploration.chart)
