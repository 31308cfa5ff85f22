"""Every bank that README or a page shows keeps the contract of banks: a reader copies it as it stands."""

from __future__ import annotations

import ast
import contextlib
import io
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest

from code_blocks import blocks
from ja_reset.service.ports import Bank
from ja_reset.testing import Customer
from ja_reset.testing.bank_contract import BankContract

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
PROGRAMS = [*ROOT.glob("docs/**/*.py")]
PUBLISHED = ["README.ja.md", "README.md", "docs/host-guide.md", "docs/ja/host-guide.md"]
"""Where a bank is shown."""


def _bank_classes(text: str) -> list[str]:
    """The names of the classes in a Python text that are a bank: they carry out effects, or begin from a bank."""
    return [
        node.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ClassDef)
        and (
            any(getattr(each, "name", "") == "carry_out" for each in node.body)
            or any(ast.unparse(base).endswith("Bank") for base in node.bases)
        )
    ]


def _python(page: Path) -> list[str]:
    return [block.text for block in blocks(page.read_text("utf-8")) if block.language == "python"]


def test_every_bank_that_is_shown_is_tried() -> None:
    """A bank on another page is added to the list above; none hides in a program of the documentation."""
    shown = [
        page.relative_to(ROOT).as_posix()
        for page in PAGES
        if "_build" not in page.parts
        for text in _python(page)
        for _ in _bank_classes(text)
    ]
    assert PUBLISHED == sorted(shown)
    assert [] == [name for program in PROGRAMS for name in _bank_classes(program.read_text("utf-8"))]


@attrs.frozen
class Shown:
    """A page's bank, made as at the beginning, and its one customer with all that proves him."""

    make: Callable[[], Bank]
    customer: Customer


def _shown(name: str) -> Shown:
    """What the page's first program defines."""
    names: dict[str, object] = {"__name__": "__main__"}
    program = next(text for text in _python(ROOT / name) if _bank_classes(text))
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(program, name, "exec"), names)  # noqa: S102 - our own page
    customer = Customer(
        branch="001",
        account="0012345",
        contract=names["TARO"],  # type: ignore[arg-type]  # as the page has it
        pin="2580",
        login_id="taro0001",
        password="kome-8931",
    )
    return Shown(names["Bank"], customer)  # type: ignore[arg-type]  # as above


class TestPublishedBanks(BankContract):
    """Each of them."""

    @pytest.fixture(params=PUBLISHED)
    def bank(self, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bank:
        """The page's program runs in a folder of its own, as it may make a file."""
        monkeypatch.chdir(tmp_path)
        shown = _shown(request.param)
        self.customer = shown.customer  # type: ignore[misc]  # pytest makes an instance for each test
        return shown.make()
