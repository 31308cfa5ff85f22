"""What all threads of a process share: what is written after import, and what is remembered, each with its bound."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

import pytest

import ja_reset

SOURCE: Final = Path(ja_reset.__file__).parent
NOT_SERVED: Final = frozenset({"cli", "demo", "diagrams", "play", "sphinx_ext", "testing", "verify"})
"""Rooms that no turn of a host's service enters: commands, tests, drawings."""
MUTATORS: Final = frozenset(
    {
        *("add", "append", "appendleft", "clear", "difference_update", "discard", "extend", "extendleft", "insert"),
        *("intersection_update", "pop", "popitem", "popleft", "remove", "reverse", "rotate", "setdefault", "sort"),
        *("subtract", "symmetric_difference_update", "update"),
    }
)
"""Methods that change a list, dict, set, deque or Counter in place."""

WRITTEN: Final = MappingProxyType(
    {
        "stores._connections._ALL": "each open file once, weakly held; added to under the lock _FORK",
        "stores._connections._FORKING": "each thread's own (threading.local)",
        "stores._connections._PARENTS": "of a forked child, before it has a second thread; what its parent had open",
        "stores._memory._ALL": "each store once, weakly held; a set's own add is one step",
        "stores.postgres._clock._ALL": "each store once, weakly held; a set's own add is one step",
        "stores.postgres._pools._ALL": "each store once, weakly held; a set's own add is one step",
        "stores.postgres._pools._LEFT_BEHIND": "of a forked child, before it has a second thread; its parent's slots",
    }
)
"""What functions write to at a module's own level, and why threads and months do it no harm."""

OF_ONE_CALL: Final = frozenset(
    {
        "service._claims.ClaimedWork",
        "service._observation.Observation",
        "service._resolver.FactResolver",
        "service._session_rows.SessionRows",
        "service._session_work.SessionWork",
        "service._unit_of_work.UnitOfWork",
        "service._waiting.Waiter",
        "stores.postgres._pools.Attempts",
    }
)
"""Made for one call of the service or the store, and gone with it: no other thread has it."""

SHARED: Final = MappingProxyType(
    {
        "service._sealing.Sealer": "the ciphers of its keys, all in one assignment; whoever makes them makes the same",
        "stores._connections.Connections": "closed, once and for ever; locks, in a forked child; the file, when opened",
        "stores._connections._Slot": "under its own lock",
        "stores._executor._Threaded": "of one event loop",
        "stores._memory.MemoryStore": "under its lock",
        "stores.postgres._async_pools.AsyncPool": "of one event loop",
        "stores.postgres._clock.ServerClock": "under its lock; a new lock, in a forked child",
        "stores.postgres._pools.Pool": "new slots, in a forked child",
        "stores.postgres._slots.Slot": "by the lease that holds it, or under the lock of all slots",
        "stores.postgres._slots.Slots": "under its lock",
    }
)
"""Classes whose objects threads share and that write to themselves after they were made, and how."""

BOUNDED: Final = MappingProxyType(
    {
        "chart.transitions._refusals": 512,
        "policies._policies._above": 1024,
        "screens._figures.placeholder_words": 64,
        "screens._plan._cached_screen": 1024,
        "screens._plan._shown": 1024,
        "service._terms.reference_of": 1024,
        "stores._sqlite_commits._dropping": 32,
        "stores.postgres._exchange._wired": 256,
        "telephony._sip_peers._is_in": 1024,
        "telephony._sip_peers._networks": 16,
        "telephony.asterisk._octet": 64,
    }
)
"""Functions that remember their last answers, and how many; functools keeps them under a lock of its own."""

BY_CLASS: Final = frozenset(
    {
        "chart._changed._copier",
        "chart._changed.draft_of",
        "fields.specs._by_role",
        "fields.specs._fields_of",
        "service._pages._names",
        "service.saved._fields",
        "service.saved._plan",
        "service.saved._writer",
    }
)
"""Functions that remember every answer: one for each class that they are asked about, as a program has so many."""

ONCE: Final = frozenset(
    {
        "fields._normalisation._half_width_kana",
        "fields._normalisation._invisible",
        "fields._normalisation._long_marks",
        "fields._normalisation._variation_selectors",
        "fields._phone_numbers._library",
        "telephony._signed._decoder",
    }
)
"""Functions that remember their one answer."""


@cache
def _trees() -> tuple[tuple[str, ast.Module], ...]:
    """Each module that serves, by its dotted name below `ja_reset`."""
    paths = {path.relative_to(SOURCE).with_suffix("").parts: path for path in sorted(SOURCE.rglob("*.py"))}
    return tuple(
        (".".join(part for part in parts if part != "__init__"), ast.parse(path.read_text("utf-8")))
        for parts, path in paths.items()
        if parts[0] not in NOT_SERVED
    )


Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def written(tree: ast.Module) -> set[str]:
    """The names of a module's own level that its functions write to: bound again, or changed in place."""
    shared = _bound(tree)
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, Function):
            own = _locals(node)
            for each in ast.walk(node):
                found |= {name for name in _targets(each) if name in shared and name not in own}
    return found


