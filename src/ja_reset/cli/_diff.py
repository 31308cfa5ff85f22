"""`ja-reset diff`: what a release changes in a chart, and whether sessions that are under way can go on (S4)."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from ja_reset import InvalidArgument
from ja_reset.cli._exits import MISUSED, NOT_AS_EXPECTED, WELL, CommandError
from ja_reset.diagrams._difference import difference_of


def declare(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    told = "a file of `ja-reset diagram PROCEDURE --format json`"
    parser.add_argument("old", metavar="OLD", type=Path, help=f"{told}: of the release that is running")
    parser.add_argument("new", metavar="NEW", type=Path, help="the same of the release that is to replace it")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """Print what differs; a breaking change without a new version is not as it should be."""
    try:
        found = difference_of(_content(options.old), _content(options.new))
    except InvalidArgument as error:
        msg = f"{options.old}, {options.new}: {error}"
        raise CommandError(msg, MISUSED) from None
    print(json.dumps(found.to_dict(), ensure_ascii=False, indent=2) if options.json else found.render().rstrip("\n"))
    return NOT_AS_EXPECTED if found.needs_version else WELL


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        msg = f"cannot read {path}: {error.strerror}; name a file of ja-reset diagram --format json"
        raise CommandError(msg, MISUSED) from None
