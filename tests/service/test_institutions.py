"""Institutions that are spelled in several ways, and that a bank no longer knows (E2, I5, S3)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Final

import attrs
import pytest

from hosts import KEY, Host, codes
from ja_reset import AsyncResetService, Institution, InvalidArgument, Policies, Procedure
from ja_reset.policies import SessionPolicy
from ja_reset.service import _config as work
from ja_reset.service._records import IDENTITY_ATTEMPTS, PIN_ATTEMPTS, SESSION
from ja_reset.stores.rows import Put, Store
from ja_reset.testing import FakeBank
from ja_reset.testing.cast import INSTITUTION, NOT_INDIVIDUAL, ORDINARY

LOGIN: Final = Procedure.LOGIN_PASSWORD
TOKEN: Final = Procedure.TOKEN_REISSUE
SPELLED: Final = ("ja-0417", "JA-0417", "Ja-0417", "ja-0417 ", " ja-0417", "\tjA-0417\n")
TICK: Final = timedelta(microseconds=1)


def forgiving(store: Store | None = None, policies: Policies | None = None) -> Host:
    """A host whose bank takes any case and any blanks."""
    host = Host(bank=FakeBank(forgiving=True), policies=policies or Policies())
    return host if store is None else attrs.evolve(host, store=store)


# Spelled in several ways ------------------------------------------------------------------------------------


@pytest.mark.rule("I5", "E2")
def test_wrong_identities_are_counted_together_however_the_institution_is_spelled(store: Store) -> None:
    """Of 36 wrong identities under six spellings of one institution the bank is asked five."""
    host = forgiving(store)
    for spelled in SPELLED * 6:
        view = host.service.start(LOGIN, institution=spelled)
        host.service.send(view.token, "submit_identity", host.identity(birth_date="1999-09-09"))
    assert 5 == sum(method == "find_contract" for method, _ in host.bank.asked)
    assert 1 == len(host.store.scan(IDENTITY_ATTEMPTS))


@pytest.mark.rule("I5", "E2")
def test_wrong_logins_are_counted_together_too() -> None:
    """By the login id, through the asynchronous face."""
    host = forgiving()

    async def tries() -> None:
        service = AsyncResetService(bank=host.bank, store=host.store, key=KEY, clock=host.clock)
        for spelled in SPELLED * 3:
            view = await service.start(TOKEN, institution=spelled)
            view = await service.send(view.token, "choose_method", {"method": "LOGIN_ID"})
            await service.send(view.token, "submit_credentials", host.credentials(password="wrong-0000"))

    asyncio.run(tries())
    assert 5 == sum(method == "check_login" for method, _ in host.bank.asked)


@pytest.mark.rule("E2", "S7", "C4")
def test_a_session_goes_by_the_id_that_the_bank_gave() -> None:
    """In its row, its audit, and what the bank is asked and told."""
    host = attrs.evolve(forgiving(), customer=attrs.evolve(ORDINARY, institution=" JA-0417 "))
    host.at_done()
    assert INSTITUTION.id == host.saved()["institution"]
    assert {INSTITUTION.id} == {effect.institution for effect in host.bank.carried_out}
    assert {INSTITUTION.id} == {each["institution"] for each in host.store.audit() if "procedure" in each}


@pytest.mark.rule("L6", "I5", "E2")
def test_unlocking_under_another_spelling_clears_the_same_counts() -> None:
    """The counts are those of the institution, and so is the record of it."""
    host = forgiving()
    for _ in range(5):
        host.start()
        host.send("submit_identity", host.identity(birth_date="1999-09-09"))
    who = host.customer
    host.service.unlock("JA-0417 ", branch=who.branch, subject=who.subject, account=who.account)
    assert [] == host.store.scan(IDENTITY_ATTEMPTS) + host.store.scan(PIN_ATTEMPTS)
    assert INSTITUTION.id == host.store.audit()[-1]["institution"]
    assert "BIM016" == host.at_bim016().state


@pytest.mark.rule("I5", "S4")
def test_a_session_that_0_1_saved_as_typed_counts_with_the_others() -> None:
    """It takes the id that the bank gives when it is next used."""
    host = forgiving()
    host.start()
    row = host.row()
    assert host.store.commit([Put(row.kind, row.key, row.stamp, {**row.body, "institution": "JA-0417"}, row.tag)])
    other = host.beside()
    for _ in range(5):
        other.send("submit_identity", other.identity(birth_date="1999-09-09"))
    assert (INSTITUTION.id, "REJECTED") == (other.saved()["institution"], other.view.state)
    host.start()
    assert "REJECTED" == host.send("submit_identity", host.identity()).state


@pytest.mark.rule("E2")
def test_a_process_remembers_a_bounded_number_of_institutions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each once, however it is spelled; and where there are too many, those that were asked for last."""
    host = forgiving()
    for n in range(50):
        host.service.start(LOGIN, institution=" " * n + INSTITUTION.id)
    assert [INSTITUTION.id] == list(host.service._config.known)
    monkeypatch.setattr(work, "MOST_KNOWN", 3)
    for n in range(5):
        host.bank.change_institution(attrs.evolve(INSTITUTION, id=f"ja-{n}"))
        host.service.start(LOGIN, institution=f"ja-{n}")
    assert ["ja-2", "ja-3", "ja-4"] == list(host.service._config.known)


# No longer known --------------------------------------------------------------------------------------------


