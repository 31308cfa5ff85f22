"""What a plan says to the server and what it is answered, in batches: a batch is one exchange."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Final, NamedTuple, TypeVar

T = TypeVar("T")


class Said(NamedTuple):
    """A statement and its values; a tuple, as one is made for each statement of each turn."""

    statement: str
    values: tuple[object, ...] = ()

    def __repr__(self) -> str:
        return f"Said({self.statement!r})"


class Answer(NamedTuple):
    """How many rows a statement changed or found, the rows, and the word that the server says for what it did."""

    changed: int
    rows: Sequence[tuple[object, ...]] = ()
    word: bytes = b""

    def __repr__(self) -> str:
        return f"Answer({self.changed})"


Plan = Generator[Sequence[Said], Sequence[Answer], T]
"""Yields batches and receives their answers; no answers at all where a check (see `checked`) failed.

An error of the server or the driver is thrown in. A plan that yields then goes on, on another connection.
"""

COMMIT: Final = Said("COMMIT")
"""Once this is under way nobody knows whether the change is kept, until the server has answered."""

FAILED_CHECK: Final = "ja_reset: another commit was first"
"""What the server's error says if a check fails, in whatever language it says the rest."""


def checked(change: str) -> str:
    """*change*, which has a RETURNING, as a statement that fails unless one row is changed: its whole batch with it.

    What has no row is cast to a number, as the server itself then undoes the batch, without another exchange.
    """
    return f"WITH put AS ({change}) {CHECK}"


CHECK: Final = f"SELECT CASE count(*) WHEN 1 THEN 1 ELSE ('{FAILED_CHECK} ' || count(*))::int END FROM put"  # noqa: S608 - our own words


def is_kept(answer: Answer) -> bool:
    """Whether that was the answer to a COMMIT which committed; in a transaction that failed it says ROLLBACK."""
    return answer.word == b"COMMIT"
