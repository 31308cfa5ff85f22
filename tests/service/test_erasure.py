"""What the store holds of a contract is exported, and erased on an operator's word: what protects somebody stays."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Final

import attrs
import pytest

from hosts import ACTIVATION, EMAIL, KEY, NEW_PASSWORD, Host
from ja_reset import (
    AsyncResetService,
    BankUnavailable,
    CallStatus,
    InvalidArgument,
    Policies,
    StoreError,
)
from ja_reset.policies import SessionPolicy
from ja_reset.service._records import (
    CALL,
    CODES,
    IDENTITY_ATTEMPTS,
    OUTBOX,
    PIN_ATTEMPTS,
    REQUEST,
    SESSION,
    WAIT,
)
from ja_reset.stores import MemoryStore, PostgresStore, SqliteStore
from ja_reset.stores.rows import Amendment, Put, Store
from ja_reset.testing.cast import GAIJI, ORDINARY
from ja_reset.testing.postgres import PostgresServer
from quoted import quotes

KINDS: Final = (SESSION, REQUEST, OUTBOX, PIN_ATTEMPTS, IDENTITY_ATTEMPTS, WAIT, CALL, CODES)
REF: Final = ORDINARY.ref
NUMBER: Final = "+819012345601"
RESTED: Final = "+818012345602"
PERSONAL: Final = (
    EMAIL,
    ORDINARY.contract.email,
    NUMBER,
    RESTED,
    "12345601",
    "1234-5601",
    "12345602",
    ORDINARY.contract.name_kanji,
)
DAY: Final = timedelta(days=1)
KEPT_A_YEAR: Final = Policies(session=SessionPolicy(audit_retention=timedelta(days=365)))


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Each of the stores, empty."""
    if request.param == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres")
        opened: Store = PostgresStore(server.url, schema=request.getfixturevalue("new_schema")())
    else:
        opened = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "reset.db")
    with closing(opened):
        yield opened


def _rows(store: Store) -> list[object]:
    """Everything in the store but the audit, as it stands."""
    return [(row.kind, row.key, row.tag, row.body) for kind in KINDS for row in store.scan(kind)]


def _said(store: Store) -> str:
    """Everything in the store but the audit, to be searched."""
    return repr(_rows(store)).replace("\\u", "\\")


def _lived(host: Host) -> None:
    """A customer's sessions of all sorts, and calls; all have ended, and nothing is left to do."""
    host.at_done()
    host.at_phone(number=1)
    host.send("cancel")
    host.at_btr004()
    host.clock.advance(3600)
    host.service.expire_due()
    host.at_btr005()


def _erase(host: Host) -> Mapping[str, object]:
    return host.service.operator.erase(REF, by="taro", reason="asked in writing").to_dict()


def _keyed_wrong(host: Host) -> None:
    host.at_btr004_keys()
    host.keys("not it")
    host.send("cancel")


# Export -----------------------------------------------------------------------------------------------------


@pytest.mark.rule("S5", "S8")
def test_an_export_has_everything_and_no_secret(store: Store) -> None:
    """Live and ended sessions, orders, counts, numbers, calls and audit, as plain JSON; nothing sealed, no secret."""
    host = Host(store=store)
    host.at_done()
    host.at_btr005()
    host.at_bim_completing()
    _keyed_wrong(host)
    host.clock.advance(121)
    live = host.at_btr004_keys()
    export = host.service.operator.export(REF)
    plain = export.to_dict()
    assert plain == json.loads(json.dumps(plain))
    assert list(plain) == ["ref", "made_at", "sessions", "effects", "attempts", "codes", "waits", "calls", "audit"]
    assert {row.key for row in store.scan(SESSION)} == {each["id"] for each in export.sessions}
    mine = next(each for each in export.sessions if each["id"] == live.id)
    kept = mine["kept"]
    assert isinstance(kept, Mapping)
    assert (EMAIL, REF, NUMBER) == (kept["email"], kept["ref"], kept["phones"][0]["number"])
    assert {row.key for row in store.scan(OUTBOX)} == {each["key"] for each in export.effects}
    assert [NUMBER] == [each["number"] for each in export.codes]
    assert NUMBER in {each["number"] for each in export.waits}
    assert {row.key for row in store.scan(CALL)} == {each["id"] for each in export.calls}
    assert len(store.audit()) == len(export.audit)
    assert (REF, 0) == (export.attempts.ref, export.attempts.wrong)
    said = repr(plain)
    sealed = [text for row in _rows(store) for text in repr(row).split("'") if text.startswith(("v2.", "f1."))]
    assert sealed
    for secret in (*sealed, ACTIVATION, NEW_PASSWORD, ORDINARY.pin, ORDINARY.password, live.token, "v2.", "f1."):
        assert not quotes(said, secret)
    assert EMAIL not in repr(export)
    assert NUMBER not in repr(export)


