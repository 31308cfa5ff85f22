"""`make test-everywhere` tries what it says, and CI notices where there is nothing to try it on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import everywhere
from lanes import HERE, lanes_of


def test_what_is_tried_everywhere_is_there_and_quick() -> None:
    """Each file that is tried is a file of tests, and in no slow lane but that which hangs on the Python."""
    files = [everywhere.ROOT / name for name in everywhere.TESTS]
    assert [] == [file for file in files if not file.is_file()]
    lanes = {file: lanes_of(file.relative_to(HERE).as_posix()) for file in files}
    assert [] == [file for file, found in lanes.items() if found not in ([], ["interruptions"], ["programs"])]


def test_every_python_is_found_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Interpreters on the path and pyenv's versions are asked; what is older, or does not run, is left out."""
    told = {"3.9.1": "CPython 3 9", "3.12.1": "CPython 3 12", "3.13.0": "PyPy 3 13", "3.14.0": ""}
    for name, answer in told.items():
        python = tmp_path / "versions" / name / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text(f"#!/bin/sh\necho '{answer}'\n", "utf-8")
        python.chmod(0o755)
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert {(3, 12): str(tmp_path / "versions/3.12.1/bin/python")} == dict(everywhere._pythons())


def test_ci_fails_where_no_newer_python_is(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """On CI, a machine with the oldest permitted Python alone is an error that says so."""

    def oldest_alone() -> Iterator[tuple[tuple[int, int], str]]:
        yield everywhere.OLDEST, "python3.11"

    monkeypatch.setenv("CI", "true")
    monkeypatch.setattr(everywhere, "_pythons", oldest_alone)
    assert 1 == everywhere.main([])
    assert "no CPython newer than 3.11" in capsys.readouterr().err
