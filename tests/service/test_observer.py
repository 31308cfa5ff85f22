"""An observer is told what happened, after the commit; the context that a host passes is told with it, and audited."""

from __future__ import annotations

import asyncio
import copy
import functools
import json
import logging
import pickle
import random
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any, Final

import attrs
import pytest

from hosts import KEY, Host
from ja_reset import (
    AsyncResetService,
    Call,
    CallSource,
    Happened,
    InvalidArgument,
    Procedure,
    ResetService,
    Secret,
    StoreError,
    UnknownSession,
)
from ja_reset.stores import MemoryStore, SqliteStore
from ja_reset.stores.rows import Put, Store
from ja_reset.testing import FakeBank, FakeClock
from ja_reset.testing.cast import INSTITUTION, ORDINARY

Audit = Sequence[Mapping[str, object]]
CONTEXT: Final = {"ip": "203.0.113.7", "user_agent": "Firefox"}


@attrs.define
class Told:
    """An observer that keeps what it is told."""

    all: list[Happened] = attrs.field(factory=list)

    def __call__(self, happened: Happened) -> None:
        """Keep it."""
        self.all.append(happened)

    def events(self) -> list[str]:
        """The events, in their order."""
        return [each.event for each in self.all]


def observed(observer: Callable[[Happened], object] | None, *, store: Store | None = None) -> Host:
    """A host whose service has that observer."""
    host = Host(store=store or MemoryStore())
    host.service = ResetService(
        bank=host.bank, store=host.store, key=KEY, clock=host.clock, policies=host.policies, observer=observer
    )
    return host


# What is told -----------------------------------------------------------------------------------------------


@pytest.mark.rule("S7")
def test_an_observer_is_told_what_the_audit_says() -> None:
    """Through a whole procedure: a value for each audit record, in their order, with the same words."""
    told = Told()
    host = observed(told)
    host.at(Procedure.LOGIN_PASSWORD, "DONE")
    records = host.store.audit()
    assert records == [dict(each.record) for each in told.all]
    assert ["start", "submit_identity", "choose_phone", "call_received", "submit_reset"] == told.events()[:5]
    for record, each in zip(records, told.all, strict=True):
        assert record["time"] == each.time.isoformat()
        assert UTC is each.time.tzinfo
        assert record["reasons"] == list(each.reasons)
        for name in ("session", "procedure", "institution", "ref", "before", "after", "status", "effect"):
            assert record.get(name) == getattr(each, name)
    assert json.dumps(told.all[0].to_dict())
    assert ["start", "send", "send", "report_call"] == [each.called for each in told.all][:4]


def test_what_is_told_is_frozen() -> None:
    """An observer cannot change what the next one, the log or the audit says."""
    told = Told()
    observed(told).start()
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        told.all[0].event = "other"  # type: ignore[misc]
    with pytest.raises(TypeError):
        told.all[0].record["event"] = "other"  # type: ignore[index]
    assert "context" not in repr(told.all[0])


def test_an_observer_is_told_how_long_it_took_and_whether_the_bank_was_asked() -> None:
    """`duration` is the call's so far, `took` the event's own part of it; the bank's time is part of that."""
    told = Told()
    host = observed(told)
    host.at_bim017()
    told.all.clear()
    host.send("submit_reset", host.reset())
    ordered, confirmed = told.all[:2]
    assert ["submit_reset", "confirmed"] == [ordered.event, confirmed.event]
    assert ordered.bank_asked
    assert timedelta(0) < ordered.bank_took <= ordered.took <= ordered.duration <= confirmed.duration
    assert confirmed.bank_asked
    assert confirmed.bank_took <= confirmed.took <= confirmed.duration - ordered.duration + timedelta(microseconds=2)
    told.all.clear()
    host.look()
    host.send("back")
    assert [False] == [each.bank_asked for each in told.all]
    assert [timedelta(0)] == [each.bank_took for each in told.all]


