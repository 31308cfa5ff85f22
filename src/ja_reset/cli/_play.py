"""`ja-reset play`: play a procedure in the terminal, or play scripts."""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ja_reset import Chart
from ja_reset.cli._arguments import add_chart, add_language, add_procedure, chosen
from ja_reset.cli._exits import EXIT_CODES, MISUSED, NOT_AS_EXPECTED, UNUSABLE, WELL, CommandError
from ja_reset.cli._output import complain
from ja_reset.cli._stores import driver, is_database
from ja_reset.play._player import Player
from ja_reset.play._script import HELP, ScriptError, read_script
from ja_reset.play._suite import play_all, play_script, summary
from ja_reset.play._terminal import walk
from ja_reset.stores import MemoryStore
from ja_reset.text import Language

if TYPE_CHECKING:
    from ja_reset.stores.rows import Store


def declare(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.description = (
        "Walks a procedure as the customer, with a fake bank, a telephone and a clock that stands still."
    )
    parser.epilog = (
        f"commands, at the prompt and one a line in a script (# begins a comment, scenario TITLE a new walk,\n"
        f"procedure NAME ... in front says what the script is for):\n\n{HELP}\n{EXIT_CODES}"
    )
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add_procedure(parser, nargs="?")
    add_chart(parser)
    parser.add_argument("--all", action="store_true", help="play every procedure to success and to every other ending")
    parser.add_argument(
        "--script", metavar="FILE", help="play the lines of FILE (-: standard input), without a terminal"
    )
    parser.add_argument(
        "--store",
        metavar="WHERE",
        help="keep the sessions in this SQLite file, or at this postgresql:// URL; else in memory",
    )
    add_language(parser)


def run(options: argparse.Namespace) -> int:
    """Walk, or play, with a store that is closed at the end."""
    chart = chosen(options)
    if options.all and chart is not None:
        msg = "--all plays every procedure of the library: give --all, or a PROCEDURE or --chart, not both"
        raise CommandError(msg, MISUSED)
    if not options.all and chart is None:
        msg = "play needs a PROCEDURE, --all or --chart; see ja-reset play --help"
        raise CommandError(msg, MISUSED)
    if options.all and options.script is not None:
        msg = "--all plays the packaged scripts; leave --script out, or name a PROCEDURE"
        raise CommandError(msg, MISUSED)
    store = _store(options.store)
    try:
        if chart is None:
            return _play_all(store, options.lang)
        if options.script is not None:
            return _play_script(store, chart, options.script, options.lang)
        return _walk(store, chart, options.lang)
    finally:
        store.close()


def _play_all(store: Store, language: Language) -> int:
    outcomes = play_all(store, language=language, tell=sys.stdout.write)
    print("\n===\n")
    print(summary(outcomes, language), end="")
    return WELL if all(outcome.trouble is None for outcome in outcomes) else NOT_AS_EXPECTED


def _play_script(store: Store, chart: Chart, name: str, language: Language) -> int:
    try:
        script = read_script(_text_of(name), title=Path(name).name)
        outcomes = list(play_script(script, store, chart, language=language, tell=sys.stdout.write))
    except ScriptError as error:
        sys.stdout.flush()
        msg = f"{name}: {error}"
        raise CommandError(msg, MISUSED) from None
    print("\n===\n")
    print(summary(outcomes, language), end="")
    for outcome in outcomes:
        if outcome.trouble is not None:
            complain(f"{name}: {outcome.scenario}: {outcome.trouble}", NOT_AS_EXPECTED)
    return WELL if all(outcome.trouble is None for outcome in outcomes) else NOT_AS_EXPECTED


def _walk(store: Store, chart: Chart, language: Language) -> int:
    walk(Player(store, chart, language=language, tell=sys.stdout.write, fresh=False), _ask)
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
        raise CommandError(msg, UNUSABLE) from None
    except UnicodeDecodeError as error:
        msg = f"{name}: octet {error.start + 1} is not UTF-8; save the script as UTF-8"
        raise CommandError(msg, MISUSED) from None


def _store(where: str | None) -> Store:
    if where is None:
        return MemoryStore()
    if is_database(where):
        store: Store = driver("ja_reset.stores.postgres").PostgresStore(where)
        return store
    from ja_reset.stores import SqliteStore  # noqa: PLC0415 - loads sqlite3

    return SqliteStore(where)
