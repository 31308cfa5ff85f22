"""What meets a turn under way: the same request waits for its answer, others are told that it is in progress (S2)."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import pytest

from hosts import KEY, Host, codes
from ja_reset import AsyncResetService, BankUnavailable, PinCheck, Policies, ResetService, View
from ja_reset.policies import LockoutPolicy, SessionPolicy
from ja_reset.secret import Secret
from ja_reset.service import _customer as customer
from ja_reset.service._config import Config
from ja_reset.service._customer import Submitted
from ja_reset.service._io import Ask, Flow, Pause, Request
from ja_reset.service._typed import Typed
from ja_reset.service._waiting import MOST_WAITING
from ja_reset.stores import MemoryStore
from ja_reset.stores.rows import Store
from ja_reset.testing._async_bank import AsyncFakeBank
from ja_reset.testing._shells import paused_by

if TYPE_CHECKING:
    from ja_reset.testing.postgres import PostgresServer

LONG = 20
"""Seconds after which a test that hangs fails."""
ASKED = ["contract", "check_pin", "carry_out"]
"""What the bank is asked in the turn of a submit_reset, in this order."""


def during(host: Host, method: str, act: Callable[[], object]) -> None:
    """Let something happen while the bank is asked the next time."""

    def before(name: str) -> None:
        if name == method:
            host.bank.before = None
            act()

    host.bank.before = before


def clicks(host: Host, view: View, request: str | None = "r1", *, pin: str | None = None) -> Callable[[], View]:
    """The button of BIM017, pressed on that view under that id."""
    typed = host.reset() if pin is None else host.reset(pin=pin)
    return lambda: host.service.send(view.token, "submit_reset", typed, version=view.version, request_id=request)


def asked(host: Host, method: str) -> int:
    """How often the bank was asked this."""
    return sum(each == method for each, _ in host.bank.asked)


# The same request -------------------------------------------------------------------------------------------


@pytest.mark.rule("S2", "L3", "C4")
@pytest.mark.parametrize(
    ("method", "pin"),
    [*((method, None) for method in ASKED), *((method, "9999") for method in ASKED if method != "carry_out")],
)
def test_a_double_click_shows_the_answer_of_the_first(store: Store, method: str, pin: str | None) -> None:
    """While the bank is asked the same click comes again: it waits, and both get one answer, which took effect once."""
    host = Host(store=store)
    send = clicks(host, host.at_bim017(), pin=pin)
    host.bank.asked.clear()
    waits, done, second = Event(), Event(), list[View]()

    def pause(seconds: float) -> None:
        host.pauses.append(seconds)
        waits.set()
        assert done.wait(LONG)

    paused_by(host.service, pause)
    thread = Thread(target=lambda: second.append(send()))

    def comes_again() -> None:
        thread.start()
        assert waits.wait(LONG)

    during(host, method, comes_again)
    first = send()
    done.set()
    thread.join(LONG)
    assert [first] == second
    assert (("DONE", []) if pin is None else ("BIM017", ["wrong_pin"])) == (first.state, codes(first))
    assert (1, 1, [0.1]) == (asked(host, "contract"), asked(host, "check_pin"), host.pauses)
    assert (2 if pin is None else 0) == len(host.bank.carried_out)
    assert [False, False] == [first.busy, host.look().busy]


class SlowBank(AsyncFakeBank):
    """A bank that answers about a PIN only when it may."""

    def __init__(self) -> None:
        super().__init__()
        self.is_asked, self.may_answer = asyncio.Event(), asyncio.Event()

    async def check_pin(self, ref: str, pin: Secret, /) -> PinCheck:
        """As the fake bank has it."""
        self.is_asked.set()
        await self.may_answer.wait()
        return await super().check_pin(ref, pin)


@pytest.mark.rule("S2")
def test_an_awaited_double_click_shows_the_answer_of_the_first(store: Store) -> None:
    """Two tasks send the same request: the second pauses until the first has its answer, and gets it."""
    there = Host(store=store)
    view = there.at_bim017()

    async def twice() -> None:
        bank, pauses = SlowBank(), list[float]()
        service = AsyncResetService(bank=bank, store=store, key=KEY, clock=there.clock)

        async def pause(seconds: float) -> None:
            pauses.append(seconds)
            bank.may_answer.set()
            await asyncio.wait({first}, timeout=LONG)

        paused_by(service, pause)

        def send() -> Any:  # noqa: ANN401 - a coroutine
            return service.send(view.token, "submit_reset", there.reset(pin="9999"), request_id="r1")

        first = asyncio.ensure_future(send())
        await bank.is_asked.wait()
        second = await send()
        assert (await first, ["wrong_pin"], [0.1]) == (second, codes(second), pauses)

    asyncio.run(twice())


@pytest.mark.rule("S2")
def test_a_waiting_task_that_is_cancelled_gives_its_place_back() -> None:
    """The cancellation is passed on; the first turn is not disturbed, and the next of its kind may wait."""
    there = Host()
    view = there.at_bim017()

    async def cancelled() -> None:
        bank, paused = SlowBank(), asyncio.Event()
        service = AsyncResetService(bank=bank, store=there.store, key=KEY, clock=there.clock)

        async def pause(_seconds: float) -> None:
            paused.set()
            await asyncio.Event().wait()

        def send() -> Any:  # noqa: ANN401 - a coroutine
            return service.send(view.token, "submit_reset", there.reset(), request_id="r1")

        paused_by(service, pause)
        first = asyncio.ensure_future(send())
        await bank.is_asked.wait()
        for _ in range(2):
            paused.clear()
            second = asyncio.ensure_future(send())
            await asyncio.wait_for(paused.wait(), LONG)
            second.cancel()
            with pytest.raises(asyncio.CancelledError):
                await second
        assert {} == service._config.waiting
        bank.may_answer.set()
        assert "DONE" == (await first).state

    asyncio.run(cancelled())


@pytest.mark.rule("S2", "L3")
@pytest.mark.parametrize("wait", [timedelta(0), timedelta(milliseconds=250), timedelta(seconds=10)], ids=str)
def test_a_request_waits_no_longer_than_the_policy_says(store: Store, wait: timedelta) -> None:
    """Its own pauses are counted, as the clock may stand still; then it is in progress, and nothing is remembered."""
    host = Host(store=store, policies=Policies(session=SessionPolicy(duplicate_wait=wait)))
    view, seen = host.at_bim017(), list[View]()
    send = clicks(host, view, pin="9999")
    during(host, "check_pin", lambda: seen.append(send()))
    first = send()
    (second,) = seen
    assert (["in_progress"], "BIM017", True) == (codes(second), second.state, second.busy)
    assert (wait.total_seconds(), 1) == (round(sum(host.pauses), 6), asked(host, "check_pin"))
    assert (["wrong_pin"], 2) == (codes(first), first.tries_left)
    assert first == send()
    assert {} == host.service._config.waiting


@pytest.mark.rule("S2")
def test_one_request_waits_for_a_session() -> None:
    """While the second waits, a third of the same id is told at once that it is in progress."""
    host = Host()
    send, third = clicks(host, host.at_bim017()), list[View]()

    def pause(seconds: float) -> None:
        host.pauses.append(seconds)
        if not third:
            third.append(send())

    paused_by(host.service, pause)
    during(host, "check_pin", send)
    assert "DONE" == send().state
    assert (["in_progress"], 100) == (codes(third[0]), len(host.pauses))


class Held:
    """A flow that is held where it makes the first request of a kind; `answer`: what it returned, if it did not."""

    def __init__(self, host: Host, flow: Flow[View]) -> None:
        self.answer: View | None = None
        self._shell, self._flow = host.service._shell, flow
        self._request: Request = next(flow)

    def until(self, is_met: Callable[[Request], bool]) -> Held:
        """Let it go on, until it stands before such a request."""
        try:
            while not is_met(self._request):
                self._request = self._flow.send(self._shell(self._request))
        except StopIteration as stop:
            self.answer = stop.value
        return self

    def dies(self) -> None:
        """Let nothing more of it happen, as when a task is dropped."""
        self._flow.close()


@pytest.mark.rule("S2")
def test_eight_requests_of_a_service_wait() -> None:
    """A ninth session's is in progress at once; when one of the eight is gone, the next may wait."""
    host, config = Host(), Config(Policies())

    def sent(view: View) -> Held:
        return Held(host, customer.send(config, Submitted(Secret(view.token), "submit_reset", typed, None, "r1")))

    typed = Typed(host.reset())
    views = [host.at_bim017() for _ in range(MOST_WAITING + 1)]
    for view in views:
        sent(view).until(lambda request: isinstance(request, Ask) and request.method == "contract")
    held = [sent(view).until(lambda request: isinstance(request, Pause)) for view in views]
    assert [None] * MOST_WAITING == [each.answer for each in held[:-1]]
    last = held[-1].answer
    assert last is not None
    assert ["in_progress"] == codes(last)
    held[3].dies()
    held.append(sent(views[-1]).until(lambda request: isinstance(request, Pause)))
    assert held[-1].answer is None
    assert MOST_WAITING == len(config.waiting)


