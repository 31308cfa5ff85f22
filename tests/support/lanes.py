"""Which tests are in which slow lane; each lane's reason stands with its marker, in pyproject.toml."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

HERE: Final = Path(__file__).parents[1]

LANES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "browser": ("browser/", "diagrams/test_drawing_tools.py"),
        "faults": ("service/test_secrecy_sensitivity.py", "lab/test_seeded_faults.py", "crash/test_sensitivity.py"),
        # not under coverage: an exception at any instant may strike in its tracer, which then keeps its lock for ever
        "interruptions": ("crash/test_interruptions.py", "crash/test_postgres_interrupted.py"),
        "kills": (
            *("crash/test_kills.py", "crash/test_rival_processes.py", "crash/test_skewed_machines.py"),
            "crash/test_postgres_processes.py",
        ),
        "schedules": ("crash/test_schedules.py",),
        "walks": ("lab/test_second_way.py", "lab/test_walk.py"),
    }
)
"""Lane → its files and folders. `make test` leaves these out, `make test-all` has everything."""


def lanes_of(path: Path) -> list[str]:
    """The slow lanes of the tests in the file at *path*: one or none."""
    name = path.relative_to(HERE).as_posix()
    return [lane for lane, files in LANES.items() if name.startswith(files)]
