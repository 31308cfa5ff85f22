"""What an error of PostgreSQL means, and what to do about it.

Nothing of what the server says beside its first line is passed on, nor is its error chained: details quote
rows, and the driver's frames hold the password.
"""

from __future__ import annotations

from typing import Final

import psycopg
from psycopg import errors

from ja_reset.errors import StoreError
from ja_reset.stores.postgres._address import Address

_ADVICE: Final[tuple[tuple[tuple[type[Exception], ...], str], ...]] = (
    (
        (errors.InvalidPassword, errors.InvalidAuthorizationSpecification),
        "the server lets this user not in; check user and password, and pg_hba.conf",
    ),
    ((errors.InvalidCatalogName,), "there is no such database; check the url, or create it"),
    ((errors.InsufficientPrivilege,), "this user lacks the rights; grant them, or let the owner make the tables"),
    (
        (errors.UndefinedTable, errors.UndefinedColumn, errors.InvalidSchemaName),
        "a table is missing or was altered; restore it from a backup (a new one would forget every count)",
    ),
    ((errors.TooManyConnections,), "the server takes no more connections; allow more, or make the pools smaller"),
    ((errors.DiskFull, errors.OutOfMemory), "the server has no room; make some and try again"),
    ((errors.ReadOnlySqlTransaction,), "the server is read-only, a standby perhaps; name the primary in the url"),
    (
        (errors.LockNotAvailable, errors.QueryCanceled, errors.IdleInTransactionSessionTimeout),
        "did not answer within the time allowed; look for what holds its locks, or allow more",
    ),
    ((errors.SerializationFailure, errors.DeadlockDetected), "is too busy with the same rows; try again"),
    ((errors.CannotConnectNow,), "the server is starting up or shutting down; try again"),
)


NOT_KNOWN: Final = "; whether the last change was kept is not known, so look before doing it again"
"""What an error adds if the connection broke when a change was already on its way to be kept."""


def explained(error: psycopg.Error, address: Address) -> StoreError:
    """*error* as a StoreError."""
    advice = next((words for kinds, words in _ADVICE if isinstance(error, kinds)), None)
    if advice is None and isinstance(error, psycopg.OperationalError) and is_of_connection(error):
        advice = _of_connection(error)
    if advice is None:
        advice = f"cannot be used ({said(error)})"
    return StoreError(f"{address}: {advice}")


def is_broken(error: psycopg.Error) -> bool:
    """Whether the connection is gone, rather than a statement refused."""
    gone = (errors.AdminShutdown, errors.CrashShutdown, errors.IdleInTransactionSessionTimeout)
    return isinstance(error, gone) or (isinstance(error, psycopg.OperationalError) and is_of_connection(error))


def is_of_connection(error: psycopg.Error) -> bool:
    """Whether the error is of the way to the server: the driver's own, or (class 08) of a pooler that lost it."""
    return error.sqlstate is None or error.sqlstate.startswith("08")


def _of_connection(error: psycopg.OperationalError) -> str:
    """While it connects libpq gives no code: only the server's words, in the server's language."""
    words = said(error)
    if "password" in words or "authentication" in words:
        return f"the server lets this user not in; check user and password, and pg_hba.conf ({words})"
    if "does not exist" in words:
        return f"there is no such database, or no such user; check the url, or create it ({words})"
    return f"cannot be reached; check that it runs, and host and port of the url ({words})"


def said(error: psycopg.Error) -> str:
    """The first line of what the server or the driver said."""
    words = error.diag.message_primary or str(error).partition("\n")[0] or type(error).__name__
    return f"{words}, {error.sqlstate}" if error.sqlstate else words
