"""The engine names nobody: no event, state, effect, field or procedure of the bank's stands in its source.

`chart/`, `service/` and `stores/` ask a chart by roles, endings and declarations; a chart of a host's own has other
names for all of them. The files are read, nothing is run.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

import ja_reset
from ja_reset import PROCEDURES, EffectKind, Procedure
from ja_reset.fields.specs import fields_of

SOURCE: Final = Path(ja_reset.__file__).parent
ENGINE: Final = ("chart", "service", "stores")

LANGUAGE: Final = frozenset({"StateKind", "Ending", "EventRole", "Occasion", "Role", "OutboxStatus"})
"""Enumerations of the engine's own: what they call a thing is no name of the bank's, though it may sound like one."""

ALLOWED: Final[Mapping[tuple[str, str], str]] = {
    ("chart/effects.py", "pin"): "one of the four proofs that an order may need (A1)",
    ("service/_records.py", "pin"): "the kind of the rows that count wrong PINs",
    ("stores/postgres/_trouble.py", "password"): "of the connection to the server",
    (
        "service/ports.py",
        "IdentityForm",
    ): "the form that the bank's own rule is asked about (I7): a name that hosts see",
    **{
        (f"service/{name}.py", "confirmed"): "an argument of `settle`: a name that hosts see"
        for name in ("_operator", "_async_operator")
    },
    **{
        ("service/_accounts.py", name): "an argument of `unlock`, as an error calls it: a name that hosts see"
        for name in ("branch", "subject", "account", "login_id")
    },
    **{
        ("service/_filters.py", name): "a filter of the operator API: a name that hosts see"
        for name in ("account", "login_id")
    },
}
"""What stands there for something else, or as hosts see it: by file and word, why. Nothing waits to be taken out."""

Found = tuple[int, str]


def _forms() -> Iterator[type]:
    for chart in PROCEDURES.values():
        for handler in chart.handlers:
            form = handler.form
            yield from form.values() if isinstance(form, Mapping) else [form] if form else []


NAMES: Final = frozenset(
    {each.trigger for chart in PROCEDURES.values() for each in chart.transitions}
    | {state for chart in PROCEDURES.values() for state in chart.states}
    | {*map(str, EffectKind), *map(str, Procedure)}
    | {form.__name__ for form in _forms()}
)
"""What no identifier and no string may be."""
FIELDS: Final = frozenset(field.name for form in _forms() for field in fields_of(form))
"""What no string may be: a field is found by its role, and a form's attributes are unknown to the engine."""
TOLD: Final = re.compile(rf"\b({'|'.join(sorted(name for name in NAMES | FIELDS if name.isupper() or '_' in name))})\b")
"""Of these, those that no longer text may have in it either: they are no words of any language."""


def named(source: str) -> Iterator[Found]:
    """Each name of the bank's in a module, with its line; docstrings may tell examples."""
    tree = ast.parse(source)
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.ClassDef) and node.name in LANGUAGE:
            continue
        todo += ast.iter_child_nodes(node)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            words = {node.value} & (NAMES | FIELDS) | set(TOLD.findall(node.value))
        else:
            words = {_identifier(node)} & NAMES
        yield from ((getattr(node, "lineno", 0), word) for word in sorted(words))


def _identifier(node: ast.AST) -> str:
    match node:
        case ast.Attribute(value=ast.Name(id=name)) if name in LANGUAGE:
            return ""
        case ast.Attribute(attr=name) if hasattr(list, name):
            return ""  # of a list, not an event
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case ast.arg(arg=name) | ast.keyword(arg=str(name)):
            return name
        case ast.alias(name=name):
            return name.rpartition(".")[2]
        case _:
            return ""


FILES: Final = {
    str(path.relative_to(SOURCE)): path for room in ENGINE for path in sorted((SOURCE / room).rglob("*.py"))
}


@pytest.mark.parametrize("file", FILES)
def test_no_module_of_the_engine_names_what_is_the_banks(file: str) -> None:
    """What a chart calls its events, states, effects, fields and forms is nowhere in it."""
    found = [
        f"{file}:{line}: {word}" for line, word in named(FILES[file].read_text("utf-8")) if (file, word) not in ALLOWED
    ]
    assert [] == found


def test_every_exception_is_there() -> None:
    """No exception outlives its reason."""
    used = {(file, word) for file, path in FILES.items() for _, word in named(path.read_text("utf-8"))}
    assert [] == [each for each in ALLOWED if each not in used]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("chart.has(state, 'submit_reset')", ["submit_reset"]),
        ("if state == 'LOCKED': pass", ["LOCKED"]),
        ("raise ValueError('ISSUE_TOKEN gives no ids')", ["ISSUE_TOKEN"]),
        ("form['pin']", ["pin"]),
        ("isinstance(form, PasswordForm)", ["PasswordForm"]),
        ("from ja_reset.machines.bim import LOGIN_PASSWORD", ["LOGIN_PASSWORD"]),
        ("def cancel(proceed): back(confirmed=1)", ["back", "cancel", "confirmed", "proceed"]),
        ("found.extend(more)", []),
        ("chart.has(state, 'extend')", ["extend"]),
        ('"""Takes a LOCKED session."""\nx = Ending.LOCKED', []),
        ("class Ending(Enum):\n    LOCKED = 'cancel'", []),
        ("say('the window has closed, go back')", []),
    ],
)
def test_a_name_of_the_banks_is_found(source: str, words: list[str]) -> None:
    """As an identifier, a string or a word in a message; not in a docstring, nor as the engine's own word."""
    assert words == sorted(word for _, word in named(source))
