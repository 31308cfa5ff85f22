"""A chart as SCXML 1.0 (the W3C's State Chart XML), to be run by another engine.

Every transition, in the order of checking. A guard is a variable of the data model, 0 (false) at first, which is set
before an event is sent; the effects and reasons of a transition are logged. Values and conditions are written so that
ECMAScript and Python read them alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape, quoteattr

from ja_reset.chart.states import StateKind
from ja_reset.diagrams._extraction import Subject, drawing_of
from ja_reset.diagrams._model import Detail, Drawing, Line, Node
from ja_reset.diagrams._signs import identifiers, legible
from ja_reset.text import Language

_FINAL = frozenset({StateKind.SUCCESS, StateKind.ENDING})


def scxml(subject: Subject, *, language: Language = "ja") -> str:
    """The document, the same for the same chart byte for byte; it is complete, whatever the detail."""
    drawing = drawing_of(subject, detail=Detail.FULL)
    return "\n".join(_document(drawing, language)) + "\n"


def guards_of_document(drawing: Drawing) -> Mapping[str, str]:
    """Each guard's variable in the document, which is its own name where that is one and no state's."""
    names = identifiers(node.name for node in drawing.nodes)
    guards = (name for line in drawing.lines for name in (*line.conditions, *line.unless))
    return identifiers(guards, stem="g", beside=frozenset(names.values()))


def _document(drawing: Drawing, language: Language) -> Iterator[str]:
    names = identifiers(node.name for node in drawing.nodes)
    guards = guards_of_document(drawing)
    events = identifiers((line.trigger for line in drawing.lines), stem="e", taken=())
    name = quoteattr(legible("".join(drawing.name.split())))
    initial = quoteattr(names[drawing.initial])
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f"<!-- {_comment(drawing.title.get(language))} -->"
    yield f'<scxml xmlns="http://www.w3.org/2005/07/scxml" version="1.0" name={name} initial={initial}'
    yield '       datamodel="ecmascript">'
    if guards:
        yield "  <datamodel>"
        yield from (f'    <data id="{guard}" expr="0"/>' for guard in guards.values())
        yield "  </datamodel>"
    for node in drawing.nodes:
        yield from _state(drawing, node, (names, guards, events), language)
    yield "</scxml>"


def _state(drawing: Drawing, node: Node, signs: tuple[Mapping[str, str], ...], language: Language) -> Iterator[str]:
    names = signs[0]
    yield f"  <!-- {_comment(' '.join(node.words(language)))} -->"
    lines = [line for line in drawing.lines if line.source == node.name]
    if node.kind in _FINAL and not lines:
        yield f"  <final id={quoteattr(names[node.name])}/>"
        return
    yield f"  <state id={quoteattr(names[node.name])}>"
    for line in lines:
        yield from _transition(line, signs)
    yield "  </state>"


def _transition(line: Line, signs: tuple[Mapping[str, str], ...]) -> Iterator[str]:
    names, guards, events = signs
    wants = [f"{guards[name]} == true" for name in line.conditions]
    wants += [f"{guards[name]} == false" for name in line.unless]
    settings = [f"event={quoteattr(events[line.trigger])}"]
    if wants:
        settings.append(f"cond={quoteattr(' && '.join(wants))}")
    if not line.stays:
        settings.append(f"target={quoteattr(names[line.target])}")
    logs = [("reason", code) for code in line.codes] + [("order", effect) for effect in line.effects]
    if not logs:
        yield f"    <transition {' '.join(settings)}/>"
        return
    yield f"    <transition {' '.join(settings)}>"
    for label, word in logs:
        quoted = quoteattr("'" + legible(word).replace("\\", "\\\\").replace("'", "\\'") + "'")
        yield f'      <log label="{label}" expr={quoted}/>'
    yield "    </transition>"


def _comment(words: str) -> str:
    """Within a comment there is no double hyphen."""
    return escape(re.sub("-(?=-)", "- ", legible(words)).rstrip("-"))
