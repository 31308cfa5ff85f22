"""Export what the project needs to `requirements/`: every file with hashes, for every platform, naming no host.

Run by `make requirements`, with uv on the path. The versions of `dev.txt`, which holds all, are the versions of
the others. Versions already there are kept; `--upgrade` looks for newer ones.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
FOLDER: Final = ROOT / "requirements"
EXTRAS: Final[dict[str, tuple[str, ...]]] = {
    "dev": ("dev",),
    "test": ("test",),
    "demo": ("demo",),
    "run": (),
    "mutants": ("mutants",),
    "bench": ("bench",),
}
"""File → the extras in it. `dev` comes first: the others are held to its versions."""
WITH_BACKEND: Final = ("dev", "test")
"""The files that the build backend is in too; `build.txt` is the backend alone."""
FOREIGN: Final = re.compile(r"://|^\s*-(?!-hash=)|(^|\s)/|@ ", re.MULTILINE)
"""What no line may have: an address, an option, a path."""

HEADS: Final = {
    "dev": "All that the gates need: tests, docs, lint, types, build.",
    "test": "What the tests need, and what installs the project itself.",
    "demo": "What `make demo` needs.",
    "run": "What the installed project needs: nothing else is in the environment that the wheel is tried in.",
    "mutants": "What `make mutants` needs beside the tests.",
    "bench": "What `make bench` needs beside the tests: the engines that ours is measured beside.",
    "build": "What installs the project itself, without build isolation, so that no network is needed then.",
}


def main(arguments: list[str]) -> int:
    """Write the files; 1 where uv is missing or a file would name a host or a path."""
    uv = shutil.which("uv")
    if uv is None:
        print("uv is not on the path: it resolves for every platform at once", file=sys.stderr)
        return 1
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    backend = "\n".join(project["build-system"]["requires"])
    for name, extras in EXTRAS.items():
        sources = ["pyproject.toml", *(["-"] if name in WITH_BACKEND else [])]
        chosen = [f"--extra={extra}" for extra in extras]
        if not _export(uv, name, [*chosen, *sources], backend, arguments):
            return 1
    return 0 if _export(uv, "build", ["-"], backend, arguments) else 1


def _export(uv: str, name: str, what: list[str], backend: str, arguments: list[str]) -> bool:
    """Resolve into `requirements/<name>.txt`, starting from what is there; False where the result names a host."""
    target = FOLDER / f"{name}.txt"
    held = [] if name == "dev" else ["--constraints", str(FOLDER / "dev.txt")]
    command = [uv, "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes"]
    command += ["--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links", "--no-emit-package"]
    command += ["ja-reset", *held, "--output-file", str(target), *arguments, *what]
    subprocess.run(command, cwd=ROOT, input=backend, text=True, check=True)
    lines = [line for line in target.read_text("utf-8").splitlines() if not line.startswith("#")]
    text = "\n".join([f"# {HEADS[name]} Written by `make requirements`.", *lines, ""])
    if FOREIGN.search("\n".join(lines)):
        print(f"{target.name} names a host, an option or a path", file=sys.stderr)
        return False
    target.write_text(text, "utf-8")
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
