"""A drawing as JSON, for other tools: every node, every edge, every transition with its guards."""

from __future__ import annotations

import json
import re

from ja_reset.chart import Chart
from ja_reset.chart._parts import parts_of
from ja_reset.diagrams._extraction import Subject, drawing_of
from ja_reset.diagrams._model import Detail, Drawing, Edge, Highlight, Line, Node
from ja_reset.policies import Policies
from ja_reset.screens.placeholders import STANDARD
from ja_reset.text import Text

_LONE = re.compile("[\ud800-\udfff]")
"""Half of a surrogate pair, which UTF-8 has no form for; JSON has its own."""

FORMAT = 1
"""The version of the form; a key may be added under it, none removed or given another meaning."""


def structure(
    subject: Subject,
    *,
    detail: Detail | str = "overview",
    highlight: Highlight | None = None,
    policies: Policies = STANDARD,
) -> dict[str, object]:
    """Plain data: `name, title, initial, nodes, edges` as drawn at this detail, and `arrows`, all, in order of trying.

    `starts` are the arrows from the initial dot (E4); none where a session always begins at `initial`.

    Every text is `{"ja": …, "en": …}`. Of a Chart there are also its `version`, `retired`, `states`, `guards`, `forms`
    and `effects`, whatever the detail, so that two versions of it can be compared.
    """
    drawn = _plain(drawing_of(subject, detail=detail, policies=policies, highlight=highlight))
    return {**drawn, **parts_of(subject)} if isinstance(subject, Chart) else drawn


def json_text(
    subject: Subject,
    *,
    detail: Detail | str = "overview",
    highlight: Highlight | None = None,
    policies: Policies = STANDARD,
) -> str:
    """The same as JSON, the same for the same chart to the last octet."""
    plain = structure(subject, detail=detail, highlight=highlight, policies=policies)
    text = json.dumps(plain, ensure_ascii=False, indent=2)
    return _LONE.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def _plain(drawing: Drawing) -> dict[str, object]:
    return {
        "format": FORMAT,
        "name": drawing.name,
        "title": drawing.title.to_dict(),
        "initial": drawing.initial,
        "nodes": [_node(node) for node in drawing.nodes],
        "edges": [_edge(edge) for edge in drawing.edges],
        "arrows": [_arrow(line) for line in drawing.lines],
        "starts": [_arrow(line) for line in drawing.starts],
    }


def _node(node: Node) -> dict[str, object]:
    return {
        "name": node.name,
        "states": list(node.states),
        "kind": node.kind.value,
        "screen": node.screen,
        "title": node.title.to_dict(),
        "limit": _text(node.limit),
        "keeps": list(node.keeps),
        "on_path": node.on_path,
        "highlighted": node.lit,
    }


def _edge(edge: Edge) -> dict[str, object]:
    return {
        "source": edge.source,
        "target": edge.target,
        "label": [text.to_dict() for text in edge.label],
        "on_path": edge.on_path,
        "highlighted": edge.lit,
    }


def _arrow(line: Line) -> dict[str, object]:
    return {
        "trigger": line.trigger,
        "event": line.event.to_dict(),
        "source": line.source,
        "target": line.target,
        "stays": line.stays,
        "conditions": list(line.conditions),
        "unless": list(line.unless),
        "fails": _text(line.fails),
        "when": _text(line.when),
        "reasons": list(line.codes),
        "effects": list(line.effects),
        "name": line.name,
        "role": line.role,
        "assigns": list(line.assigns),
        "wait": line.wait,
    }


def _text(text: Text | None) -> dict[str, str] | None:
    return None if text is None else text.to_dict()
