"""The demo is a host like any other, and the lab's SIP server a gateway: they know the library by its public names."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "src" / "ja_reset" / "demo"
PUBLIC = (
    "ja_reset",
    "ja_reset.diagrams",
    "ja_reset.policies",
    "ja_reset.screens",
    "ja_reset.stores",
    "ja_reset.telephony",
    "ja_reset.telephony.generic",
    "ja_reset.telephony.sip",
    "ja_reset.telephony.twilio",
    "ja_reset.testing",
)
"""The modules that hosts import from, by what their `__all__` names."""


def breaches(source: str) -> list[str]:
    """What a module of a host imports from the package that is none of its public names."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names if alias.name.partition(".")[0] == "ja_reset"]
            found += [name for name in names if name not in PUBLIC]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "ja_reset":
            module = node.module or ""
            if module == "ja_reset.demo" or module.startswith("ja_reset.demo."):
                continue
            if module not in PUBLIC:
                found.append(module)
                continue
            public = set(importlib.import_module(module).__all__)
            names = [f"{module}.{alias.name}" for alias in node.names if alias.name not in public]
            found += [name for name in names if name not in PUBLIC]
    return found


@pytest.mark.parametrize(
    "path", [*sorted(FOLDER.rglob("*.py")), *sorted((ROOT / "lab").glob("sip_*.py"))], ids=lambda path: path.stem
)
def test_a_host_uses_public_names_alone(path: Path) -> None:
    """No module of the demo, nor of the lab's SIP server, imports what a host may not."""
    assert [] == breaches(path.read_text("utf-8"))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from ja_reset import View\nfrom ja_reset.stores import SqliteStore", []),
        ("from ja_reset.demo.words import WORDS", []),
        ("from ja_reset.bank._values import Call", ["ja_reset.bank._values"]),
        ("import ja_reset.service._customer", ["ja_reset.service._customer"]),
        ("def f():\n    from ja_reset import machines", ["ja_reset.machines"]),
        ("from ja_reset.screens import _plan", ["ja_reset.screens._plan"]),
    ],
)
def test_a_breach_is_found(source: str, expected: list[str]) -> None:
    """What the check above is for, it finds: private modules, and private names of public ones."""
    assert expected == breaches(source)
