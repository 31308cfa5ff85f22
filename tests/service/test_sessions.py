"""Names, saving, resuming, audit (S1, S4, S6-S8, S10)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hosts import LIVE, STATES, WITH_CODES, Host, named
from ja_reset import BankUnavailable, Procedure, StoreError, UnknownInstitution, UnknownProcedure, UnknownSession, View
from ja_reset.chart.session import Session
from ja_reset.service._records import SESSION
from ja_reset.service.saved import load_session, save_session
from ja_reset.stores import MemoryStore, SqliteStore
from ja_reset.stores.rows import Put
from ja_reset.testing import CAST, FakeBank
from ja_reset.testing.cast import LOCKED, NOT_INDIVIDUAL, ORDINARY, VOIP_ONLY, Customer

LOGIN = Procedure.LOGIN_PASSWORD


def codes(view: View) -> list[str]:
    """The codes of the reasons."""
    return [reason.code for reason in view.reasons]


def host_for(state: str) -> Host:
    """A host whose charts can be driven to that state."""
    return Host(policies=WITH_CODES) if state == "PHONE_KEYS" else Host()


def rewritten(host: Host, body: Mapping[str, object]) -> None:
    """Put another saved form in the place of the session's."""
    row = host.row()
    assert host.store.commit([Put(row.kind, row.key, row.stamp, body, row.tag, row.due)])


# Names ------------------------------------------------------------------------------------------------------


@pytest.mark.rule("S1")
def test_a_token_has_256_bits_and_only_its_hash_is_kept() -> None:
    """A session is found by a random token; its public id is the hash, under which it is saved."""
    host = Host()
    tokens = {host.start().token for _ in range(50)}
    assert 50 == len(tokens)
    assert {43} == {len(token) for token in tokens}, "32 octets, URL-safe"
    view = host.start()
    assert hashlib.sha256(view.token.encode()).hexdigest() == view.id == host.row().key
    kept = [json.dumps(row.body) + row.key + row.tag for row in host.store.scan(SESSION)]
    assert not [token for token in tokens for text in kept if token in text]


@pytest.mark.rule("S1", "A8")
@given(token=st.one_of(st.none(), st.integers(), st.text(), st.binary(), st.floats(), st.lists(st.integers())))
def test_what_names_no_session_is_told_so(token: object) -> None:
    """Any other token, of whatever type, raises UnknownSession, from looks and from events."""
    service = Host().service
    with pytest.raises(UnknownSession):
        service.view(token)  # type: ignore[arg-type]
    with pytest.raises(UnknownSession):
        service.send(token, "cancel")  # type: ignore[arg-type]


@pytest.mark.rule("S1", "S8")
def test_the_public_id_opens_nothing() -> None:
    """What logs, audit and telephony see of a session does not name it to the service."""
    host = Host()
    with pytest.raises(UnknownSession):
        host.service.view(host.start().id)


@pytest.mark.rule("S1")
@pytest.mark.parametrize(("procedure", "state"), STATES, ids=named)
def test_no_answer_shows_its_token_but_as_the_token(procedure: Procedure, state: str) -> None:
    """Neither repr nor the plain JSON of a view has the token; JSON it is."""
    host = host_for(state)
    view = host.at(procedure, state)
    assert view.token not in repr(view)
    assert view.token not in json.dumps(view.to_dict())


# Saving and resuming ----------------------------------------------------------------------------------------


@pytest.mark.rule("S4")
@pytest.mark.parametrize(("procedure", "state"), STATES, ids=named)
def test_another_process_shows_the_same_view(procedure: Procedure, state: str) -> None:
    """Whatever the state, a service that never saw the session answers as the first did; it saves and reads alike."""
    host = host_for(state)
    host.at(procedure, state)
    view = host.look()
    other = host.beside()
    assert view == other.look()
    assert host.saved() == json.loads(json.dumps(host.saved()))
    session = load_session(host.saved())
    assert (1, host.saved()) == (host.saved()["form"], save_session(session))


@pytest.mark.rule("S4")
@pytest.mark.parametrize(("procedure", "state"), LIVE, ids=named)
def test_another_process_goes_on_with_a_file(procedure: Procedure, state: str, tmp_path: Path) -> None:
    """A session in a reopened file continues where it was."""
    policies = WITH_CODES if state == "PHONE_KEYS" else None
    path = tmp_path / "reset.db"
    with closing(SqliteStore(path)) as store:
        host = Host(store=store) if policies is None else Host(store=store, policies=policies)
        host.at(procedure, state)
        view = host.look()
    with closing(SqliteStore(path)) as store:
        other = Host(store=store, bank=host.bank, clock=host.clock, policies=host.policies)
        assert view == other.service.view(view.token)
        last = other.service.send(view.token, "proceed" if state == "COMPLETING" else "cancel", version=view.version)
        assert last.final


SESSION_FIELDS = sorted(field.name for field in attrs.fields(Session))