@pytest.mark.rule("S8")
def test_of_an_unknown_contract_nothing_is_exported() -> None:
    """Nothing is held, so nothing is told, and nothing is changed; what is no ref is refused."""
    host = Host()
    _lived(host)
    before = _rows(host.store)
    export = host.service.operator.export("C-9999")
    assert [] == [*export.sessions, *export.effects, *export.codes, *export.waits, *export.calls, *export.audit]
    for wrong in (None, 7, "a\0"):
        with pytest.raises(InvalidArgument, match="ref"):
            host.service.operator.export(wrong)  # type: ignore[arg-type]
    assert before == _rows(host.store)


@pytest.mark.rule("S8", "M4")
def test_what_is_another_customers_is_not_exported() -> None:
    """Of a session that went back and proved another contract, neither what it keeps, its answer nor those records."""
    host = Host()
    host.at_bim016()
    host.send("back")
    host.customer = GAIJI
    view = host.send("submit_identity", host.identity(), request_id="r")
    assert view.phones
    for ref in (REF, GAIJI.ref):
        export = host.service.operator.export(ref)
        (mine,) = export.sessions
        assert (False, False) == ("kept" in mine, "request" in mine)
        assert {ref, None} == {record["ref"] for record in export.audit}
        assert "1234-5611" not in repr(export.to_dict())


# Erasure ----------------------------------------------------------------------------------------------------


@pytest.mark.rule("S8", "S7")
def test_ended_sessions_and_what_they_held_are_gone(store: Store) -> None:
    """No address, number, name or ref is left in any row; the audit is whole, and says who erased and why."""
    host = Host(store=store)
    _lived(host)
    other = attrs.evolve(host, customer=GAIJI)
    other.at_done()
    audit = store.audit()
    assert all(each in _said(store) for each in (EMAIL, RESTED, REF))
    host.clock.advance(2 * 24 * 3600)
    told = host.service.operator.erase(REF, by="taro", reason="asked in writing", context={"desk": "4"})
    assert (4, True, 0, 0, len([each for each in audit if each.get("ref") == REF]) + 1) == (
        told.sessions,
        told.effects > 0 and told.calls > 0 and told.numbers > 0,
        told.numbers_left,
        told.audit,
        told.audit_left,
    )
    said = _said(store)
    assert [] == [each for each in (*PERSONAL, REF) if each in said]
    assert GAIJI.ref in said
    assert audit == store.audit()[:-1]
    record = store.audit()[-1]
    assert {
        "time": host.clock().isoformat(),
        "session": None,
        "institution": ORDINARY.institution,
        "ref": REF,
        "event": "erase",
        "reasons": [],
        "actor": "taro",
        "reason": "asked in writing",
        "context": {"desk": "4"},
    } == record
    assert [record] == list(host.service.operator.audit(actor="taro"))
    assert [] == host.service.operator.sessions(ref=REF)
    assert "DONE" == host.at_done().state


