"""A chart as Markdown: a table of its states, and for each state one of its arrows, in the order of trying."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ja_reset.chart import Chart
from ja_reset.diagrams import words
from ja_reset.diagrams.model import Line, Node, lines_of, nodes_of
from ja_reset.figures import STANDARD
from ja_reset.policies import Policies
from ja_reset.text import Language


def table(chart: Chart, language: Language = "ja", *, policies: Policies = STANDARD) -> str:
    """The text of a Markdown page with every state and every arrow, the same to the last octet."""
    return "\n".join(_lines(chart, language, policies)) + "\n"


def _lines(chart: Chart, language: Language, policies: Policies) -> Iterator[str]:
    nodes = nodes_of(chart, policies=policies)
    lines = lines_of(chart)
    yield f"# {chart.title.get(language)} ({chart.name})"
    yield ""
    heads = (words.STATES, words.SCREEN, words.KIND, words.LIMIT, words.KEEPS)
    yield _row(head.get(language) for head in heads)
    yield _row("---" for _ in heads)
    yield from (_row(_state(node, language)) for node in nodes)
    heads = (words.EVENT, words.CONDITION, words.TO, words.REASONS, words.ORDERS)
    for node in nodes:
        out = [line for line in lines if line.source == node.name]
        if not out:
            continue
        yield ""
        yield f"## {node.name} {node.title.get(language)}"
        yield ""
        yield _row(head.get(language) for head in heads)
        yield _row("---" for _ in heads)
        yield from (_row(_arrow(line, language)) for line in out)


def _state(node: Node, language: Language) -> Iterator[str]:
    yield f"`{node.name}`"
    title = node.title.get(language)
    yield title if node.screen == node.name else f"{node.screen} {title}"
    yield words.KINDS[node.kind].get(language)
    yield node.limit.get(language) if node.limit else ""
    yield ", ".join(f"`{name}`" for name in node.keeps)


def _arrow(line: Line, language: Language) -> Iterator[str]:
    yield f"`{line.trigger}` {line.event.get(language)}"
    if line.fails is not None:
        besides = [] if line.when is None else [f"✓ {line.when.get(language)}"]
        yield ("、" if language == "ja" else ", ").join([f"✗ {line.fails.get(language)}", *besides])
    else:
        yield words.ALL_HOLD.get(language) if line.guarded else ""
    yield words.STAYS.get(language) if line.target == line.source else f"`{line.target}`"
    yield ", ".join(f"`{code}`" for code in line.codes)
    yield ", ".join(f"`{effect}`" for effect in line.effects)


def _row(values: Iterable[str]) -> str:
    return f"| {' | '.join(value.replace('|', chr(92) + '|') for value in values)} |"
