"""`ja-reset list`: one line for each procedure."""

from __future__ import annotations

import argparse

from ja_reset import PROCEDURES
from ja_reset.cli._arguments import add_chart, add_language
from ja_reset.cli._exits import WELL


def declare(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    add_chart(parser)
    add_language(parser)


def run(options: argparse.Namespace) -> int:
    """Print each procedure's name and title, in the manual's order, and then a chart of a host's own."""
    charts = [*PROCEDURES.values(), *([] if options.chart is None else [options.chart])]
    width = max(len(chart.name) for chart in charts)
    for chart in charts:
        print(f"{chart.name:{width}}  {chart.title.get(options.lang)}")
    return WELL
