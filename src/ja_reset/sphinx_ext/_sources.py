"""Which files a host's chart is made from: its module's, and those of every module that this one imports.

Sphinx reads a page again when a file that the page depends on is newer than the page. What counts is what the import
statements say, not what happens to be loaded: in a parallel build each process has read other pages before.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from importlib.util import resolve_name
from pathlib import Path

from ja_reset.diagrams.subjects import is_installed


def sources_of(name: str) -> Iterator[str]:
    """The files of the module *name* and of all that it imports, as far as they are loaded and the host's own.

    Python's own modules, installed packages and ja_reset are left out, but for the package that *name* is in.
    """
    top = name.partition(".")[0]
    todo, seen = [name], set[str]()
    while todo:
        each = todo.pop()
        module = sys.modules.get(each)
        if each in seen or module is None or not each:
            continue
        held = vars(module)  # a module may have a __getattr__ of its own, and that may raise
        file = held.get("__file__")
        seen.add(each)
        if file is not None and each.partition(".")[0] != top and is_installed(file):
            continue
        todo.append(each.rpartition(".")[0])
        if file is not None:
            yield file
            todo += _imports(file, each, is_package="__path__" in held)


@cache
def _imports(file: str, name: str, *, is_package: bool) -> tuple[str, ...]:
    """The modules that the import statements of a file may name."""
    try:
        tree = ast.parse(Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError):  # compiled, or changed since it was imported
        return ()
    package = name if is_package else name.rpartition(".")[0]
    return tuple(found for node in ast.walk(tree) for found in _named(node, package))


def _named(node: ast.AST, package: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        module = "." * node.level + (node.module or "")
        base = resolve_name(module, package) if node.level else module
        yield base
        yield from (f"{base}.{alias.name}" for alias in node.names)
