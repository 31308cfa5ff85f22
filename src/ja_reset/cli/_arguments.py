"""Arguments that several commands take."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from ja_reset import Chart, InvalidArgument, Procedure
from ja_reset.cli._exits import MISUSED, CommandError

if TYPE_CHECKING:
    from ja_reset.diagrams._extraction import Subject


def add_procedure(parser: argparse.ArgumentParser, *, nargs: str | None = None) -> None:
    """PROCEDURE, in any spelling: letters have no case, hyphens stand for underscores."""
    names = ", ".join(Procedure.__members__)
    parser.add_argument("procedure", metavar="PROCEDURE", nargs=nargs, type=_procedure, help=f"one of {names}")


def add_chart(parser: argparse.ArgumentParser) -> None:
    """--chart MODULE:NAME, a Chart of a host's own: in place of PROCEDURE, or beside the three; it may come again."""
    told = "a Chart of your own, in place of PROCEDURE"
    parser.add_argument("--chart", metavar="MODULE:NAME", action=_Chart, default=None, help=told)


def chosen(options: argparse.Namespace) -> Chart | None:
    """The chart that PROCEDURE or --chart names, or None where neither is there; raises CommandError for both."""
    if options.chart is not None and options.procedure is not None:
        msg = "give a PROCEDURE or --chart, not both"
        raise CommandError(msg, MISUSED)
    procedure: Procedure | None = options.procedure
    chart: Chart | None = options.chart
    return procedure.chart if procedure is not None else chart


def add_subject(parser: argparse.ArgumentParser) -> None:
    """The same, or `module:NAME` of a host's own; the chart or the Machine, and what it was called as `named`."""
    names = ", ".join(Procedure.__members__)
    told = f"one of {names}; or module:NAME of a chart or a transitions.Machine of your own"
    parser.add_argument("subject", metavar="PROCEDURE", nargs="?", action=_Subject, help=told)
    parser.add_argument(
        "--chart", metavar="MODULE:NAME", dest="subject", action=_Subject, help="the same, in place of PROCEDURE"
    )


def subject_of(options: argparse.Namespace) -> Subject:
    """What was named to be drawn; raises CommandError where nothing was."""
    if options.subject is None:
        msg = "the following arguments are required: PROCEDURE, or --chart MODULE:NAME for a chart of your own"
        raise CommandError(msg, MISUSED)
    subject: Subject = options.subject
    return subject


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

        if values is None:
            return
        if getattr(namespace, "subject", None) is not None:
            raise argparse.ArgumentError(None, "give a PROCEDURE or --chart, not both")
        name = str(values).strip()
        if ":" in name and "" not in sys.path:
            sys.path.insert(0, "")
        try:
            namespace.subject = subject(name)
        except InvalidArgument as error:
            raise argparse.ArgumentError(None, " ".join(str(error).split())) from None
        namespace.named = name


class _Chart(argparse.Action):
    """Finds the Chart that is named, as `_Subject` finds what is drawn."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,  # noqa: ARG002 - argparse's own signature
        namespace: argparse.Namespace,
        values: Any,  # noqa: ANN401 - the same
        option_string: str | None = None,  # noqa: ARG002 - the same
    ) -> None:
        """Put the chart into the options."""
        from ja_reset.diagrams.subjects import chart_of  # noqa: PLC0415 - `list` needs none

        if "" not in sys.path:
            sys.path.insert(0, "")
        try:
            namespace.chart = chart_of(str(values).strip())
        except InvalidArgument as error:
            raise argparse.ArgumentError(self, " ".join(str(error).split())) from None


def _procedure(name: str) -> Procedure:
    try:
        return Procedure[name.strip().upper().replace("-", "_")]
    except KeyError:
        msg = f"there is no procedure {name!r}; there are {', '.join(Procedure.__members__)}"
        raise argparse.ArgumentTypeError(msg) from None
