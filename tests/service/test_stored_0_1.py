"""What release 0.1 stored is read by today's code: every state's session, and rows of every kind.

`tests/data/stored_0_1` was written by release 0.1 itself (commit ca9e940), and is never edited. `sessions.json` has the
whole store beside a session in each state, sealed with the key of `hosts.KEY`; `rows.json` has a row of each shape that
the tests of 0.1 stored.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pytest

from hosts import STATES, WITH_CODES, Host
from ja_reset import Call, CallSource, View
from ja_reset.bank._values import CallStatus
from ja_reset.machines import Procedure
from ja_reset.proofs.attempts import IdentityAttempts, PinAttempts
from ja_reset.proofs.waits import Wait
from ja_reset.service._records import (
    CALL,
    IDENTITY_ATTEMPTS,
    OUTBOX,
    PIN_ATTEMPTS,
    REQUEST,
    SESSION,
    WAIT,
    CallRecord,
    OutboxEntry,
    RequestRecord,
)
from ja_reset.service.saved import load, load_session
from ja_reset.stores.rows import Put
from ja_reset.testing import FakeClock

Stored = dict[str, Any]
DATA: Final = Path(__file__).resolve().parents[1] / "data" / "stored_0_1"
SESSIONS: Final[dict[str, Stored]] = json.loads((DATA / "sessions.json").read_text("utf-8"))
ROWS: Final[list[Stored]] = json.loads((DATA / "rows.json").read_text("utf-8"))
ROWS_OF_ALL: Final = [*ROWS, *(row for stored in SESSIONS.values() for row in stored["rows"])]
FORMS: Final[dict[str, type]] = {
    REQUEST: RequestRecord,
    IDENTITY_ATTEMPTS: IdentityAttempts,
    PIN_ATTEMPTS: PinAttempts,
    WAIT: Wait,
    CALL: CallRecord,
    OUTBOX: OutboxEntry,
}
"""The value that a row of each kind is read as; a session's has a form of its own."""


def restored(name: str) -> tuple[Host, Stored]:
    """A host of today over what 0.1 stored, at the time of then."""
    stored = SESSIONS[name]
    host = Host(policies=WITH_CODES, clock=FakeClock(datetime.fromisoformat(stored["now"])))
    puts = [
        Put(row["kind"], row["key"], None, row["body"], row.get("tag", ""), _time(row.get("due")))
        for row in stored["rows"]
    ]
    assert host.store.commit(puts)
    return host, stored


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _answered(stored: Stored) -> str | None:
    """The state that the last request's answer showed, where it has one."""
    mine = hashlib.sha256(stored["token"].encode()).hexdigest()
    asked = next((row for row in stored["rows"] if (row["kind"], row["key"]) == (REQUEST, mine)), None)
    return None if asked is None else asked["body"].get("answer", {}).get("state")


def _shown(view: View) -> tuple[str, str, int, str]:
    return str(view.procedure), view.state, view.version, view.token


@pytest.mark.rule("S4")
def test_the_stored_data_has_every_state_and_every_kind_of_row() -> None:
    """None of the states that 0.1 had, and none of its kinds of rows, is missing from what is read below."""
    states = {f"{procedure.value} {state}" for procedure, state in STATES}
    assert states <= set(SESSIONS)
    assert {SESSION, *FORMS} == {row["kind"] for row in ROWS}


@pytest.mark.rule("S4", "S2", "C4", "P3", "P8", "L1", "I5")
@pytest.mark.parametrize("kind", [SESSION, *FORMS])
def test_every_row_that_0_1_stored_is_read(kind: str) -> None:
    """Each is read as a value of its class."""
    rows = [row for row in ROWS_OF_ALL if row["kind"] == kind]
    assert rows
    for row in rows:
        if kind == SESSION:
            assert row["key"] == load_session(row["body"]).id
        else:
            load(FORMS[kind], row["body"], kind)