@pytest.mark.rule("S8", "P4", "P8", "P3", "A5")
def test_what_protects_somebody_stays(store: Store) -> None:
    """Rests, wrong codes, identity failures and remembered calls hold as before, and say so."""
    host = Host(store=store)
    host.start()
    host.send("submit_identity", host.identity(birth_date="1999-09-09"))
    host.send("cancel")
    host.at_bim017()
    proved = f"call-{host.calls}"
    host.send("cancel")
    _keyed_wrong(host)
    held = {kind: store.scan(kind) for kind in (WAIT, CODES, CALL, IDENTITY_ATTEMPTS)}
    assert all(held.values())
    told = _erase(host)
    assert held == {kind: store.scan(kind) for kind in held}
    assert (0, 0, 2) == (told["numbers"], told["calls"], told["numbers_left"])
    host.start()
    host.send("submit_identity", host.identity())
    assert ["number_in_use"] == [each.code for each in host.send("choose_phone", host.phone()).reasons]
    host.clock.advance(121)
    host.send("choose_phone", host.phone())
    again = host.call(id=proved)
    assert (CallStatus.REFUSED, ["late"]) == (again.status, [each.code for each in again.reasons])
    assert "PHONE" == host.look().state


def _in_doubt(host: Host) -> None:
    host.at_bim017()
    host.bank.fail("check_pin", BankUnavailable)
    host.send("submit_reset", host.reset())
    host.send("cancel")


def _wrong(host: Host) -> None:
    host.at_bim017()
    host.send("submit_reset", host.reset(pin="0000"))
    host.send("cancel")


def _locked(host: Host) -> None:
    host.at_bim017()
    while not host.view.final:
        host.send("submit_reset", host.reset(pin="0000"))
    assert "LOCKED" == host.view.state


def _ordered(host: Host) -> None:
    host.bank.fail("carry_out", BankUnavailable, kind="NOTIFY")
    host.at_done()


REFUSED: Final[Mapping[str, tuple[Callable[[Host], object], str]]] = {
    "live": (Host.at_bim016, "goes on"),
    "completing": (Host.at_bim_completing, "goes on"),
    "order": (_ordered, "not settled"),
    "doubt": (_in_doubt, "in doubt"),
    "wrong": (_wrong, "wrong PINs"),
    "locked": (_locked, "wrong PINs"),
}


@pytest.mark.rule("S8", "L1", "L6", "A3", "A8")
@pytest.mark.parametrize("case", REFUSED)
def test_while_something_stands_nothing_is_erased(store: Store, case: str) -> None:
    """A session, an order, an attempt in doubt, a wrong PIN: an error in words, and nothing has changed."""
    host = Host(store=store)
    _lived(host)
    play, why = REFUSED[case]
    play(host)
    rows, audit = _rows(store), store.audit()
    with pytest.raises(InvalidArgument, match=why):
        _erase(host)
    assert (rows, audit) == (_rows(store), store.audit())


@pytest.mark.rule("S8", "A8")
def test_an_erasure_that_makes_no_sense_is_refused(store: Store) -> None:
    """An unknown ref, nobody who does it, no reason: an error in words, and nothing has changed."""
    host = Host(store=store)
    _lived(host)
    rows, audit = _rows(store), store.audit()
    wrong: list[tuple[object, str, str]] = [("C-9999", "taro", "x"), (None, "taro", "x"), ("a\0", "taro", "x")]
    for ref, by, reason in [*wrong, (REF, "", "x"), (REF, "taro", " ")]:
        with pytest.raises(InvalidArgument):
            host.service.operator.erase(ref, by=by, reason=reason)  # type: ignore[arg-type]
    host.bank.down = True
    with pytest.raises(BankUnavailable):
        _erase(host)
    assert (rows, audit) == (_rows(store), store.audit())


@pytest.mark.rule("S8", "L5", "S3")
def test_after_an_unlock_and_when_time_is_over_it_is_erased(store: Store) -> None:
    """A lock that was lifted and a doubt that has lapsed stand in the way no more."""
    host = Host(store=store)
    _locked(host)
    host.service.unlock(
        ORDINARY.institution, branch=ORDINARY.branch, subject=ORDINARY.subject, account=ORDINARY.account, by="a"
    )
    host.bank.unlock(REF)
    host.clock.advance(121)
    _in_doubt(host)
    with pytest.raises(InvalidArgument, match="in doubt"):
        _erase(host)
    host.clock.advance(3601)
    assert (2, 0) == ((told := _erase(host))["sessions"], told["audit"])
    assert REF not in _said(store)


