"""A field is added as docs/adding.md adds it, to a copy of the library, and everything else about it follows."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from code_blocks import Block, blocks

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "tests" / "support" / "added_field.py"
CHANGES = [each for each in blocks((ROOT / "docs" / "adding.md").read_text("utf-8")) if each.language == "diff"]


def _file(change: Block) -> str:
    """The file that a change is made in."""
    return change.text.splitlines()[0].removeprefix("+++ ")


def _apply(change: Block, root: Path) -> None:
    """Make the change: its lines with a plus stand between those without, which are in the file once."""
    path = root / _file(change)
    lines = change.text.splitlines(keepends=True)[1:]
    before = "".join(line[1:] for line in lines if line.startswith(" "))
    after = "".join(line[1:] for line in lines)
    text = path.read_text("utf-8")
    assert 1 == text.count(before), f"{_file(change)} does not have once:\n{before}"
    path.write_text(text.replace(before, after), "utf-8")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the library with the field of the page."""
    root = tmp_path_factory.mktemp("library")
    shutil.copytree(ROOT / "src", root / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for change in CHANGES:
        _apply(change, root)
    return root


def test_three_files_are_touched() -> None:
    """The limit, the declaration and the words: nothing else is written for a field."""
    assert 3 == len({_file(change) for change in CHANGES})


@pytest.mark.rule("F14", "S9")
def test_the_rest_follows_from_the_declaration(copy: Path) -> None:
    """Form, screen, texts, strategies, verifier, paths and the demo's page have the field, with its limit."""
    places = [copy / "src", PROGRAM.parent]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, places))}
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, PROGRAM], capture_output=True, text=True, check=False, env=environment, cwd=copy
    )
    assert 0 == done.returncode, done.stderr
    met = json.loads(done.stdout)
    wrong = [[], ["card: format"], ["card: required"], ["card: format"], ["card: too_long"]]
    assert {"standard": wrong, "other": []} == met["form"]
    assert met["screens"] == {
        "labels": ["カード番号"],
        "hints": ["10 digits"],
        "error": "Card number must be 10 digits.",
        "unknown": [],
    }
    assert met["drawn"] == {
        "strategy": True,
        "near_miss": "card",
        "sample": "7777777777",
        "right": ["form:right"],
        "customer": "7777777777",
    }
    taken = [
        "BIM015.submit_identity",
        *(f"BIM015.submit_identity!{g}" for g in ("form_is_valid", "identity_is_proved")),
    ]
    assert taken == met["paths"]
    assert {
        "label": True,
        "filled": "7777777777",
        "next": "インターネット申込受付（パスワード初期化（契約者確認））",
    } == met["page"]


def test_a_change_is_refused_where_its_place_is_gone(copy: Path) -> None:
    """The page cannot grow stale unseen: a change that finds no place for itself, as in a copy that has it, fails."""
    change = CHANGES[0]
    lost = Block(change.language, change.line, change.text.replace("pin_digits", "no_digits"))
    with pytest.raises(AssertionError, match="does not have once"):
        _apply(lost, copy)