def test_a_commit_that_is_not_made_is_not_told() -> None:
    """Where another turn was first, what is told is what was committed in the end, once."""
    told, store = Told(), MemoryStore()
    host = observed(told, store=store)
    host.at_bim016()
    told.all.clear()
    keep, refused = store.commit, iter([True])

    def commit(puts: Sequence[Put], audit: Audit = ()) -> bool:
        is_first = audit != () and next(refused, False)
        return not is_first and keep(puts, audit)

    store.commit = commit  # type: ignore[method-assign]
    host.send("back")
    assert ["back"] == told.events()


def test_a_commit_that_fails_is_not_told() -> None:
    """A store that is not there is the caller's error, and nothing has happened."""
    told, store = Told(), MemoryStore()
    host = observed(told, store=store)
    host.at_bim016()
    told.all.clear()

    def commit(puts: Sequence[Put], audit: Audit = ()) -> bool:
        del puts, audit
        msg = "gone"
        raise StoreError(msg)

    store.commit = commit  # type: ignore[method-assign]
    with pytest.raises(StoreError):
        host.send("back")
    assert [] == told.all


def test_maintenance_and_operators_are_told_too() -> None:
    """What no turn does is an event like any other: `called` says who did it."""
    told = Told()
    host = observed(told)
    host.at_bim016()
    told.all.clear()
    host.clock.advance(100_000)
    host.service.expire_due()
    assert [("expire_due", "EXPIRED")] == [(each.called, each.after) for each in told.all]
    told.all.clear()
    account = {"branch": ORDINARY.branch, "subject": ORDINARY.subject, "account": ORDINARY.account}
    host.service.unlock(INSTITUTION.id, **account, context={"desk": "4"})
    assert [("unlock", "unlock", {"desk": "4"})] == [(each.called, each.event, each.context) for each in told.all]
    assert {"desk": "4"} == host.store.audit()[-1]["context"]


def test_the_operators_act_carries_its_context() -> None:
    """`operator.lift` audits the context that it is given."""
    told = Told()
    host = observed(told)
    host.at_bim016()
    host.send("choose_phone", host.phone())
    host.send("cancel")
    told.all.clear()
    number = ORDINARY.contract.phones[0]
    host.service.operator.lift(number=number, by="op-7", reason="asked for", context={"ticket": "A-1"})
    assert [("operator", "lift", {"ticket": "A-1"})] == [(each.called, each.event, each.context) for each in told.all]
    assert {"ticket": "A-1"} == host.store.audit()[-1]["context"]


def test_what_is_told_can_go_to_another_process() -> None:
    """Pickled and copied, it is what it was."""
    told = Told()
    host = observed(told)
    host.service.start(Procedure.LOGIN_PASSWORD, institution=INSTITUTION.id, context=CONTEXT)
    (happened,) = told.all
    for copied in (pickle.loads(pickle.dumps(happened)), copy.deepcopy(happened)):  # noqa: S301 - our own
        assert happened == copied
        assert (happened.record, happened.context) == (copied.record, copied.context)


# An observer that misbehaves --------------------------------------------------------------------------------


@pytest.mark.rule("S10")
def test_an_observer_that_raises_is_logged_and_harms_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """The same views, rows and audit as without it; the log says where it raised, and not what it quoted."""

    def broken(happened: Happened) -> None:
        raise KeyError(happened.context.get("ip"))

    broken_one, plain = observed(broken), observed(None)
    for host in (broken_one, plain):
        host.at(Procedure.LOGIN_PASSWORD, "DONE")
        view = host.service.start(Procedure.LOGIN_PASSWORD, institution=INSTITUTION.id, context=CONTEXT)
        assert "BIM015" == view.state
    bare = [[{**r, "session": None} for r in host.store.audit()] for host in (broken_one, plain)]
    assert bare[0] == bare[1]
    lines = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert lines
    assert all("observer raised KeyError" in line and "test_observer.py" in line for line in lines)
    assert CONTEXT["ip"] not in caplog.text