@pytest.mark.rule("S8", "S3")
def test_a_session_whose_time_is_over_does_not_stand_in_the_way() -> None:
    """Nobody has called `expire_due()`: its time passes here, audited, and it is erased."""
    host = Host()
    view = host.at_bim016()
    host.clock.advance(3601)
    assert 1 == _erase(host)["sessions"]
    assert ["EXPIRED", None] == [each.get("after") for each in host.store.audit()[-2:]]
    assert view.id == host.store.audit()[-2]["session"]


# Audit ------------------------------------------------------------------------------------------------------


@pytest.mark.rule("S7", "S8")
def test_older_audit_names_a_pseudonym(store: Store) -> None:
    """It is found by it, keeps its time, order and words, but neither the ref nor what a host put beside it."""
    host = Host(store=store, policies=KEPT_A_YEAR)
    view = host.service.start("LOGIN_PASSWORD", institution=ORDINARY.institution, context={"ip": "192.0.2.1"})
    host.service.send(view.token, "submit_identity", host.identity(), context={"ip": "192.0.2.1"})
    host.service.send(view.token, "cancel", context={"ip": "192.0.2.1"})
    host.service.unlock(
        ORDINARY.institution,
        branch=ORDINARY.branch,
        subject=ORDINARY.subject,
        account=ORDINARY.account,
        by="hana",
        context={"ip": "192.0.2.9"},
    )
    host.clock.advance(365 * 24 * 3600)
    host.service.purge()
    young = host.at_done()
    host.clock.advance(1)
    before = store.audit()
    old = [each for each in before if str(each["time"]) < (host.clock() - 365 * DAY).isoformat()]
    assert {None, REF} == {each["ref"] for each in old}
    told = host.service.operator.erase(REF, by="taro", reason="x")
    after = store.audit()[:-1]
    named = [each for each in old if each["ref"] == REF]
    assert (len(named), told.pseudonym.startswith("erased-")) == (told.audit, True)
    assert [
        {
            **{name: value for name, value in each.items() if name != "context" or "actor" in each},
            "ref": told.pseudonym if each["ref"] == REF else None,
        }
        for each in old
    ] == after[: len(old)]
    assert before[len(old) :] == after[len(old) :]
    assert "192.0.2.1" not in repr(after)
    assert "192.0.2.9" in repr(after)
    find = host.service.operator.audit
    assert named != list(find(ref=told.pseudonym))
    assert [each["event"] for each in reversed(named)] == [each.event for each in find(ref=told.pseudonym)]
    assert {young.id, None} == {each.session for each in find(ref=REF)}
    assert [each["event"] for each in reversed(named) if "actor" in each] == [each.event for each in find(actor="hana")]
    assert 0 == _erase(host)["audit"]


@pytest.mark.rule("S7", "S8")
def test_without_a_retention_the_audit_stays_as_it_is() -> None:
    """However old: who sets no figure keeps all audit as it was written; `purge()` drops none either way."""
    for policies in (Policies(), KEPT_A_YEAR):
        host = Host(policies=policies)
        _lived(host)
        host.clock.advance(366 * 24 * 3600)
        audit = host.store.audit()
        host.service.purge()
        assert audit == host.store.audit()
        told = _erase(host)
        assert (policies is KEPT_A_YEAR) == bool(told["audit"])
        assert (policies is KEPT_A_YEAR) == (audit != host.store.audit()[:-1])


@pytest.mark.rule("S11")
def test_no_institution_has_an_audit_retention_of_its_own() -> None:
    """It is a figure of the whole store; a file may say it, with a unit or as "none"."""
    with pytest.raises(InvalidArgument, match="audit_retention"):
        Policies.override({"session.audit_retention": DAY})
    for text, value in (("365d", 365 * DAY), ("none", None)):
        read = Policies.from_dict({"session": {"audit_retention": text}})
        assert value == read.session.audit_retention
        assert read == Policies.from_dict(read.to_dict())
    for wrong in ("often", -1, True):
        with pytest.raises(InvalidArgument, match="audit_retention"):
            Policies.from_dict({"session": {"audit_retention": wrong}})
    assert None is Policies().session.audit_retention


# Interrupted, at once, awaited, on disk ---------------------------------------------------------------------