@pytest.mark.rule("S4")
@pytest.mark.parametrize("name", SESSIONS)
def test_a_session_of_0_1_is_shown_as_it_was(name: str) -> None:
    """Its screen, its version and its token are those of then; so they are when its last request is repeated."""
    host, stored = restored(name)
    expected = (stored["procedure"], stored["state"], stored["version"], stored["token"])
    view = host.service.view(stored["token"])
    if not stored.get("claimed"):  # a turn had it then, and was to answer
        assert expected == _shown(view)


@pytest.mark.rule("S4", "S2")
@pytest.mark.parametrize("name", [name for name in SESSIONS if _answered(SESSIONS[name]) is not None])
def test_the_last_request_of_0_1_is_answered_again(name: str) -> None:
    """Repeated under its id it changes nothing: the screen is that of then, or the one that the session ended on."""
    host, stored = restored(name)
    final = Procedure[stored["procedure"]].chart.states[stored["state"]].is_final
    again = host.service.send(stored["token"], "cancel", version=1, request_id=f"request-{stored['requests']}")
    assert (stored["state"] if final else _answered(stored)) == again.state
    assert stored["state"] == host.service.view(stored["token"]).state


@pytest.mark.rule("S4", "M3", "A4")
@pytest.mark.parametrize("name", SESSIONS)
def test_a_session_of_0_1_goes_on(name: str) -> None:
    """It can be cancelled in every state, or is given its result in COMPLETING; what had ended stays ended."""
    host, stored = restored(name)
    chart = Procedure[stored["procedure"]].chart
    was = chart.states[stored["state"]]
    event = "proceed" if stored["state"] == "COMPLETING" else "cancel"
    view = host.service.send(stored["token"], event)
    assert view.final
    if was.is_final:
        assert stored["state"] == view.state
    elif event == "proceed":
        assert view.state in {"DONE", "BTR005"}
    else:
        assert "CANCELLED" == view.state


@pytest.mark.rule("S4", "P8", "P4", "S5")
@pytest.mark.parametrize("name", [name for name, stored in SESSIONS.items() if "_KEYS" in stored["state"]])
def test_a_call_that_0_1_answered_is_gone_on_with(name: str) -> None:
    """The gateway's retry is told the code that 0.1 had made, and those keys prove the phone."""
    host, stored = restored(name)
    number = host.customer.contract.phones[0]
    again = host.service.report_call(Call(id="call-1", number=number, source=CallSource.NETWORK))
    assert CallStatus.ANNOUNCE is again.status
    assert again.code is not None
    assert CallStatus.VERIFIED is host.service.report_keys("call-1", again.code.reveal()).status
    assert host.service.view(stored["token"]).state in {"BIM017", "BTR005"}


@pytest.mark.rule("S4", "P8")
@pytest.mark.parametrize("name", [name for name, stored in SESSIONS.items() if stored["state"] in {"PHONE", "BTR004"}])
def test_a_wait_that_0_1_began_is_ended_by_a_call(name: str) -> None:
    """The customer's call finds the session by the number that 0.1 had stored."""
    host, _ = restored(name)
    number = host.customer.contract.phones[0]
    result = host.service.report_call(Call(id="a new call", number=number, source=CallSource.NETWORK))
    assert CallStatus.ANNOUNCE is result.status


@pytest.mark.rule("S4", "S8", "C4")
@pytest.mark.parametrize("name", SESSIONS)
def test_the_housekeeping_goes_over_what_0_1_stored(name: str) -> None:
    """Every row is due in the end: effects are delivered, sessions end, and their rows are dropped."""
    host, stored = restored(name)
    host.service.recover()
    host.clock.advance(3600)
    host.service.expire_due()
    host.service.recover()
    assert host.service.view(stored["token"]).final
    host.clock.advance(host.policies.session.retention)
    host.clock.advance(host.policies.session.retention)
    assert host.service.purge() > 0
    assert [] == host.store.scan(SESSION)
    assert [] == host.store.scan(REQUEST)
