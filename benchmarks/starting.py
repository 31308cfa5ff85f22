"""How long `import ja_reset` takes beside the packages that it needs for it, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import Final

from harness import Figure, at_most, interleaved, paired

OURS: Final = "import ja_reset; ja_reset.ResetService, ja_reset.Procedure, ja_reset.PROCEDURES"
PACKAGES: Final = "import attrs, transitions"
MADE: Final = (
    "from ja_reset import ResetService; from ja_reset.stores import MemoryStore; "
    "ResetService(bank=type('Bank', (), dict.fromkeys(('institution', 'find_contract', 'check_login', 'contract', "
    "'check_pin', 'carry_out'), print))(), store=MemoryStore(), key=bytes(32))"
)
"""A service, ready to answer."""


def figures(rounds: int) -> Iterator[Figure]:
    """The ratio; in ours, the service and the checked charts are resolved, so that no empty façade is measured.

    Beside it what a host waits for that makes a service too, in a process of its own.
    """
    with tempfile.TemporaryDirectory() as folder:
        compiled = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        compiled["PYTHONPYCACHEPREFIX"] = folder  # as an installed package has been compiled
        ways = {"ours": OURS, "packages": PACKAGES, "made": MADE}
        found = interleaved(
            {name: lambda statement=statement: _cpu(statement, compiled) for name, statement in ways.items()}, rounds
        )
    words = "import ja_reset : import attrs, transitions", "ja_resetのimport : attrsとtransitionsのimport"
    yield paired("import", words, found, of=("ours", "packages"), unit="ms", goal=at_most(2.0))
    words = "a service made : import attrs, transitions", "サービスの生成まで : attrsとtransitionsのimport"
    yield paired("import.made", words, found, of=("made", "packages"), unit="ms")


def _cpu(statement: str, environment: dict[str, str]) -> float:
    """Milliseconds of CPU time."""
    program = f"import time; began = time.process_time(); {statement}; print(time.process_time() - began)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    return float(done.stdout) * 1e3
