"""Hosts with several numbers to call, and sessions of one phone in every order of their events (P8)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs

from hosts import Host
from ja_reset import CallStatus, Institution, Policies, Procedure
from ja_reset.policies import PhonePolicy
from ja_reset.stores import MemoryStore
from ja_reset.stores.rows import Store
from ja_reset.testing import FakeBank
from ja_reset.testing.cast import INSTITUTION

DIALS: Final = ("0120-417-000", "0120-417-001", "0120-417-002")


def institution_with(count: int) -> Institution:
    """The cast's institution with so many numbers to call."""
    return attrs.evolve(INSTITUTION, dials=DIALS[:count])


def host_with(count: int, *, store: Store | None = None, **phone: object) -> Host:
    """A host whose institution has so many numbers, and as many waits for a phone."""
    policies = Policies(phone=PhonePolicy(**{"waits_per_number": count, **phone}))  # type: ignore[arg-type]  # by name
    return Host(store=store or MemoryStore(), bank=FakeBank(institutions=(institution_with(count),)), policies=policies)


def _orders(left: tuple[tuple[str, ...], ...]) -> Iterator[tuple[tuple[int, str], ...]]:
    """Every order of the events of some sessions, each session's in its own order."""
    if not any(left):
        yield ()
    for place, events in enumerate(left):
        if events:
            rest = (*left[:place], events[1:], *left[place + 1 :])
            yield from (((place, events[0]), *more) for more in _orders(rest))


def plays(count: int, events: tuple[str, ...], procedure: Procedure) -> int:
    """Play every order with *count* sessions of one phone; how many there are.

    After each event, those sessions are proved whose own last event has been, and no other.
    """
    played = 0
    for order in _orders((events,) * count):
        played += 1
        host = host_with(count)
        tabs = [host.beside() for _ in range(count)]
        said: dict[int, str] = {}
        begun: list[int] = []
        proved: set[int] = set()
        for place, event in order:
            tab = tabs[place]
            if event == "choose":
                tab.at(procedure, "BTR004" if procedure is Procedure.TOKEN_REISSUE else "PHONE")
                begun.append(place)
            elif event == "call":
                result = tab.call(id=f"call-{place}", dialed=tab.view.dial)
                assert result.status in {CallStatus.VERIFIED, CallStatus.ANNOUNCE}, order
                said[place] = "" if result.code is None else result.code.reveal()
            else:
                assert CallStatus.VERIFIED is tab.keys(said[place], call_id=f"call-{place}").status, order
            if event == events[-1]:
                proved.add(place)
            assert proved == {each for each in begun if tabs[each].look().state in {"BIM017", "BTR005"}}, order
        assert count == len({tab.view.id for tab in tabs}) == len(proved)
    return played
