"""How long `import ja_reset` takes beside the packages that it needs for it, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Final

from harness import Figure, at_most, interleaved, paired

OURS: Final = "import ja_reset; ja_reset.ResetService, ja_reset.Procedure, ja_reset.PROCEDURES"
PACKAGES: Final = "import attrs, transitions"


def figures(rounds: int) -> Iterator[Figure]:
    """The ratio; in ours, the service and the checked charts are resolved, so that no empty façade is measured."""
    found = interleaved({"ours": lambda: _cpu(OURS), "packages": lambda: _cpu(PACKAGES)}, rounds)
    words = "import ja_reset : import attrs, transitions", "ja_resetのimport : attrsとtransitionsのimport"
    yield paired("import", words, found, of=("ours", "packages"), unit="ms", goal=at_most(2.0))


def _cpu(statement: str) -> float:
    """Milliseconds of CPU time."""
    program = f"import time; began = time.process_time(); {statement}; print(time.process_time() - began)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return float(done.stdout) * 1e3