@pytest.mark.rule("S4", "A8")
@pytest.mark.parametrize("name", ["form", *SESSION_FIELDS])
@given(value=st.one_of(st.none(), st.text(), st.integers(), st.lists(st.text()), st.dictionaries(st.text(), st.text())))
@example(value="A")
def test_a_damaged_form_is_a_clear_error_or_a_view(name: str, value: object) -> None:
    """Whatever stands in a field of a saved form, the answer is a view or a StoreError that quotes nothing of it."""
    host = Host()
    host.at_bim016()
    rewritten(host, {**host.saved(), name: value})
    raised = None
    try:
        host.look()
    except UnknownInstitution:
        assert "institution" == name
    except UnknownProcedure:  # a name that a chart may have: another process may be given it
        assert "procedure" == name
    except StoreError as error:
        raised = str(error)
    assert raised is None or "session" in raised
    assert raised is None or not isinstance(value, str) or len(value) < 9 or value not in raised


@pytest.mark.rule("S4")
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"form": 2}, "newer release"),
        ({"form": 0}, "too old"),
        ({"form": "1"}, "damaged"),
        ({"extra": 1}, "damaged at session, or a newer release saved it: upgrade this host or restore the store$"),
    ],
)
def test_an_unknown_form_says_what_is_wrong(change: dict[str, object], words: str) -> None:
    """A newer, an older, a damaged form: each is a StoreError in its own words, from looks and from events."""
    host = Host()
    host.start()
    rewritten(host, host.saved() | change)
    with pytest.raises(StoreError, match=words):
        host.look()
    with pytest.raises(StoreError, match=words):
        host.send("cancel")


@pytest.mark.rule("S4")
@pytest.mark.parametrize("silent", [False, True], ids=["bank there", "bank silent"])
@pytest.mark.parametrize("how", ["look", "send", "expire_due"])
def test_a_state_that_the_chart_no_longer_has_ends_expired(how: str, silent: bool) -> None:
    """After an upgrade a session in a state that is no more is EXPIRED, and on record, whoever comes to it first."""
    host = Host()
    host.at_bim016()
    rewritten(host, host.saved() | {"state": "BIM999"})
    other = host.beside()
    other.bank.down = silent
    if how == "expire_due":
        host.clock.advance(601)
        assert 1 == other.service.expire_due()
    elif how == "send":
        assert "EXPIRED" == other.send("back").state
    view = other.look()
    code = "temporarily_unavailable" if silent else "procedure_changed"
    assert ("EXPIRED", [code], True) == (view.state, codes(view), view.final)
    steps = [(record["before"], record["after"]) for record in host.store.audit(session=view.id)]
    assert 1 == steps.count(("BIM999", "EXPIRED"))


@pytest.mark.rule("S4", "C6")
def test_while_the_bank_is_silent_a_new_process_shows_the_session_as_it_is() -> None:
    """Not even the institution known: looks and events say so, and change nothing; events are audited."""
    host = Host()
    host.at_bim016()
    other = host.beside()
    other.bank.down = True
    saved = host.row()
    host.clock.advance(3600)
    for view in (other.look(), other.send("back"), other.send("choose_phone", other.phone())):
        assert ("BIM016", ["temporarily_unavailable"]) == (view.state, codes(view))
    assert saved == host.row()
    assert ["back", "choose_phone"] == [record["event"] for record in host.store.audit()[-2:]]
    with pytest.raises(BankUnavailable):
        other.start()
    other.bank.down = False
    assert "EXPIRED" == other.look().state


@pytest.mark.rule("M3", "C6")
def test_a_new_process_cancels_while_the_bank_is_silent() -> None:
    """Giving up needs nothing of the bank, and the number that was waited for rests."""
    host = Host()
    host.at_phone()
    other = host.beside()
    other.bank.down = True
    assert ("CANCELLED", []) == ((ended := other.send("cancel")).state, codes(ended))
    other.bank.down = False
    assert "CANCELLED" == host.look().state
    host.at_bim016()
    assert ["number_in_use"] == codes(host.send("choose_phone", host.phone()))


# What is shown, and when ------------------------------------------------------------------------------------


@pytest.mark.rule("S6", "I4", "E3")
@pytest.mark.parametrize("customer", [ORDINARY, LOCKED, NOT_INDIVIDUAL, VOIP_ONLY, None], ids=str)
def test_before_identity_is_proved_all_contracts_look_alike(customer: Customer | None) -> None:
    """Locked, no individual, without a phone, unknown: with a wrong birth date every answer is the same."""
    host = Host(customer=customer or attrs.evolve(ORDINARY, account="7654321"))
    host.start()
    view = host.send("submit_identity", host.identity(birth_date="1999-09-09"))
    plain = Host()
    plain.start()
    other = plain.send("submit_identity", plain.identity(birth_date="1999-09-09"))
    assert {**other.to_dict(), "id": view.id, "reference": view.reference} == view.to_dict()
    assert ((), None, None) == (view.phones, view.dial, view.result)


@pytest.mark.rule("S6")
@pytest.mark.parametrize(("procedure", "state"), STATES, ids=named)
def test_no_view_shows_more_than_masked_numbers(procedure: Procedure, state: str) -> None:
    """No screen shows a registered number's end, the name, the address on file, or the contract's reference."""
    host = host_for(state)
    text = json.dumps(host.at(procedure, state).to_dict(), ensure_ascii=False)
    contract = ORDINARY.contract
    for word in (contract.ref, contract.name_kanji, contract.name_kana, contract.email, "5601", "5602", "5603"):
        assert word not in text.replace(host.view.id, "")


