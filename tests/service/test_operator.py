"""What the operator reads and what the maintenance asks of the store, word for word."""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs
import pytest

from hosts import Host
from ja_reset import Procedure
from ja_reset.service._records import SESSION
from ja_reset.stores import MemoryStore
from ja_reset.stores.rows import Put, Row
from ja_reset.testing import CAST
from ja_reset.testing._clock import START

MANY = 250
"""More sessions than two pages of a store hold."""


class Recording(MemoryStore):
    """A store that keeps what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.scans: list[tuple[str, str | None, datetime | None, str | None]] = []

    def scan(
        self,
        kind: str,
        *,
        tag: str | None = None,
        due: datetime | None = None,
        after: Row | None = None,
        limit: int = 100,
    ) -> list[Row]:
        """The page, and a note of it."""
        self.scans.append((kind, tag, due, None if after is None else after.key))
        return super().scan(kind, tag=tag, due=due, after=after, limit=limit)


@attrs.define(kw_only=True)
class Shown(Host):
    """A host whose store tells what it was asked for."""

    store: Recording = attrs.field(factory=Recording)


# Reading ----------------------------------------------------------------------------------------------------


@pytest.mark.rule("S5", "S6", "S7")
def test_a_session_is_read_with_its_counts_and_without_secrets() -> None:
    """Each session is plain values under stable names: who, where, since when, and what was counted."""
    host = Host()
    host.at_bim016()
    host.send("submit_identity", {})
    host.clock.advance(5)
    view = host.send("choose_phone", {"phone_id": "none"})
    expected = {
        "id": view.id,
        "procedure": "LOGIN_PASSWORD",
        "institution": "ja-0417",
        "state": "BIM016",
        "version": view.version,
        "ref": host.customer.ref,
        "created_at": START.isoformat(),
        "active_at": (START + timedelta(seconds=5)).isoformat(),
        "reasons": ["format"],
        "phone_windows": 0,
        "identity_failures": 0,
        "wrong_codes": 0,
        "reference": view.reference,
        "problem": None,
    }
    assert [expected] == host.service.operator.sessions()


@pytest.mark.rule("I5", "P4", "P6", "S2a")
def test_a_sessions_counts_and_standing_reasons_are_read() -> None:
    """Failures, windows and wrong codes are told apart, and so is what happened elsewhere."""
    host = Host()
    host.start(Procedure.TOKEN_REISSUE)
    host.send("choose_method", {"method": "LOGIN_ID"})
    host.send("submit_credentials", host.credentials(password="no-such-1"))
    host.send("submit_credentials", host.credentials())
    host.send("submit_details", host.details())
    code = host.call().code
    assert code is not None
    host.keys("0" if code.reveal() != "0" else "1")
    (read,) = host.service.operator.sessions()
    assert (1, 1, 1) == (read["identity_failures"], read["phone_windows"], read["wrong_codes"])
    assert ["wrong_code"] == read["reasons"]


@pytest.mark.rule("C4", "S5")
def test_an_effect_is_read_without_its_data() -> None:
    """Each order to the bank is told by its key, kind and state, and when it was made; never what is in it."""
    host = Host()
    host.at_bim_completing()
    key = f"{host.view.id}:SET_LOGIN_PASSWORD:"
    (read,) = host.service.operator.effects()
    assert read.key.startswith(key)
    assert {
        "key": read.key,
        "problem": None,
        "kind": "SET_LOGIN_PASSWORD",
        "what": None,
        "status": "pending",
        "session": host.view.id,
        "institution": "ja-0417",
        "ref": host.customer.ref,
        "made_at": START.isoformat(),
        "tries": 1,
        "tried_at": START.isoformat(),
        "error": "BankUnavailable",
        "next_try": (START + timedelta(minutes=1)).isoformat(),
        "deadline": (START + host.policies.session.effect_deadline).isoformat(),
    } == read


@pytest.mark.rule("P9", "S7")
def test_keys_in_no_call_are_audited_in_full() -> None:
    """Keys that no session waits for leave a record with time, event and answer, and change nothing."""
    host = Host()
    host.at_bim016()
    before = host.saved()
    host.service.report_keys("no-such-call", "123456")
    assert {
        "time": START.isoformat(),
        "session": None,
        "event": "keys_received",
        "status": "UNMATCHED",
        "reasons": [],
    } == host.store.audit()[-1]
    assert before == host.saved()


@pytest.mark.rule("M2a", "S7")
def test_a_retry_in_completing_is_audited_as_what_it_was() -> None:
    """Proceed in COMPLETING is in the audit under its name, with the transition that it took."""
    host = Host()
    host.at_bim_completing()
    host.send("proceed")
    events = [(each["event"], each.get("arrow")) for each in host.store.audit(session=host.view.id)]
    assert ("proceed", "COMPLETING.proceed") in events


@pytest.mark.rule("S2", "S4", "S7")
def test_a_session_whose_state_is_gone_ends_with_a_version_and_a_record_of_its_own() -> None:
    """A state that a newer chart no longer has: EXPIRED one version later, nothing kept, said so in the audit."""
    host = Host()
    before = host.at_bim016()
    row = host.row()
    body = {**row.body, "state": "BIM999"}
    assert host.store.commit([Put(row.kind, row.key, row.stamp, body, row.tag, row.due)])
    view = host.look()
    assert ("EXPIRED", before.version + 1) == (view.state, view.version)
    assert {"kept", "claim"}.isdisjoint(host.saved())
    assert "state_is_gone" == host.store.audit(session=view.id)[-1]["event"]


# Housekeeping -----------------------------------------------------------------------------------------------


def _many(host: Host) -> None:
    for _ in range(MANY):
        host.start()


@pytest.mark.rule("S3")
def test_what_is_due_is_found_page_by_page() -> None:
    """`expire_due` asks for living sessions and results that are due, and for each page behind the one before."""
    host = Shown()
    _many(host)
    host.clock.advance(11 * 60)
    now, asked = host.clock.now, len(host.store.scans)
    assert MANY == host.service.expire_due()
    scans = host.store.scans[asked:]
    assert {(SESSION, "live", now), (SESSION, "result", now)} == {scan[:3] for scan in scans}
    for tag in ("live", "result"):
        behind = [scan[3] for scan in scans if scan[1] == tag]
        assert None is behind[0]
        assert len(behind) == len(set(behind)), "no page is read twice"
    assert 0 == host.service.expire_due()


@pytest.mark.rule("S8")
def test_what_is_past_retention_is_dropped_page_by_page() -> None:
    """`purge` asks for ended sessions, and for each kind of row, that are past their time; none is read twice."""
    host = Shown()
    _many(host)
    host.clock.advance(11 * 60)
    host.service.expire_due()
    host.clock.advance(31 * 24 * 3600)
    now, asked = host.clock.now, len(host.store.scans)
    assert MANY == host.service.purge()
    scans = host.store.scans[asked:]
    missing = now - host.policies.session.retention  # of a chart that no process has: its row says since when (S8)
    assert {(tag, now) for _, tag, *_ in scans} | {("result", missing)} == {scan[1:3] for scan in scans}
    assert {"ended", "result"} == {scan[1] for scan in scans if scan[0] == SESSION}
    assert len(scans) == len(set(scans)), "no page is read twice"
    assert 0 == host.service.purge()


@pytest.mark.rule("S8")
def test_a_row_that_is_not_past_its_time_keeps_none_behind_it_from_being_dropped() -> None:
    """A store that gives too much is not believed, row by row: what is not due stays, what is due goes."""

    class Generous(Recording):
        """Gives what is not due, first."""

        def scan(
            self,
            kind: str,
            *,
            tag: str | None = None,
            due: datetime | None = None,  # noqa: ARG002 - it does not heed it
            after: Row | None = None,
            limit: int = 100,
        ) -> list[Row]:
            page = super().scan(kind, tag=tag, due=None, after=after, limit=limit)
            return sorted(page, key=lambda row: row.due or START, reverse=True)

    host = Shown(store=Generous())
    host.start()
    host.send("cancel")
    host.clock.advance(31 * 24 * 3600)
    host.start()
    host.send("cancel")
    assert 1 == host.service.purge()
    assert ["CANCELLED"] == [each["state"] for each in host.service.operator.sessions()]


# A contest --------------------------------------------------------------------------------------------------


@pytest.mark.rule("P8", "S3", "S7")
def test_a_contest_is_told_to_the_one_who_waited_and_housekept_by_that_institutions_figures() -> None:
    """The first session leaves the phone screen with the reason and until when, and is due by its own policy's time."""
    host = Host()
    first = host.at_phone()
    until = host.clock.now + host.policies.phone.number_rest
    rival = host.beside()
    rival.at_bim016()
    second = rival.send("choose_phone", rival.phone())
    assert ["number_in_use"] == [reason.code for reason in second.reasons]
    view = host.service.view(first.token)
    assert [("number_contested", until)] == [(reason.code, reason.until) for reason in view.reasons]
    row = host.store.get(SESSION, first.id)
    assert row is not None
    assert host.clock.now + host.policies.session.idle_timeout == row.due
    wait = host.store.get("wait", "+8190" + CAST[0].contract.phones[0].replace("-", "")[3:])
    assert wait is not None
    assert until == wait.due
