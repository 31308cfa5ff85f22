"""`ja-reset diagram`: a procedure drawn, or its drawing's file compared."""

from __future__ import annotations

import argparse
from pathlib import Path

from ja_reset.cli.arguments import add_language, add_procedure
from ja_reset.cli.exits import MISUSED, NOT_AS_EXPECTED, UNUSABLE, WELL, CommandError
from ja_reset.diagrams import Detail, Format, file_name, render


def declare(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    add_procedure(parser)
    parser.add_argument("--format", choices=["mermaid", "dot", "svg"], default="mermaid", help="default: mermaid")
    add_language(parser)
    parser.add_argument("--detail", choices=["overview", "full"], default="overview", help="default: overview")
    parser.add_argument(
        "--check", metavar="DIR", type=Path, help="print nothing; fail when the drawing's file in DIR is stale"
    )


def run(options: argparse.Namespace) -> int:
    """Print the drawing, or compare it."""
    chart, detail, form = options.procedure.chart, Detail(options.detail), Format[options.format.upper()]
    if form is Format.SVG and detail is Detail.FULL:
        msg = "an SVG shows the overview only; draw the full chart with --format mermaid or dot"
        raise CommandError(msg, MISUSED)
    text = render(chart, form, language=options.lang, detail=detail)
    if options.check is None:
        print(text, end="")
        return WELL
    path = options.check / file_name(chart, form, language=options.lang, detail=detail)
    try:
        fresh = path.read_bytes() == text.encode()
    except FileNotFoundError:
        fresh = False
    except OSError as error:
        msg = f"cannot read {path}: {error.strerror}; name another folder with --check"
        raise CommandError(msg, UNUSABLE) from None
    if not fresh:
        which = f"{chart.name} --format {options.format} --lang {options.lang} --detail {options.detail}"
        msg = f"{path} is stale or missing; write it with: ja-reset diagram {which} > {path}"
        raise CommandError(msg, NOT_AS_EXPECTED)
    return WELL
