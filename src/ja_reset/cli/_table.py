"""`ja-reset table`: a procedure as tables of its states and transitions."""

from __future__ import annotations

import argparse
from pathlib import Path

from ja_reset import InvalidArgument
from ja_reset.cli._arguments import add_language, add_subject, subject_of
from ja_reset.cli._exits import MISUSED, CommandError
from ja_reset.cli._output import deliver
from ja_reset.diagrams import Format, TableFormat, file_name, table


def declare(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    add_subject(parser)
    forms = [form.value for form in TableFormat]
    parser.add_argument("--format", choices=forms, default="markdown", help="default: markdown")
    add_language(parser)
    parser.add_argument("--output", metavar="FILE", type=Path, help="write it there; in a folder, under its usual name")


def run(options: argparse.Namespace) -> int:
    """Print the tables, or write them."""
    form = TableFormat(options.format)
    kept = Format.RST if form is TableFormat.RST else Format.TABLE
    try:
        text = table(subject_of(options), options.lang, form=form)
    except InvalidArgument as error:
        raise CommandError(str(error), MISUSED) from None
    return deliver(text, options.output, file_name(options.subject, kept, language=options.lang))
