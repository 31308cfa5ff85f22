"""Orders with an end: tries and back-off, the deadline, an operator's retry and settlement, notices later (C4, C5)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

import attrs
import pytest

from hosts import KEY, Host, codes
from ja_reset import (
    AsyncResetService,
    BankUnavailable,
    EffectLeased,
    EffectRefused,
    InvalidArgument,
    Policies,
    ResetService,
)
from ja_reset.bank._values import EffectKind
from ja_reset.policies import SessionPolicy
from ja_reset.service._records import OUTBOX
from ja_reset.stores.rows import Put, Store

DAY = 24 * 3600
WHO: Final[Mapping[str, Any]] = {"by": "op-7", "reason": "the bank's file of last night"}
RESULTS = {"service_id": "SV7", "user_id": "US7"}


class OddError(Exception):
    """What no port should raise."""


def effects(host: Host, status: str | None = None) -> list[dict[str, object]]:
    """The effects, as an operator reads them."""
    return [dict(each) for each in host.service.operator.effects(status=status)]


def head(host: Host) -> dict[str, object]:
    """The one that the session waits for."""
    (found,) = [each for each in effects(host) if each["kind"] not in {"NOTIFY", "LOCK_CARD", "LOCK_SERVICE"}]
    return found


def overdue(host: Host) -> str:
    """A session whose order the bank never answered; the order's key."""
    host.at_bim_completing()
    host.bank.fail("carry_out", BankUnavailable, times=1000)
    host.clock.advance(DAY + 1)
    host.service.recover()
    host.bank._troubles.clear()
    return str(head(host)["key"])


def last_wrong_pin(host: Host, trouble: BaseException | type[BaseException]) -> None:
    """The card is locked, and the bank answers neither of the locks."""
    host.at_bim017()
    for _ in range(2):
        host.send("submit_reset", host.reset(pin="0000"))
    host.bank.fail("carry_out", trouble, times=2)
    host.send("submit_reset", host.reset(pin="0000"))


# Tries and back-off -----------------------------------------------------------------------------------------


@pytest.mark.rule("C4")
def test_each_try_is_recorded_and_the_next_one_waits_twice_as_long(store: Store) -> None:
    """Tries, time and the error's class are listed; recover() waits 1, 2, 4 … minutes, and never more than an hour."""
    host = Host(store=store)
    host.at_bim_completing()
    waits: list[float] = []
    for tries in range(1, 10):
        read = head(host)
        assert (tries, "BankUnavailable", host.clock.now.isoformat()) == (
            read["tries"], read["error"], read["tried_at"]
        )  # fmt: skip
        host.bank.fail("carry_out", BankUnavailable)
        asked = len(host.bank.asked)
        waits.append(0)
        while len(host.bank.asked) == asked:
            host.clock.advance(30)
            waits[-1] += 0.5
            host.service.recover()
    assert [1, 2, 4, 8, 16, 32, 60, 60, 60] == waits


@pytest.mark.rule("C4", "M2a")
def test_proceed_ignores_the_back_off_and_never_the_lease() -> None:
    """The customer's button tries at once; while another process delivers, it leaves the order alone."""
    host = Host()
    host.at_bim_completing()
    meanwhile: list[str] = []

    def before(method: str) -> None:
        if method == "carry_out":
            host.bank.before = None
            meanwhile.append(host.beside().service.send(host.view.token, "proceed").state)

    host.bank.before = before
    assert "DONE" == host.send("proceed").state
    assert ["COMPLETING"] == meanwhile
    assert 1 == [each.kind for each in host.bank.carried_out].count(EffectKind.SET_LOGIN_PASSWORD)


@pytest.mark.rule("C4")
def test_the_back_off_never_overflows() -> None:
    """Whatever the figures and however many tries, the wait is at most the longest."""
    century = timedelta(days=36_525)
    limits = SessionPolicy(effect_backoff=timedelta(microseconds=1), effect_backoff_most=century)
    assert [century, timedelta(microseconds=1)] == [limits.backoff(10**9), limits.backoff(0)]
    assert timedelta(seconds=1) == attrs.evolve(limits, effect_backoff_most=timedelta(seconds=1)).backoff(60)


