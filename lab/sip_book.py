"""Where the calls are kept: each is found by what a message names it with, and by when it is to be looked at."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from math import inf
from typing import Final, TypeAlias

from sip_calls import Call
from sip_messages import Address, Request

Key: TypeAlias = tuple[str, str, int, str]
"""A server transaction (RFC 3261, 17.2.3): branch, sent-by, and the host that it came from."""

_LOOK_AGAIN: Final = 10.0
"""Seconds that a call is set ahead at most, so that what it leaves in the queue is soon gone."""


class Book:
    """The calls that are held."""

    def __init__(self) -> None:
        self.by_tag: dict[str, Call] = {}
        self.by_key: dict[Key, Call] = {}
        self.by_identity: dict[tuple[str, str, int], Call] = {}
        self.by_own_branch: dict[str, Call] = {}
        self._queue: list[tuple[float, str]] = []

    @property
    def next_look(self) -> float | None:
        """When a call is to be looked at."""
        return self._queue[0][0] if self._queue else None

    def add(self, call: Call, now: float) -> None:
        """One more."""
        self.by_tag[call.tag] = self.by_key[key_of(call.invite, call.peer)] = call
        self.by_identity[identity_of(call.invite)] = call
        self.look_at(call, now)

    def drop(self, call: Call) -> None:
        """One less."""
        self.forget_own(call)
        del self.by_tag[call.tag], self.by_key[key_of(call.invite, call.peer)]
        del self.by_identity[identity_of(call.invite)]

    def dialog(self, message: Request, peer: Address) -> Call | None:
        """The call whose tag of ours the message carries, where all else fits it too."""
        call = self.by_tag.get(message.to_tag or "")
        if call is None or peer[0] != call.peer[0]:
            return None
        return call if (message.call_id, message.from_tag) == identity_of(call.invite)[:2] else None

    def forget_own(self, call: Call) -> None:
        """A request of ours is answered, given up, or of no interest any more."""
        self.by_own_branch.pop(call.own_branch, None)
        call.own, call.own_branch, call.own_method, call.own_due = b"", "", "", inf

    def look_at(self, call: Call, now: float) -> None:
        """Have the call looked at when its next timer is due."""
        due = min(call.next, now + _LOOK_AGAIN)
        if due < call.queued:
            call.queued = due
            heapq.heappush(self._queue, (due, call.tag))

    def due(self, now: float) -> Iterator[Call]:
        """Each call that is to be looked at by now."""
        while self._queue and self._queue[0][0] <= now:
            due, tag = heapq.heappop(self._queue)
            call = self.by_tag.get(tag)
            if call is None or due != call.queued:
                continue
            call.queued = inf
            yield call
            if tag in self.by_tag:
                self.look_at(call, now)


def key_of(message: Request, peer: Address) -> Key:
    """The transaction that the message is of, or, an ACK or a CANCEL, is about."""
    return message.via.branch, message.via.host, message.via.port, peer[0]


def identity_of(message: Request) -> tuple[str, str, int]:
    """What identifies a request on whichever path it arrives (8.2.2.2)."""
    return message.call_id, message.from_tag, message.cseq
