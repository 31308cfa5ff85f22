"""`ja-reset list`: one line a procedure."""

from __future__ import annotations

import argparse

from ja_reset import PROCEDURES, Procedure
from ja_reset.cli._arguments import add_language
from ja_reset.cli._exits import WELL


def declare(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    add_language(parser)


def run(options: argparse.Namespace) -> int:
    """Print each procedure's name and title, in the manual's order."""
    width = max(map(len, Procedure.__members__))
    for procedure, chart in PROCEDURES.items():
        print(f"{procedure.value:{width}}  {chart.title.get(options.lang)}")
    return WELL