@pytest.mark.rule("S2")
def test_a_waiting_request_goes_on_itself_when_the_first_has_died() -> None:
    """The claim of a dead process runs out: the request is taken, asks the bank once, and waits in no place then."""
    host = Host()
    view = host.at_bim017()
    dead = Held(host, customer.send(host.service._config, _submitted(host, view)))
    dead.until(lambda request: isinstance(request, Ask) and request.method == "contract")
    paused_by(host.service, lambda _seconds: host.clock.advance(SessionPolicy().effect_lease))
    places: list[int] = []
    during(host, "check_pin", lambda: places.append(len(host.service._config.waiting)))
    answer = customer.send(host.service._config, _submitted(host, view))
    second = Held(host, answer).until(lambda _request: False).answer
    assert second is not None
    assert ("DONE", [0], 1) == (second.state, places, asked(host, "check_pin"))


def _submitted(host: Host, view: View) -> Submitted:
    return Submitted(Secret(view.token), "submit_reset", Typed(host.reset()), view.version, "r1")


@pytest.mark.rule("S2", "M3")
def test_nobody_waits_for_a_turn_whose_session_has_ended() -> None:
    """A cancel ended it while the bank is asked: the same request has nothing to wait for."""
    host = Host()
    view, seen = host.at_bim017(), list[View]()
    send = clicks(host, view)

    def cancelled() -> None:
        host.service.send(view.token, "cancel")
        seen.append(send())

    during(host, "check_pin", cancelled)
    assert ("CANCELLED", ["stale"]) == ((first := send()).state, codes(first))
    assert ("CANCELLED", []) == (seen[0].state, host.pauses)


