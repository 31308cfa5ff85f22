"""README's program is run as it stands: a host is written from it."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import ja_reset

ROOT = Path(__file__).parents[2]
NAMES = ("README.md", "README.ja.md")


def _program(name: str) -> str:
    (program,) = re.findall(r"```python\n(.*?)```", (ROOT / name).read_text("utf-8"), re.DOTALL)
    return str(program)


@pytest.mark.rule("A8", "C1")
@pytest.mark.parametrize("name", NAMES)
def test_the_host_in_readme_resets_a_password(name: str, tmp_path: Path) -> None:
    """README's host, copied to an empty folder, takes a customer to the end, as often as it is run there."""
    script = tmp_path / "host.py"
    script.write_text(_program(name), "utf-8")
    for _ in range(2):  # the second run finds what the first one stored
        done = subprocess.run(  # noqa: S603 - our own text
            [sys.executable, "-X", "utf8", str(script)],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(Path(ja_reset.__file__).parent.parent)},  # installed or not
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        assert ("", 0) == (done.stderr, done.returncode)
        said = done.stdout.splitlines()
        assert said[0].startswith("call 0120-417-000 from 090-1234-**** until ")
        assert ["the bank is told: SET_LOGIN_PASSWORD", "the bank is told: NOTIFY", "DONE 初期化完了"] == said[1:]


@pytest.mark.parametrize(
    ("name", "said"),
    [("README.md", r"(\d+) lines,\nblank.*; (\d+) of"), ("README.ja.md", r"(\d+)行、そのうち(\d+)行は")],
)
def test_readme_counts_the_lines_of_its_host(name: str, said: str) -> None:
    """The numbers of lines that README gives, of the program and of its bank, are those of the program."""
    program = _program(name)
    bank = next(node for node in ast.parse(program).body if isinstance(node, ast.ClassDef))
    lines = [bool(line.strip()) for line in program.splitlines()]
    expected = (sum(lines), sum(lines[bank.lineno - 1 : bank.end_lineno]))
    (actual,) = re.findall(said, (ROOT / name).read_text("utf-8"))
    assert expected == tuple(int(number) for number in actual)


@pytest.mark.parametrize("name", NAMES)
def test_readme_names_the_commands(name: str) -> None:
    """A newcomer finds the demo, the walk in the terminal and the tests."""
    text = (ROOT / name).read_text("utf-8")
    assert [True, True, True] == [command in text for command in ("make demo", "make play", "make test")]