# Audit ------------------------------------------------------------------------------------------------------


@pytest.mark.rule("S7", "S10")
@pytest.mark.parametrize(("procedure", "state"), STATES, ids=named)
def test_every_event_leaves_a_record_in_its_order(procedure: Procedure, state: str) -> None:
    """The records of a session tell its way, from the first screen to where it is, each step from the last one."""
    host = host_for(state)
    host.at(procedure, state)
    before = len(host.store.audit(session=host.view.id))
    host.send("nonsense")
    host.send("cancel")
    host.service.send(host.view.token, "cancel", version=0)
    records = host.store.audit(session=host.view.id)
    assert before + 3 == len(records)
    assert {"unknown", "cancel"} == {record["event"] for record in records[before:]}
    assert "start" == records[0]["event"]
    place = records[0]["after"]
    for record in records[1:]:
        assert {"time", "session", "procedure", "before", "after", "event", "reasons"} <= record.keys()
        assert (place, procedure.value, host.view.id) == (record["before"], record["procedure"], record["session"])
        place = record["after"]
    assert host.look().state == place


@pytest.mark.rule("S7", "S10")
def test_state_and_record_are_one_commit() -> None:
    """Every commit that changes a session's state has its record with it; none is written apart."""
    host = Host()
    store = host.store
    pairs: list[tuple[object, object]] = []
    commit = store.commit

    def watched(puts: list[Put], audit: list[Mapping[str, object]] = ()) -> bool:  # type: ignore[assignment]
        sessions = [put for put in puts if put.kind == SESSION and put.body is not None]
        before = {put.key: store.get(SESSION, put.key) for put in sessions}
        for put in sessions:
            row, body = before[put.key], put.body or {}
            if row is None or row.body["state"] != body["state"]:
                pairs.append((body["state"], [record["after"] for record in audit if record["session"] == put.key][-1]))
        return commit(puts, audit)

    store.commit = watched  # type: ignore[method-assign,assignment]
    host.at_done()
    host.at_btr005()
    assert len(pairs) >= 11
    assert [saved for saved, _ in pairs] == [recorded for _, recorded in pairs]


@pytest.mark.rule("S7")
def test_the_operator_reads_plain_values() -> None:
    """Sessions, effects and audit are JSON as they are, filtered and limited as asked."""
    host = Host()
    host.at_done()
    host.start()
    operator = host.service.operator
    for records in (operator.sessions(), operator.effects(), operator.audit()):
        assert records == json.loads(json.dumps(records.to_dict()))["items"]
    assert ["DONE"] == [record["state"] for record in operator.sessions(state="DONE")]
    assert 1 == len(operator.sessions(limit=1))
    assert operator.audit()[:2] == tuple(operator.audit(limit=2))
    assert 2 == len(operator.effects(status="confirmed"))
    assert [] == operator.effects(session=host.view.id)


@pytest.mark.rule("S10", "C6")
def test_an_answer_is_given_only_once_it_is_saved() -> None:
    """Where the store refuses, the event raises StoreError, and the session is where it was."""
    host = Host(bank=FakeBank(CAST))
    view = host.start()
    commit = host.store.commit

    def full(*_: object) -> bool:
        msg = "the disk is full"
        raise StoreError(msg)

    host.store.commit = full  # type: ignore[method-assign,assignment]
    with pytest.raises(StoreError, match="full"):
        host.send("submit_identity", host.identity())
    with pytest.raises(StoreError, match="full"):
        host.start()
    host.store.commit = commit  # type: ignore[method-assign]
    assert view == host.service.view(view.token)


@pytest.mark.rule("M3", "A8", "E2")
def test_an_institution_that_the_bank_forgets_is_a_refusal_and_cancel_still_works() -> None:
    """To a process that never knew the institution the session stays as it is; what was begun can be cancelled."""
    host = Host()
    host.at_bim016()
    other = host.beside()
    for _ in range(3):
        other.bank.answer("institution", None)
    assert ("BIM016", ["temporarily_unavailable"]) == (other.look().state, codes(other.view))
    assert ("BIM016", ["temporarily_unavailable"]) == (other.send("back").state, codes(other.view))
    assert ("CANCELLED", []) == (other.send("cancel").state, codes(other.view))


class RefusingStore(MemoryStore):
    """A store in which no commit succeeds, as if somebody were always first."""

    def commit(self, puts: Sequence[Put], audit: Sequence[Mapping[str, object]] = ()) -> bool:
        """It changes nothing, and says so."""
        del puts, audit
        return False


@pytest.mark.rule("A8", "S1")
def test_a_store_that_takes_no_new_session_is_told_in_words() -> None:
    """`start` tries a few names, asks the bank once, and ends in a StoreError that says what the store does."""
    host = Host(store=RefusingStore())
    with pytest.raises(StoreError, match="refused a new session 3 times"):
        host.start()
    assert [("institution", host.customer.institution)] == host.bank.asked
