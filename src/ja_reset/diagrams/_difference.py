"""What differs between two versions of a chart, and whether sessions of one can go on by the other (S4).

Both are what `structure` gives of a chart, as a release has committed it. A change is *breaking* where one release
cannot go on with a session that the other has saved: a state is there in one of them only, has another kind or keeps
other data, or an order is waited for elsewhere. Sessions are told apart by the chart's version alone, so a breaking
change needs a new one. Every other change is *additive*: both releases serve the same sessions side by side.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final, TypeVar, cast

import attrs

from ja_reset.chart.states import StateKind
from ja_reset.errors import InvalidArgument

T = TypeVar("T")

FORMAT: Final = 1
_PARTS: Final = {
    "states": "state",
    "starts": "start",
    "arrows": "transition",
    "guards": "guard",
    "forms": "form",
    "effects": "effect",
}
_SINCE: Final[Mapping[str, object]] = {"starts": []}
"""What a chart has that was written before there was any."""
_BREAKING: Final = {"state": ("kind", "keeps"), "effect": ("awaited_in",)}
"""The parts of a state and of an effect whose change is breaking."""
_FINAL: Final = {StateKind.SUCCESS.value, StateKind.ENDING.value}


@attrs.frozen
class Change:
    """One thing that was added or removed, or a part of it that has changed, with what it was and is."""

    what: str
    name: str
    how: str
    part: str | None = None
    before: object = None
    after: object = None
    breaking: bool = False

    def __str__(self) -> str:
        if self.part is None:
            return f"{self.what} {self.name} {self.how}"
        return f"{self.what} {self.name}: {self.part} {_told(self.before)} → {_told(self.after)}"


@attrs.frozen(kw_only=True)
class Difference:
    """All that differs. `strands`: states of the older version whose sessions end EXPIRED; `restarts`: those retired.

    `keeps_order`: of those stranded, the ones whose order is confirmed all the same.
    """

    name: str
    before: int
    after: int
    changes: tuple[Change, ...]
    strands: tuple[str, ...]
    restarts: Mapping[str, str]
    keeps_order: tuple[str, ...]

    @property
    def is_breaking(self) -> bool:
        """Whether any change is, or the version went down."""
        return self.after < self.before or any(change.breaking for change in self.changes)

    @property
    def needs_version(self) -> bool:
        """Whether it is breaking and the version did not go up."""
        return self.is_breaking and self.after <= self.before

    def to_dict(self) -> dict[str, object]:
        """Plain JSON."""
        return {
            "name": self.name,
            "version": {"before": self.before, "after": self.after},
            "breaking": self.is_breaking,
            "needs_version": self.needs_version,
            "changes": [attrs.asdict(change) for change in self.changes],
            "strands": list(self.strands),
            "restarts": dict(self.restarts),
            "keeps_order": list(self.keeps_order),
        }

    def render(self) -> str:
        """Lines for a reader: each change with its weight, what becomes of live sessions, and what to do."""
        lines = [f"{self.name}: version {self.before} → {self.after}"]
        lines += [f"  {'breaking' if change.breaking else 'additive'}  {change}" for change in self.changes]
        for name in self.strands:
            told = "; its order is confirmed, and the customer is told" if name in self.keeps_order else ""
            lines.append(f"  strands   a session in {name} ends EXPIRED (procedure_changed){told}")
        lines += [f"  restarts  a session in {name} restarts at {to}" for name, to in self.restarts.items()]
        return "\n".join([*lines, self._verdict()]) + "\n"

    def _verdict(self) -> str:
        if self.needs_version:
            return f"breaking: give the chart a version above {self.before}"
        if self.is_breaking:
            return "breaking, and the version was raised"
        if not self.changes:
            return "no difference" if self.before == self.after else "no difference but the version"
        return "additive" if self.before == self.after else "additive: the version need not have been raised"


def difference(before: object, after: object) -> Difference:
    """What differs between two charts, each as `structure` gives it; raises InvalidArgument for what is none."""
    old, new = _read(before, "the first"), _read(after, "the second")
    if old.name != new.name:
        msg = f"the two are of different procedures, {old.name} and {new.name}: name two files of one"
        raise InvalidArgument(msg)
    strands, restarts = [], {}
    for name, state in old.states.items():
        if state.kind in _FINAL or _goes_on(name, old, new):
            continue
        if name in new.retired and not old.awaited(name):
            restarts[name] = new.retired[name]
        else:
            strands.append(name)
    return Difference(
        name=new.name,
        before=old.version,
        after=new.version,
        changes=tuple(_changes(old, new)),
        strands=tuple(strands),
        restarts=restarts,
        keeps_order=tuple(name for name in strands if old.awaited(name)),
    )


def difference_of(before: bytes, after: bytes) -> Difference:
    """The same of two files; raises InvalidArgument."""
    return difference(_json(before, "the first"), _json(after, "the second"))


# What is read -----------------------------------------------------------------------------------------------


@attrs.frozen
class _State:
    kind: str
    keeps: frozenset[str]


@attrs.frozen(kw_only=True)
class _Read:
    """A chart as it was drawn; `parts`: its states, transitions … as they stand, each by its name."""

    name: str
    initial: str
    version: int
    retired: Mapping[str, str]
    states: Mapping[str, _State]
    parts: Mapping[str, Mapping[str, Mapping[str, object]]]

    def awaited(self, state: str) -> tuple[str, ...]:
        """The effects whose answer that state waits for."""
        return tuple(name for name, effect in self.parts["effect"].items() if effect["awaited_in"] == state)


def _json(content: bytes, which: str) -> object:
    try:
        return json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        msg = f"{which} file is not JSON in UTF-8: write it with ja-reset diagram PROCEDURE --format json"
        raise InvalidArgument(msg) from None


def _read(plain: object, which: str) -> _Read:
    try:
        return _read_strictly(cast("Mapping[str, object]", plain))
    except _UnreadableError as trouble:
        advice = "write it with ja-reset diagram PROCEDURE --format json, by this release or a newer one"
        msg = f"{which} file is no drawing of a chart ({trouble}): {advice}"
        raise InvalidArgument(msg) from None


class _UnreadableError(Exception):
    """Where something else stands than a drawing has."""


def _read_strictly(plain: Mapping[str, object]) -> _Read:
    if _a(dict, plain, "it is no object").get("format") != FORMAT:
        msg = f"its format is not {FORMAT}"
        raise _UnreadableError(msg)
    version = _a(int, plain.get("version"), "it has no version")
    retired = _a(dict, plain.get("retired"), "it has no retired states")
    parts = {what: _named(plain.get(key, _SINCE.get(key)), key) for key, what in _PARTS.items()}
    for effect in parts["effect"].values():
        _a((str, type(None)), effect.get("awaited_in", 0), "an effect does not say where it is awaited")
    return _Read(
        name=_a(str, plain.get("name"), "it has no name"),
        initial=_a(str, plain.get("initial"), "it has no initial state"),
        version=version,
        retired={_a(str, name, "retired"): _a(str, to, "retired") for name, to in retired.items()},
        states={name: _state(name, body) for name, body in parts["state"].items()},
        parts=parts,
    )


def _state(name: str, body: Mapping[str, object]) -> _State:
    keeps = _a(list, body.get("keeps"), f"state {name} does not say what it keeps")
    kind = _a(str, body.get("kind"), f"state {name} has no kind")
    return _State(kind, frozenset(_a(str, each, f"state {name} keeps what has no name") for each in keeps))


def _named(listed: object, key: str) -> dict[str, Mapping[str, object]]:
    found: dict[str, Mapping[str, object]] = {}
    for each in _a(list, listed, f"it has no {key}"):
        body = _a(dict, each, f"one of its {key} is no object")
        name = _a(str, body.get("name"), f"one of its {key} has no name")
        if name in found:
            msg = f"two of its {key} are named {name}"
            raise _UnreadableError(msg)
        found[name] = {part: held for part, held in body.items() if part != "name"}
    return found


def _a(kind: type[T] | tuple[type[T], ...], held: object, trouble: str) -> T:
    if not isinstance(held, kind) or isinstance(held, bool):
        raise _UnreadableError(trouble)
    return held


# What differs -----------------------------------------------------------------------------------------------


def _goes_on(name: str, old: _Read, new: _Read) -> bool:
    """Whether a session of the older version in that state goes on by the newer one, there or where its order leads."""
    before, after = old.states[name], new.states.get(name)
    orders = old.awaited(name)
    if not orders:
        return after is not None and after.keeps == before.keeps
    goals = [new.parts["effect"].get(effect, {}).get("awaited_in") for effect in orders]
    waiting = [new.states.get(goal) if isinstance(goal, str) else None for goal in goals]
    return all(state is not None and state.keeps <= before.keeps for state in waiting)


def _changes(old: _Read, new: _Read) -> Iterator[Change]:
    if old.initial != new.initial:
        yield Change("initial", new.initial, "changed", "state", old.initial, new.initial)
    if dict(old.retired) != dict(new.retired):
        yield Change("retired", new.name, "changed", "states", dict(old.retired), dict(new.retired))
    for what in _PARTS.values():
        before, after = old.parts[what], new.parts[what]
        for name in before:
            if name not in after:
                yield Change(what, name, "removed", breaking=_matters(what, before[name]))
        for name, body in after.items():
            if name not in before:
                yield Change(what, name, "added", breaking=_matters(what, body))
            else:
                yield from _parts(what, name, before[name], body)


def _matters(what: str, body: Mapping[str, object]) -> bool:
    """Whether a session depends on that being there: on a state, and on an effect that one waits for."""
    return what == "state" or (what == "effect" and body["awaited_in"] is not None)


def _parts(what: str, name: str, before: Mapping[str, object], after: Mapping[str, object]) -> Iterator[Change]:
    for part in dict.fromkeys([*before, *after]):
        if before.get(part) != after.get(part):
            is_breaking = part in _BREAKING.get(what, ())
            yield Change(what, name, "changed", part, before.get(part), after.get(part), is_breaking)


def _told(held: object) -> str:
    """A part in words: names with commas between, and whatever else as JSON."""
    if isinstance(held, list) and all(isinstance(each, str) for each in held):
        return ", ".join(held) or "nothing"
    return held if isinstance(held, str) else json.dumps(held, ensure_ascii=False)
