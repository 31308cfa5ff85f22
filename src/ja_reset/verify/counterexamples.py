"""A way through the situations as something to read: numbered steps in Japanese and English, and a drawing."""

from __future__ import annotations

import attrs

from ja_reset.chart import Chart
from ja_reset.text import Language, Text
from ja_reset.verify.exploration import Came, Exploration
from ja_reset.verify.steps import Event
from ja_reset.verify.words import event_words, told_words


@attrs.frozen
class Line:
    """One step of a counterexample: from which state, what happens, to which state, with which reasons."""

    source: str
    event: str
    words: Text
    told: Text
    target: str
    reasons: tuple[str, ...]

    def render(self, language: Language) -> str:
        """The step in one line."""
        told, words = self.told.get(language), self.words.get(language)
        said = f"{words} ({told})" if told else words
        moves = self.source if self.source == self.target else f"{self.source} → {self.target}"
        return f"{moves}: {said}" + (f" [{', '.join(self.reasons)}]" if self.reasons else "")


@attrs.frozen
class Counterexample:
    """The fewest steps to what is wrong; with `loops_from`, the steps from there on can go on for ever."""

    lines: tuple[Line, ...]
    loops_from: int | None = None

    def render(self, language: Language = "en") -> str:
        """Numbered lines; where nothing has to happen at all, that is said."""
        if not self.lines:
            return {"en": "   at the very beginning\n", "ja": "   最初から\n"}[language]
        text = "".join(f"  {place:>2}. {line.render(language)}\n" for place, line in enumerate(self.lines, 1))
        if self.loops_from is not None:
            said = {"en": "and so on for ever, from step", "ja": "以後くり返し、手順"}[language]
            text += f"      {said} {self.loops_from + 1}\n"
        return text

    def mermaid(self, language: Language = "en") -> str:
        """The way as a Mermaid `stateDiagram-v2`: its states, and its steps as numbered arrows."""
        rows = ["stateDiagram-v2", "  direction TB"]
        rows += [f"  [*] --> {self.lines[0].source}"] if self.lines else []
        for place, line in enumerate(self.lines, 1):
            words = f"{place}. {line.words.get(language)}"
            told = line.told.get(language)
            label = (
                words + (f"<br/>{told}" if told else "") + (f"<br/>[{', '.join(line.reasons)}]" if line.reasons else "")
            )
            rows.append(f"  {line.source} --> {line.target} : {_plain(label)}")
        if self.lines:
            rows += [
                "  classDef wrong fill:#fde2e1,stroke:#b3261e,color:#1a1a1a",
                f"  class {self.lines[-1].target} wrong",
            ]
        return "\n".join(rows) + "\n"


def _plain(words: str) -> str:
    return words.replace(":", "：").replace(";", "；").replace("#", "＃")


def line_of(chart: Chart, source: str, event: Event, target: str, reasons: tuple[str, ...]) -> Line:
    """A step in words."""
    told = [told_words(each) for each in event.told]
    return Line(
        source=source,
        event=event.trigger,
        words=event_words(chart, source, event.trigger),
        told=Text("、".join(each.ja for each in told), ", ".join(each.en for each in told)),
        target=target,
        reasons=reasons,
    )


def counterexample(exploration: Exploration, number: int, *last: Came, loops_from: int | None = None) -> Counterexample:
    """The way to situation *number*, and the steps that follow it."""
    way = (*exploration.way_to(number), *last)
    lines, source = [], exploration.situations[0].state
    for came in way:
        lines.append(line_of(exploration.chart, source, came.event, came.state, came.codes))
        source = came.state
    return Counterexample(tuple(lines), loops_from)
