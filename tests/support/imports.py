"""What the modules of a file import, read from the source and not by importing it; each file is read once."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path


@cache
def imports_of(path: Path) -> tuple[tuple[str, bool], ...]:
    """Every import in the file, those inside functions too: the dotted name, and whether it is for annotations only."""
    return tuple(_imports(ast.parse(path.read_text("utf-8")).body, typing=False))


def _imports(statements: Iterable[ast.AST], *, typing: bool) -> Iterator[tuple[str, bool]]:
    for each in statements:
        if isinstance(each, ast.Import):
            yield from ((alias.name, typing) for alias in each.names)
        elif isinstance(each, ast.ImportFrom):
            yield from ((f"{each.module}.{alias.name}", typing) for alias in each.names)
        elif isinstance(each, ast.If) and ast.unparse(each.test) == "TYPE_CHECKING":
            yield from _imports(each.body, typing=True)
            yield from _imports(each.orelse, typing=typing)
        elif not isinstance(each, ast.expr):  # no import stands in an expression
            yield from _imports(ast.iter_child_nodes(each), typing=typing)
