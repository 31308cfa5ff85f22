"""Colours that are read on white, on black and on paper: nodes bring their own ground, lines are of middle grey."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import attrs

from ja_reset.chart.states import StateKind


@attrs.frozen
class Ink:
    """The ground of a node and the line around it, as #rrggbb."""

    ground: str
    line: str


TEXT = "#1f2933"
"""On every ground of `INKS` at least 11 : 1."""

LINE = "#6e7781"
"""Arrows and their words: at least 4 : 1 on white and on black."""

PATH = "#2f6fce"
"""The main path."""

LIGHT = "#f5a623"
"""Around the node that a session is in."""

LIT = "#c05f00"
"""A way that is lit up: its arrows end on what `LIGHT` surrounds, so they are darker."""

INKS: Mapping[StateKind, Ink] = MappingProxyType(
    {
        StateKind.FORM: Ink("#e3edfb", "#2f6fce"),
        StateKind.WAITING: Ink("#fdf0d0", "#b7791f"),
        StateKind.COMPLETING: Ink("#ece6fa", "#7552cc"),
        StateKind.SUCCESS: Ink("#d9f2e1", "#22863a"),
        StateKind.ENDING: Ink("#eceef1", "#6e7781"),
    }
)

DARK: Mapping[StateKind, Ink] = MappingProxyType(
    {
        StateKind.FORM: Ink("#1d3557", "#6ea3f2"),
        StateKind.WAITING: Ink("#4a3a12", "#d9a441"),
        StateKind.COMPLETING: Ink("#352a5c", "#a58be8"),
        StateKind.SUCCESS: Ink("#173d26", "#4cb36b"),
        StateKind.ENDING: Ink("#2a3038", "#8b96a3"),
    }
)
"""The same where the reader's page is dark; its words are light."""
