"""Arguments that several commands take."""

from __future__ import annotations

import argparse

from ja_reset.machines import Procedure


def add_procedure(parser: argparse.ArgumentParser, *, nargs: str | None = None) -> None:
    """PROCEDURE, in any spelling: letters have no case, hyphens stand for underscores."""
    names = ", ".join(Procedure.__members__)
    parser.add_argument("procedure", metavar="PROCEDURE", nargs=nargs, type=_procedure, help=f"one of {names}")


def add_language(parser: argparse.ArgumentParser) -> None:
    """--lang, Japanese where it is not given."""
    parser.add_argument("--lang", choices=["ja", "en"], default="ja", help="the language of the texts; default: ja")


def _procedure(name: str) -> Procedure:
    try:
        return Procedure[name.strip().upper().replace("-", "_")]
    except KeyError:
        msg = f"there is no procedure {name!r}; there are {', '.join(Procedure.__members__)}"
        raise argparse.ArgumentTypeError(msg) from None
