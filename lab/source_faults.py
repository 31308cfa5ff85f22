"""Faults in the source that charts and policies are made of: one sign changed, in one place, before it is imported.

`source_faults()` reads the modules of `BROKEN` and gives one fault for every place where one of a few changes fits: a
comparison that takes or leaves its limit, a condition turned, a figure one higher, a validator or a confirmation left
out, another reader. `plant` has the faulty text imported in place of the true one; it must be called before `ja_reset`
is imported, so nothing here imports it.
"""

from __future__ import annotations

import ast
import copy
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Literal, NamedTuple

SOURCES = Path(__file__).resolve().parent.parent / "src"

Part = Literal["whole", "declarations"]

BROKEN: dict[str, Part] = {
    "ja_reset.policies._caller_id": "declarations",
    "ja_reset.policies._fields": "declarations",
    "ja_reset.policies._identity": "declarations",
    "ja_reset.policies._lockout": "declarations",
    "ja_reset.policies._phone": "declarations",
    "ja_reset.policies._session": "declarations",
    "ja_reset.fields.forms": "declarations",
    "ja_reset.fields.readers": "declarations",
    "ja_reset.machines.guards": "whole",
    "ja_reset.machines.assigns": "whole",
    "ja_reset.proofs.caller": "whole",
    "ja_reset.proofs._identity": "whole",
    "ja_reset.proofs.attempts": "whole",
    "ja_reset.chart._deadlines": "whole",
    "ja_reset.chart._start": "whole",
    "ja_reset.proofs.waits": "whole",
}
"""Which modules are broken, and where: `declarations` leaves the bodies of functions to `make mutants`."""

_OTHER: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_SIGNS: dict[type[ast.AST], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.And: "and",
    ast.Or: "or",
    ast.Add: "+",
    ast.Sub: "-",
}
_DROPPED = {"validator": "a validator dropped", "confirms": "a confirmation dropped", "role": "a role dropped"}


class SourceFault(NamedTuple):
    """A fault: its name, its kind, the module, and the whole text of the module with the fault in it."""

    name: str
    kind: str
    module: str
    text: str


class _Change(NamedTuple):
    """What can be done at a node: which kind of fault, in words, and the node in its place."""

    kind: str
    words: str
    node: ast.AST


def path_of(module: str) -> Path:
    """The file of *module*."""
    return SOURCES / f"{module.replace('.', '/')}.py"


def source_faults(modules: Sequence[str] = tuple(BROKEN)) -> tuple[SourceFault, ...]:
    """Every fault of these modules, in the order of their text."""
    return tuple(fault for module in modules for fault in _of_module(module, BROKEN[module]))


def _of_module(module: str, part: Part) -> Iterator[SourceFault]:
    tree = ast.parse(path_of(module).read_text("utf-8"))
    seen: Counter[str] = Counter()
    for place, owner in list(_places(tree, part)):
        node = _at(tree, place)
        for change in _changes(node):
            broken = copy.deepcopy(tree)
            _put(broken, place, change.node)
            said = f"{module.removeprefix('ja_reset.')}.{owner}: {change.words}"
            seen[said] += 1
            name = said if seen[said] == 1 else f"{said} ({seen[said]})"
            yield SourceFault(name, change.kind, module, ast.unparse(ast.fix_missing_locations(broken)))


# Where a fault fits -----------------------------------------------------------------------------------------

_Place = tuple[tuple[str, int | None], ...]
"""The way from the module to a node: field, and index where the field is a list."""


def _places(tree: ast.Module, part: Part) -> Iterator[tuple[_Place, str]]:
    """Every node that a fault may be put at, with the name of what it belongs to."""
    yield from _below(tree, (), [], part)


def _below(node: ast.AST, place: _Place, owners: list[str], part: Part) -> Iterator[tuple[_Place, str]]:
    for field, value in ast.iter_fields(node):
        if field in {"annotation", "returns", "decorator_list"}:
            continue
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(child, ast.AST) or isinstance(child, ast.Import | ast.ImportFrom | ast.JoinedStr):
                continue
            is_function = isinstance(child, ast.FunctionDef)
            if (is_function and part == "declarations") or _is_for_types_alone(child):
                continue
            inside = [*owners, name] if (name := _name(child)) else owners
            here = (*place, (field, index))
            yield here, ".".join(inside)
            yield from _below(child, here, inside, part)