def _bound(tree: ast.Module) -> set[str]:
    """What a module binds at its own level: assigned, defined or imported."""
    found: set[str] = set()
    for node in _at_own_level(tree.body):
        if isinstance(node, ast.Import | ast.ImportFrom):
            found |= {(each.asname or each.name).partition(".")[0] for each in node.names}
        elif isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        else:
            found |= {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    return found


def _at_own_level(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        if isinstance(node, ast.If | ast.Try):
            yield from _at_own_level([*node.body, *node.orelse, *getattr(node, "finalbody", ())])
        else:
            yield node


def _locals(function: Function) -> set[str]:
    """The names that are the function's own."""
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    shared = {name for each in ast.walk(function) if isinstance(each, ast.Global) for name in each.names}
    names = (each for each in ast.walk(function) if isinstance(each, ast.Name))
    stored = {each.id for each in names if not isinstance(each.ctx, ast.Load)}
    return ({each.arg for each in every if each is not None} | stored) - shared


def _targets(node: ast.AST) -> Iterator[str]:
    """The names whose objects a node changes."""
    match node:
        case ast.Global(names=names):
            yield from names
        case ast.Subscript(ctx=ast.Store() | ast.Del()) | ast.Attribute(ctx=ast.Store() | ast.Del()):
            yield from _root(node.value)
        case ast.Call(func=ast.Attribute(value=value, attr=name)) if name in MUTATORS:
            yield from _root(value)
        case ast.Call(func=ast.Name(id="next" | "setattr" | "delattr"), args=[first, *_]):
            yield from _root(first)


def _root(node: ast.AST) -> Iterator[str]:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id


def self_written(kind: ast.ClassDef) -> bool:
    """Whether objects of the class bind an attribute of their own again after they were made."""
    methods = (each for each in kind.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef))
    return any(
        isinstance(node, ast.Attribute)
        and not isinstance(node.ctx, ast.Load)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
        for method in methods
        if method.name not in {"__init__", "__attrs_post_init__", "_set_up"}
        for node in ast.walk(method)
    )


def cached() -> Iterator[tuple[str, int | None, list[str]]]:
    """Each function that remembers its answers: how many (None: all), and what its arguments are said to be."""
    for module, tree in _trees():
        for node in ast.walk(tree):
            for mark in getattr(node, "decorator_list", ()):
                match mark:
                    case ast.Name(id="cache"):
                        assert isinstance(node, ast.FunctionDef)
                        of = [ast.unparse(each.annotation) for each in node.args.args if each.annotation is not None]
                        yield f"{module}.{node.name}", None, of
                    case ast.Call(func=ast.Name(id="lru_cache")):
                        assert isinstance(node, ast.FunctionDef)
                        yield f"{module}.{node.name}", _size(tree, mark), []
                    case ast.Name(id="lru_cache"):
                        pytest.fail(f"{module}: say how many answers are remembered")


def _size(tree: ast.Module, mark: ast.Call) -> int:
    """How many answers a decorator has remembered: a number, or the name of one of the module."""
    size: ast.expr | None = mark.args[0] if mark.args else mark.keywords[0].value
    if isinstance(size, ast.Name):
        named = {ast.unparse(each.target): each.value for each in tree.body if isinstance(each, ast.AnnAssign)}
        size = named[size.id]
    assert isinstance(size, ast.Constant)
    assert isinstance(size.value, int)
    return size.value


@pytest.mark.rule("S8")
def test_what_modules_hold_is_written_by_known_functions_only() -> None:
    """Nothing else at a module's own level changes after import."""
    assert set(WRITTEN) == {f"{module}.{name}" for module, tree in _trees() for name in written(tree)}


@pytest.mark.rule("S8")
def test_objects_that_write_to_themselves_are_known() -> None:
    """Each is of one call, or it is told why threads may share it."""
    found = {
        f"{module}.{node.name}"
        for module, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and self_written(node)
    }
    assert OF_ONE_CALL | set(SHARED) == found


@pytest.mark.rule("S8")
def test_what_is_remembered_has_a_bound() -> None:
    """A number of answers, or one for each class; no cache has more than 1,024, and none without a bound takes data."""
    found = list(cached())
    assert {name: size for name, size, _ in found if size is not None} == BOUNDED
    assert max(BOUNDED.values()) <= 1024
    assert {name for name, size, of in found if size is None and of} == BY_CLASS
    assert {name for name, size, of in found if size is None and not of} == ONCE
    of_classes = {each.partition("[")[0] for _, size, of in found if size is None for each in of}
    assert of_classes <= {"type", "Form"}, of_classes


def test_a_write_is_seen() -> None:
    """Bound again, changed in place, an item, an attribute, a counter; not what is a function's own."""
    tree = ast.parse("""
import sys
from itertools import count
a, b, c, d, e, f = [], {}, {}, count(), 0, []
class Kind: ...
def one(own):
    global e
    e = 1
    a.append(1)
    b["x"] = c["x"].y = 1
    next(d)
    Kind.made = own
    own.append(2)
    f = []
    f.append(3)
    del sys.modules["x"]
""")
    assert {"a", "b", "c", "d", "e", "Kind", "sys"} == written(tree)