@pytest.mark.rule("L3", "S10")
@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, asyncio.CancelledError])
@pytest.mark.parametrize("right", [True, False])
def test_an_interrupt_in_the_observer_goes_on_and_leaves_the_session_safe(
    error: type[BaseException], *, right: bool
) -> None:
    """It is raised to whoever stops the process; the PIN was counted once, and the next request goes on."""
    armed = [False]

    def observer(happened: Happened) -> None:
        if armed[0] and happened.event == "submit_reset":
            armed[0] = False
            raise error

    host = observed(observer)
    host.at_bim017()
    wrong = str((int(host.customer.pin) + 1) % 10_000).zfill(4)
    armed[0] = True
    with pytest.raises(error):
        host.send("submit_reset", host.reset(**({} if right else {"pin": wrong})), request_id="one")
    assert (0 if right else 1) == host.service.operator.pin_count(host.customer.ref)
    if right:
        host.clock.advance(120)
        host.service.recover()
        assert "DONE" == host.look().state
        given = [effect.data["new_password"] for effect in host.bank.carried_out if "new_password" in effect.data]
        assert 1 == len(given)
    else:
        assert "BIM017" == host.look().state
        assert host.send("submit_reset", host.reset()).state in {"DONE", "COMPLETING"}


async def _coroutine(happened: Happened) -> None:
    del happened


async def _stream(happened: Happened) -> AsyncIterator[Happened]:
    yield happened


def _generator(happened: Happened) -> Iterator[Happened]:
    yield happened


class Awaited:
    """An object whose __call__ is a coroutine function."""

    async def __call__(self, happened: Happened) -> None:
        """Never runs."""


NO_OBSERVERS: Final[Mapping[str, tuple[object, str]]] = {
    "a coroutine function": (_coroutine, "plain function"),
    "a partial of one": (functools.partial(_coroutine), "plain function"),
    "an object that is one": (Awaited(), "plain function"),
    "a method that is one": (Awaited().__call__, "plain function"),
    "an asynchronous generator": (_stream, "plain function"),
    "a generator": (_generator, "plain function"),
    "a class": (Told, r"did you mean Told\(\)"),
    "a list": ([print], "got list"),
    "a name": ("print", "got str"),
    "false": (False, "got bool"),
}


@pytest.mark.parametrize("face", [ResetService, AsyncResetService])
@pytest.mark.parametrize("what", NO_OBSERVERS)
def test_what_is_no_observer_is_refused_in_words(what: str, face: type[Any]) -> None:
    """Where it is handed over, not when the first customer comes."""
    given, words = NO_OBSERVERS[what]
    with pytest.raises(InvalidArgument, match=words):
        face(bank=FakeBank(), store=MemoryStore(), key=KEY, observer=given)


def test_an_observer_that_returns_a_coroutine_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """What nobody would await is closed, so that nothing warns later, and the log says what is wrong."""
    host = observed(lambda happened: _coroutine(happened))  # noqa: PLW0108 - a plain function that hides one
    assert "BIM015" == host.start().state
    assert "returned a coroutine" in caplog.text


def test_an_observer_may_call_the_service() -> None:
    """The commit is made and nothing is held: it can read the session, the audit, and even send an event."""
    seen: list[object] = []

    def observer(happened: Happened) -> None:
        if happened.event == "submit_identity":
            seen.append(host.store.audit(session=happened.session)[-1]["event"])
            seen.append(host.service.view(host.view.token).state)

    host = observed(observer)
    host.at_bim016()
    assert ["submit_identity", "BIM016"] == seen


# The context ------------------------------------------------------------------------------------------------


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MemoryStore | SqliteStore]:
    """A store."""
    made = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "reset.db")
    yield made
    made.close()