def _is_for_types_alone(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _name(node: ast.AST) -> str:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
            return name
        case _:
            return ""


def _at(tree: ast.AST, place: _Place) -> ast.AST:
    node: ast.AST = tree
    for field, index in place:
        value = getattr(node, field)
        node = value if index is None else value[index]
    return node


def _put(tree: ast.AST, place: _Place, new: ast.AST) -> None:
    parent = _at(tree, place[:-1])
    field, index = place[-1]
    if index is None:
        setattr(parent, field, new)
    else:
        getattr(parent, field)[index] = new


# What a fault is --------------------------------------------------------------------------------------------


def _changes(node: ast.AST) -> Iterator[_Change]:
    match node:
        case ast.Compare() | ast.BoolOp() | ast.BinOp() | ast.UnaryOp():
            yield from _other_signs(node)
        case ast.keyword():
            yield from _other_arguments(node)
        case ast.Constant(value=int(figure)) if not isinstance(figure, bool):
            yield _Change("a figure changed", f"{figure} becomes {figure + 1}", ast.Constant(figure + 1))
        case ast.Attribute(value=ast.Name(id="readers"), attr=name):
            other = _READERS[(_READERS.index(name) + 1) % len(_READERS)]
            yield _Change("another reader", f"read as {other}", ast.Attribute(node.value, other, ast.Load()))


def _other_signs(node: ast.Compare | ast.BoolOp | ast.BinOp | ast.UnaryOp) -> Iterator[_Change]:
    text = ast.unparse(node)
    match node:
        case ast.Compare(ops=signs):
            for at, sign in enumerate(signs):
                other = _OTHER[type(sign)]
                where = f"at {at + 1} of {len(signs)} in {text}" if len(signs) > 1 else f"in {text}"
                broken = ast.Compare(node.left, [*signs[:at], other(), *signs[at + 1 :]], node.comparators)
                yield _Change("a comparison changed", f"{_SIGNS[type(sign)]} becomes {_SIGNS[other]} {where}", broken)
        case ast.BoolOp(op=joint):
            turned = ast.Or() if isinstance(joint, ast.And) else ast.And()
            words = f"{_SIGNS[type(joint)]} becomes {_SIGNS[type(turned)]} in {text}"
            yield _Change("a condition turned", words, ast.BoolOp(turned, node.values))
        case ast.UnaryOp(op=ast.Not()) if text != "not TYPE_CHECKING":  # which is true of every run
            yield _Change("a condition turned", f"no 'not' in {text}", node.operand)
        case ast.BinOp(op=ast.Add() | ast.Sub() as sum_):
            opposite = ast.Sub() if isinstance(sum_, ast.Add) else ast.Add()
            words = f"{_SIGNS[type(sum_)]} becomes {_SIGNS[type(opposite)]} in {text}"
            yield _Change("a sum turned", words, ast.BinOp(node.left, opposite, node.right))


def _other_arguments(node: ast.keyword) -> Iterator[_Change]:
    name = node.arg or ""
    match node.value:
        case ast.Constant(value=bool(flag)) if name != "kw_only":
            kind = "a value shown" if name == "repr" else "a switch turned"
            yield _Change(kind, f"{name} is {not flag}", ast.keyword(name, ast.Constant(not flag)))
        case value if name == "normalise":
            other = "normalisation.plain" if ast.unparse(value) == "as_typed" else "as_typed"
            words = f"normalise is {other}, not {ast.unparse(value)}"
            yield _Change("a reading changed", words, ast.keyword(name, ast.parse(other, mode="eval").body))
        case value if name in _DROPPED:
            yield _Change(
                _DROPPED[name], f"{name} {ast.unparse(value)} left out", ast.keyword(name, ast.Constant(None))
            )


_READERS = [
    node.targets[0].id
    for node in ast.parse(path_of("ja_reset.fields.readers").read_text("utf-8")).body
    if isinstance(node, ast.Assign)
    and isinstance(node.targets[0], ast.Name)
    and isinstance(node.value, ast.Call)
    and ast.unparse(node.value.func) in {"Reader", "Acceptance"}
]


# How it is planted ------------------------------------------------------------------------------------------


class _Faulty(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Imports one module from another text than its file's."""

    def __init__(self, module: str, text: str) -> None:
        self.module = module
        self.text = text

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.module:
            return None
        return importlib.util.spec_from_file_location(fullname, path_of(fullname), loader=self)

    def get_source(self, _fullname: str) -> str:
        return self.text


def plant(fault: SourceFault) -> None:
    """Have the faulty text imported; RuntimeError where the true one was imported already."""
    if fault.module in sys.modules:
        msg = f"{fault.module} is imported already"
        raise RuntimeError(msg)
    sys.meta_path.insert(0, _Faulty(fault.module, fault.text))
