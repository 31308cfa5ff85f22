"""What a flow requests: plain values that it yields, and the two ways to drive it (sans-I/O).

A flow is a generator. It yields a request, receives the answer, and returns its result. It does no I/O, reads no clock
and makes no random number. A synchronous and an asynchronous driver run the same flow. Requests are distinguished by
their class only, and some hold secrets, so nothing compares or shows them.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Generator
from datetime import datetime, timedelta
from typing import Any, TypeAlias, TypeVar

import attrs

from ja_reset.errors import PortError
from ja_reset.secret import Secret
from ja_reset.stores.rows import Amendment, Put, Record, Row

T = TypeVar("T")


@attrs.frozen(eq=False, repr=False)
class Now:
    """The clock's reading: an aware UTC datetime."""


@attrs.frozen(eq=False, repr=False)
class StoreClock:
    """The reading of the store's own clock; None where it has none."""


@attrs.frozen(eq=False, repr=False)
class Fresh:
    """An unguessable name of the given number of random bytes, URL-safe."""

    octets: int


@attrs.frozen(eq=False, repr=False)
class MakeCode:
    """A random code of the given number of digits, as a Secret, which does not begin with *never_first* (None: any)."""

    digits: int
    never_first: str | None


@attrs.frozen(eq=False, repr=False)
class Pick:
    """An unpredictable int from 0 to `of` - 1, each equally likely."""

    of: int


@attrs.frozen(eq=False, repr=False)
class Seal:
    """Seal a secret for a context: a str."""

    secret: Secret
    context: str


@attrs.frozen(eq=False, repr=False)
class Open:
    """Open what was sealed for a context: a Secret."""

    sealed: str
    context: str


@attrs.frozen(eq=False, repr=False)
class KeyNames:
    """The names of the host's keys, the one that seals first: a tuple of str."""


@attrs.frozen(eq=False, repr=False)
class KeyOf:
    """The name of the key that something was sealed with for a context; "" if nobody knows it: a str."""

    sealed: str
    context: str


@attrs.frozen(eq=False, repr=False)
class SealAgain:
    """Seal with the first key what was sealed with another one for a context: a str."""

    sealed: str
    context: str


@attrs.frozen(eq=False, repr=False)
class Fingerprint:
    """What a secret is recognised by in a context, without being kept: a str."""

    secret: Secret
    context: str


@attrs.frozen(eq=False, repr=False)
class Recognise:
    """Whether a fingerprint is that of a secret in a context: a bool."""

    fingerprint: str
    secret: Secret
    context: str


@attrs.frozen(eq=False, repr=False)
class Marks:
    """What a text is found by without being stored: a mark under each of the host's keys, the first one's first."""

    text: str


@attrs.frozen(eq=False, repr=False)
class Get:
    """A row of the store, or None."""

    kind: str
    key: str


@attrs.frozen(eq=False, repr=False)
class GetMany:
    """Several rows of the store, each or None, in this order and all as of one moment: one trip for all of them."""

    names: tuple[tuple[str, str], ...]


@attrs.frozen(eq=False, repr=False)
class Commit:
    """Several changes of rows and their audit, all or none: whether they were made."""

    puts: tuple[Put, ...]
    audit: tuple[Record, ...]


@attrs.frozen(eq=False, repr=False)
class Scan:
    """A page of rows."""

    kind: str
    tag: str | None = None
    due: datetime | None = None
    after: Row | None = None
    limit: int | None = None


@attrs.frozen(eq=False, repr=False)
class Find:
    """A page of the rows with a term, or of audit records, newest first."""

    kind: str
    term: str | None
    since: datetime | None
    until: datetime | None
    before: Row | None
    limit: int


@attrs.frozen(eq=False, repr=False)
class Amend:
    """Change audit records, those that are as they were found."""

    changes: tuple[Amendment, ...]


@attrs.frozen(eq=False, repr=False)
class Ask:
    """A method of the host's bank."""

    method: str
    arguments: tuple[object, ...]


@attrs.frozen(eq=False, repr=False)
class Can:
    """Whether the host's bank has an optional method."""

    method: str


@attrs.frozen(eq=False, repr=False)
class Warn:
    """A log line for the host's operators: something of theirs failed, and the service goes on without it."""

    what: str


@attrs.frozen(eq=False, repr=False)
class Pause:
    """Let that long pass before the flow goes on; nothing is held meanwhile."""

    span: timedelta


Request: TypeAlias = (
    Now
    | StoreClock
    | Fresh
    | MakeCode
    | Pick
    | Seal
    | Open
    | KeyNames
    | KeyOf
    | SealAgain
    | Fingerprint
    | Recognise
    | Marks
    | Get
    | GetMany
    | Commit
    | Scan
    | Find
    | Amend
    | Ask
    | Can
    | Warn
    | Pause
)
Flow: TypeAlias = Generator[Request, Any, T]


def run(flow: Flow[T], perform: Callable[[Request], Any]) -> T:
    """Drive *flow* to its end; what `perform` raises is raised inside the flow."""
    try:
        request = next(flow)
        while True:
            try:
                answer = perform(request)
            except StopIteration:  # thrown into a generator, it would end as a RuntimeError from inside
                request = flow.throw(PortError("a port raised StopIteration"))
            except BaseException as error:  # noqa: BLE001 - the flow decides, and leaves the session safe
                request = flow.throw(error)
            else:
                request = flow.send(answer)
    except StopIteration as stop:
        result: T = stop.value
        return result


async def run_async(flow: Flow[T], perform: Callable[[Request], Any | Awaitable[Any]]) -> T:
    """Drive *flow* to its end, awaiting every answer that can be awaited."""
    try:
        request = next(flow)
        while True:
            try:
                answer = perform(request)
                if inspect.isawaitable(answer):
                    answer = await answer
            except BaseException as error:  # noqa: BLE001 - as above; a cancelled task leaves the session safe too
                request = flow.throw(error)
            else:
                request = flow.send(answer)
    except StopIteration as stop:
        result: T = stop.value
        return result
