"""What is let in to be decided, and what is answered otherwise: a function of what has arrived (S2, M3, M5, P7)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import attrs
import pytest

from ja_reset import PROCEDURES, Policies, Procedure
from ja_reset.chart.session import Claim, Refusal, Session
from ja_reset.secret import Secret
from ja_reset.service._config import Config
from ja_reset.service._customer import Admission, How, Submitted, _admit
from ja_reset.service._records import RequestRecord, ViewRecord
from ja_reset.service._session_work import SessionWork
from ja_reset.service._typed import Typed
from ja_reset.testing import FakeClock
from ja_reset.testing.cast import INSTITUTION

NOW: Final = FakeClock().now
LATER: Final = NOW + timedelta(seconds=1)
STANDS: Final = (Refusal("timed_out"),)
CLAIM: Final = Claim("another turn", LATER)
SHOWN: Final = ViewRecord("PHONE", 5)

Taken = tuple[How, list[str]]

GOES_ON: Final[Taken] = (How.GOES_ON, [])
UNAVAILABLE: Final[Taken] = (How.ASIDE, ["temporarily_unavailable"])
IN_PROGRESS: Final[Taken] = (How.ASIDE, ["in_progress"])
WAITS: Final[Taken] = (How.WAITS, ["in_progress"])
LOOKS: Final[Taken] = (How.ASIDE, [])
STALE: Final[Taken] = (How.STALE, ["stale", "timed_out"])
REPEATED: Final[Taken] = (How.REPEATED, [])


def _session(state: str = "PHONE", claim: Claim | None = None) -> Session:
    return Session(
        id="s",
        procedure=Procedure.LOGIN_PASSWORD,
        institution=INSTITUTION.id,
        state=state,
        version=5,
        created_at=NOW,
        active_at=NOW,
        seen_at=NOW,
        reasons=STANDS,
        claim=claim,
    )


def _admitted(
    event: str | None,
    *,
    state: str = "PHONE",
    version: object = 5,
    claim: Claim | None = None,
    request: RequestRecord | None = None,
    knows_the_institution: bool = True,
    is_lost: bool = False,
) -> Taken:
    work = SessionWork(
        Config(Policies(), charts={str(name): chart for name, chart in PROCEDURES.items()}),
        _session(state, claim),
        INSTITUTION if knows_the_institution else None,
        NOW,
    )
    before = attrs.evolve(work.session)
    submitted = Submitted(Secret("token"), event, Typed(None), version, "r")
    admission: Admission = _admit(work, submitted, request, is_lost=is_lost)
    assert (before, {}, []) == (work.session, work.puts, work.audit)
    assert (None if request is None else request.answer) == admission.answer
    return admission.how, [reason.code for reason in admission.reasons]


ANSWERED: Final = RequestRecord("r", answer=SHOWN)
UNDER_WAY: Final = RequestRecord("r", until=LATER)
NO_EFFECT: Final = RequestRecord("r", version=5)
DOUBTED: Final = RequestRecord("r")

CASES: Final[dict[str, tuple[Taken, dict[str, object]]]] = {
    "an event of the present view": (GOES_ON, {}),
    "an event that says nothing of the view": (GOES_ON, {"version": None}),
    "an older view": (STALE, {"version": 4}),
    "a version that is none": (STALE, {"version": "5"}),
    "an older view that only asks whether it goes on": (GOES_ON, {"event": "proceed", "version": 4}),
    "an event that the state does not have": (
        (How.STAYS, ["event_not_available"]),
        {"event": "submit_reset"},
    ),
    "no event at all": ((How.STAYS, ["event_not_available"]), {"event": None}),
    "an event that the state echoes": ((How.STAYS, []), {"event": "proceed", "state": "BIM017"}),
    "an order delivered again": (GOES_ON, {"event": "proceed", "state": "COMPLETING"}),
    "beside another turn": (IN_PROGRESS, {"claim": CLAIM}),
    "a look beside another turn": (LOOKS, {"claim": CLAIM, "event": "proceed", "state": "BIM017"}),
    "a cancel beside another turn": (GOES_ON, {"claim": CLAIM, "event": "cancel"}),
    "after a turn that has died": (GOES_ON, {"claim": Claim("x", NOW - timedelta(seconds=1))}),
    "at an institution that nobody knows": (UNAVAILABLE, {"knows_the_institution": False}),
    "a cancel at an institution that nobody knows": (GOES_ON, {"knows_the_institution": False, "event": "cancel"}),
    "a request that was answered": (REPEATED, {"request": ANSWERED}),
    "a request that was answered, of an older view": (REPEATED, {"request": ANSWERED, "version": 4}),
    "a request that is under way": (WAITS, {"request": UNDER_WAY}),
    "a request that is under way, beside its turn": (WAITS, {"request": UNDER_WAY, "claim": CLAIM}),
    "a request that is under way, of a session that has ended": (
        (How.STAYS, ["event_not_available"]),
        {"request": UNDER_WAY, "state": "CANCELLED"},
    ),
    "a request that is under way, of an older view": (WAITS, {"request": UNDER_WAY, "version": 4}),
    "a request that took no effect": (GOES_ON, {"request": NO_EFFECT}),
    "a request that took no effect, of the version of then": (GOES_ON, {"request": NO_EFFECT, "version": 4}),
    "a request that took no effect, and others since": (
        STALE,
        {"request": attrs.evolve(NO_EFFECT, version=4), "version": 4},
    ),
    "a request that perhaps took effect": (UNAVAILABLE, {"request": DOUBTED}),
    "a request that perhaps took effect, of an older view": (STALE, {"request": DOUBTED, "version": 4}),
    "a turn whose session somebody else has moved": (STALE, {"is_lost": True}),
}
"""How each is taken and with which reasons; `back` at PHONE where nothing else is said."""


@pytest.mark.rule("S2", "M3", "M5", "P7", "C6")
@pytest.mark.parametrize("case", CASES)
def test_each_event_is_admitted_or_answered_otherwise(case: str) -> None:
    """What arrives decides alone, and nothing of it is changed."""
    taken, given = CASES[case]
    assert taken == _admitted(**{"event": "back", **given})  # type: ignore[arg-type]  # arguments by name
