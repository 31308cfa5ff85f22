"""`ja-reset table`: a procedure as tables, every state and every arrow."""

from __future__ import annotations

import argparse

from ja_reset.cli.arguments import add_language, add_procedure
from ja_reset.cli.exits import WELL
from ja_reset.diagrams import table


def declare(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    add_procedure(parser)
    add_language(parser)


def run(options: argparse.Namespace) -> int:
    """Print the tables in Markdown."""
    print(table(options.procedure.chart, options.lang), end="")
    return WELL
