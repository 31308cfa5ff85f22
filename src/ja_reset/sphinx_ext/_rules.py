"""The directive `ja-reset-rules`: each rule with the tests that hold it and the transitions that implement it."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives

from ja_reset import PROCEDURES, InvalidArgument
from ja_reset.machines._rule_ids import rules_of
from ja_reset.sphinx_ext import traceability
from ja_reset.sphinx_ext._directive import ResetDirective
from ja_reset.sphinx_ext.traceability import Mark


class Rules(ResetDirective):
    """A table made from a specification and a folder of tests, both given relative to the page.

    With `:transitions:` a third column names the transitions of the three procedures that carry the rule.
    """

    option_spec: ClassVar[dict[str, Any]] = {
        **ResetDirective.option_spec,
        "spec": directives.unchanged_required,
        "tests": directives.unchanged_required,
        "transitions": directives.flag,
    }

    def made(self) -> nodes.Element:
        """One row a rule, in the order of the specification."""
        spec, tests = self._path("spec"), self._path("tests")
        if not spec.is_file() or not tests.is_dir():
            msg = f"no such {'file' if not spec.is_file() else 'folder'}: {spec if not spec.is_file() else tests}"
            raise InvalidArgument(msg)
        held: defaultdict[str, dict[str, Mark]] = defaultdict(dict)
        try:
            for mark in traceability.marks(tests):
                held[mark.rule][f"{mark.file}::{mark.holder}"] = mark
        except traceability.NotLiteralError as error:
            raise InvalidArgument(str(error)) from None
        for source in [spec, *tests.rglob("*.py")]:
            self.env.note_dependency(str(source))
        heads: tuple[str, ...] = ("規則", "テストとその主張") if self.language == "ja" else ("Rule", "Held by")
        rows: list[tuple[str | nodes.Element, ...]] = [
            (rule, nodes.bullet_list("", *(_item(name, mark) for name, mark in held[rule].items())))
            for rule in traceability.rule_ids(spec.read_text("utf-8"))
        ]
        if "transitions" in self.options:
            heads = (*heads, "遷移" if self.language == "ja" else "Transitions")
            carried = _carried()
            rows = [(*row, _names(carried.get(str(row[0]), ()))) for row in rows]
        return self.table(heads, rows)

    def _path(self, option: str) -> Path:
        if option not in self.options:
            msg = f"say where the {option} is, with :{option}:"
            raise InvalidArgument(msg)
        return Path(self.env.doc2path(self.env.docname)).parent.joinpath(str(self.options[option])).resolve()


def _item(name: str, mark: Mark) -> nodes.list_item:
    return nodes.list_item("", nodes.paragraph("", "", nodes.Text(mark.truth + " "), nodes.literal(text=name)))


def _carried() -> dict[str, tuple[str, ...]]:
    """By rule, the names of the transitions that carry it, each once though several procedures have it."""
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for chart in PROCEDURES.values():
        for transition in chart.transitions:
            for rule in rules_of(transition):
                found[rule][transition.name] = None
    return {rule: tuple(names) for rule, names in found.items()}


def _names(names: tuple[str, ...]) -> nodes.Element:
    items = [nodes.list_item("", nodes.paragraph("", "", nodes.literal(text=name))) for name in names]
    return nodes.bullet_list("", *items)