@pytest.mark.rule("S3", "S8", "E2")
@pytest.mark.parametrize("state", ["BIM015", "BIM016", "PHONE", "BIM017"])
@pytest.mark.parametrize("end", ["look", "send", "expire_due"])
def test_a_session_of_an_institution_that_is_gone_ends_in_its_time(store: Store, state: str, end: str) -> None:
    """By the service's policies, in a process that never knew it too; then it is purged like any other."""
    policies = Policies(session=SessionPolicy(idle_timeout=timedelta(minutes=7)))
    host = Host(store=store, policies=policies)
    host.at(LOGIN, state)
    host.bank.forget_institution(INSTITUTION.id)
    other = host.beside()
    assert (state, ["temporarily_unavailable"]) == (other.look().state, codes(other.view))
    for _ in range(3):
        host.clock.advance(timedelta(minutes=7) + TICK)
        assert 1 >= other.service.expire_due()
    if end == "expire_due":
        assert "EXPIRED" == other.saved()["state"]
    view = other.send("cancel") if end == "send" else other.look()
    assert ("EXPIRED", True) == (view.state, view.final)
    assert "timed_out" in codes(view)
    assert "temporarily_unavailable" not in codes(view)
    host.clock.advance(timedelta(days=31))
    assert 1 == other.service.purge()
    assert [] == store.scan(SESSION)


@pytest.mark.rule("S3", "C6")
def test_a_silent_bank_ends_no_session() -> None:
    """Its institution's own figures may be longer: nobody knows until the bank answers."""
    host = Host()
    host.at_bim016()
    host.bank.down = True
    host.clock.advance(3600)
    other = host.beside()
    assert (0, "BIM016") == (other.service.expire_due(), other.look().state)
    host.bank.down = False
    assert "EXPIRED" == other.look().state


# Names that no store can keep -------------------------------------------------------------------------------


@pytest.mark.rule("A8")
@pytest.mark.parametrize("name", ["C-\0001", "\0", "C-\ud800"], ids=["NUL inside", "NUL", "surrogate"])
def test_a_name_that_no_row_can_have_is_refused_where_it_is_made(name: str) -> None:
    """A contract's reference and an institution's id: in the host's code, not in the middle of a session."""
    with pytest.raises(InvalidArgument, match=r"Contract\.ref must be text that UTF-8 can encode, without NUL"):
        attrs.evolve(ORDINARY.contract, ref=name)
    with pytest.raises(InvalidArgument, match=r"Institution\.id must be text that UTF-8 can encode, without NUL"):
        Institution(name, prefecture="長野県", name="JAみほん", dial="0120-417-000")


@pytest.mark.rule("A8")
@pytest.mark.parametrize("name", ["C-0001", "契約１", "𠮷", "a b\t"])
def test_any_other_name_is_taken_as_it_is(name: str) -> None:
    """Whatever UTF-8 can encode."""
    assert name == attrs.evolve(ORDINARY.contract, ref=name).ref


# How long a session is kept that proved nothing -------------------------------------------------------------


@pytest.mark.rule("S8")
@pytest.mark.parametrize(
    ("way", "proved"),
    [("unproved", False), ("mismatch", False), ("expired", False), ("proved", True), ("not individual", True)],
)
def test_what_proved_no_identity_is_kept_for_a_day(store: Store, way: str, *, proved: bool) -> None:
    """An ended session in which an identity was proved is kept for `retention`, any other for `retention_unproved`."""
    host = Host(store=store)
    if way == "not individual":
        host = attrs.evolve(host, customer=NOT_INDIVIDUAL)
        host.start()
        assert "REJECTED" == host.send("submit_identity", host.identity()).state
    elif way == "mismatch":
        host.start()
        for _ in range(5):
            host.send("submit_identity", host.identity(birth_date="1999-09-09"))
    elif way == "proved":
        host.at_bim016()
        host.send("cancel")
    else:
        host.start()
        if way == "expired":
            host.clock.advance(600)
            host.clock.advance(TICK)
            assert 1 == host.service.expire_due()
            host.clock.advance(-TICK)
        else:
            host.send("cancel", request_id="r1")
    host.clock.advance(timedelta(hours=24))
    assert 0 == host.service.purge()
    host.clock.advance(TICK)
    assert int(not proved) == host.service.purge()
    host.clock.advance(timedelta(days=29) - TICK)
    assert 0 == host.service.purge()
    host.clock.advance(TICK)
    assert int(proved) == host.service.purge()
    assert [] == store.scan(SESSION)


@pytest.mark.rule("S8")
def test_a_shorter_retention_holds_for_all() -> None:
    """`retention_unproved` never keeps a session longer than `retention`."""
    host = Host(policies=Policies(session=SessionPolicy(retention=timedelta(hours=1))))
    host.start()
    host.send("cancel")
    host.clock.advance(timedelta(hours=1))
    assert 0 == host.service.purge()
    host.clock.advance(TICK)
    assert 1 == host.service.purge()


# The sliding window -----------------------------------------------------------------------------------------


@pytest.mark.rule("I5")
def test_no_moment_lets_more_failures_through_than_the_limit() -> None:
    """Of tries around the window's edge the bank is asked five in any 24 hours."""
    host = Host()

    def wrong() -> None:
        host.start()
        host.send("submit_identity", host.identity(birth_date="1999-09-09"))

    wrong()
    host.clock.advance(timedelta(hours=24) - timedelta(seconds=31))
    for _ in range(4):
        wrong()
    assert 5 == sum(method == "find_contract" for method, _ in host.bank.asked)
    host.clock.advance(62)
    for _ in range(9):
        wrong()
    assert 6 == sum(method == "find_contract" for method, _ in host.bank.asked)
    assert "REJECTED" == host.view.state