class Failing:
    """A store that fails at the change of that number, before it or, where *late*, behind it."""

    def __init__(self, store: Store, at: int, *, late: bool) -> None:
        self._store, self._left, self._late = store, at, late

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def _then(self, change: Callable[[], bool | None]) -> bool | None:
        self._left -= 1
        if self._left == 0 and not self._late:
            raise StoreError
        made = change()
        if self._left == 0:
            raise StoreError
        return made

    def commit(self, puts: Sequence[Put], audit: Sequence[Mapping[str, object]] = ()) -> bool | None:
        """As the store's."""
        return self._then(lambda: self._store.commit(puts, audit))

    def amend(self, changes: Sequence[Amendment]) -> None:
        """As the store's."""
        self._then(lambda: self._store.amend(changes))


def _old(store: Store) -> Host:
    host = Host(store=store, policies=KEPT_A_YEAR)
    _lived(host)
    host.clock.advance(366 * 24 * 3600)
    return host


@pytest.mark.rule("S8", "A6")
@pytest.mark.parametrize("late", [False, True])
def test_what_was_interrupted_is_completed_by_calling_again(*, late: bool) -> None:
    """Wherever it fails, before or behind a change, the next call leaves what an undisturbed one would have left."""
    whole = _old(MemoryStore())
    _erase(whole)
    expected = [each for each in whole.store.audit() if each["event"] != "erase"]
    for at in range(1, 100):
        host = _old(MemoryStore())
        broken = attrs.evolve(host, store=Failing(host.store, at, late=late))  # type: ignore[arg-type]
        try:
            _erase(broken)
        except StoreError:
            pass
        else:
            assert at > 6
            return
        _erase(host)
        assert REF not in _said(host.store)
        assert [] == _rows(host.store)
        audit = [each for each in host.store.audit() if each["event"] != "erase"]
        assert [{**each, "session": 0} for each in expected] == [{**each, "session": 0} for each in audit]
    pytest.fail("it never came to an end")


@pytest.mark.rule("S8")
def test_two_who_erase_at_once_leave_the_same(store: Store) -> None:
    """Both are audited, one of them removes each row, and nothing is left."""
    host = _old(store)
    with ThreadPoolExecutor(2) as threads:
        told = [work.result() for work in [threads.submit(_erase, each) for each in (host, host.beside())]]
    assert REF not in _said(store)
    assert 2 == len([each for each in store.audit() if each["event"] == "erase"])
    assert 1 == len({each["pseudonym"] for each in told})
    assert {"erase"} == {each["event"] for each in store.audit() if each["ref"] == REF}


@pytest.mark.rule("S8")
def test_the_awaited_service_exports_and_erases_alike(store: Store) -> None:
    """The same export, the same erasure, the same refusals."""
    host = _old(store)
    service = AsyncResetService(bank=host.bank, store=store, key=KEY, clock=host.clock, policies=host.policies)

    async def play() -> None:
        assert host.service.operator.export(REF) == await service.operator.export(REF)
        with pytest.raises(InvalidArgument, match="nothing"):
            await service.operator.erase("C-9999", by="taro", reason="x")
        told = await service.operator.erase(REF, by="taro", reason="x", context={"desk": "4"})
        assert (4, 1) == (told.sessions, told.audit_left)
        assert told.audit > 0

    asyncio.run(play())
    assert REF not in _said(store)
    assert {"desk": "4"} == store.audit()[-1]["context"]


@pytest.mark.rule("S8")
def test_nothing_is_left_in_the_file(tmp_path: Path) -> None:
    """SQLite overwrites what it deletes, and the write-ahead log goes with the last who closes the file."""
    path = tmp_path / "reset.db"
    with SqliteStore(path) as store:
        host = Host(store=store)
        _lived(host)
        other = attrs.evolve(host, customer=GAIJI)
        for _ in range(3):
            other.at_done()
        host.clock.advance(2 * 24 * 3600)
    content = path.read_bytes()
    assert all(each.encode() in content for each in (EMAIL, RESTED))
    with SqliteStore(path) as store:
        _erase(attrs.evolve(host, store=store))
    assert [path] == [each for each in tmp_path.iterdir() if each.name.startswith("reset.db")]
    content = path.read_bytes()
    assert [] == [each for each in PERSONAL if each.encode() in content]
