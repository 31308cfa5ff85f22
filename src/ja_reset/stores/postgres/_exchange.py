"""One exchange with the server: a batch of statements goes out in one burst, and its answers come back together.

The burst ends with its only Sync. So outside of a transaction its statements are one, which the server commits when it
comes to the Sync; the first statement that fails undoes them all, and the server leaves out the rest. A host that dies
or hangs has sent the whole of it, or nothing that the server keeps.

The driver's own cursors would send each statement by itself, and read each answer twice. What is said here goes by
libpq through `psycopg.pq`, values and answers as text. A statement is prepared at its second use on a connection, in
the burst that uses it; behind a pooler none is.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import count
from typing import TYPE_CHECKING, Any, Final, Self

import psycopg
from psycopg import errors
from psycopg.pq import ExecStatus
from psycopg.waiting import Ready, Wait

from ja_reset.stores.postgres._said import FAILED_CHECK, Answer, Said

if TYPE_CHECKING:
    from psycopg.abc import PQGen
    from psycopg.pq.abc import PGresult

_SIGN: Final = re.compile("%s")
_ESCAPED: Final = str.maketrans({"\\": r"\\", '"': r"\""})
_INTEGERS: Final = frozenset({20, 21, 23})
"""The types int8, int2 and int4, by the numbers that they have in every server."""

_DONE: Final = frozenset({int(ExecStatus.COMMAND_OK), int(ExecStatus.TUPLES_OK)})
_SYNC: Final = int(ExecStatus.PIPELINE_SYNC)
_STATEMENTS: Final = 256
"""How many statements are kept in the form that the server takes; a store has fewer."""


class Connection(psycopg.Connection):
    """A connection that knows what it has said.

    libpq closes it when it is let go; the driver would warn, though its owner was only interrupted.
    """

    said: dict[str, bool] | None = None
    """Each statement, and whether it is prepared."""

    def __del__(self, *unused: object) -> None:
        pass


class AsyncConnection(psycopg.AsyncConnection):
    """The same for an event loop. `begun`: when it set out for the server (monotonic seconds)."""

    said: dict[str, bool] | None = None
    begun = 0.0

    @classmethod
    async def connect(cls, conninfo: str = "", **options: Any) -> Self:  # noqa: ANN401 - passed on
        """Connect, and note when that began."""
        begun = time.monotonic()
        connection = await super().connect(conninfo, **options)
        connection.begun = begun
        return connection


class NoAnswerError(psycopg.OperationalError):
    """A statement without an answer of the server; as if the connection had broken."""

    def __init__(self) -> None:
        super().__init__("a statement got no answer")


def burst(connection: Connection | AsyncConnection, batch: Sequence[Said]) -> PQGen[list[PGresult]]:
    """Send *batch* and collect what comes back: a result for each statement, and one for the Sync.

    For the driver's `wait`; raises nothing that the server says.
    """
    pgconn = connection.pgconn
    pgconn.enter_pipeline_mode()
    prepared = _sent(connection, batch)
    pgconn.pipeline_sync()
    while pgconn.flush():
        if (yield Wait.RW) & Ready.R:
            pgconn.consume_input()
    results: list[PGresult] = []
    is_over = False
    while True:
        while pgconn.is_busy():
            yield Wait.R
            pgconn.consume_input()
        result = pgconn.get_result()
        if result is not None:
            results.append(result)
            if result.status == _SYNC:
                pgconn.exit_pipeline_mode()
                break
        elif is_over:  # nothing twice: the connection is gone
            break
        is_over = result is None
    for place, statement in reversed(prepared):
        if place < len(results) and results[place].status in _DONE:
            del results[place]
        else:
            connection.said[statement] = False  # type: ignore[index]  # it has said something
    return results


def _sent(connection: Connection | AsyncConnection, batch: Sequence[Said]) -> list[tuple[int, str]]:
    """Hand *batch* to libpq; which results are those of a statement that was prepared in it, and of which."""
    pgconn, said = connection.pgconn, connection.said
    if said is None:
        said = connection.said = {}
    may_prepare = connection.prepare_threshold is not None
    prepared: list[tuple[int, str]] = []
    for place, (statement, values) in enumerate(batch):
        name, text = _wired(statement)
        is_prepared = said.get(statement)
        if is_prepared is None:
            pgconn.send_query_params(text, [_text(each) for each in values])
            if may_prepare:
                said[statement] = False
            continue
        if not is_prepared:
            pgconn.send_prepare(name, text)
            prepared.append((place + len(prepared), statement))
            said[statement] = True
        pgconn.send_query_prepared(name, [_text(each) for each in values])
    return prepared


def answers(batch: Sequence[Said], results: Sequence[PGresult], *, without: int | None = None) -> list[Answer]:
    """What *batch* was answered, leaving out the place *without*; nothing where a check failed.

    Raises the server's error, or NoAnswerError.
    """
    made = []
    for result in results:
        status = result.status
        if status in _DONE:
            made.append(Answer(result.command_tuples or 0, _rows(result), result.command_status or b""))
        elif status == _SYNC:
            break
        else:
            error = errors.error_from_result(result)
            if isinstance(error, errors.InvalidTextRepresentation) and FAILED_CHECK in str(error):
                return []
            # without a code of the server's it is libpq that speaks: the connection is gone
            raise error if error.sqlstate else psycopg.OperationalError(str(error))
    else:
        raise NoAnswerError
    if len(made) != len(batch):
        raise NoAnswerError
    if without is not None:
        del made[without]
    return made


def _rows(result: PGresult) -> Sequence[tuple[object, ...]]:
    if not result.ntuples:
        return ()
    columns = range(result.nfields)
    read = [int if result.ftype(each) in _INTEGERS else bytes.decode for each in columns]
    return [
        tuple(None if (value := result.get_value(row, column)) is None else read[column](value) for column in columns)
        for row in range(result.ntuples)
    ]


@lru_cache(_STATEMENTS)
def _wired(statement: str) -> tuple[bytes, bytes]:
    """The name that *statement* is prepared under, and its text with the server's own signs for values."""
    number = count(1)
    text = _SIGN.sub(lambda _: f"${next(number)}", statement).encode()
    return b"ja_reset_" + blake2b(text, digest_size=12).hexdigest().encode(), text


def _text(value: object) -> bytes | None:
    """*value* as text for the server."""
    if value is None:
        return None
    if isinstance(value, str):
        text = value
    elif isinstance(value, int):
        return b"%d" % value
    elif isinstance(value, (list, tuple)):
        text = "{" + ",".join(f'"{str(each).translate(_ESCAPED)}"' for each in value) + "}"
    else:
        msg = f"a value must be a str, an int or a list of str, not {type(value).__name__}"
        raise psycopg.DataError(msg)
    if "\0" in text:  # libpq would take it for the end
        msg = "a text must have no NUL"
        raise psycopg.DataError(msg)
    return text.encode()