@pytest.mark.rule("S7")
def test_the_context_is_in_each_audit_record_of_the_call(store: MemoryStore | SqliteStore) -> None:
    """On every method that takes one; records of other calls have none."""
    told = Told()
    host = observed(told, store=store)
    service = host.service
    view = service.start(Procedure.TOKEN_REISSUE, institution=INSTITUTION.id, context={"step": "start"})
    host._view = view
    for event, data in (
        ("choose_method", {"method": "LOGIN_ID"}),
        ("submit_credentials", host.credentials()),
    ):
        view = service.send(view.token, event, data, context={"step": event})
    host._view = view
    view = service.send(view.token, "submit_details", host.details(), context={"step": "submit_details"})
    number = ORDINARY.contract.phones[0]
    call = Call(id="c-1", number=number, source=CallSource.NETWORK)
    result = service.report_call(call, context={"step": "call"})
    assert result.code is not None
    service.report_keys("c-1", result.code.reveal(), context={"step": "keys"})
    steps = [record["context"]["step"] for record in store.audit()]  # type: ignore[index]
    expected = ["start", "choose_method", "submit_credentials", "submit_details", "call", "keys"]
    assert expected == list(dict.fromkeys(steps))
    assert steps == [each.context["step"] for each in told.all]
    service.view(view.token)
    host.clock.advance(100_000)
    last = service.start(Procedure.TOKEN_REISSUE, institution=INSTITUTION.id)
    assert "context" not in store.audit()[-1]
    assert {} == told.all[-1].context
    host.clock.advance(100_000)
    assert service.view(last.token, context={"step": "view"}).final
    assert {"step": "view"} == store.audit()[-1]["context"]


def test_the_context_is_audited_without_an_observer() -> None:
    """The audit does not need somebody who listens."""
    host = Host()
    host.service.start(Procedure.LOGIN_PASSWORD, institution=INSTITUTION.id, context=CONTEXT)
    assert CONTEXT == host.store.audit()[-1]["context"]


