"""What is different if a pooler (PgBouncer) is between a process and the server.

In its transaction mode, each transaction may run in another session of the server. So nothing may be left in a session:
no statement is prepared, and the time limits are sent with each transaction. Several statements that are sent together
are one transaction, although none of them says BEGIN.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import psycopg
from psycopg.pq import TransactionStatus

from ja_reset.stores.postgres._clock import ASK
from ja_reset.stores.postgres._said import Said

GREETING: Final = f"{ASK.statement}, pg_backend_pid()"
"""What a new connection is asked: the server's time, and which of its processes answers."""


def greeted(connection: psycopg.Connection | psycopg.AsyncConnection, process: object) -> bool:
    """Whether a new connection leads to the server itself: the *process* that answers is the one that let us in.

    A pooler lets its clients in by itself, and has them answered by whichever process is free.
    """
    if connection.pgconn.backend_pid == process:
        return True
    connection.prepare_threshold = None
    return False


def limited(
    connection: psycopg.Connection | psycopg.AsyncConnection, batch: Sequence[Said], limits: str
) -> tuple[Sequence[Said], int | None]:
    """What goes out for a batch, and the place of the answer that is not the plan's.

    Behind a pooler the transaction that a batch begins, or is, is told its *limits* of time: a statement.
    """
    begun = connection.pgconn.transaction_status != TransactionStatus.IDLE
    if connection.prepare_threshold is not None or begun:
        return batch, None
    place = 1 if batch[0].statement.startswith("BEGIN") else 0
    return [*batch[:place], Said(limits), *batch[place:]], place
