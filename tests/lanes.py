"""Which tests are in which slow lane; each lane's reason stands with its marker, in pyproject.toml."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

HERE: Final = Path(__file__).parent

LANES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "browser": ("browser/", "test_drawing_tools.py"),
        "faults": ("test_secrecy_teeth.py", "test_seeded_faults.py", "test_teeth.py"),
        "kills": (
            *("test_kills.py", "test_rival_processes.py", "test_skewed_machines.py"),
            *("test_postgres_interrupted.py", "test_postgres_processes.py"),
        ),
        "schedules": ("test_schedules.py",),
        "walks": ("test_second_way.py", "test_walk.py"),
    }
)
"""Lane → its files and folders. `make test` leaves these out, `make test-all` has everything."""


def lanes_of(path: Path) -> list[str]:
    """The slow lanes of the tests in the file at *path*: one or none."""
    name = path.relative_to(HERE).as_posix()
    return [lane for lane, files in LANES.items() if name.startswith(files)]
