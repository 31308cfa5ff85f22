"""How Hypothesis looks for counterexamples (the same ones each time in CI), and the stores that tests run over."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from ja_reset.rows import Store
from ja_reset.stores import MemoryStore, SqliteStore

# No deadline and no too_slow: how fast a machine is, is never what a test asserts.
settings.register_profile("dev", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("dev"), derandomize=True, max_examples=200, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "dev")


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A new store of each kind that every host has."""
    with closing(MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "reset.db")) as made:
        yield made
