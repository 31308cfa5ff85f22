"""An export: all that the store holds of one contract, as plain JSON without secrets (S8)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

import attrs

from ja_reset.secret import shown
from ja_reset.service._accounts import Attempts, read_attempts
from ja_reset.service._config import Config
from ja_reset.service._holdings import Holdings, holdings_of
from ja_reset.service._io import Flow, Get, Now
from ja_reset.service._pages import Item
from ja_reset.service._records import REQUEST
from ja_reset.stores.rows import Row

Json = Mapping[str, object]

_SECRET: Final = re.compile(r"[vf][0-9]+\.[A-Za-z0-9_.-]{43,}")
"""What is sealed, or a fingerprint (S5): unreadable without the host's key, and not the customer's to read."""


@attrs.frozen(eq=False, kw_only=True)
class Export(Item):
    """All that the store holds of one contract. Each entry is a row in its saved form, without what is sealed.

    - `ref`; `made_at`: aware UTC.
    - `sessions`: live and ended ones (the page on the saved form says what each entry is); `request` is the last answer
      that is remembered. Of a session in which another contract was proved too, neither that nor what it keeps.
    - `effects`: the orders and locks, with the data that is not secret as long as they are not settled.
    - `attempts`: the PIN attempts that count. `codes`: when wrong codes were keyed in, by `number` (E.164).
    - `waits`: numbers that were waited for or rest. `calls`: what the gateway was told, by the hash of the call's id.
    - `audit`: records that name the contract, and those of its sessions that name none; oldest first.

    An entry that cannot be read has only its name and `problem` ("damaged"). Failed identities are not in it: they are
    counted by account (`operator.identity`).
    """

    __repr__ = shown

    ref: str
    made_at: datetime
    sessions: tuple[Json, ...] = attrs.field(repr=False)
    effects: tuple[Json, ...] = attrs.field(repr=False)
    attempts: Attempts
    codes: tuple[Json, ...] = attrs.field(repr=False)
    waits: tuple[Json, ...] = attrs.field(repr=False)
    calls: tuple[Json, ...] = attrs.field(repr=False)
    audit: tuple[Json, ...] = attrs.field(repr=False)


def export(config: Config, ref: object) -> Flow[Export]:
    """All that is held of the contract *ref*; nothing if it is unknown. Raises InvalidArgument, BankUnavailable."""
    held = yield from holdings_of(ref)
    sessions: tuple[Json, ...] = ()
    for row in held.sessions:
        sessions += ((yield from _session(held, row)),)
    records = sorted((*held.audit, *held.beside), key=lambda row: (str(row.body.get("time")), row.key))
    return Export(
        ref=held.ref,
        made_at=(yield Now()),
        sessions=sessions,
        effects=tuple(_entry("key", row) for row in held.effects),
        attempts=(yield from read_attempts(config, ref)),
        codes=tuple(_entry("number", row) for row in held.codes),
        waits=tuple(_entry("number", row) for row in held.waits),
        calls=tuple(_entry("id", row) for row in held.calls),
        audit=tuple({"problem": "damaged"} if row.damaged else dict(row.body) for row in records),
    )


def _session(held: Holdings, row: Row) -> Flow[Json]:
    entry = _entry("id", row)
    if row.key in held.shared:
        return {name: value for name, value in entry.items() if name != "kept"}
    request: Row | None = yield Get(REQUEST, row.key)
    return entry if request is None else {**entry, "request": _open(request.body)}


def _entry(name: str, row: Row) -> dict[str, object]:
    """The row as its saved form, under its own name."""
    told = {name: row.key, **({"problem": "damaged"} if row.damaged else row.body)}
    return {each: _open(value) for each, value in told.items() if not _is_secret(value)}


def _open(value: object) -> object:
    """*value* without what is sealed in it."""
    if isinstance(value, Mapping):
        return {name: _open(each) for name, each in value.items() if not _is_secret(each)}
    return [_open(each) for each in value if not _is_secret(each)] if isinstance(value, list | tuple) else value


def _is_secret(value: object) -> bool:
    return isinstance(value, str) and _SECRET.fullmatch(value) is not None
