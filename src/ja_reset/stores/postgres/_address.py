"""Where a PostgreSQL database is: its URL, which is shown to nobody with the password in it."""

from __future__ import annotations

import re
from typing import Final

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ja_reset.errors import InvalidArgument, StoreError
from ja_reset.secret import Secret

_SCHEMA: Final = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_SHOWN: Final = ("host", "hostaddr", "port", "dbname", "user")


class Address:
    """A database and the schema in it where the tables are. Its `str` is fit for messages and logs.

    *url* comes wrapped (see `hidden`), so that no traceback that shows local variables shows the password.
    """

    __slots__ = ("_shown", "conninfo", "schema")

    def __init__(self, url: Secret, schema: object, connect_timeout: int) -> None:
        if not isinstance(schema, str) or not _SCHEMA.fullmatch(schema):
            msg = "schema must be a name of lower-case letters, digits and _, of at most 63"
            raise InvalidArgument(msg)
        read = _read(url, connect_timeout)
        if read is None:  # outside of an except: the parser's words quote the URL, password and all
            msg = "url must be one that PostgreSQL reads: postgresql://user:password@host:port/database"
            raise StoreError(msg)
        self.conninfo, self._shown = read
        self.schema = schema

    def __str__(self) -> str:
        return f"PostgreSQL ({self._shown or 'default host'}, schema {self.schema})"


def hidden(url: object) -> Secret:
    """*url*, wrapped; raises InvalidArgument for what is no text."""
    if not isinstance(url, str) or not url:
        msg = "url must be a str: postgresql://user:password@host:port/database"
        raise InvalidArgument(msg)
    return Secret(url)


def _read(url: Secret, connect_timeout: int) -> tuple[Secret, str] | None:
    """What the driver takes, wrapped, and what may be shown of it."""
    try:
        parameters = conninfo_to_dict(url.reveal())
        # keepalives: a server that vanished is noticed; a setting in the URL takes precedence
        whole = make_conninfo(
            "",
            **{
                "connect_timeout": connect_timeout,
                "application_name": "ja_reset",
                "keepalives_idle": 30,
                **parameters,
                "client_encoding": "utf8",
            },
        )
    except (ProgrammingError, UnicodeError, ValueError):
        return None
    return Secret(whole), " ".join(f"{name}={parameters[name]}" for name in _SHOWN if parameters.get(name))
