"""The rules of a specification and the tests that hold them, both read as text: nothing is imported or run.

A rule is a list item that begins with `- **F9** `; a test names its rules in `@pytest.mark.rule("F9", …)`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs

_RULE: Final = re.compile(r"^- \*\*([A-Z]\d+[a-z]?)\*\* ", re.MULTILINE)
_Marked = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@attrs.frozen
class Mark:
    """One rule id in one `rule` marker. `holder` is the test's name; `truth` its docstring's first sentence."""

    rule: str
    file: str
    line: int
    holder: str
    truth: str


class NotLiteralError(ValueError):
    """A marker's argument that is not written out as a string, so that it cannot be read."""


def rule_ids(spec: str) -> list[str]:
    """The ids in the order of the text, each as often as it begins an item."""
    return _RULE.findall(spec)


def marks(folder: Path) -> Iterator[Mark]:
    """Every rule id in every `pytest.mark.rule(…)` below *folder*: on a test, a class, a module or one parameter.

    Raises NotLiteralError for an argument that is no string literal.
    """
    for path in sorted(folder.rglob("*.py")):
        yield from marks_of(path.read_text("utf-8"), path.relative_to(folder).as_posix())


def marks_of(source: str, file: str) -> Iterator[Mark]:
    """The same for one file's text."""
    yield from _walk(ast.parse(source, file), file, file.removesuffix(".py"), "")


def _walk(node: ast.AST, file: str, holder: str, truth: str) -> Iterator[Mark]:
    if isinstance(node, _Marked):
        holder, truth = node.name, _sentence(ast.get_docstring(node) or "")
    elif isinstance(node, ast.Module):
        truth = _sentence(ast.get_docstring(node) or "")
    elif isinstance(node, ast.Call) and _is_rule(node.func):
        for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
            if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
                msg = f"{file}:{argument.lineno}: a rule id is written out as a string"
                raise NotLiteralError(msg)
            yield Mark(argument.value, file, argument.lineno, holder, truth)
    for child in ast.iter_child_nodes(node):
        yield from _walk(child, file, holder, truth)


def _is_rule(function: ast.expr) -> bool:
    return ast.unparse(function) in {"pytest.mark.rule", "mark.rule"}


def _sentence(docstring: str) -> str:
    return " ".join(docstring.split("\n\n", 1)[0].split())
