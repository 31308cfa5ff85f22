"""The command `ja-reset`: the procedures listed, drawn, tabled and played.

Exit codes: 0 all is well; 1 a drawing is stale, or a scenario ended elsewhere than expected; 2 the command or a
script cannot be understood; 3 a file or the store cannot be used; 130 interrupted; 141 nobody read on.
"""

from __future__ import annotations

import argparse
import getpass
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from ja_reset import __version__
from ja_reset.errors import ResetError, StoreError
from ja_reset.machines import PROCEDURES, Procedure

if TYPE_CHECKING:
    from ja_reset.rows import Store
    from ja_reset.text import Language

WELL: Final = 0
NOT_AS_EXPECTED: Final = 1
MISUSED: Final = 2
UNUSABLE: Final = 3
INTERRUPTED: Final = 130
NOT_READ: Final = 141

_EXIT_CODES: Final = """\
exit codes:
  0  all is well
  1  a drawing is stale, or a scenario ended elsewhere than expected
  2  the command or a script cannot be understood
  3  a file or the store cannot be used
"""


class _CommandError(Exception):
    """What went wrong, in one line with what to do, and the exit code."""

    def __init__(self, what: str, code: int) -> None:
        super().__init__(what)
        self.code = code


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(MISUSED, f"{self.prog}: {message}; see {self.prog} --help\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with these arguments (None: those of the process) and give its exit code."""
    _speak_utf8()
    try:
        try:
            options = _parser().parse_args(arguments)
            code: int = options.run(options)
        except SystemExit as leaving:  # argparse's way out, of --help too
            code = leaving.code if isinstance(leaving.code, int) else WELL
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()
        return NOT_READ
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        return INTERRUPTED
    except _CommandError as error:
        return _complain(str(error), error.code)
    except StoreError as error:
        return _complain(f"{error}; name another file with --store, or leave it out", UNUSABLE)
    except ResetError as error:
        return _complain(str(error), UNUSABLE)
    return code


def _complain(what: str, code: int) -> int:
    sys.stderr.write(f"ja-reset: {' '.join(what.split())}\n")
    return code


def _speak_utf8() -> None:
    """Customer texts are Japanese, whatever the locale; what cannot be written at all is spelled out."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")


def _drop_output() -> None:
    """Nobody reads on: let the interpreter's last flush go nowhere instead of complaining."""
    try:
        sink = os.open(os.devnull, os.O_WRONLY)
        os.dup2(sink, sys.stdout.fileno())
    except (OSError, ValueError):  # a stdout that is no file
        return


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="ja-reset",
        description="Lists, draws and plays the self-service resets of JA Net Bank.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"ja-reset {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND", parser_class=_Parser)

    listing = commands.add_parser("list", help="the procedures")
    _add_language(listing)
    listing.set_defaults(run=_list)

    table = commands.add_parser("table", help="a procedure as tables in Markdown: every state, every arrow")
    _add_procedure(table)
    _add_language(table)
    table.set_defaults(run=_table)

    diagram = commands.add_parser("diagram", help="a procedure drawn")
    _add_procedure(diagram)
    diagram.add_argument("--format", choices=["mermaid", "dot", "svg"], default="mermaid", help="default: mermaid")
    _add_language(diagram)
    diagram.add_argument("--detail", choices=["overview", "full"], default="overview", help="default: overview")
    diagram.add_argument(
        "--check", metavar="DIR", type=Path, help="print nothing; fail when the drawing's file in DIR is stale"
    )
    diagram.set_defaults(run=_diagram)

    _add_play(commands)
    _add_demo(commands)
    return parser


def _add_demo(commands: argparse._SubParsersAction[_Parser]) -> None:
    demo = commands.add_parser("demo", help="all procedures as web pages, with a telephone and an operator's page")
    demo.add_argument("--port", type=int, default=8417, help="default: 8417; 0: any that is free")
    demo.add_argument("--host", default="127.0.0.1", help="the address to listen on; default: 127.0.0.1, this machine")
    demo.add_argument("--store", metavar="FILE", help="keep the sessions in this SQLite file; else in memory")
    _add_language(demo)
    demo.set_defaults(run=_demo)


def _add_play(commands: argparse._SubParsersAction[_Parser]) -> None:
    from ja_reset.play.script import HELP  # noqa: PLC0415 - each command loads what it needs

    play = commands.add_parser(
        "play",
        help="a procedure walked in the terminal, with a fake bank and a telephone",
        description="Walks a procedure as the customer, with a fake bank, a telephone and a clock that stands still.",
        epilog=f"commands, at the prompt and one a line in a script (# begins a comment, scenario TITLE a new walk,\n"
        f"procedure NAME ... in front says what the script is for):\n\n{HELP}\n{_EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_procedure(play, nargs="?")
    play.add_argument("--all", action="store_true", help="play every procedure to success and to every other ending")
    play.add_argument("--script", metavar="FILE", help="play the lines of FILE (-: standard input), without a terminal")
    play.add_argument(
        "--store", metavar="FILE", type=Path, help="keep the sessions in this SQLite file; else in memory"
    )
    _add_language(play)
    play.set_defaults(run=_play, complain=play.error)


def _add_procedure(parser: argparse.ArgumentParser, *, nargs: str | None = None) -> None:
    names = ", ".join(Procedure.__members__)
    parser.add_argument("procedure", metavar="PROCEDURE", nargs=nargs, type=_procedure, help=f"one of {names}")


def _add_language(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--lang", choices=["ja", "en"], default="ja", help="the language of the texts; default: ja")


def _procedure(name: str) -> Procedure:
    try:
        return Procedure[name.strip().upper().replace("-", "_")]
    except KeyError:
        msg = f"there is no procedure {name!r}; there are {', '.join(Procedure.__members__)}"
        raise argparse.ArgumentTypeError(msg) from None


def _list(options: argparse.Namespace) -> int:
    width = max(map(len, Procedure.__members__))
    for procedure, chart in PROCEDURES.items():
        print(f"{procedure.value:{width}}  {chart.title.get(options.lang)}")
    return WELL


def _table(options: argparse.Namespace) -> int:
    from ja_reset.diagrams import table  # noqa: PLC0415 - each command loads what it needs

    print(table(options.procedure.chart, options.lang), end="")
    return WELL


def _diagram(options: argparse.Namespace) -> int:
    from ja_reset.diagrams import Detail, Format, file_name, render  # noqa: PLC0415 - as above

    chart, detail, form = options.procedure.chart, Detail(options.detail), Format[options.format.upper()]
    if form is Format.SVG and detail is Detail.FULL:
        msg = "an SVG shows the overview only; draw the full chart with --format mermaid or dot"
        raise _CommandError(msg, MISUSED)
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
        raise _CommandError(msg, UNUSABLE) from None
    if not fresh:
        which = f"{chart.name} --format {options.format} --lang {options.lang} --detail {options.detail}"
        msg = f"{path} is stale or missing; write it with: ja-reset diagram {which} > {path}"
        raise _CommandError(msg, NOT_AS_EXPECTED)
    return WELL


def _play(options: argparse.Namespace) -> int:
    if options.all == (options.procedure is not None):
        options.complain("play wants a PROCEDURE, or --all")
    if options.all and options.script is not None:
        options.complain("--all plays the packaged scripts; leave --script out, or name a PROCEDURE")
    store = _store(options.store)
    try:
        if options.all:
            return _play_all(store, options.lang)
        if options.script is not None:
            return _play_script(store, options.procedure, options.script, options.lang)
        return _walk(store, options.procedure, options.lang)
    finally:
        store.close()


def _play_all(store: Store, language: Language) -> int:
    from ja_reset.play.suite import play_all, summary  # noqa: PLC0415 - as above

    outcomes = play_all(store, language=language, tell=sys.stdout.write)
    print("\n===\n")
    print(summary(outcomes, language), end="")
    return WELL if all(outcome.trouble is None for outcome in outcomes) else NOT_AS_EXPECTED


def _play_script(store: Store, procedure: Procedure, name: str, language: Language) -> int:
    from ja_reset.play.script import ScriptError, read_script  # noqa: PLC0415 - as above
    from ja_reset.play.suite import play_script, summary  # noqa: PLC0415 - as above

    try:
        script = read_script(_text_of(name), title=Path(name).name)
        outcomes = list(play_script(script, store, procedure, language=language, tell=sys.stdout.write))
    except ScriptError as error:
        sys.stdout.flush()
        msg = f"{name}: {error}"
        raise _CommandError(msg, MISUSED) from None
    print("\n===\n")
    print(summary(outcomes, language), end="")
    for outcome in outcomes:
        if outcome.trouble is not None:
            _complain(f"{name}: {outcome.scenario}: {outcome.trouble}", NOT_AS_EXPECTED)
    return WELL if all(outcome.trouble is None for outcome in outcomes) else NOT_AS_EXPECTED


def _demo(options: argparse.Namespace) -> int:
    try:
        from ja_reset.demo import command  # noqa: PLC0415 - as above
    except ModuleNotFoundError as error:
        msg = f"the demo needs {error.name}: pip install 'ja-reset[demo]'"
        raise _CommandError(msg, UNUSABLE) from None
    from ja_reset.demo.server import CannotListenError  # noqa: PLC0415 - as above

    try:
        return command.run(options)
    except CannotListenError as error:
        raise _CommandError(str(error), UNUSABLE) from None


def _walk(store: Store, procedure: Procedure, language: Language) -> int:
    from ja_reset.play.player import Player  # noqa: PLC0415 - as above
    from ja_reset.play.terminal import walk  # noqa: PLC0415 - as above

    walk(Player(store, procedure, language=language, tell=sys.stdout.write, fresh=False), _ask)
    return WELL


def _ask(prompt: str, hidden: bool) -> str:  # noqa: FBT001 - the shape of play.terminal.Ask
    sys.stdout.flush()
    if hidden and sys.stdin.isatty():
        return getpass.getpass(prompt)
    return input(prompt)


def _text_of(name: str) -> str:
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text("utf-8")
    except OSError as error:
        msg = f"cannot read {name}: {error.strerror}; name a script that is there"
        raise _CommandError(msg, UNUSABLE) from None
    except UnicodeDecodeError as error:
        msg = f"{name}: octet {error.start + 1} is no UTF-8; save the script as UTF-8"
        raise _CommandError(msg, MISUSED) from None


def _store(path: Path | None) -> Store:
    from ja_reset.stores import MemoryStore  # noqa: PLC0415 - as above

    if path is None:
        return MemoryStore()
    from ja_reset.stores import SqliteStore  # noqa: PLC0415 - as above

    return SqliteStore(path)


if __name__ == "__main__":
    sys.exit(main())
