"""The language that a procedure is written in, and the machine that runs it."""

from __future__ import annotations

from ja_reset.chart.chart import Chart

__all__ = ["Chart"]
