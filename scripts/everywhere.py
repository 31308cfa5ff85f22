"""Run the quick tests on every Python that the machine has, with the lowest and the newest versions permitted.

Run by `make test-everywhere`, with uv beside the interpreter. The library comes from the built wheel, into
environments of their own under `.venv-everywhere/`, which are kept and made again when pyproject.toml has changed.
`--newest-python` tries the newest Python alone; `--fresh` makes every environment again, and so finds versions that
were published since. On CI a machine that has no Python newer than the oldest permitted one is an error.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
FOLDER: Final = ROOT / ".venv-everywhere"
OLDEST: Final = (3, 11)
RESOLUTIONS: Final[Mapping[str, str]] = MappingProxyType({"lowest": "lowest-direct", "newest": "highest"})
"""What the versions of what pyproject.toml names are → uv's name for it; what these need themselves is the newest."""

ASK: Final = "import platform, sys; print(platform.python_implementation(), *sys.version_info[:2])"

TESTS: Final = (
    "tests/chart/test_chart_laws.py",
    "tests/docs/test_imports.py",
    "tests/machines/test_machines.py",
    "tests/cli/test_cli.py",
    "tests/diagrams/test_diagrams.py",
    "tests/sphinx_ext/test_sphinx_ext.py",
    "tests/demo/test_demo_gateway.py",
    "tests/demo/test_demo_hostile.py",
    "tests/demo/test_demo_pages.py",
    "tests/fields/test_email_addresses.py",
    "tests/fields/test_phone_numbers.py",
    "tests/fields/test_normalisation.py",
    "tests/crash/test_interruptions.py",
    "tests/service/test_saved.py",
    "tests/stores/test_stores.py",
    "tests/service/test_stored.py",
    "tests/stores/test_sqlite_files.py",
    "tests/crash/test_sqlite_processes.py",
    "tests/stores/test_sqlite_troubles.py",
    "tests/service/test_sealing.py",
    "tests/test_secret.py",
    "tests/docs/test_readme.py",
    "tests/docs/test_testing_docs.py",
)
"""Quick tests of what another Python or another version of a package can break: the engine of the charts, drawings,
commands and Sphinx, pages, what others' packages read, stores, secrets, the README and the kit of tests. What is
left out tries our own rules, which are the same everywhere, or other programs (a browser, a database server)."""
CHOSEN: Final = ("-k", "not postgres")


def main(arguments: list[str]) -> int:
    """Print a line for each environment; 1 where a test failed in one, or where there is no Python to try."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--newest-python", action="store_true")
    options.add_argument("--fresh", action="store_true")
    options.add_argument("--only", choices=list(RESOLUTIONS))
    options.add_argument("--tests", nargs="*", default=TESTS)
    asked = options.parse_args(arguments)
    pythons = dict(sorted(_pythons()))
    if os.environ.get("CI") == "true" and not any(version > OLDEST for version in pythons):
        print(f"no CPython newer than {_name(OLDEST)} is on the path or among pyenv's versions", file=sys.stderr)
        return 1
    chosen = dict([max(pythons.items())]) if asked.newest_python else pythons
    if asked.fresh:
        shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(exist_ok=True)
    wheel = _wheel()
    failed = []
    for version, python in chosen.items():
        for resolution in RESOLUTIONS if asked.only is None else [asked.only]:
            what = f"Python {_name(version)}, {resolution} versions"
            print(f"{what}:", flush=True)
            environment = _environment(python, f"{_name(version)}-{resolution}", RESOLUTIONS[resolution])
            if not _passes(environment, wheel, asked.tests):
                failed.append(what)
    for what in failed:
        print(f"tests fail: {what}", file=sys.stderr)
    return 1 if failed else 0


def _name(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))


def _pythons() -> Iterator[tuple[tuple[int, int], str]]:
    """Version → interpreter, of all on the path or among pyenv's versions; a later one takes its place."""
    names = [f"python{OLDEST[0]}.{minor}" for minor in range(OLDEST[1], OLDEST[1] + 10)]
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    found = [path for name in ("python3", *names) if (path := shutil.which(name))]
    found += [str(path) for path in sorted(pyenv.glob("versions/*/bin/python"))]
    for path in found:
        told = subprocess.run([path, "-c", ASK], check=False, capture_output=True, text=True)
        match = re.fullmatch(r"CPython (\d+) (\d+)\s*", told.stdout)
        if match and (version := (int(match[1]), int(match[2]))) >= OLDEST:
            yield version, path


def _wheel() -> Path:
    built = FOLDER / "dist"
    shutil.rmtree(built, ignore_errors=True)
    _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(built), str(ROOT))
    (wheel,) = built.glob("*.whl")
    return wheel


def _environment(python: str, name: str, resolution: str) -> Path:
    """The environment of that name, with what the tests need; made where there is none for this pyproject.toml."""
    folder, held = FOLDER / name, FOLDER / f"{name}.txt"
    project = ROOT / "pyproject.toml"
    made_for = hashlib.sha256(project.read_bytes()).hexdigest()
    mark = folder / "made-for"
    if mark.is_file() and mark.read_text("utf-8") == made_for:
        return folder
    _uv("venv", "--quiet", "--clear", "--python", python, str(folder))
    _uv(
        *("pip", "compile", "--quiet", "--no-header", "--no-annotate", "--no-emit-index-url", "--extra", "test"),
        *("--only-binary", ":all:", "--no-emit-package", "ja-reset", "--upgrade"),
        *("--resolution", resolution, "--python", str(folder / "bin" / "python"), "--output-file", str(held)),
        str(project),
    )
    _uv("pip", "sync", "--quiet", "--python", str(folder / "bin" / "python"), str(held))
    mark.write_text(made_for, "utf-8")
    return folder


def _passes(environment: Path, wheel: Path, tests: Sequence[str]) -> bool:
    python = str(environment / "bin" / "python")
    _uv("pip", "install", "--quiet", "--no-deps", "--reinstall", "--python", python, str(wheel))
    command = [python, "-m", "pytest", "--quiet", "-p", "no:cacheprovider", "--numprocesses", "auto", *CHOSEN, *tests]
    # the commands that are tested are those of the environment; compiled modules are kept, whatever the shell says, or
    # each of the hundreds of processes that the tests start would compile all that it imports
    path = f"{environment / 'bin'}{os.pathsep}{os.environ['PATH']}"
    changed = {"PATH": path, "PYTHONDONTWRITEBYTECODE": ""}
    done = subprocess.run(command, cwd=ROOT, check=False, env={**os.environ, **changed})
    return done.returncode == 0


def _uv(*arguments: str) -> None:
    _run(str(Path(sys.executable).with_name("uv")), *arguments)


def _run(*command: str) -> None:
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
