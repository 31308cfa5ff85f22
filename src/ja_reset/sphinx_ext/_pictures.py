"""The directive `ja-reset-diagram`: the SVG of a procedure, as a file of the built site."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives

from ja_reset.diagrams import Detail, Direction, Drawing, drawing_of, svg
from ja_reset.diagrams import _words as words
from ja_reset.diagrams._layout import SIZES
from ja_reset.diagrams._signs import legible
from ja_reset.sphinx_ext._directive import ResetDirective
from ja_reset.text import Language

_WIDTH = re.compile(r'<svg [^>]*?width="([0-9.]+)"')
_SMALLEST = 11 / min(SIZES.values())
"""Of its size: its smallest words are 11 pixels then. In less room the picture scrolls."""


class picture(nodes.General, nodes.Inline, nodes.Element):  # noqa: N801 - docutils names its nodes so
    """A drawing: `svg` is its text, `says` its description for readers who do not see it, `rows` its transitions.

    `opens`: what its link does.
    """


def _detail(argument: str) -> str:
    return directives.choice(argument, tuple(each.value for each in Detail))


def _direction(argument: str) -> str:
    return directives.choice(argument, tuple(each.value.lower() for each in Direction)).upper()


class Diagram(ResetDirective):
    """A figure with the drawing of a procedure, or of any flat Machine.

    `detail` and `direction` as of `ja_reset.diagrams._svg`; `highlight`: a state, or a path with commas between.
    """

    option_spec: ClassVar[dict[str, Any]] = {
        **ResetDirective.option_spec,
        "detail": _detail,
        "direction": _direction,
        "highlight": directives.unchanged_required,
    }

    def made(self) -> nodes.Element:
        """The figure, with its caption."""
        subject = self.subject()
        states = [state.strip() for state in self.options.get("highlight", "").split(",") if state.strip()]
        drawn = svg(
            subject,
            language=self.language,
            detail=self.options.get("detail", Detail.OVERVIEW),
            direction=self.options.get("direction", Direction.DOWN),
            highlight=states or None,
        )
        heads = [head.get(self.language) for head in (words.STATES, words.EVENT, words.TO)]
        told = drawing_of(subject, detail=self.options.get("detail", Detail.OVERVIEW))
        says = legible(told.title.get(self.language))
        shown = picture(svg=drawn, says=says, heads=heads, rows=list(_rows(told, self.language)))
        shown["opens"] = words.FULL_SIZE.get(self.language)
        caption = self.caption(nodes.caption)
        return nodes.figure("", shown, *([caption] if caption else []), classes=["ja-reset-diagram"])


def _rows(drawing: Drawing, language: Language) -> Iterator[tuple[str, str, str]]:
    """What the picture shows, transition by transition: from where, by what, to where."""
    names = {
        node.name: " ".join(dict.fromkeys(legible(word) for word in (node.name, node.title.get(language))))
        for node in drawing.nodes
    }
    for edge in drawing.edges:
        told = "; ".join(legible(text.get(language)) for text in edge.label)
        told = told.replace("; / ", " / ").replace("; → ", " → ")
        yield names.get(edge.source, words.RUNNING.get(language)), told, names[edge.target]


def tell_html(translator: Any, node: picture) -> None:  # noqa: ANN401 - whichever translator the theme has
    """An image of the site, so that the drawing's style stays its own and follows the reader's dark mode.

    It leads to the drawing by itself, in its full size.
    """
    text = str(node["svg"])
    builder = translator.builder
    name = f"ja-reset-{hashlib.sha256(text.encode()).hexdigest()[:16]}.svg"
    folder = Path(builder.outdir, builder.imagedir)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, "utf-8", newline="\n")
    width = float(_WIDTH.findall(text)[0])
    style = f"width:100%;max-width:{width:.0f}px;min-width:{width * _SMALLEST:.0f}px"
    image = f'<img src="{builder.imgpath}/{name}" alt="{escape(str(node["says"]))}" loading="lazy" style="{style}" />'
    link = f'<a href="{builder.imgpath}/{name}" title="{escape(str(node["opens"]))}">{image}</a>'
    translator.body.append(f'<div class="ja-reset-scroll" style="overflow-x:auto" tabindex="0">{link}</div>')


def skip(translator: Any, node: picture) -> None:  # noqa: ANN401 - as above
    """Nothing follows the picture."""
