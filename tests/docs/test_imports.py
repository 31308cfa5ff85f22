"""What `import ja_reset` loads, seen from a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys

import pytest

LATER = (
    "cryptography",
    "phonenumbers",
    "email_validator",
    "sqlite3",
    "asyncio",
    "psycopg",
    "prometheus_client",
    "opentelemetry",
    "hypothesis",
    "pytest",
)
"""Loaded when first needed, or never: each costs more than all that an import of ours may take."""


def _loaded_by(statement: str) -> set[str]:
    """The names of all modules that *statement* loads in an interpreter that has loaded nothing of its own.

    -S and the path given by hand: no site-packages hook (coverage has one) may load something first.
    """
    program = f"import sys; sys.path[:] = {sys.path!r}; {statement}; print(*sys.modules)"
    command = [sys.executable, "-S", "-E", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - a program of ours
    assert (0, "") == (done.returncode, done.stderr)
    return set(done.stdout.split())


def test_importing_the_package_loads_nothing_that_can_wait() -> None:
    """`import ja_reset` loads none of the packages that are heavy or belong to one kind of host."""
    assert set() == _loaded_by("import ja_reset") & set(LATER)


@pytest.mark.parametrize("module", ["ja_reset.errors", "ja_reset.testing", "ja_reset.observing"])
def test_a_submodule_loads_nothing_that_can_wait_either(module: str) -> None:
    """Nor does a documented submodule, so that a host may import it at its own start."""
    assert set() == _loaded_by(f"import {module}") & set(LATER)
