"""How often each turn calls its store: the exact trips of the three procedures, as each one crosses a network.

A turn reads no row that it has just read or written, and reads together what it wants together (docs/architecture.md).
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pytest

from hosts import KEY
from ja_reset import AsyncResetService, Call, CallSource, CallStatus, Procedure, ResetService, View
from ja_reset.stores import MemoryStore, threaded
from ja_reset.stores.rows import Put, Row
from ja_reset.testing import AsyncFakeBank, FakeBank, FakeClock, answers
from ja_reset.testing.cast import ORDINARY

TRIPS: Final[Mapping[Procedure, Mapping[str, str]]] = {
    Procedure.LOGIN_PASSWORD: {
        "start": "C",
        "submit_identity": "G G C G C",
        "choose_phone": "G C G C",
        "call": "G G G C",
        "submit_reset": "G C G C C C C",
    },
    Procedure.RISK_BASED_AUTH: {
        "start": "C",
        "submit_identity": "G G C G C",
        "choose_phone": "G C G C",
        "call": "G G G C",
        "submit_reset": "G C G C C C C",
    },
    Procedure.TOKEN_REISSUE: {
        "start": "C",
        "choose_method": "G C",
        "submit_credentials": "G G C G C",
        "submit_details": "G C G C",
        "call": "G G G C",
        "keys": "G G G C C C",
    },
}
"""G: rows are read, one by `get` or several by `get_many`. C: a commit."""
EVENTS: Final = {
    "BIM015": "submit_identity",
    "BIM016": "choose_phone",
    "BIM017": "submit_reset",
    "BTR001": "choose_method",
    "BTR002": "submit_credentials",
    "BTR003": "submit_details",
}


class TripStore(MemoryStore):
    """A store that notes each call; whatever else than reads and commits a turn might call, it does not."""

    def __init__(self) -> None:
        super().__init__()
        self.trips: list[str] = []

    def noted(self) -> str:
        """The trips since the last time."""
        trips, self.trips = " ".join(self.trips), []
        return trips

    def get(self, kind: str, key: str) -> Row | None:
        """A row."""
        self.trips.append("G")
        return super().get(kind, key)

    def get_many(self, names: Sequence[tuple[str, str]]) -> list[Row | None]:
        """Rows."""
        self.trips.append("G")
        return super().get_many(names)

    def commit(self, puts: Sequence[Put], audit: Sequence[Mapping[str, object]] = ()) -> bool:
        """A commit."""
        self.trips.append("C")
        return super().commit(puts, audit)

    def scan(self, kind: str, **more: Any) -> list[Row]:  # noqa: ANN401 - passed on as it came
        """A page."""
        self.trips.append("scan")
        return super().scan(kind, **more)


async def _awaited(answer: Any) -> Any:  # noqa: ANN401 - whatever a method of a service gives, awaited or not
    return await answer if inspect.isawaitable(answer) else answer


async def _turns(service: ResetService | AsyncResetService, store: TripStore, procedure: Procedure) -> dict[str, str]:
    """One customer goes from the first screen to the last, each request under an id; the trips of each turn."""
    trips: dict[str, str] = {}
    view: View = await _awaited(service.start(procedure, institution=ORDINARY.institution))
    trips["start"] = store.noted()
    while not view.final:
        event = EVENTS.get(view.state)
        if event is not None:
            typed = answers(view, ORDINARY)
            view = await _awaited(service.send(view.token, event, typed, version=view.version, request_id=event))
            trips[event] = store.noted()
            continue
        call = Call(id="call", number=ORDINARY.contract.phones[0], source=CallSource.NETWORK)
        told = await _awaited(service.report_call(call))
        trips["call"] = store.noted()
        if told.status is CallStatus.ANNOUNCE:
            await _awaited(service.report_keys("call", told.code.reveal()))
            trips["keys"] = store.noted()
        view = await _awaited(service.view(view.token))
        store.noted()
    return trips


@pytest.mark.rule("S10")
@pytest.mark.parametrize("awaited", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("procedure", list(Procedure), ids=lambda each: each.value)
def test_a_turn_takes_as_many_trips_as_the_table_says(procedure: Procedure, *, awaited: bool) -> None:
    """From the first screen to the end, synchronous or awaited, each turn reads and commits so often."""
    store = TripStore()
    service: ResetService | AsyncResetService = (
        AsyncResetService(bank=AsyncFakeBank(), store=threaded(store), key=KEY, clock=FakeClock())
        if awaited
        else ResetService(bank=FakeBank(), store=store, key=KEY, clock=FakeClock())
    )
    trips = asyncio.run(_turns(service, store, procedure))
    assert TRIPS[procedure] == trips
