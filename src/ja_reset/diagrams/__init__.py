"""Diagrams of charts: Mermaid, DOT, PlantUML, SCXML, SVG and JSON, and tables in Markdown or reStructuredText.

Each renderer is a pure function from a chart, or any flat `transitions.Machine`, to text that is the same on every
machine. All use one model (`drawing_of`), which is extracted from the table that runs. `subject` finds what is to be
drawn by its name.
"""

from __future__ import annotations

from ja_reset.diagrams._dot import dot
from ja_reset.diagrams._extraction import Subject, drawing_of
from ja_reset.diagrams._files import Format, drawings, file_name, form_of, is_fresh, render
from ja_reset.diagrams._mermaid import mermaid
from ja_reset.diagrams._model import Detail, Direction, Drawing, Edge, Highlight, Line, Node
from ja_reset.diagrams._plantuml import plantuml
from ja_reset.diagrams._scxml import scxml
from ja_reset.diagrams._structure import json_text, structure
from ja_reset.diagrams._svg import svg
from ja_reset.diagrams._table import TableFormat, table
from ja_reset.diagrams.subjects import subject

__all__ = [
    "Detail",
    "Direction",
    "Drawing",
    "Edge",
    "Format",
    "Highlight",
    "Line",
    "Node",
    "Subject",
    "TableFormat",
    "dot",
    "drawing_of",
    "drawings",
    "file_name",
    "form_of",
    "is_fresh",
    "json_text",
    "mermaid",
    "plantuml",
    "render",
    "scxml",
    "structure",
    "subject",
    "svg",
    "table",
]
