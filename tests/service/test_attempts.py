"""Attempts that count against a customer: what an operator reads of them, and what an unlock lifts (I5, L)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

import pytest

from hosts import KEY, Host
from ja_reset import AsyncResetService, BankUnavailable, InvalidArgument, Procedure, UnknownAccount
from ja_reset.stores.rows import Store
from ja_reset.testing.cast import ORDINARY

REF: Final = ORDINARY.ref
ACCOUNT: Final[Mapping[str, str]] = {
    "branch": ORDINARY.branch,
    "subject": ORDINARY.subject,
    "account": ORDINARY.account,
}
WHO: Final[Mapping[str, Any]] = {"by": "op-7", "reason": "the customer has called"}
HOUR: Final = timedelta(hours=1)


def unlocks(host: Host, more: Mapping[str, Any] = ACCOUNT) -> None:
    """The host unlocks the customer."""
    host.service.unlock(ORDINARY.institution, **{**ACCOUNT, **more})


def during(host: Host, method: str, act: Callable[[], object]) -> None:
    """Have *act* done while the bank is asked *method*, once."""

    def before(asked: str) -> None:
        if asked == method:
            host.bank.before = None
            act()

    host.bank.before = before


# Read -------------------------------------------------------------------------------------------------------


@pytest.mark.rule("L1", "L3", "L5")
def test_the_attempts_of_a_card_are_told_apart(store: Store) -> None:
    """Wrong, in doubt (since, until), under way, locked: as attributes, and as a mapping of plain values."""
    host = Host(store=store)
    host.at_bim017()
    host.send("submit_reset", host.reset(pin="0000"))
    host.clock.advance(5)
    since = host.clock.now
    host.bank.fail("check_pin", BankUnavailable)
    host.send("submit_reset", host.reset())
    host.clock.advance(5)
    seen: list[dict[str, object]] = []
    during(host, "check_pin", lambda: seen.append(host.service.operator.attempts(REF).to_dict()))
    host.send("submit_reset", host.reset(pin="0000"))
    doubt = {"since": since.isoformat(), "until": (since + HOUR).isoformat()}
    under_way = {"since": host.clock.now.isoformat(), "until": (host.clock.now + HOUR).isoformat()}
    expected = {"ref": REF, "wrong": 1, "in_doubt": [doubt], "under_way": [under_way], "locked": False}
    assert [expected] == seen
    after = host.service.operator.attempts(REF)
    assert (2, (), False) == (after.wrong, after.under_way, after.locked)
    assert since + HOUR == after.in_doubt[0].until
    assert 2 == after["wrong"]


@pytest.mark.rule("L2", "L5")
def test_an_attempt_in_doubt_lapses_and_a_locked_card_says_so() -> None:
    """Read an instant after `until` it is gone; the third wrong PIN locks."""
    host = Host()
    host.at_bim017()
    host.bank.fail("check_pin", BankUnavailable)
    host.send("submit_reset", host.reset())
    host.clock.advance(3600)
    assert 1 == len(host.service.operator.attempts(REF).in_doubt)
    host.clock.advance(0.001)
    assert () == host.service.operator.attempts(REF).in_doubt
    host.at_bim017()
    for _ in range(3):
        host.send("submit_reset", host.reset(pin="0000"))
    assert (3, True) == ((told := host.service.operator.attempts(REF)).wrong, told.locked)


@pytest.mark.parametrize("ref", [None, 7, "a\0b"], ids=repr)
def test_a_reference_that_is_none_is_refused_and_an_unknown_one_has_no_attempts(ref: object) -> None:
    """InvalidArgument; nobody can say whether a contract is known, so one without a count has none."""
    host = Host()
    with pytest.raises(InvalidArgument, match="ref must be"):
        host.service.operator.attempts(ref)  # type: ignore[arg-type]  # the point
    told = host.service.operator.attempts("nobody")
    assert (0, (), (), False) == (told.wrong, told.in_doubt, told.under_way, told.locked)


@pytest.mark.rule("I5")
def test_the_failures_of_an_account_and_of_a_login_id_are_read(store: Store) -> None:
    """How many count, and until when no attempt is free; as typed, in any spelling."""
    host = Host(store=store)
    operator = host.service.operator
    first = host.clock.now
    for _ in range(5):
        host.start()
        host.send("submit_identity", host.identity(birth_date="1999-09-09"))
        host.clock.advance(1)
    shut = operator.identity(ORDINARY.institution, branch="００１", subject="普通", account=ORDINARY.account)
    assert (5, 0, first + timedelta(hours=24)) == (shut.failures, shut.under_way, shut.until)
    host.start(Procedure.TOKEN_REISSUE)
    host.send("choose_method", {"method": "LOGIN_ID"})
    host.send("submit_credentials", host.credentials(password="wrong-000"))
    login = operator.identity(ORDINARY.institution, login_id=ORDINARY.login_id.upper())
    assert {"failures": 1, "under_way": 0, "until": None} == login.to_dict()
    host.clock.advance(timedelta(hours=24).total_seconds())
    assert (0, None) == ((later := operator.identity(ORDINARY.institution, **ACCOUNT)).failures, later.until)


@pytest.mark.parametrize(
    "arguments",
    [{}, {**ACCOUNT, "login_id": "taro0001"}, {"branch": "001"}, {**ACCOUNT, "branch": "x"}, {"login_id": "!"}],
    ids=str,
)
def test_what_names_no_account_is_refused_in_words(arguments: Mapping[str, Any]) -> None:
    """Neither, both, half an account, or one that cannot be."""
    with pytest.raises(InvalidArgument):
        Host().service.operator.identity(ORDINARY.institution, **arguments)


# Lifted -----------------------------------------------------------------------------------------------------


@pytest.mark.rule("L6", "L5", "S7")
def test_an_unlock_lifts_wrong_and_doubtful_attempts_and_says_who_and_why(store: Store) -> None:
    """Three time-outs of the bank shut the customer out; an operator lets them in again, on record."""
    host = Host(store=store)
    host.at_bim017()
    host.bank.fail("check_pin", BankUnavailable, times=3)
    for _ in range(3):
        host.send("submit_reset", host.reset())
    assert 0 == host.look().tries_left
    unlocks(host, WHO)
    assert 3 == host.look().tries_left
    told = host.store.audit()[-2:]
    (record,) = [each for each in told if each["event"] == "unlock"]
    assert (WHO["by"], WHO["reason"], REF) == (record["actor"], record["reason"], record["ref"])
    assert "DONE" == host.send("submit_reset", host.reset()).state


@pytest.mark.rule("L6", "I5", "A3")
def test_an_unlock_never_lifts_an_attempt_that_is_under_way() -> None:
    """A PIN and an identity that the bank is judging count, if it finds them wrong after the unlock."""
    host = Host()
    host.at_bim017()
    during(host, "check_pin", lambda: unlocks(host))
    assert 2 == host.send("submit_reset", host.reset(pin="0000")).tries_left
    host.start()
    seen: list[int] = []

    def meanwhile() -> None:
        unlocks(host)
        seen.append(host.service.operator.identity(ORDINARY.institution, **ACCOUNT).under_way)

    asked: list[str] = []

    def before(method: str) -> None:
        asked.append(method)
        if asked.count("find_contract") == 1 and method == "find_contract":
            meanwhile()

    host.bank.before = before
    host.send("submit_identity", host.identity(birth_date="1999-09-09"))
    host.bank.before = None
    assert [1] == seen
    assert 1 == host.service.operator.identity(ORDINARY.institution, **ACCOUNT).failures


@pytest.mark.rule("L6", "A8")
@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"account": "9999999"}, UnknownAccount),
        ({"account": "9999999", "login_id": ORDINARY.login_id}, UnknownAccount),
        ({"by": ""}, InvalidArgument),
        ({"by": 7}, InvalidArgument),
        ({"reason": "a\nb"}, InvalidArgument),
        ({"reason": "x" * 201}, InvalidArgument),
    ],
    ids=str,
)
def test_an_unlock_that_cannot_be_is_refused_in_words_and_changes_nothing(
    arguments: Mapping[str, Any], error: type[Exception]
) -> None:
    """An account of which the bank knows no contract, an empty actor: an error, no count cleared, nothing audited."""
    host = Host()
    host.at_bim017()
    host.send("submit_reset", host.reset(pin="0000"))
    before = (host.store.audit(), host.service.operator.attempts(REF))
    with pytest.raises(error):
        unlocks(host, arguments)
    assert before == (host.store.audit(), host.service.operator.attempts(REF))


@pytest.mark.rule("L6", "I5")
def test_an_asynchronous_host_reads_and_lifts_alike() -> None:
    """The same calls, awaited."""
    host = Host()
    host.at_bim017()
    host.send("submit_reset", host.reset(pin="0000"))

    async def acts() -> tuple[int, int, int]:
        service = AsyncResetService(bank=host.bank, store=host.store, key=KEY, clock=host.clock)
        before = (await service.operator.attempts(REF)).wrong
        await service.unlock(ORDINARY.institution, **{**ACCOUNT, **WHO})
        failures = (await service.operator.identity(ORDINARY.institution, **ACCOUNT)).failures
        return before, (await service.operator.attempts(REF)).wrong, failures

    assert (1, 0, 0) == asyncio.run(acts())
