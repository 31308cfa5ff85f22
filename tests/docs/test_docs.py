"""What the pages and both READMEs show is run: Python, commands and JSON; the two languages have the same headings."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Container
from pathlib import Path
from textwrap import dedent

import pytest

from code_blocks import Block, blocks

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *(page for page in DOCS.rglob("*.md") if "_build" not in page.parts)])
NAMES = [page.relative_to(ROOT).as_posix() for page in PAGES]

RUN = {"python", "sh", "console", "json"}
SHOWN = {
    "text",
    "html",
    "html+jinja",
    "toml",
    "ini",
    "nginx",
    "sql",
    "yaml",
    "mermaid",
    "rst",
    "markdown",
    "xml",
    "dot",
    "diff",
}
"""Languages of blocks that are no program of ours: pictures in text, other programs' files."""

EXTRAS = set(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"])
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


def _blocks(name: str) -> list[Block]:
    return list(blocks((ROOT / name).read_text("utf-8")))


@pytest.mark.parametrize("name", NAMES)
def test_every_block_says_what_it_is(name: str) -> None:
    """A block names its language, one that is run or known not to be; one that is not run says why."""
    assert [] == [(block.line, block.language) for block in _blocks(name) if block.language not in RUN | SHOWN]
    assert [] == [block.line for block in _blocks(name) if block.remark == "not run" and not block.said]
    assert [] == [block.line for block in _blocks(name) if block.remark == "is" and block.language != "json"]
    assert [] == [block.line for block in _blocks(name) if block.remark == "prints" and block.language != "text"]


@pytest.mark.parametrize(
    "name", [name for name in NAMES if any(b.language in {"python", "json"} for b in _blocks(name))]
)
def test_python_and_json_are_true(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page's Python runs from top to bottom in one folder, prints what the page says, and gives its JSON."""
    monkeypatch.chdir(tmp_path)
    assert [] == _untrue(name)


@pytest.mark.parametrize("name", ["docs/quick-start.md", "docs/ja/quick-start.md"])
def test_the_quick_start_can_be_repeated(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader who runs the page again in the same folder, over the file of the first run, sees the same."""
    monkeypatch.chdir(tmp_path)
    assert [] == _untrue(name)
    assert [] == _untrue(name)


@pytest.mark.parametrize("title", re.findall(r"^##+ (.+)$", (DOCS / "telephone.md").read_text("utf-8"), re.MULTILINE))
def test_each_recipe_runs_alone(title: str) -> None:
    """Who needs one gateway reads its recipe and no other: each section of the telephone's page has its own imports."""
    text = (DOCS / "telephone.md").read_text("utf-8")
    before, section = re.split(rf"^##+ {re.escape(title)}$", text, maxsplit=1, flags=re.MULTILINE)
    first = before.count("\n") + 1
    last = first + re.split(r"^##+ ", section, maxsplit=1, flags=re.MULTILINE)[0].count("\n")
    assert [] == _untrue("docs/telephone.md", range(first, last + 1))


def _untrue(name: str, lines: Container[int] | None = None) -> list[tuple[str, object, object]]:
    """Run a page's Python from top to bottom (or what begins in *lines*): where it prints or gives something else.

    Each with the place, what the page says, and what came.
    """
    untrue: list[tuple[str, object, object]] = []
    names: dict[str, object] = {"__name__": "__main__"}
    printed = ""
    for block in _blocks(name):
        if lines is not None and block.line not in lines:
            continue
        if block.remark == "not run":
            continue
        if block.language == "python":
            code = compile("\n" * (block.line - 1) + block.text, str(ROOT / name), "exec")
            with contextlib.redirect_stdout(io.StringIO()) as out:
                exec(code, names)  # noqa: S102 - our own page
            printed = out.getvalue()
        elif block.remark == "prints":
            if block.text != printed:
                untrue.append((f"{name}:{block.line}", block.text, printed))
        elif block.language == "json":
            value = json.loads(block.text)
            if block.said is not None:
                given = json.loads(json.dumps(eval(block.said, names)))  # noqa: S307 - our own page
                if value != given:
                    untrue.append((f"{name}:{block.line}", value, given))
    return untrue


SHELLS = {"sh", "console"}
"""Of a console, the lines that begin with `$ ` are typed; of what comes back each line that is shown is there."""


@pytest.mark.parametrize("name", [name for name in NAMES if any(block.language in SHELLS for block in _blocks(name))])
def test_commands_work(name: str, tmp_path: Path) -> None:
    """`ja-reset …` succeeds as the page has it; `make TARGET` and `pip install …[EXTRA]` name what there is."""
    for block in _blocks(name):
        if block.language not in SHELLS or block.remark == "not run":
            continue
        said: list[str] = []
        for line in block.text.replace("\\\n", "").splitlines():
            command = line.removeprefix("$ ") if block.language == "sh" or line.startswith("$ ") else None
            if command is None:
                assert line in said, f"{name}: {line}"
            else:
                said = _run(f"{name}:{block.line}", command, tmp_path)


def _run(where: str, line: str, folder: Path) -> list[str]:
    """The lines that the command prints; none where it is not ours to run."""
    match shlex.split(line, comments=True):
        case []:
            pass
        case ["make", *targets]:
            assert set() == set(targets) - TARGETS, f"{where}: {line}"
        case ["pip", "install", what]:
            extras = re.fullmatch(r"(?:ja-reset|\.)(?:\[([a-z,]+)\])?", what)
            assert extras, f"{where}: {line}"
            assert set() == set((extras[1] or "docs").split(",")) - EXTRAS, f"{where}: {line}"
        case ["ja-reset", *_]:
            done = subprocess.run(  # noqa: S602 - our own page, with its pipes and files
                line,
                shell=True,
                cwd=folder,
                env={**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                encoding="utf-8",
                check=False,
            )
            assert 0 == done.returncode, f"{where}: {line}: {done.stderr}"
            return done.stdout.splitlines()
        case _:
            pytest.fail(f"{where}: {line}: mark the block `<!-- not run: REASON -->`, or use one of ours")
    return []


def _headings(page: Path) -> list[int]:
    """The levels of the page's headings, in their order."""
    text = re.sub(r"^(`{3,}|~{3,}).*?^\1\s*$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    return [len(marks) for marks in re.findall(r"^(#+) ", text, re.MULTILINE)]


PAIRS = [(DOCS / page.name, page) for page in sorted((DOCS / "ja").glob("*.md"))]
PAIRS = [pair for pair in PAIRS if pair[1].name != "index.md"] + [(ROOT / "README.md", ROOT / "README.ja.md")]


@pytest.mark.parametrize(("english", "japanese"), PAIRS, ids=[pair[1].name for pair in PAIRS])
def test_both_languages_have_the_same_headings_and_link_to_each_other(english: Path, japanese: Path) -> None:
    """A page in Japanese has as many headings of the same levels as the English one, in the same order."""
    assert _headings(english) == _headings(japanese)
    assert f"]({os.path.relpath(japanese, english.parent)})" in english.read_text("utf-8")
    assert f"]({os.path.relpath(english, japanese.parent)})" in japanese.read_text("utf-8")


def test_what_a_japanese_reader_needs_first_is_there() -> None:
    """Overview, quick start, the procedures, the guide for hosts, security, messages and the glossary."""
    wanted = {"overview", "quick-start", "login-password", "risk-based-auth", "token-reissue"}
    wanted |= {"host-guide", "security", "messages", "glossary"}
    assert set() == wanted - {page.stem for page in (DOCS / "ja").glob("*.md")}


def test_blocks_are_found_with_their_remarks() -> None:
    """Remarks hold for the fence that follows, a directive is no block, and a colon fence is looked into."""
    page = dedent("""\
        <!-- not run: it never ends -->
        ```sh
        ja-reset demo
        ```

        ```python
        x = 1
        ```
        <!-- prints -->

        ```text
        1
        ```
        ```{note}
        ```
        :::{tip}
        ~~~json
        {}
        ~~~
        :::
        <!-- is: x -->
        words between
        ````python
        ```
        ````""")
    found = [(block.language, block.line, block.text, block.remark, block.said) for block in blocks(page)]
    expected = [
        ("sh", 3, "ja-reset demo\n", "not run", "it never ends"),
        ("python", 7, "x = 1\n", None, None),
        ("text", 12, "1\n", "prints", None),
        ("json", 18, "{}\n", None, None),
        ("python", 24, "```\n", None, None),
    ]
    assert expected == found