@pytest.fixture
def narrow(postgres: PostgresServer, new_schema: Callable[[], str]) -> Iterator[Store]:
    """A store with one connection."""
    from ja_reset.stores import PostgresStore  # noqa: PLC0415 - needs psycopg, which most tests do without

    with closing(PostgresStore(postgres.url, schema=new_schema(), pool_size=1)) as made:
        yield made


@pytest.mark.rule("S2")
def test_a_waiting_request_holds_no_connection(narrow: Store) -> None:
    """With one connection to the database, others work while it waits."""
    host = Host(store=narrow)
    view, seen = host.at_bim017(), list[View]()
    send = clicks(host, view)
    paused_by(host.service, lambda _seconds: seen.append(host.service.view(view.token)))
    during(host, "check_pin", send)
    assert "DONE" == send().state
    assert {("BIM017", True)} == {(each.state, each.busy) for each in seen}


# Others -----------------------------------------------------------------------------------------------------


@pytest.mark.rule("S2", "L3")
@pytest.mark.parametrize("method", ASKED)
def test_another_request_is_in_progress_at_once(store: Store, method: str) -> None:
    """It waits for nothing, is not remembered, and can be made again."""
    host = Host(store=store)
    view, seen = host.at_bim017(), list[View]()
    other = "proceed" if method == "carry_out" else "submit_reset"
    during(
        host,
        method,
        lambda: seen.append(host.service.send(view.token, other, host.reset(pin="9999"), request_id="r2")),
    )
    first = clicks(host, view)()
    (second,) = seen
    state = "COMPLETING" if method == "carry_out" else "BIM017"
    assert (state, ["in_progress"], True, []) == (second.state, codes(second), second.busy, host.pauses)
    assert ("DONE", 1) == (first.state, asked(host, "check_pin"))
    again = host.service.send(view.token, other, host.reset(), request_id="r2")
    assert "in_progress" not in codes(again)


@pytest.mark.rule("L3")
def test_attempts_under_way_elsewhere_are_in_progress_and_those_in_doubt_lapse() -> None:
    """Where another session's attempt is the last one free it is in progress; in doubt, until the first lapses."""
    lapse = timedelta(minutes=20)
    host = Host(policies=Policies(lockout=LockoutPolicy(pin_attempts=2, unknown_lapse=lapse)))
    one = host.beside()
    two = one.beside()
    one.at_bim017()
    two.at_bim017()
    host.at_bim017()
    begun = host.clock.now
    host.bank.fail("check_pin", BankUnavailable)
    assert ["temporarily_unavailable"] == codes(one.send("submit_reset", one.reset()))
    host.clock.advance(1)
    during(host, "check_pin", lambda: two.send("submit_reset", two.reset(), request_id="r2"))
    host.send("submit_reset", host.reset(pin="9999"))
    assert (["in_progress"], None) == (codes(two.view), two.view.reasons[0].until)
    host.bank.fail("check_pin", BankUnavailable)
    host.service.unlock("ja-0417", branch="001", subject="普通", account=host.customer.account)
    host.send("submit_reset", host.reset())
    host.bank.fail("check_pin", BankUnavailable)
    one.send("submit_reset", one.reset())
    two.send("submit_reset", two.reset(), request_id="r2")
    assert ["temporarily_unavailable"] == codes(two.view)
    assert begun + timedelta(seconds=1) + lapse == two.view.reasons[0].until


