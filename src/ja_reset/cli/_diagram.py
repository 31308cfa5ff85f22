"""`ja-reset diagram`: draw a procedure, write the drawing to a file, or compare it with one."""

from __future__ import annotations

import argparse
from pathlib import Path

from ja_reset import InvalidArgument
from ja_reset.cli._arguments import add_language, add_subject, subject_of
from ja_reset.cli._exits import MISUSED, NOT_AS_EXPECTED, WELL, CommandError
from ja_reset.cli._output import deliver
from ja_reset.diagrams import Detail, Direction, Format, file_name, is_fresh, render

FORMATS = {form.name.lower(): form for form in Format if form not in {Format.TABLE, Format.RST}}


def declare(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    add_subject(parser)
    parser.add_argument("--format", choices=list(FORMATS), default="mermaid", help="default: mermaid")
    add_language(parser)
    details = [detail.value for detail in Detail]
    parser.add_argument("--detail", choices=details, default="overview", help="default: overview; scxml tells all")
    directions = [direction.value for direction in Direction]
    parser.add_argument(
        "--direction", choices=directions, default="TB", help="top to bottom (default) or left to right"
    )
    parser.add_argument("--highlight", metavar="STATE", help="light up a state, or a path: states with commas between")
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--check", metavar="DIR", type=Path, help="print nothing; fail when the drawing's file in DIR is stale"
    )
    where.add_argument("--output", metavar="FILE", type=Path, help="write it there; in a folder, under its usual name")


def run(options: argparse.Namespace) -> int:
    """Print the drawing, write it, or compare it."""
    form = FORMATS[options.format]
    told = {"language": options.lang, "detail": options.detail, "direction": options.direction}
    states = [state.strip() for state in (options.highlight or "").split(",") if state.strip()]
    try:
        text = render(subject_of(options), form, highlight=states or None, **told)
        name = file_name(options.subject, form, **told)
    except InvalidArgument as error:
        raise CommandError(str(error), MISUSED) from None
    if options.check is None:
        return deliver(text, options.output, name)
    return _check(options, form, text, options.check / name)


def _check(options: argparse.Namespace, form: Format, text: str, path: Path) -> int:
    try:
        fresh = is_fresh(path.read_bytes(), text, form)
    except FileNotFoundError:
        fresh = False
    except OSError as error:
        msg = f"cannot read {path}: {error.strerror}; name another folder with --check"
        raise CommandError(msg, MISUSED) from None
    if fresh:
        return WELL
    which = f"{options.named} --format {options.format} --lang {options.lang} --detail {options.detail}"
    which += f" --direction {options.direction}" if options.direction != "TB" else ""
    which += f" --highlight {options.highlight}" if options.highlight else ""
    msg = f"{path} is outdated or missing; write it with: ja-reset diagram {which} --output {path}"
    raise CommandError(msg, NOT_AS_EXPECTED)
