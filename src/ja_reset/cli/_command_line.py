"""What all commands of `ja-reset` share: the parser, the exit codes, and how errors are printed.

A command is a line in `COMMANDS` and a module, which is imported when the command is chosen. The module has
`declare(parser)`, which adds its arguments, and `run(options)`, which returns the exit code or raises CommandError.
"""

from __future__ import annotations

import argparse
import importlib
import re
import sys
from collections.abc import Mapping, Sequence
from types import MappingProxyType, ModuleType
from typing import Any, Final, NoReturn

import attrs

from ja_reset import ResetError, StoreError, __version__
from ja_reset.cli._exits import EXIT_CODES, INTERRUPTED, MISUSED, NOT_READ, UNUSABLE, WELL, CommandError
from ja_reset.cli._output import OutputError, complain, drop, standard_streams


@attrs.frozen
class Command:
    """A command's line in the list, its module, and the extra of the distribution that brings what it needs."""

    help: str
    module: str
    extra: str | None = None


COMMANDS: Final[Mapping[str, Command]] = MappingProxyType(
    {
        "list": Command("the procedures", "ja_reset.cli._list"),
        "table": Command("a procedure as tables: every state, every transition", "ja_reset.cli._table"),
        "diagram": Command("a procedure drawn", "ja_reset.cli._diagram"),
        "diff": Command("what a release changes in a procedure, and which sessions it strands", "ja_reset.cli._diff"),
        "verify": Command("a procedure explored to the end, and held to every rule", "ja_reset.cli._verify"),
        "policies": Command("what a file of policies makes hold, and for whom", "ja_reset.cli._policies"),
        "messages": Command("every text by its key, and what a translation lacks", "ja_reset.cli._messages"),
        "store": Command("whether this release can use a store's tables, and what leads there", "ja_reset.cli._store"),
        "operate": Command("sessions, effects, audit, attempts and waits of a store", "ja_reset.cli._operate"),
        "play": Command("a procedure walked in the terminal, with a fake bank and a telephone", "ja_reset.cli._play"),
        "demo": Command("all procedures as web pages, with a telephone and more", "ja_reset.cli._demo", extra="demo"),
    }
)
"""Every command, in the order of the list."""

_PASSWORD: Final = re.compile(r"(://)\S*(?=@)|(password\s*=\s*)(?:'[^']*'|[^\s'\"]+)")


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, and which imports its command only when it is to read its arguments."""

    command: Command | None = None
    name: str = ""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and where to read more; of a URL that stands there, not the password."""
        self.exit(MISUSED, f"{self.prog}: {_without_password(message)}; see {self.prog} --help\n")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:  # noqa: ANN401 - three overloads there
        """Read the arguments, those of the command once its module has declared them."""
        if self.command is not None:
            module = _module(self.name, self.command)
            module.declare(self)
            self.set_defaults(run=module.run)
            self.command = None
        return super().parse_known_args(args, namespace)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with these arguments (None: those of the process) and give its exit code."""
    with standard_streams():
        try:
            code = _run(arguments)
            sys.stdout.flush()
        except BrokenPipeError:
            drop(sys.stdout)
            return NOT_READ
        except OutputError as error:
            drop(sys.stdout)
            return complain(str(error), error.code)
        return code


def _run(arguments: Sequence[str] | None) -> int:
    try:
        options = _options(arguments)
        return options if isinstance(options, int) else int(options.run(options))
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        return INTERRUPTED
    except OutputError:
        raise
    except (CommandError, ResetError, SystemExit) as error:
        return complain(*_words_and_code(error))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace | int:
    """What was asked for; an exit code where argparse has said all, as for --help."""
    try:
        return _parser().parse_args(arguments)
    except SystemExit as leaving:
        return int(leaving.code or WELL)


def _words_and_code(error: CommandError | ResetError | SystemExit) -> tuple[str, int]:
    match error:
        case CommandError():
            return str(error), error.code
        case StoreError():
            return f"{error}; name another file with --store, or leave it out", UNUSABLE
        case SystemExit():
            return f"code of a module that was named called sys.exit({error.code!r}); take that out", MISUSED
        case _:
            return str(error), UNUSABLE


def _without_password(message: str) -> str:
    """What argparse says, which quotes what was typed: a database's URL, perhaps, in the wrong place."""
    return _PASSWORD.sub(r"\1\2...", message)


def _parser() -> Parser:
    parser = Parser(
        prog="ja-reset",
        description="Lists, draws and plays the self-service resets of JA Net Bank.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"ja-reset {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND", parser_class=Parser)
    for name, command in COMMANDS.items():
        each = commands.add_parser(name, help=command.help, description=f"{command.help[0].upper()}{command.help[1:]}.")
        each.name, each.command = name, command
    return parser


def _module(name: str, command: Command) -> ModuleType:
    try:
        return importlib.import_module(command.module)
    except ModuleNotFoundError as error:
        if command.extra is None or (error.name or "").startswith("ja_reset"):
            raise
        msg = f"{name} needs {error.name}: pip install 'ja-reset[{command.extra}]'"
        raise CommandError(msg, MISUSED) from None