HOSTILE: Final[Mapping[str, tuple[str, str]]] = {
    "long": ("x" * 5_000_000, "x" * 256),
    "lines": ("a\r\nb\x1b[31m\0", "a��b�[31m�"),
    "separators": ("a\u2028b\u2029c\x85", "a�b�c�"),
    "a lone surrogate": ("a\ud800", "a�"),
    "an override of the direction": ("a\u202eb", "a�b"),
    "Japanese": ("スマートフォン　表示", "スマートフォン　表示"),
    "nothing": ("", ""),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_no_value_is_refused_for_what_is_in_it(what: str, store: MemoryStore | SqliteStore) -> None:
    """A header that a customer makes up costs nobody an error: it is cut, and its control characters are replaced."""
    given, kept = HOSTILE[what]
    host = observed(None, store=store)
    view = host.service.start(Procedure.LOGIN_PASSWORD, institution=INSTITUTION.id, context={"user_agent": given})
    assert "BIM015" == view.state
    assert {"user_agent": kept} == host.store.audit()[-1]["context"]


def test_any_header_is_taken() -> None:
    """Whatever characters there are: the call is answered, and what is kept can be stored everywhere."""
    chance = random.Random(7)  # noqa: S311 - of a test
    host = Host()
    for _ in range(50):
        value = "".join(chr(chance.randrange(0x110000)) for _ in range(chance.randrange(600)))
        host.service.start(Procedure.LOGIN_PASSWORD, institution=INSTITUTION.id, context={"x": value})
        kept: Any = host.store.audit()[-1]["context"]
        assert len(kept["x"]) <= 256
        kept["x"].encode()
        assert "\0" not in kept["x"]


class Text(str):
    """A str that is none of the plain ones."""

    __slots__ = ()

    def __str__(self) -> str:
        """What it does not hold."""
        return "other"


class Unreadable(Mapping[str, str]):
    """A mapping of one key, it says, that raises when it is read."""

    def __len__(self) -> int:
        """Too few."""
        return 1

    def __iter__(self) -> Iterator[str]:
        """Its only key."""
        return iter(["ip"])

    def __getitem__(self, key: str) -> str:
        """What a host's own mapping may do."""
        msg = "kawa-2026"
        raise LookupError(msg)


NO_CONTEXTS: Final[Mapping[str, tuple[object, str]]] = {
    "unreadable": (Unreadable(), "mapping of str to str, or None; reading it raised an exception"),
    "a list": ([("ip", "x")], "mapping of str to str.*not list"),
    "a str": ("ip", "mapping of str to str.*not str"),
    "false": (False, "mapping of str to str.*not bool"),
    "an empty list": ([], "mapping of str to str.*not list"),
    "a number as a value": ({"ip": 7}, r"context\['ip'\] must be a str, not int"),
    "none as a value": ({"ip": None}, r"context\['ip'\] must be a str, not NoneType"),
    "bytes as a value": ({"ip": b"x"}, "must be a str, not bytes"),
    "a Secret": ({"ip": Secret("x")}, "must be a str, not Secret"),
    "a number as a key": ({7: "x"}, "key of context"),
    "capitals": ({"IP": "x"}, "key of context"),
    "a hyphen": ({"user-agent": "x"}, "key of context"),
    "a long key": ({"k" * 33: "x"}, "key of context"),
    "no key": ({"": "x"}, "key of context"),
    "a line's end": ({"ip\n": "x"}, "key of context"),
    "17 keys": ({"k" * n: "x" for n in range(1, 18)}, "at most 16 keys; it has 17"),
}


@pytest.mark.parametrize("what", NO_CONTEXTS)
def test_what_is_no_context_is_refused_in_words_and_changes_nothing(what: str) -> None:
    """On every method: InvalidArgument, and rows and audit are as they were."""
    given: Any = NO_CONTEXTS[what][0]
    words = NO_CONTEXTS[what][1]
    host = Host()
    host.at_bim016()
    before = host.row(), host.store.audit()
    service, token = host.service, host.view.token
    account = {"branch": ORDINARY.branch, "subject": ORDINARY.subject, "account": ORDINARY.account}
    call = Call(id="c", number=ORDINARY.contract.phones[0], source=CallSource.NETWORK)
    acts: list[Callable[[], object]] = [
        lambda: service.start(Procedure.LOGIN_PASSWORD, institution=INSTITUTION.id, context=given),
        lambda: service.send(token, "back", context=given),
        lambda: service.view(token, context=given),
        lambda: service.report_call(call, context=given),
        lambda: service.report_keys("c", "1", context=given),
        lambda: service.unlock(INSTITUTION.id, context=given, **account),
        lambda: service.operator.lift(number="090", by="a", reason="b", context=given),
    ]
    for act in acts:
        with pytest.raises(InvalidArgument, match=words):
            act()
    assert before == (host.row(), host.store.audit())


def test_sixteen_keys_of_thirty_two_characters_are_taken() -> None:
    """The limits themselves are inside; a str of another class is taken as the str that it is."""
    host = Host()
    context = {("k" * 31 + each): Text("v") for each in "abcdefghijklmno_"}
    host.service.start(Procedure.LOGIN_PASSWORD, institution=INSTITUTION.id, context=context)
    assert dict.fromkeys(context, "v") == host.store.audit()[-1]["context"]


@pytest.mark.rule("S5")
@pytest.mark.parametrize("shape", ["{}", "https://bank.example/reset?t={}&x=1", "{} ", "A" * 300 + "{}"])
def test_a_context_with_the_token_is_refused(shape: str) -> None:
    """In whatever of its values, cut or not: neither message nor traceback shows it, and nothing is changed."""
    host = Host()
    host.at_bim016()
    before = host.row(), host.store.audit()
    token = host.view.token
    context = {"a": "b", "referer": shape.format(token)}
    acts: list[Callable[[], object]] = [
        lambda: host.service.send(token, "back", context=context),
        lambda: host.service.view(token, context=context),
    ]
    for act in acts:
        with pytest.raises(InvalidArgument, match=r"context\['referer'\] must not hold the session's token") as caught:
            act()
        assert token not in str(caught.value)
    assert before == (host.row(), host.store.audit())


def test_a_made_up_token_does_not_turn_a_header_into_an_error() -> None:
    """Who sends `a` as a token is unknown, as ever, though his header has an `a`."""
    host = Host()
    for token in ("", "a", "Mozilla"):
        with pytest.raises(UnknownSession):
            host.service.view(token, context={"user_agent": "Mozilla/5.0 a"})


@pytest.mark.rule("S7")
def test_log_records_carry_the_record_as_extra(caplog: pytest.LogCaptureFixture) -> None:
    """A formatter for machines has all of it; the message has nothing of the context."""
    caplog.set_level(logging.INFO, logger="ja_reset")
    host = Host()
    host.service.start(Procedure.LOGIN_PASSWORD, institution=INSTITUTION.id, context=CONTEXT)
    (line,) = (record for record in caplog.records if record.name == "ja_reset")
    assert host.store.audit()[-1] == line.ja_reset  # type: ignore[attr-defined]
    assert CONTEXT["ip"] not in line.getMessage()


# Awaited ----------------------------------------------------------------------------------------------------


class AwaitedBank(FakeBank):
    """A bank whose methods wait."""

    async def find_contract(self, *arguments: str) -> object:  # type: ignore[override]
        """Find it, in a while."""
        await asyncio.sleep(0)
        return super().find_contract(*arguments)


def test_the_asynchronous_service_tells_the_same(store: MemoryStore | SqliteStore) -> None:
    """With a bank and a store that are awaited: the values, the times and the context."""
    told = Told()
    clock = FakeClock()
    host = Host()

    async def play() -> list[dict[str, object]]:
        service = AsyncResetService(bank=AwaitedBank(), store=store, key=KEY, clock=clock, observer=told)  # type: ignore[arg-type]
        view = await service.start(Procedure.LOGIN_PASSWORD, institution=INSTITUTION.id, context={"step": "start"})
        await service.send(view.token, "submit_identity", host.identity(), context={"step": "identity"})
        with pytest.raises(InvalidArgument, match="must not hold"):
            await service.send(view.token, "back", context={"referer": view.token})
        with pytest.raises(InvalidArgument, match="mapping of str"):
            await service.start(Procedure.LOGIN_PASSWORD, institution=INSTITUTION.id, context=[])  # type: ignore[arg-type]
        await service.expire_due()
        return store.audit()

    records = asyncio.run(play())
    assert records == [dict(each.record) for each in told.all]
    assert [{"step": "start"}, {"step": "identity"}] == [each.context for each in told.all]
    assert ["start", "send"] == [each.called for each in told.all]
    last = told.all[-1]
    assert "BIM016" == last.after
    assert last.bank_asked
    assert timedelta(0) < last.bank_took <= last.took <= last.duration


@pytest.mark.rule("S10")
def test_an_observer_that_raises_harms_no_asynchronous_turn(caplog: pytest.LogCaptureFixture) -> None:
    """The answer comes, the log says that the observer raised."""

    def broken(_: Happened) -> None:
        raise ValueError

    async def play() -> str:
        service = AsyncResetService(bank=FakeBank(), store=MemoryStore(), key=KEY, clock=FakeClock(), observer=broken)
        view = await service.start(Procedure.LOGIN_PASSWORD, institution=INSTITUTION.id)
        return (await service.send(view.token, "submit_identity", Host().identity())).state

    assert "BIM016" == asyncio.run(play())
    assert "observer raised ValueError" in caplog.text


def test_a_commit_is_asked_for_once() -> None:
    """Watching changes nothing of what the store hears but the context."""
    heard: list[tuple[int, int]] = []

    class Counting(MemoryStore):
        """A store that counts."""

        def commit(self, puts: Sequence[Put], audit: Audit = ()) -> bool:
            """Count it."""
            heard.append((len(puts), len(audit)))
            return super().commit(puts, audit)

    commits = []
    for observer in (None, Told()):
        heard.clear()
        observed(observer, store=Counting()).at(Procedure.LOGIN_PASSWORD, "DONE")
        commits.append(list(heard))
    assert commits[0] == commits[1]