@pytest.mark.rule("C4", "S8")
def test_an_order_that_waits_is_not_purged(store: Store) -> None:
    """A row that is due is due to be tried: purge leaves it, overdue or not."""
    host = Host(store=store)
    host.at_bim_completing()
    host.clock.advance(DAY // 2)
    host.service.purge()
    assert ["pending"] == [each["status"] for each in effects(host)]
    host.bank.down = True
    host.clock.advance(100 * DAY)
    host.service.recover()
    host.service.purge()
    assert ["overdue"] == [each["status"] for each in effects(host)]


@pytest.mark.rule("C4", "S4")
def test_an_order_that_0_1_recorded_is_given_and_gets_a_deadline() -> None:
    """Its row has neither tries nor a time at which it is due: it is found all the same."""
    host = Host()
    host.at_bim_completing()
    (row,) = host.store.scan(OUTBOX)
    since = {"tries", "tried_at", "error", "next_try", "deadline"}
    body = {name: value for name, value in row.body.items() if name not in since}
    assert host.store.commit([Put(OUTBOX, row.key, row.stamp, body, "pending", None)])
    host.bank.down = True
    host.service.recover()
    read = head(host)
    assert (1, (host.clock.now + timedelta(hours=24)).isoformat()) == (read["tries"], read["deadline"])
    host.bank.down = False
    host.clock.advance(60)
    assert 1 == host.service.recover()


# Overdue ----------------------------------------------------------------------------------------------------


@pytest.mark.rule("C4", "M2a")
def test_an_order_past_its_deadline_is_overdue_and_nobody_delivers_it(store: Store) -> None:
    """The last instant is in time; after it neither recover() nor proceed asks the bank, for ever."""
    host = Host(store=store)
    host.at_bim_completing()
    host.clock.advance(DAY)
    host.bank.fail("carry_out", BankUnavailable)
    host.service.recover()
    assert ("pending", 2) == (head(host)["status"], head(host)["tries"])
    host.clock.advance(1)
    asked = host.bank.asked.count(("carry_out", host.customer.ref))
    assert 0 == host.service.recover()
    assert ["overdue"] == [each["status"] for each in effects(host, status="overdue")]
    host.clock.advance(365 * DAY)
    assert (0, 0) == (host.service.recover(), host.service.expire_due())
    view = host.send("proceed")
    assert ("COMPLETING", ["overdue"]) == (view.state, codes(view))
    assert ["overdue"] == codes(host.look())
    assert asked == host.bank.asked.count(("carry_out", host.customer.ref))
    assert 1 == [each["event"] for each in host.store.audit()].count("overdue")


@pytest.mark.rule("C4", "S9")
def test_the_customer_of_an_overdue_order_is_told_whom_to_call() -> None:
    """Kind words, before anybody has noted it: a telephone call, and no second application."""
    host = Host()
    host.at_bim_completing()
    host.clock.advance(DAY + 1)
    (reason,) = host.look().reasons
    assert "overdue" == reason.code
    assert "窓口へお電話" in reason.ja
    assert "telephone your branch" in reason.en


@pytest.mark.rule("C4", "L2")
def test_an_overdue_lock_is_listed_and_delivered_all_the_same(store: Store) -> None:
    """The customer stays locked by our count; the bank hears of it whenever it answers again."""
    host = Host(store=store)
    last_wrong_pin(host, BankUnavailable)
    host.bank.down = True
    host.clock.advance(DAY + 1)
    host.service.recover()
    locks = effects(host, status="overdue")
    assert {"LOCK_CARD", "LOCK_SERVICE"} == {each["kind"] for each in locks}
    host.bank.down = False
    host.clock.advance(3600)
    assert 2 <= host.service.recover()
    assert [] == effects(host, status="overdue")
    assert {"LOCK_CARD", "LOCK_SERVICE"} <= {str(each.kind) for each in host.bank.carried_out}


@pytest.mark.rule("L6", "A6")
def test_an_overdue_lock_is_withdrawn_by_an_unlock() -> None:
    """What is overdue is not settled: an unlock finds it."""
    host = Host()
    last_wrong_pin(host, BankUnavailable)
    host.bank.down = True
    host.clock.advance(DAY + 1)
    host.service.recover()
    host.bank.down = False
    customer = host.customer
    host.service.unlock(
        customer.institution, branch=customer.branch, subject=customer.subject, account=customer.account
    )
    assert {"withdrawn"} == {each["status"] for each in effects(host) if "LOCK" in str(each["kind"])}
    host.clock.advance(3600)
    host.service.recover()
    assert [] == [each for each in host.bank.carried_out if "LOCK" in str(each.kind)]


# One order's failure ----------------------------------------------------------------------------------------


@pytest.mark.rule("C4", "C5", "S5")
def test_what_a_port_raises_of_a_notice_reaches_no_page(store: Store) -> None:
    """The customer is done; the audit has the class of the error and no word of it, and the notice is tried again."""
    host = Host(store=store)
    host.at_bim017()

    def before(method: str) -> None:
        if method == "carry_out" and host.bank.carried_out:
            host.bank.before = None
            raise OddError("a secret of the bank's")  # noqa: EM101, TRY003 - what must not be told

    host.bank.before = before
    assert "DONE" == host.send("submit_reset", host.reset()).state
    (notice,) = effects(host, status="pending")
    assert ("NOTIFY", "OddError", 1) == (notice["kind"], notice["error"], notice["tries"])
    audit = host.store.audit()
    assert ("no_answer", "OddError") == (audit[-1]["event"], audit[-1]["error"])
    assert "a secret of" not in str((audit, effects(host), host.saved()))
    host.clock.advance(60)
    assert 1 == host.service.recover()


@pytest.mark.rule("C4", "L2")
def test_what_a_port_raises_of_a_lock_reaches_no_page_and_stops_no_other() -> None:
    """Both locks are tried within the call, though the first one breaks; the customer reads that it is locked."""
    host = Host()
    last_wrong_pin(host, OddError)
    assert "LOCKED" == host.look().state
    assert 2 * ["OddError"] == [
        each["error"] for each in effects(host, status="pending") if "LOCK" in str(each["kind"])
    ]


@pytest.mark.rule("C4")
def test_what_a_port_raises_of_the_order_that_is_waited_for_reaches_the_host() -> None:
    """As ever; recover() tries all the others first."""
    host = Host()
    first = host.at_bim_completing()
    host.at_bim_completing()
    host.clock.advance(60)
    host.bank.fail("carry_out", OddError)
    with pytest.raises(OddError):
        host.service.recover()
    assert {"COMPLETING", "DONE"} == {host.service.view(each).state for each in (first.token, host.view.token)}


@pytest.mark.rule("S2", "C4")
@pytest.mark.parametrize("trouble", [None, BankUnavailable, OddError], ids=str)
@pytest.mark.parametrize(
    ("confirmed", "came"), [(True, ("DONE", [])), (False, ("BIM017", ["refused_by_bank"]))], ids=["done", "refused"]
)
def test_a_request_has_one_answer_though_an_operator_settles_its_order(
    store: Store, confirmed: bool, came: tuple[str, list[str]], trouble: type[Exception] | None
) -> None:
    """The bank takes longer than the lease, and the operator is first: the same click shows what the first one did."""
    host = Host(store=store)
    send = clicks_on(host)

    def settles(method: str) -> None:
        if method == "carry_out":
            host.bank.before = None
            host.clock.advance(61)
            host.service.operator.settle(str(head(host)["key"]), confirmed=confirmed, **WHO)
            if trouble is not None:
                raise trouble

    host.bank.before = settles
    assert [came, came] == [send(), send()]


@pytest.mark.rule("S2", "C4")
@pytest.mark.parametrize("trouble", [BankUnavailable, OddError, KeyboardInterrupt], ids=str)
def test_a_request_whose_order_a_port_broke_off_is_answered_that_it_is_in_progress(
    store: Store, trouble: type[BaseException]
) -> None:
    """The order stands, so the same click is not stale: it shows the page that waits, then what came of the order."""
    host = Host(store=store)
    send = clicks_on(host)
    host.bank.fail("carry_out", trouble)
    with suppress(OddError, KeyboardInterrupt):
        send()
    assert ("COMPLETING", ["in_progress"]) == send()
    host.clock.advance(60)
    host.service.recover()
    assert ("DONE", []) == send()


def clicks_on(host: Host) -> Callable[[], tuple[str, list[str]]]:
    """The button of BIM017, pressed on one page under one id; the state and the reasons that it shows."""
    view = host.at_bim017()

    def send() -> tuple[str, list[str]]:
        shown = host.service.send(view.token, "submit_reset", host.reset(), version=view.version, request_id="r1")
        return shown.state, codes(shown)

    return send


# Retry ------------------------------------------------------------------------------------------------------


@pytest.mark.rule("C4", "S7")
def test_an_operator_has_an_overdue_order_tried_again(store: Store) -> None:
    """At once, under the same key; the machine hears the answer, and the audit who asked for it and why."""
    host = Host(store=store)
    key = overdue(host)
    assert "confirmed" == host.service.operator.retry(key, **WHO)
    assert "DONE" == host.look().state
    assert [key] == [each.key for each in host.bank.carried_out if each.kind is EffectKind.SET_LOGIN_PASSWORD]
    (told,) = [each for each in host.store.audit() if each["event"] == "retry"]
    assert (WHO["by"], WHO["reason"], host.view.id) == (told["actor"], told["reason"], told["session"])


@pytest.mark.rule("C4")
@pytest.mark.parametrize("trouble", [BankUnavailable, OddError])
def test_a_retry_without_an_answer_leaves_the_order_pending_under_a_new_deadline(trouble: type[Exception]) -> None:
    """recover() goes on with it, for as long as at first; its customer is no longer told to call."""
    host = Host()
    key = overdue(host)
    host.bank.fail("carry_out", trouble)
    assert "pending" == host.service.operator.retry(key, **WHO)
    assert trouble.__name__ == head(host)["error"]
    assert "overdue" not in codes(host.look())
    host.clock.advance(DAY)
    assert 1 == host.service.recover()
    assert "DONE" == host.look().state


# Settle -----------------------------------------------------------------------------------------------------


@pytest.mark.rule("C4", "C3", "S7", "S5")
def test_an_operator_says_that_an_order_was_carried_out(store: Store) -> None:
    """The session is done with the results given, the customer is told, and the bank is asked nothing about it."""
    host = Host(store=store)
    host.at_btr_completing()
    host.clock.advance(DAY + 1)
    host.service.recover()
    key = str(head(host)["key"])
    host.service.operator.settle(key, confirmed=True, results={**RESULTS, "more": "is ignored"}, **WHO)
    view = host.look()
    assert view.result is not None
    assert ("BTR005", "SV7", "US7") == (view.state, view.result.service_id, view.result.user_id)
    assert [EffectKind.NOTIFY] == [each.kind for each in host.bank.carried_out]
    (told,) = [each for each in host.store.audit() if each["event"] == "settle"]
    assert (WHO["by"], WHO["reason"], "confirmed") == (told["actor"], told["reason"], told["status"])
    assert "sealed" not in str([row.body for row in store.scan(OUTBOX)])


@pytest.mark.rule("C4a", "S7")
def test_an_operator_says_that_an_order_was_not_carried_out() -> None:
    """The customer is back at the form with the words of a refusal, and reads nothing of the operator's reason."""
    host = Host()
    host.at_bim_completing()
    key = str(head(host)["key"])
    host.service.operator.settle(key, confirmed=False, **WHO)
    view = host.look()
    assert ("BIM017", ["refused_by_bank"]) == (view.state, codes(view))
    assert WHO["reason"] not in str(view.to_dict())
    assert "refused" == head(host)["status"]
    assert "DONE" == host.send("submit_reset", host.reset()).state


@pytest.mark.rule("C4", "A8")
@pytest.mark.parametrize(
    "arguments",
    [
        {"key": "no such key"},
        {"key": 7},
        {"confirmed": "yes"},
        {"confirmed": True, "results": None},
        {"confirmed": True, "results": {"service_id": "SV7"}},
        {"confirmed": True, "results": {"service_id": "SV7", "user_id": ""}},
        {"confirmed": True, "results": ["service_id", "user_id"]},
        {"confirmed": False, "results": RESULTS},
        {"by": ""},
        {"reason": "x" * 201},
    ],
    ids=str,
)
def test_what_is_no_settlement_is_refused_in_words_and_changes_nothing(arguments: Mapping[str, object]) -> None:
    """InvalidArgument; rows and audit stay as they were."""
    host = Host()
    host.at_btr_completing()
    before = (host.store.audit(), host.store.scan(OUTBOX))
    given = {"key": str(head(host)["key"]), "confirmed": True, "results": RESULTS, **WHO, **arguments}
    with pytest.raises(InvalidArgument):
        host.service.operator.settle(given.pop("key"), **given)  # wrong ones are the point
    assert before == (host.store.audit(), host.store.scan(OUTBOX))


@pytest.mark.rule("C4", "A6")
def test_an_order_that_is_settled_is_settled_once() -> None:
    """A second word, the other one too, is refused; so is a retry."""
    host = Host()
    key = overdue(host)
    operator = host.service.operator
    operator.settle(key, confirmed=True, **WHO)
    for again in (True, False):
        with pytest.raises(InvalidArgument, match="settled: it is confirmed"):
            operator.settle(key, confirmed=again, **WHO)
    with pytest.raises(InvalidArgument, match="settled: it is confirmed"):
        operator.retry(key, **WHO)
    with pytest.raises(InvalidArgument, match="no effect with that key"):
        operator.retry("no such key", **WHO)


@pytest.mark.rule("C4")
def test_no_operator_acts_on_an_order_that_is_being_delivered(store: Store) -> None:
    """EffectLeased, until when the lease lasts; nothing is changed, and the bank's answer stands."""
    host = Host(store=store)
    host.at_bim_completing()
    key = str(head(host)["key"])
    refused: list[object] = []

    def before(method: str) -> None:
        if method == "carry_out":
            host.bank.before = None
            operator = host.beside().service.operator
            for act in (operator.retry, lambda *a, **k: operator.settle(*a, confirmed=False, **k)):
                with pytest.raises(EffectLeased) as told:
                    act(key, **WHO)
                refused.append(told.value.until)

    host.bank.before = before
    assert "DONE" == host.send("proceed").state
    assert 2 * [host.clock.now + timedelta(seconds=60)] == refused


@pytest.mark.rule("C4", "S7")
def test_an_answer_that_comes_after_an_operators_other_word_changes_nothing_and_is_audited() -> None:
    """A slow process outlives its lease: what the bank says then is for somebody to look at."""
    host = Host()
    host.at_bim_completing()
    key = str(head(host)["key"])

    def before(method: str) -> None:
        if method == "carry_out":
            host.bank.before = None
            host.clock.advance(61)
            host.beside().service.operator.settle(key, confirmed=False, **WHO)

    host.bank.before = before
    host.send("proceed")
    assert ("BIM017", "refused") == (host.look().state, head(host)["status"])
    (late,) = [each for each in host.store.audit() if each["event"] == "answered_late"]
    assert "confirmed" == late["status"]


# Told of locks ----------------------------------------------------------------------------------------------


@pytest.mark.rule("C5", "L2")
def test_the_customer_is_told_of_both_locks_once(store: Store) -> None:
    """One notice with the locks of the last wrong PIN, none for who meets the lock afterwards."""
    host = Host(store=store)
    last_wrong_pin(host, EffectRefused(ja="だめ", en="no"))
    (notice,) = [each for each in host.bank.carried_out if each.kind is EffectKind.NOTIFY]
    assert {"what": "locked", "procedure": "LOGIN_PASSWORD"} == dict(notice.data)
    assert host.customer.ref == notice.ref
    host.start()
    assert "LOCKED" == host.send("submit_identity", host.identity()).state
    assert 3 == len(effects(host))


@pytest.mark.rule("C5", "L2", "S10")
def test_the_customer_is_told_of_locks_that_a_broken_turn_has_ordered() -> None:
    """The last wrong PIN locks though the store fails afterwards, and the notice goes with the locks."""
    host = Host()
    host.at_bim017()
    for _ in range(2):
        host.send("submit_reset", host.reset(pin="0000"))
    host.bank.before = lambda method: host.clock.advance(61 if method == "check_pin" else 0)
    host.send("submit_reset", host.reset(pin="0000"))
    assert ["locked"] == [each.data["what"] for each in host.bank.carried_out if each.kind is EffectKind.NOTIFY]


# Notices later ----------------------------------------------------------------------------------------------


@pytest.mark.rule("C5", "L2")
def test_notices_are_left_to_recover_where_the_host_wants_it_and_locks_never() -> None:
    """`notices="later"`: the page waits for no mail server; a lock is tried within the call all the same."""
    host = Host()
    later = ResetService(bank=host.bank, store=host.store, key=KEY, clock=host.clock, notices="later")
    host.at_bim017()
    later.send(host.view.token, "submit_reset", host.reset())
    assert [EffectKind.SET_LOGIN_PASSWORD] == [each.kind for each in host.bank.carried_out]
    (notice,) = effects(host, status="pending")
    assert ("NOTIFY", 0, None) == (notice["kind"], notice["tries"], notice["tried_at"])
    assert 1 == later.recover()
    host.at_bim017()
    for _ in range(3):
        later.send(host.view.token, "submit_reset", host.reset(pin="0000"))
    assert {"LOCK_CARD", "LOCK_SERVICE"} <= {str(each.kind) for each in host.bank.carried_out}


@pytest.mark.parametrize("notices", ["", "never", None, True, ["later"]], ids=repr)
def test_a_service_knows_two_times_for_notices(notices: object) -> None:
    """Anything else is refused in words."""
    host = Host()
    with pytest.raises(InvalidArgument, match="'inline' or 'later'"):
        ResetService(bank=host.bank, store=host.store, key=KEY, notices=notices)  # type: ignore[arg-type]


# Asynchronous -----------------------------------------------------------------------------------------------


@pytest.mark.rule("C4", "C5")
def test_an_asynchronous_host_retries_and_settles_alike() -> None:
    """The same acts, awaited."""
    host = Host()
    key = overdue(host)

    async def acts() -> list[str]:
        service = AsyncResetService(bank=host.bank, store=host.store, key=KEY, clock=host.clock, notices="later")
        host.bank.fail("carry_out", BankUnavailable)
        tried = await service.operator.retry(key, **WHO)
        await service.operator.settle(key, confirmed=True, **WHO)
        with pytest.raises(InvalidArgument):
            await service.operator.settle(key, confirmed=True, **WHO)
        return [tried, (await service.view(host.view.token)).state]

    assert ["pending", "DONE"] == asyncio.run(acts())
    assert [] == host.bank.carried_out


@pytest.mark.rule("C4")
def test_an_institution_may_have_a_deadline_of_its_own() -> None:
    """The figure is a policy: here an hour."""
    host = Host(policies=Policies(session=SessionPolicy(effect_deadline=timedelta(hours=1))))
    host.at_bim_completing()
    host.bank.fail("carry_out", EffectRefused(ja="だめ", en="no"))
    host.clock.advance(3601)
    host.service.recover()
    assert ["overdue"] == [each["status"] for each in effects(host)]
