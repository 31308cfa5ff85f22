"""What release 0.1 stored is read by today's code: every state's session, and rows of every kind.

`tests/data/stored_0_1` was written by release 0.1 itself (commit ca9e940), and is never edited. `sessions.json` has the
whole store beside a session in each state, sealed with the key of `hosts.KEY`; `rows.json` has a row of each shape that
the tests of 0.1 stored.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import attrs
import pytest

from hosts import STATES, WITH_CODES, Host
from ja_reset import Call, CallSource, InvalidArgument, View
from ja_reset.bank._values import CallStatus
from ja_reset.machines import Procedure
from ja_reset.policies import SessionPolicy
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
from ja_reset.stores import SqliteStore
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
    states = {f"{procedure.value} {state}" for procedure, state in STATES if state != "CLOSED"}
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


def _on_disk(name: str, path: Path) -> tuple[Host, str]:
    """A host over a file that 0.1 has written, and the session's id: nothing in it has a term to be found by."""
    host, stored = restored(name)
    kinds = [*FORMS, SESSION]
    with SqliteStore(path) as store:
        store.commit(
            [
                Put(row.kind, row.key, None, row.body, row.tag, row.due)
                for kind in kinds
                for row in host.store.scan(kind)
            ]
        )
        record = {"time": stored["now"], "session": None, "institution": "ja-0417", "ref": host.customer.ref}
        store.commit([], [{**record, "event": "unlock", "reasons": []}])
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE rows SET at = NULL")
        connection.execute("UPDATE audit SET filed = NULL")
    return host, hashlib.sha256(stored["token"].encode()).hexdigest()


@pytest.mark.rule("S8")
def test_a_session_of_then_is_exported_and_erased(tmp_path: Path) -> None:
    """It has no term to be found by, only the contract that it keeps: found all the same, ended, and gone."""
    before, name = _on_disk("TOKEN_REISSUE BTR004", tmp_path / "0_1.db")
    with SqliteStore(tmp_path / "0_1.db") as store:
        host = Host(policies=WITH_CODES, clock=before.clock, store=store)
        export = host.service.operator.export(host.customer.ref)
        assert ([name], 1) == ([each["id"] for each in export.sessions], len(export.audit))
        assert "v1." not in repr(export.to_dict())
        with pytest.raises(InvalidArgument, match="goes on"):
            host.service.operator.erase(host.customer.ref, by="taro", reason="x")
        host.service.operator.end(name, by="taro", reason="x")
        assert 1 == host.service.operator.erase(host.customer.ref, by="taro", reason="x").sessions
        assert store.get(SESSION, name) is None


@pytest.mark.rule("S8")
def test_what_had_ended_then_is_erased_with_its_result(tmp_path: Path) -> None:
    """An ended session names no contract, but its effects do: address, ids, effects and old audit go with it."""
    before, _ = _on_disk("TOKEN_REISSUE BTR005", tmp_path / "0_1.db")
    before.clock.advance(400 * 24 * 3600)
    policies = attrs.evolve(WITH_CODES, session=SessionPolicy(audit_retention=timedelta(days=365)))
    with SqliteStore(tmp_path / "0_1.db") as store:
        host = Host(policies=policies, clock=before.clock, store=store)
        assert "SV00000001" in repr(host.service.operator.export(host.customer.ref).to_dict())
        told = host.service.operator.erase(host.customer.ref, by="taro", reason="x")
        assert (1, 2, 1, 1) == (told.sessions, told.effects, told.audit, told.audit_left)
        assert [] == [row for kind in (*FORMS, SESSION) for row in store.scan(kind)]
        assert [told.pseudonym] == [each.ref for each in host.service.operator.audit(ref=told.pseudonym)]
        assert ["erase"] == [each.event for each in host.service.operator.audit(ref=host.customer.ref)]
