"""`ja-reset operate`: sessions, effects, audit, attempts and waits of a store, for reading alone."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from ja_reset import ResetError, StoreError
from ja_reset.cli._arguments import add_chart
from ja_reset.cli._exits import EXIT_CODES, MISUSED, UNUSABLE, WELL, CommandError
from ja_reset.cli._stores import WHERE, driver, is_database
from ja_reset.cli._tabular import tabular, terminal_width
from ja_reset.service._operator import Operator
from ja_reset.service._pages import Item, Page
from ja_reset.service._reading import reader
from ja_reset.service._sealing import KEY_BYTES
from ja_reset.service._terms import reference_of
from ja_reset.stores.rows import Store

Columns = Mapping[str, Callable[[Item], object]]

_ACCOUNT: Final = ("INSTITUTION", "BRANCH", "SUBJECT", "ACCOUNT")
_LOGIN: Final = ("INSTITUTION", "LOGIN_ID")


def _get(name: str) -> Callable[[Item], object]:
    return lambda item: item.get(name)


def _same(*names: str) -> dict[str, Callable[[Item], object]]:
    return {name: _get(name) for name in names}


def _when(name: str) -> Callable[[Item], object]:
    return lambda item: _local(item.get(name), "%m-%d %H:%M:%S")


_SESSION: Final[Columns] = {"reference": lambda item: reference_of(str(item.get("session") or ""))}
"""A session's reference in place of its id, which has 64 digits; both find it."""

_TABLES: Final[Mapping[str, Columns]] = {
    "sessions": {
        **_same("reference", "procedure", "institution", "state", "ref", "reasons"),
        "started": _when("created_at"),
        "active": _when("active_at"),
        **_same("problem"),
    },
    "effects": {
        **_same("status", "kind", "what", "ref"),
        **_SESSION,
        "made": _when("made_at"),
        **_same("tries", "error"),
        "next try": _when("next_try"),
        "deadline": _when("deadline"),
        **_same("problem", "key"),
    },
    "audit": {
        "time": _when("time"),
        **_SESSION,
        **_same("event", "before", "after", "reasons", "ref", "actor", "reason", "context", "problem"),
    },
    "attempts": _same("ref", "wrong", "orders", "problem"),
    "waits": {
        **_same("number"),
        **_SESSION,
        "until": _when("until"),
        "rests": _when("rests"),
        **_same("line", "end", "problem"),
    },
}

_FILTERS: Final = ("account", "login_id", "since", "until")
_MARKED: Final = frozenset({"account", "login_id"})
_OF_ATTEMPTS: Final = frozenset({"ref", "account", "login_id"})
_WORDS: Final = {
    "ref": "the bank's reference of the contract",
    "reference": "the eight characters that the customer reads out",
    "session": "the session's id",
    "institution": "the id of the JA",
    "procedure": "LOGIN_PASSWORD, or another",
    "state": "sessions: where they are; audit: where the event led to",
    "status": "pending, overdue, confirmed, refused or withdrawn",
    "reason": "a reason's code, such as wrong_pin",
    "actor": "who did it",
}