# What a page shows ------------------------------------------------------------------------------------------


class Counting(MemoryStore):
    """A store that counts its commits."""

    commits = 0

    def commit(self, *given: Any) -> bool:  # noqa: ANN401 - as the store has them
        """As the store makes it."""
        self.commits += 1
        return super().commit(*given)


@pytest.mark.rule("S2", "M2a")
@pytest.mark.parametrize("method", ASKED)
def test_a_view_is_busy_while_a_turn_or_an_order_is_under_way(method: str) -> None:
    """Whoever looks sees it, in JSON too, and the look writes nothing."""
    host = Host(store=(store := Counting()))
    view, seen = host.at_bim017(), list[View]()
    beside = host.beside()

    def look() -> None:
        before = store.commits
        seen.extend([beside.look(), beside.look()])
        assert before == store.commits

    during(host, method, look)
    assert not view.busy
    assert not clicks(host, view)().busy
    assert {True} == {each.busy for each in seen} == {each.to_dict()["busy"] for each in seen}
    assert ["in_progress"] * (method == "carry_out") == codes(seen[0])


@pytest.mark.rule("M2a", "C4")
def test_completing_says_that_it_is_in_progress_and_is_busy_under_a_lease_only() -> None:
    """A silent bank leaves it; proceed, a look and a stale event say so, and never that one cannot go on."""
    host = Host()
    host.at_bim017()
    host.bank.fail("carry_out", BankUnavailable, times=2)
    first = host.send("submit_reset", host.reset())
    old = host.service.send(first.token, "proceed", version=1)
    for view in (first, host.look(), old, host.look()):
        assert ("COMPLETING", ["in_progress"], False) == (view.state, codes(view), view.busy)
    stale = host.service.send(first.token, "submit_reset", version=1)
    assert ["stale", "in_progress"] == codes(stale)
    assert "DONE" == host.send("proceed").state


@pytest.mark.rule("S2a")
def test_the_reasons_of_the_last_turn_stay_until_the_next_event() -> None:
    """A customer who reloads the page reads why it did not go on; the next event takes it off from its start."""
    host = Host()
    view, seen = host.at_bim017(), list[View]()
    host.send("submit_reset", host.reset(pin="12"))
    assert ["format"] == codes(host.look())
    wrong = host.send("submit_reset", host.reset(pin="9999"))
    for _ in range(2):
        assert wrong == host.look()
    stale = host.service.send(view.token, "submit_reset", version=1)
    assert ["stale", "wrong_pin"] == codes(stale)
    assert ["wrong_pin"] == codes(host.look())
    during(host, "check_pin", lambda: seen.append(host.beside().look()))
    assert ("DONE", []) == ((done := host.send("submit_reset", host.reset())).state, codes(done))
    assert ([[]], []) == ([codes(each) for each in seen], codes(host.look()))


@pytest.mark.rule("S2a", "M5")
def test_an_event_that_is_not_there_is_told_until_the_next_one() -> None:
    """Its refusal stays on the view as others do."""
    host = Host()
    host.at_bim016()
    host.send("submit_reset")
    assert ["event_not_available"] == codes(host.look())
    host.send("back")
    assert [] == codes(host.look())


@pytest.mark.rule("S2a", "C6")
def test_a_turn_that_a_port_broke_off_says_on_the_next_page_that_it_could_not_go_on() -> None:
    """The exception is the host's; who reloads the page learns that nothing happened."""
    host = Host()
    host.at_bim016()
    host.bank.fail("contract", RuntimeError)
    with pytest.raises(RuntimeError):
        host.send("choose_phone", host.phone())
    assert ("BIM016", ["temporarily_unavailable"]) == ((view := host.look()).state, codes(view))


@pytest.mark.rule("S2")
def test_a_service_sleeps_while_a_request_waits() -> None:
    """A synchronous one its thread, an asynchronous one its task."""
    host = Host()
    plain = ResetService(bank=host.bank, store=host.store, key=KEY, clock=host.clock)
    awaited = AsyncResetService(bank=host.bank, store=host.store, key=KEY, clock=host.clock)
    assert plain._shell.pause is time.sleep
    pause = awaited._shell.pause(0)
    assert inspect.iscoroutine(pause)
    asyncio.run(pause)
