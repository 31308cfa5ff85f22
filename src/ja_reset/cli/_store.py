"""`ja-reset store`: whether this release can use the tables of a store, and the SQL of the step that leads there."""

from __future__ import annotations

import argparse
import json
from typing import Final, Protocol

from ja_reset import InvalidArgument, StoreError
from ja_reset.cli._exits import EXIT_CODES, MISUSED, NOT_AS_EXPECTED, UNUSABLE, WELL, CommandError
from ja_reset.cli._stores import WHERE, driver, is_database
from ja_reset.stores._tables import Standing, Tables

_CODES: Final = {Standing.USABLE: WELL, Standing.STEP_NEEDED: NOT_AS_EXPECTED, Standing.UNUSABLE: UNUSABLE}
_ACTIONS: Final = ("check", "migrate")
_SAID: Final = {
    Standing.USABLE: "this release can use them",
    Standing.STEP_NEEDED: "a migration is needed",
    Standing.UNUSABLE: "this release cannot use them",
}


class Place(Protocol):
    """Where tables are or will be."""

    def look(self) -> Tables:
        """What is there."""

    def step_of(self, tables: Tables) -> str:
        """The SQL of the step, or ""."""

    def migrate(self, tables: Tables) -> None:
        """Take the step."""


def declare(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.epilog = (
        "check changes nothing: 0, this release can use the tables; 1, migrate has something to do; 3, they cannot be\n"
        "used: of a later release, incomplete, or out of reach. migrate prints the SQL of the step, for those who run\n"
        "it themselves (PostgresStore(url, create=False)); with --apply it takes the step.\n\n" + EXIT_CODES
    )
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("url", metavar="URL", help=WHERE)
    parser.add_argument("action", metavar="check|migrate", type=_action, help="what to do")
    parser.add_argument("--schema", metavar="NAME", help="the schema in the database; default: ja_reset")
    parser.add_argument("--apply", action="store_true", help="migrate: run the SQL instead of printing it")
    parser.add_argument("--json", action="store_true", help="check, or migrate --apply: print JSON")


def run(options: argparse.Namespace) -> int:
    """Say what is there, or print the step, or take it."""
    if options.action == "check" and options.apply:
        msg = "check changes nothing; give --apply with migrate"
        raise CommandError(msg, MISUSED)
    try:
        place = _place(options.url, options.schema)
        tables = place.look()
        if options.action == "migrate":
            if tables.standing is Standing.UNUSABLE:
                msg = f"{tables.place}: schema {tables.version}; {tables.advice}"
                raise CommandError(msg, UNUSABLE)
            if not options.apply:
                return _printed(place.step_of(tables), tables)
            place.migrate(tables)
            tables = place.look()
    except InvalidArgument as error:
        raise CommandError(str(error), MISUSED) from None
    except StoreError as error:
        raise CommandError(str(error), UNUSABLE) from None
    print(json.dumps(tables.to_dict(), ensure_ascii=False, indent=2) if options.json else _line(tables))
    return _CODES[tables.standing]


def _action(name: str) -> str:
    if name not in _ACTIONS:  # not quoted: it may be the URL, in the wrong place
        msg = "it must be check or migrate, after the URL"
        raise argparse.ArgumentTypeError(msg)
    return name


def _place(where: str, schema: str | None) -> Place:
    if is_database(where):
        place: Place = driver("ja_reset.stores.postgres._tables").Database(where, schema or "ja_reset")
        return place
    if schema is not None:
        msg = "--schema is for a PostgreSQL database; an SQLite file has none"
        raise CommandError(msg, MISUSED)
    from ja_reset.stores._sqlite_tables import File  # noqa: PLC0415 - loads sqlite3

    return File(where)


def _printed(step: str, tables: Tables) -> int:
    print(step or f"-- nothing to do: schema {tables.version} is what this release works with\n", end="")
    return WELL


def _line(tables: Tables) -> str:
    there = "no tables yet" if tables.version is None else f"schema {tables.version}"
    whole = ", complete" if tables.standing is Standing.USABLE else ""
    advice = f": {tables.advice}" if tables.advice else ""
    return f"{tables.place}: {there}{whole}; {_SAID[tables.standing]}{advice}"
