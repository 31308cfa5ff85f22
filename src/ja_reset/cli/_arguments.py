"""Arguments that several commands take."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from ja_reset import InvalidArgument, Procedure


def add_procedure(parser: argparse.ArgumentParser, *, nargs: str | None = None) -> None:
    """PROCEDURE, in any spelling: letters have no case, hyphens stand for underscores."""
    names = ", ".join(Procedure.__members__)
    parser.add_argument("procedure", metavar="PROCEDURE", nargs=nargs, type=_procedure, help=f"one of {names}")


def add_subject(parser: argparse.ArgumentParser) -> None:
    """The same, or `module:NAME` of a host's own; the chart or the Machine, and what it was called as `named`."""
    names = ", ".join(Procedure.__members__)
    told = f"one of {names}; or module:NAME of a chart or a transitions.Machine of your own"
    parser.add_argument("subject", metavar="PROCEDURE", action=_Subject, help=told)


def add_language(parser: argparse.ArgumentParser) -> None:
    """--lang, Japanese where it is not given."""
    parser.add_argument("--lang", choices=["ja", "en"], default="ja", help="the language of the texts; default: ja")


class _Subject(argparse.Action):
    """Finds what is named; Python looks for modules in the present folder too, as with `python -m`."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,  # noqa: ARG002 - argparse's own signature
        namespace: argparse.Namespace,
        values: Any,  # noqa: ANN401 - the same
        option_string: str | None = None,  # noqa: ARG002 - the same
    ) -> None:
        """Put the subject and its name into the options."""
        from ja_reset.diagrams import subject  # noqa: PLC0415 - `list` draws nothing

        name = str(values).strip()
        if ":" in name and "" not in sys.path:
            sys.path.insert(0, "")
        try:
            namespace.subject = subject(name)
        except InvalidArgument as error:
            raise argparse.ArgumentError(None, " ".join(str(error).split())) from None
        namespace.named = name


def _procedure(name: str) -> Procedure:
    try:
        return Procedure[name.strip().upper().replace("-", "_")]
    except KeyError:
        msg = f"there is no procedure {name!r}; there are {', '.join(Procedure.__members__)}"
        raise argparse.ArgumentTypeError(msg) from None
