"""How Sphinx builds the site: from Markdown, without a network."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import sys
import tomllib
from datetime import date, timedelta
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

import ja_reset

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "docs"))  # japanese_shell

project = "ja_reset"
author = "ja_reset authors"
project_copyright = "2026, ja_reset authors"
release = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
version = release

extensions = ["myst_parser", "sphinx.ext.autodoc", "ja_reset.sphinx_ext", "japanese_shell"]
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
nitpicky = True
nitpick_ignore_regex = [
    (r"py:.*", r"(?!ja_reset\b).*"),  # other projects' names: their documentation is not at hand without a network
    (r"py:class", r"ja_reset\.([a-z_]+\.)*[A-Z](_co)?"),  # type variables
    (
        r"py:class",
        r"ja_reset\.(\w+\.)*_\w+\.\w+",
    ),  # what private modules define: seen, not made by users
]

default_role = "code"  # docstrings put names in single backticks
add_module_names = False
autodoc_default_options = {"members": True, "undoc-members": True, "member-order": "bysource"}
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
python_maximum_signature_line_length = 80

html_theme = "furo"
html_title = f"ja_reset {release}"
html_copy_source = False
html_show_sourcelink = False
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_search_scorer = str(ROOT / "docs" / "search_scorer.js")


def quote_indented(*given: Any) -> None:  # noqa: ANN401 - Sphinx's signature: six arguments, the lines last
    """In a docstring what is indented behind a paragraph is a program, as its reader takes it."""
    lines: list[str] = given[-1]
    for number in range(len(lines) - 2):
        line, gap, following = lines[number : number + 3]
        if line and not line.startswith((" ", "..")) and not gap and following.startswith("    "):
            lines[number] = line.removesuffix("::").rstrip() + " ::"


def show_defaults(*given: Any) -> tuple[str, str] | None:  # noqa: ANN401 - Sphinx's signature: what, name, object …
    """A class of attrs shows its defaults; what autodoc finds in its constructor is how attrs looks them up."""
    thing, signature, returns = given[3], given[5], given[6]
    if not isinstance(thing, type) or not attrs.has(thing) or not signature:
        return None
    defaults = {field.name: _shown(field.default) for field in attrs.fields(thing)}
    return re.sub(r"attr_dict\['(\w+)'\]\.default", lambda found: defaults[found[1]], signature), returns


def _shown(value: object) -> str:
    """A default as a host would write it."""
    match value:
        case Enum():
            return f"{type(value).__name__}.{value.name}"
        case timedelta(days=days, seconds=seconds, microseconds=0):
            whole = 86_400 * days + seconds
            units = (("days", 86_400), ("hours", 3_600), ("minutes", 60), ("seconds", 1))
            fitting = (each for each in units if whole and whole % each[1] == 0)
            unit, length = next(fitting, units[-1])
            return f"timedelta({unit}={whole // length})"
        case date():
            return f"date({value.year}, {value.month}, {value.day})"
        case _ if attrs.has(type(value)):
            return f"{type(value).__name__}()"
        case _:
            return repr(value)


def name_types(_app: Sphinx) -> None:
    """Give each module the names that it imports for type checkers alone, so that its annotations can be resolved."""
    for found in pkgutil.walk_packages(ja_reset.__path__, "ja_reset."):
        if found.name.endswith("__main__"):
            continue
        module = importlib.import_module(found.name)
        for block in ast.parse(Path(str(module.__file__)).read_text("utf-8")).body:
            if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING":
                program = compile(ast.Module(block.body, []), found.name, "exec")
                exec(program, module.__dict__)  # noqa: S102 - our own imports


def setup(app: Sphinx) -> None:
    """What Sphinx calls."""
    app.connect("builder-inited", name_types)
    app.connect("autodoc-process-docstring", quote_indented)
    app.connect("autodoc-process-signature", show_defaults)
