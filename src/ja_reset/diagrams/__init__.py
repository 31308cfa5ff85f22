"""A procedure's chart drawn: Mermaid, DOT and SVG, and as a table in Markdown.

Each renderer is a pure function of the chart (and of the policies whose figures it shows) to text. Nothing that a
drawing shows is written down beside the chart, so none can be out of date but as a file.
"""

from __future__ import annotations

from ja_reset.diagrams.dot import dot
from ja_reset.diagrams.files import Format, drawings, file_name, render
from ja_reset.diagrams.mermaid import mermaid
from ja_reset.diagrams.model import Detail
from ja_reset.diagrams.svg import svg
from ja_reset.diagrams.table import table

__all__ = ["Detail", "Format", "dot", "drawings", "file_name", "mermaid", "render", "svg", "table"]