def declare(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.epilog = (
        "Nothing is changed, and no bank is asked. attempts lists the locked contracts; with --ref it tells of one\n"
        "contract, with --account or --login-id of the failed identities. Sessions by --ref, and what is found by\n"
        "--account or --login-id, are stored under the host's key, so name its file (--key-file), also to go on after\n"
        "the first page of waits: its cursor has a number, sealed. Times are of this machine's zone.\n\n" + EXIT_CODES
    )
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("what", metavar="|".join(_TABLES), choices=list(_TABLES), help="what to list, newest first")
    parser.add_argument("--store", metavar="URL", required=True, help=WHERE)
    parser.add_argument("--schema", metavar="NAME", help="the schema in the database; default: ja_reset")
    told = "a file with a key of the host: 32 bytes, or 64 hexadecimal digits; several, where keys are being rotated"
    parser.add_argument("--key-file", metavar="FILE", type=Path, action="append", default=[], help=told)
    parser.add_argument("--limit", metavar="N", type=int, default=50, help="how many; default: 50")
    parser.add_argument("--after", metavar="CURSOR", help="the next page, as the one before has named it")
    for name, words in _WORDS.items():
        parser.add_argument(f"--{name}", metavar=name.upper(), help=words)
    parser.add_argument("--account", nargs=4, metavar=_ACCOUNT, help="SUBJECT: 普通 or 当座")
    parser.add_argument("--login-id", nargs=2, metavar=_LOGIN)
    for name in ("since", "until"):
        parser.add_argument(f"--{name}", metavar="TIME", type=_time, help="such as 2026-01-31T09:00+09:00, included")
    add_chart(parser)
    parser.add_argument("--json", action="store_true", help="print JSON, which has everything")


def run(options: argparse.Namespace) -> int:
    """Print what was asked for."""
    filters = _filters(options)
    keys = [_key(path) for path in options.key_file]
    try:
        with _opened(options.store, options.schema) as store:
            operator = reader(store, keys=keys, procedures=[] if options.chart is None else [options.chart])
            found = _found(operator, options, filters)
    except StoreError as error:
        raise CommandError(str(error), UNUSABLE) from None
    except ResetError as error:
        raise CommandError(str(error), MISUSED) from None
    print(json.dumps(found.to_dict(), ensure_ascii=False, indent=2) if options.json else _shown(options, found))
    return WELL


def _filters(options: argparse.Namespace) -> dict[str, Any]:
    """The filters that were given; raises CommandError for those that this listing does not take, or without a key."""
    names = (*_WORDS, *_FILTERS)
    given = {name: value for name in names if (value := getattr(options, name)) is not None}
    what = options.what
    if (what == "waits" and given) or (what == "attempts" and (len(given) > 1 or given.keys() - _OF_ATTEMPTS)):
        told = "one of --ref, --account and --login-id, or none" if what == "attempts" else "no filter"
        msg = f"{what} takes {told}"
        raise CommandError(msg, MISUSED)
    by_key = given.keys() & (_MARKED | {"ref"} if what == "sessions" else _MARKED if what == "audit" else set())
    if by_key and not options.key_file:
        told = " and ".join(f"--{name.replace('_', '-')}" for name in sorted(by_key))
        msg = f"{what} are found by {told} only with the host's key, under which they are stored: give its --key-file"
        raise CommandError(msg, MISUSED)
    if what == "waits" and options.after is not None and not options.key_file:
        msg = "a cursor of waits is sealed with the host's key: give its --key-file, for each page"
        raise CommandError(msg, MISUSED)
    return given


def _found(operator: Operator, options: argparse.Namespace, filters: dict[str, Any]) -> Item | Page[Any]:
    around = {"limit": options.limit, "after": options.after}
    listings: Mapping[str, Callable[..., Page[Any]]] = {
        "sessions": operator.sessions,
        "effects": operator.effects,
        "audit": operator.audit,
        "waits": operator.waits,
    }
    if options.what in listings:
        return listings[options.what](**around, **filters)
    return _attempts(operator, filters) if filters else operator.locked(**around)


def _attempts(operator: Operator, filters: Mapping[str, Any]) -> Item:
    """What counts against a contract, an account or a login id."""
    match filters:
        case {"ref": ref}:
            return operator.attempts(ref)
        case {"account": (institution, branch, subject, account)}:
            return operator.identity(institution, branch=branch, subject=subject, account=account)
    institution, login_id = filters["login_id"]
    return operator.identity(institution, login_id=login_id)


@contextmanager
def _opened(where: str, schema: str | None) -> Iterator[Store]:
    """The store there; its tables are neither made nor changed."""
    if is_database(where):
        opened = driver("ja_reset.stores.postgres").PostgresStore
        with opened(where, schema=schema or "ja_reset", create=False, pool_size=1) as store:
            yield store
        return
    if schema is not None:
        msg = "--schema is for a PostgreSQL database; an SQLite file has none"
        raise CommandError(msg, MISUSED)
    from ja_reset.stores import SqliteStore  # noqa: PLC0415 - loads sqlite3
    from ja_reset.stores._sqlite_tables import File  # noqa: PLC0415 - the same

    tables = File(where).look()
    if not tables.opens:
        advice = tables.advice or ""
        there = "no store is there" if tables.version is None else f"schema {tables.version}; {advice}"
        msg = f"{tables.place}: {there}; see ja-reset store {where} check"
        raise StoreError(msg)
    with SqliteStore(where) as store:
        yield store


def _key(path: Path) -> bytes:
    """The key in that file; raises CommandError, which shows nothing of it."""
    try:
        content = path.read_bytes()
    except OSError as error:
        msg = f"cannot read {path}: {error.strerror}; name a file with a key of the host"
        raise CommandError(msg, UNUSABLE) from None
    if len(content) == KEY_BYTES:
        return content
    try:
        key = bytes.fromhex(content.decode("ascii").strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        msg = f"{path} must hold {KEY_BYTES} bytes, or {2 * KEY_BYTES} hexadecimal digits"
        raise CommandError(msg, MISUSED)
    return key


def _time(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        msg = f"{text!r} must be a time with its zone, such as 2026-01-31T09:00+09:00"
        raise argparse.ArgumentTypeError(msg)
    return at


def _shown(options: argparse.Namespace, found: Item | Page[Any]) -> str:
    """The table, or the value line by line."""
    if not isinstance(found, Page):
        plain = found.to_dict()
        width = max(map(len, plain))
        return "\n".join(f"{name:{width}}  {_line(value)}" for name, value in plain.items())
    columns = _TABLES[options.what]
    rows = [[_cell(of(item)) for of in columns.values()] for item in found]
    if not rows and found.next is None:
        return "nothing found"
    lines, cut = tabular(list(columns), rows, terminal_width())
    if cut:
        lines.append("(cut to the width of the terminal; --json has everything)")
    if found.next is not None:
        lost = options.what == "waits" and not options.key_file  # sealed under a key that ends with this process
        lines.append(f"(there is more: {'give the --key-file' if lost else f'--after {found.next}'})")
    return "\n".join(lines)


def _line(value: object) -> str:
    """A value of one thing; attempts are told one after the other."""
    if isinstance(value, list):
        each = (", ".join(f"{name} {_local(at)}" for name, at in one.items()) for one in value)
        return f"{len(value)}" + "".join(f" ({one})" for one in each)
    return _local(value) or "-"


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case list() | tuple():
            return ", ".join(map(str, value))
        case Mapping():
            return ", ".join(f"{name}={each}" for name, each in value.items())
        case _:
            return str(value)


def _local(value: object, form: str = "%Y-%m-%d %H:%M:%S%z") -> str:
    """A time in this machine's zone, to the second; whatever else as it is."""
    if not isinstance(value, str):
        return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    try:
        return datetime.fromisoformat(value).astimezone().strftime(form)
    except (ValueError, OverflowError):
        return value
