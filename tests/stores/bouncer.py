"""A real PgBouncer before a server, in a folder of its own, gone with the process that started it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import psycopg

from ja_reset.testing.postgres import PostgresServer, _another, _short_folder

_PATIENCE: Final = 60.0

_SETTINGS: Final = """
[databases]
postgres = host={server} user=postgres dbname=postgres
[pgbouncer]
unix_socket_dir = {folder}
listen_port = 6432
auth_type = any
pool_mode = {mode}
default_pool_size = {size}
max_client_conn = 200
logfile = {folder}/log
pidfile = {folder}/pid
"""


class NoBouncerError(Exception):
    """There is no PgBouncer on this machine."""


class Bouncer:
    """PgBouncer, which lends *size* connections of the server to its clients; `mode`: session or transaction.

    It refuses to run as root, so root starts it as the user that the server runs as.
    """

    def __init__(self, server: PostgresServer, mode: str, size: int) -> None:
        program = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        if program is None:
            msg = "no PgBouncer: apt-get install pgbouncer"
            raise NoBouncerError(msg)
        another = _another()
        self.folder = Path(tempfile.mkdtemp(prefix="pb-", dir=_short_folder()))
        settings = self.folder / "pgbouncer.ini"
        settings.write_text(_SETTINGS.format(server=server.folder, folder=self.folder, mode=mode, size=size), "ascii")
        if another.user is not None and another.group is not None:
            os.chown(self.folder, another.user, another.group)
        setpriv = shutil.which("setpriv")
        died = [setpriv, "--pdeathsig", "TERM"] if setpriv is not None else []
        self._process = subprocess.Popen(  # noqa: S603 - PgBouncer itself
            [*died, program, "--quiet", str(settings)],
            stdin=subprocess.DEVNULL,
            user=another.user,
            group=another.group,
            extra_groups=another.groups,
        )
        self.url = f"postgresql://postgres@/postgres?host={self.folder}&port=6432"
        self._wait()

    def _wait(self) -> None:
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                psycopg.connect(self.url).close()
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > until:
                    self.close()
                    raise
                time.sleep(0.02)
            else:
                return

    def close(self) -> None:
        """Stop it and remove its folder."""
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
