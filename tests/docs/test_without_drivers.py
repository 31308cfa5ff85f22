"""The tests of the core need no database driver: somebody without PostgreSQL's can change the core and try it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

TESTS: Final = Path(__file__).parents[1]


def test_the_core_is_tested_where_no_driver_can_be_imported() -> None:
    """Where `import psycopg` fails, tests of charts, and of a service over memory and SQLite, pass all the same."""
    chosen = [str(TESTS / "chart" / "test_chart_laws.py"), str(TESTS / "service" / "test_quoted_secrets.py")]
    options = ["-q", "-p", "no:cacheprovider", "-n0", "-k", "not postgres", *chosen]
    program = f"import sys; sys.modules['psycopg'] = None; import pytest; sys.exit(pytest.main({options!r}))"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=TESTS.parent, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    assert (0, "") == (done.returncode, done.stderr), done.stdout
    assert " passed" in done.stdout
