"""What sessions, effects and audit records are found under: short texts `name:value`, made of what they say.

A reference is eight characters that a customer can read out. It is the beginning of the session's public id, so it
reveals nothing that logs do not, and it needs no row of its own. An account or a login id is found by its mark, an HMAC
under a subkey of the host's key: whoever reads the store learns neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Final

from ja_reset.service._records import OUTBOX, SESSION, OutboxStatus
from ja_reset.stores.rows import AUDIT, Record

Body = Mapping[str, object]
Names = tuple[tuple[str, str], ...]

EVERY: Final = ""
"""The term of everything: what is listed without a filter goes along it."""

INDEXED: Final[Mapping[str, tuple[str, ...]]] = {
    SESSION: ("mark", "ref", "reference", "state", "institution", "procedure"),
    OUTBOX: ("ref", "reference", "status", "institution"),
    AUDIT: ("mark", "ref", "reference", "actor", "institution"),
}
"""By which terms each kind is looked up, the most selective first; the other terms are compared row by row."""

_PENDING: Final = OutboxStatus.PENDING.value
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_HEARD: Final = str.maketrans("OIL", "011", " -\u3000")
_ID: Final = re.compile(r"[0-9a-f]{10}")
_LETTERS: Final = 8
_BITS: Final = 5


@lru_cache(maxsize=1024)
def reference_of(session: str) -> str:
    """The reference of the session with that id: eight digits and capitals, without I, L, O and U; "" for no id."""
    if not _ID.match(session):
        return ""
    number = int(session[: _LETTERS * _BITS // 4], 16)
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(_BITS * (_LETTERS - 1), -1, -_BITS))


def read_reference(text: str) -> str:
    """The reference as it was read out: case, blanks and hyphens do not count; O is 0, I and L are 1."""
    return text.upper().translate(_HEARD)


def term(name: str, value: str) -> str:
    """The term of a name and a value."""
    return f"{name}:{value}"


def said(kind: str, body: Body) -> frozenset[str]:
    """All terms of a row's body or of an audit record, whether they are indexed or not."""
    found = {*looked_up(kind, body), *_of(body, _BESIDE.get(kind, ()))}
    if kind == SESSION:
        found.update(str(each) for each in _list(body.get("marks")))
    if kind != OUTBOX:
        found.update(_reasons(body, "code" if kind == SESSION else None))
    return frozenset(found)


def looked_up(kind: str, body: Body) -> frozenset[str]:
    """Those terms of a row's body or of an audit record that are indexed."""
    found = _of(body, _INDEXED.get(kind, ()))
    found.append(EVERY)
    if kind == SESSION:
        found.extend(indexed(kind, map(str, _list(body.get("marks")))))
    elif kind == OUTBOX:
        found.append(f"status:{body.get('status', _PENDING)}")
    session = body.get("id" if kind == SESSION else "session")
    if isinstance(session, str) and (reference := reference_of(session)):
        found.append(f"reference:{reference}")
    return frozenset(found)


def filed(kind: str, body: Body) -> tuple[datetime, frozenset[str]] | None:
    """The time of a row and its indexed terms; None for a kind that is not found by terms."""
    at = time_of(kind, body) if kind in _TIMES else None
    return None if at is None else (at, looked_up(kind, body))


def is_filed_alike(kind: str, before: Body, after: Body) -> bool:
    """Whether a row with these two bodies is found under the same terms at the same time: whatever says so is equal."""
    says = _SAYING.get(kind, ())
    return list(map(before.get, says)) == list(map(after.get, says))


def time_of(kind: str, body: Body) -> datetime | None:
    """The time by which a row's body, or an audit record, is found; None where it has none."""
    name = _TIMES.get(kind)
    if name is None:
        return None
    try:
        at = datetime.fromisoformat(str(body.get(name)))
    except ValueError:
        return None
    return None if at.tzinfo is None else at


def recorded(record: Body, marks: tuple[str, ...]) -> Record:
    """An audit record with its indexed terms, and the *marks* of the account that it concerns."""
    return Record(record, looked_up(AUDIT, record) | indexed(AUDIT, marks))


def indexed(kind: str, terms: Iterable[str]) -> frozenset[str]:
    """Those of *terms* that are looked up in *kind*."""
    names = INDEXED[kind]
    return frozenset([each for each in terms if each == EVERY or each.partition(":")[0] in names])


_INDEXED: Final[Mapping[str, Names]] = {
    SESSION: (("procedure", "procedure:"), ("institution", "institution:"), ("state", "state:")),
    OUTBOX: (("institution", "institution:"), ("ref", "ref:")),
    AUDIT: (("institution", "institution:"), ("ref", "ref:"), ("actor", "actor:")),
}
_BESIDE: Final[Mapping[str, Names]] = {
    SESSION: (("id", "session:"),),
    OUTBOX: (("session", "session:"),),
    AUDIT: (("session", "session:"), ("procedure", "procedure:"), ("after", "state:")),
}
"""Which values of a body are terms, and what stands in front of them: those that are indexed, and the others."""
_TIMES: Final[Mapping[str, str]] = {SESSION: "created_at", OUTBOX: "made_at", AUDIT: "time"}
_SAYING: Final[Mapping[str, tuple[str, ...]]] = {
    SESSION: ("created_at", "id", "procedure", "institution", "state", "marks"),
    OUTBOX: ("made_at", "session", "institution", "ref", "status"),
}
"""What of a row's body says when it is found, and by which of the indexed terms."""


def _of(body: Body, names: Names) -> list[str]:
    return [front + value for name, front in names if isinstance(value := body.get(name), str) and value]


def _reasons(body: Body, name: str | None) -> set[str]:
    codes = (each.get(name) if name and isinstance(each, Mapping) else each for each in _list(body.get("reasons")))
    return {term("reason", code) for code in codes if isinstance(code, str)}


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []
