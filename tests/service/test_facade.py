"""The service's face: whoever misuses it is told so, and whatever its bank and clock do, sessions stay whole."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import Any, Final
from unittest.mock import ANY

import attrs
import pytest

from hosts import KEY, LIVE, WITH_CODES, Host, named
from ja_reset import (
    AsyncResetService,
    BankUnavailable,
    Call,
    CallResult,
    CallSource,
    Contract,
    Effect,
    EffectKind,
    Institution,
    InvalidArgument,
    LoginCredentials,
    PinCheck,
    Policies,
    PortError,
    Procedure,
    ResetError,
    ResetService,
    SealError,
    Secret,
    StoreError,
    Text,
    UnknownInstitution,
    UnknownProcedure,
    UnknownSession,
    View,
)
from ja_reset.bank._values import CallStatus
from ja_reset.stores import MemoryStore, SqliteStore, threaded
from ja_reset.testing import FakeBank, FakeClock
from ja_reset.testing.cast import INSTITUTION, ORDINARY

ODD: Final[tuple[object, ...]] = (
    *(None, True, 0, 1.5, b"x", "", "x", "\0", "\ud800", "x" * 100_000),
    *([], {}, set(), (), object(), object, ANY, Procedure),
)


def _codes(answer: View | CallResult) -> list[str]:
    return [reason.code for reason in answer.reasons]


def _but(*kinds: type) -> list[object]:
    return [each for each in ODD if not isinstance(each, kinds)]


# Misuse -----------------------------------------------------------------------------------------------------


@pytest.mark.rule("E2", "A8")
@pytest.mark.parametrize("procedure", [*ODD, "login_password", "RESET", EffectKind.NOTIFY], ids=lambda v: repr(v)[:20])
def test_a_procedure_that_is_none_is_the_programmers_mistake(procedure: Any) -> None:  # noqa: ANN401 - anything
    """An error that names the procedures there are; no session begins."""
    host = Host()
    with pytest.raises(UnknownProcedure, match="LOGIN_PASSWORD, RISK_BASED_AUTH, TOKEN_REISSUE"):
        host.service.start(procedure, institution="ja-0417")
    assert [] == host.service.operator.sessions()


@pytest.mark.rule("E2")
def test_a_procedure_may_be_named_by_its_string() -> None:
    """The name and the member begin the same."""
    host = Host()
    assert Procedure.TOKEN_REISSUE is host.service.start("TOKEN_REISSUE", institution="ja-0417").procedure


@pytest.mark.rule("E2", "A8")
@pytest.mark.parametrize("institution", [*ODD, "ja-0418", "JA-0417"], ids=lambda v: repr(v)[:20])
def test_an_institution_that_is_none_is_the_programmers_mistake(institution: Any) -> None:  # noqa: ANN401 - anything
    """An error and no refusal, whatever its type; no session begins and nothing is unlocked."""
    host = Host()
    with pytest.raises(UnknownInstitution):
        host.service.start(Procedure.LOGIN_PASSWORD, institution=institution)
    with pytest.raises(UnknownInstitution):
        host.service.unlock(institution, branch="001", subject="普通", account="0123456")
    assert [] == [*host.service.operator.sessions(), *host.store.audit()]


@pytest.mark.rule("A8", "S1")
@pytest.mark.parametrize("token", ODD, ids=lambda v: repr(v)[:20])
def test_a_token_that_is_none_names_no_session(token: Any) -> None:  # noqa: ANN401 - anything
    """UnknownSession, whatever its type, and no word of it in the error; the public id is no token either."""
    host = Host()
    view = host.start()
    for bad in (token, view.id, view.token + "x", view.token[:-1]):
        with pytest.raises(UnknownSession) as caught:
            host.service.view(bad)
        assert "the token belongs to no session: it was never issued, or the session was purged" == str(caught.value)
        with pytest.raises(UnknownSession):
            host.service.send(bad, "cancel")


@pytest.mark.rule("S2", "A8")
@pytest.mark.parametrize("version", [each for each in ODD if each is not None], ids=lambda v: repr(v)[:20])
def test_a_version_that_is_not_the_present_one_is_stale(version: Any) -> None:  # noqa: ANN401 - anything
    """Whatever its type: nothing changes, and True is not the first version."""
    host = Host()
    view = host.start()
    stale = host.service.send(view.token, "cancel", version=version)
    assert ("BIM015", 1, ["stale"]) == (stale.state, stale.version, _codes(stale))


@pytest.mark.rule("A8")
@pytest.mark.parametrize("request_id", [each for each in _but(str) if each is not None], ids=lambda v: repr(v)[:20])
def test_a_request_id_is_a_str(request_id: Any) -> None:  # noqa: ANN401 - anything
    """Another type is the programmer's mistake, found before the session is touched."""
    host = Host()
    view = host.start()
    with pytest.raises(InvalidArgument, match="request_id must be a non-empty str, or None"):
        host.service.send(view.token, "cancel", request_id=request_id)
    assert "BIM015" == host.look().state


@pytest.mark.rule("S2", "A8")
def test_an_empty_request_id_is_refused() -> None:
    """A form whose hidden field was left empty would have every request taken for a repeat of the one before."""
    host = Host()
    view = host.start()
    with pytest.raises(InvalidArgument, match="request_id must be a non-empty str, or None"):
        host.service.send(view.token, "cancel", request_id="")
    assert "BIM015" == host.look().state


@pytest.mark.rule("F14", "A8")
@pytest.mark.parametrize(("procedure", "state"), LIVE, ids=named)
def test_data_of_any_type_is_read_as_far_as_it_goes(procedure: Procedure, state: str) -> None:
    """What is no form counts as empty, and every field's error comes back."""
    host = Host(policies=WITH_CODES)
    for data in ODD:
        view = host.at(procedure, state)
        answer = host.service.send(view.token, view.events[0], data, version=view.version)
        assert answer.state in {state, "DONE", "BTR005"}
        assert view.screen.fields == () or set(_codes(answer)) <= {"required", "not_accepted", "format"}
        host.clock.advance(3600)
        host.look()


@pytest.mark.rule("A8", "P8a")
@pytest.mark.parametrize("odd", ODD, ids=lambda v: repr(v)[:20])
def test_what_is_no_call_and_no_keys_is_the_programmers_mistake(odd: Any) -> None:  # noqa: ANN401 - anything
    """A Call is a Call, keys are strings, times are aware; a session that is none is merely unmatched."""
    host = Host()
    host.at_btr004()
    with pytest.raises(InvalidArgument):
        host.service.report_call(odd)
    if odd is not None:
        assert CallStatus.UNMATCHED is host.service.report_call(_call("named"), session=odd).status
    if not isinstance(odd, str):
        with pytest.raises(InvalidArgument):
            host.service.report_keys(odd, "1")
        with pytest.raises(InvalidArgument):
            host.service.report_keys("c", odd)
    if odd is not None:
        with pytest.raises(InvalidArgument):
            host.service.report_keys("c", "1", received_at=odd)
    assert "BTR004" == host.look().state


def _call(name: str, **fields: Any) -> Call:  # noqa: ANN401 - fields by name
    return Call(id=name, number=ORDINARY.contract.phones[0], source=CallSource.NETWORK, **fields)


WEST: Final = timezone(timedelta(hours=-14))
EAST: Final = timezone(timedelta(hours=14))


@pytest.mark.rule("A8", "P2")
@pytest.mark.parametrize(
    "at",
    [datetime(2026, 4, 1), datetime.max.replace(tzinfo=WEST), datetime.min.replace(tzinfo=EAST)],  # noqa: DTZ001
)
def test_a_time_that_is_no_utc_time_is_the_programmers_mistake(at: datetime) -> None:
    """Naive, or beyond what UTC can say."""
    host = Host()
    with pytest.raises(InvalidArgument):
        _call("c", received_at=at)
    with pytest.raises(InvalidArgument):
        host.service.report_keys("c", "1", received_at=at)
    with pytest.raises(InvalidArgument):
        FakeClock(at)


@pytest.mark.rule("A8", "P2")
@pytest.mark.parametrize("at", [datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)])
def test_a_time_at_the_end_of_times_is_merely_late_or_early(at: datetime) -> None:
    """The farthest times that there are are answered like others."""
    host = Host()
    host.at_btr004()
    assert {"late", "early"} >= set(_codes(host.service.report_call(_call("c", received_at=at))))
    host.call(id="d")
    assert CallStatus.REFUSED is host.service.report_keys("d", "000000", received_at=at).status


@pytest.mark.rule("L6", "A8")
@pytest.mark.parametrize("odd", [each for each in ODD if each is not None], ids=lambda v: repr(v)[:20])
@pytest.mark.parametrize("field", ["branch", "subject", "account", "login_id"])
def test_unlock_wants_an_account(field: str, odd: Any) -> None:  # noqa: ANN401 - anything
    """What is no branch, subject, account or login id is named, and nothing is cleared or audited."""
    host = Host()
    fields = {"branch": "001", "subject": "普通", "account": "0123456", field: odd}
    with pytest.raises(InvalidArgument, match=field):
        host.service.unlock("ja-0417", **fields)
    assert [] == host.store.audit()


@pytest.mark.rule("A8")
@pytest.mark.parametrize("odd", [each for each in ODD if each is not None], ids=lambda v: repr(v)[:20])
@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_the_operators_face_reads_and_takes_no_nonsense(tmp_path: Path, kind: str, odd: Any) -> None:  # noqa: ANN401
    """A filter that fits nothing finds nothing, one that no row can have is refused; a limit is a number from 1."""
    host = Host(store=MemoryStore() if kind == "memory" else SqliteStore(tmp_path / "reset.db"))
    host.at_done()
    operator = host.service.operator
    if odd is not ANY:  # which equals every filter
        with pytest.raises(InvalidArgument, match="status must be"):
            operator.effects(status=odd)
        found = (
            lambda: operator.sessions(state=odd),
            lambda: operator.effects(session=odd),
            lambda: operator.audit(session=odd),
        )
        for find in found:
            if isinstance(odd, str):
                assert [] == find()
            else:
                with pytest.raises(InvalidArgument, match="must be a str"):
                    find()
    assert 0 == operator.pin_count(odd)
    for read in (operator.sessions, operator.effects, operator.audit, operator.locked, operator.waits):
        with pytest.raises(InvalidArgument, match="limit must be an int from 1 to 1000"):
            read(limit=odd)
        with pytest.raises(InvalidArgument, match="after must be"):
            read(after=odd)


@pytest.mark.rule("A8")
def test_the_operators_limit_is_kept() -> None:
    """So many records, the newest of the audit."""
    host = Host()
    host.at_done()
    host.clock.advance(1)
    host.at_cancelled()
    operator = host.service.operator
    assert [1, 2, 2] == [len(operator.sessions(limit=limit)) for limit in (1, 2, 3)]
    assert [1, 2, 2] == [len(operator.effects(limit=limit)) for limit in (1, 2, 3)]
    assert ["cancel"] == [record["event"] for record in operator.audit(limit=1)]


@pytest.mark.rule("A8")
@pytest.mark.parametrize(
    ("fields", "error"),
    [
        *(({"policies": odd}, InvalidArgument) for odd in ODD),
        *(({"messages": odd}, InvalidArgument) for odd in ("x", 1, True, ["x"], {"x": "y"}, {1: Text(ja="", en="")})),
        *(({"key": odd}, SealError) for odd in ("x" * 32, b"", b"x" * 31, [b"x"], [KEY, None], [], 5)),
    ],
    ids=lambda v: repr(v)[:30],
)
def test_a_service_is_set_up_rightly_or_not_at_all(fields: dict[str, Any], error: type[ResetError]) -> None:
    """Policies, texts and keys that are none are found when the service is made."""
    with pytest.raises(error):
        ResetService(**{"bank": FakeBank(), "store": MemoryStore(), "clock": FakeClock(), **fields})


@pytest.mark.parametrize("kind", [ResetService, AsyncResetService])
def test_without_policies_the_standard_ones_hold(kind: type[ResetService | AsyncResetService]) -> None:
    """They can be named by a word too; no other word is taken for them."""
    of: Any = partial(kind, bank=FakeBank(), store=MemoryStore(), key=KEY)
    for service in (of(), of(policies="standard"), of(policies=Policies())):
        assert Policies() == service._config.policies
    for word in ("", "Standard", "standard "):
        with pytest.raises(InvalidArgument, match="policies must be a Policies, not str"):
            of(policies=word)


@pytest.mark.rule("A8", "S3")
@pytest.mark.parametrize("reading", [datetime(2026, 4, 1, 1), None, 0, "2026-04-01"])  # noqa: DTZ001 - the point
def test_a_clock_that_gives_no_aware_time_is_told_and_nothing_happens(reading: Any) -> None:  # noqa: ANN401 - anything
    """Every call says so, and the session is as before when the clock is fixed."""
    host = Host()
    view = host.at_bim016()
    broken = ResetService(bank=host.bank, store=host.store, key=KEY, clock=lambda: reading)
    row = host.row()
    calls: Sequence[Callable[[], object]] = (
        lambda: broken.start(Procedure.LOGIN_PASSWORD, institution="ja-0417"),
        lambda: broken.view(view.token),
        lambda: broken.send(view.token, "cancel"),
        lambda: broken.report_call(_call("c")),
        lambda: broken.report_keys("c", "1"),
        broken.expire_due,
        broken.purge,
    )
    for call in calls:
        with pytest.raises(InvalidArgument, match="the clock's reading must be an aware datetime"):
            call()
    assert row == host.row()
    assert view == host.look()


# Keys -------------------------------------------------------------------------------------------------------


@pytest.mark.rule("S5")
def test_a_key_for_this_process_alone_is_warned_of_where_the_store_outlives_it(tmp_path: Path) -> None:
    """The warning points at the host's own line; in memory, and with a key, there is none."""
    with SqliteStore(tmp_path / "a.db") as store:
        with pytest.warns(UserWarning, match="no key was given") as caught:
            ResetService(bank=FakeBank(), store=store)
        assert [__file__] == [each.filename for each in caught]
        with pytest.warns(UserWarning, match="no key was given") as caught:
            AsyncResetService(bank=FakeBank(), store=store)
        assert [__file__] == [each.filename for each in caught]
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            ResetService(bank=FakeBank(), store=store, key=KEY)
            ResetService(bank=FakeBank(), store=MemoryStore())


@pytest.mark.rule("S5", "C4")
def test_keys_are_rotated_by_putting_a_new_one_in_front() -> None:
    """What the old key sealed is opened beside the new one; without it the error says so and nothing is lost."""
    host = Host()
    host.at_btr004()
    code = host.call().code
    assert code is not None
    new = bytes(reversed(KEY))
    other = attrs.evolve(host, key=new)
    with pytest.raises(SealError, match="cannot be opened"):
        other.keys(code.reveal())
    assert "BTR004_KEYS" == host.look().state
    both = attrs.evolve(host, key=(new, KEY))
    assert CallStatus.VERIFIED is both.keys(code.reveal()).status
    assert "BTR005" == host.look().state
    (effect,) = [each for each in host.bank.carried_out if each.kind is EffectKind.ISSUE_TOKEN]
    assert Secret("86421357") == effect.data["activation_password"]


# A bank in trouble ------------------------------------------------------------------------------------------


@attrs.frozen
class _At:
    """A step at which the bank is asked: what is done, which methods it asks, where it leads."""

    procedure: Procedure
    state: str
    asks: tuple[str, ...]
    goal: str
    do: Callable[[Host], object] = attrs.field(repr=False)


def _sends(event: str, form: str) -> Callable[[Host], object]:
    return lambda host: host.send(event, getattr(host, form)())


def _calls(host: Host) -> CallResult:
    return host.call()


def _keys(host: Host) -> CallResult:
    """The code of the call, which the gateway hears again, and then the keys."""
    code = host.service.report_call(_call(f"call-{host.calls}")).code
    assert code is not None
    return host.keys(code.reveal())


LOGIN, RISK, TOKEN = Procedure
STEPS: Final = (
    *(
        _At(procedure, state, asks, goal, do)
        for procedure in (LOGIN, RISK)
        for state, asks, goal, do in (
            ("BIM015", ("find_contract",), "BIM016", _sends("submit_identity", "identity")),
            ("BIM016", ("contract",), "PHONE", _sends("choose_phone", "phone")),
            ("PHONE", ("contract",), "BIM017", _calls),
            ("BIM017", ("contract", "check_pin", "carry_out"), "DONE", _sends("submit_reset", "reset")),
            ("COMPLETING", ("carry_out",), "DONE", lambda host: host.send("proceed")),
        )
    ),
    _At(TOKEN, "BTR002", ("check_login",), "BTR003", _sends("submit_credentials", "credentials")),
    _At(TOKEN, "BTR003", ("contract",), "BTR004", _sends("submit_details", "details")),
    _At(TOKEN, "BTR004", ("contract",), "BTR004_KEYS", _calls),
    _At(TOKEN, "BTR004_KEYS", ("contract", "carry_out"), "BTR005", _keys),
    _At(TOKEN, "COMPLETING", ("carry_out",), "BTR005", lambda host: host.send("proceed")),
)
TROUBLES: Final = [(at, method) for at in STEPS for method in at.asks]
WITH_ROWS: Final = ("pin", "identity", "wait", "effect")


def _name(value: object) -> str:
    return f"{value.procedure.value}-{value.state}" if isinstance(value, _At) else str(value)


def _rows(host: Host) -> dict[tuple[str, str], Mapping[str, object]]:
    return {(kind, row.key): row.body for kind in WITH_ROWS for row in host.store.scan(kind)}


def _asked(host: Host) -> list[str]:
    return list(dict.fromkeys(method for method, _ in host.bank.asked if method != "institution"))


@pytest.mark.parametrize("at", STEPS, ids=_name)
def test_each_step_asks_the_bank_what_it_must_and_no_more(at: _At) -> None:
    """The methods that the troubles below are made of are all that a step asks, in this order."""
    host = Host()
    host.at(at.procedure, at.state)
    host.bank.asked.clear()
    at.do(host)
    assert list(at.asks) == _asked(host)
    assert at.goal == host.look().state


def _after(at: _At, method: str) -> str:
    """Where a session stands when *method* gave no answer: where it was, or waiting for its effect (C4)."""
    return "COMPLETING" if method == "carry_out" else at.state


@pytest.mark.rule("C6", "C4", "L5")
@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("at", "method"), TROUBLES, ids=_name)
def test_a_bank_that_gives_no_answer_leaves_the_session_where_it_was(at: _At, method: str, late: bool) -> None:
    """The answer says so, nothing is half done, and the same again succeeds: whether the bank did its work or not."""
    host = Host()
    host.at(at.procedure, at.state)
    rows = _rows(host)
    host.bank.fail(method, BankUnavailable, after=late)
    answer = at.do(host)
    assert isinstance(answer, View | CallResult)
    told = ["temporarily_unavailable"]
    if method == "carry_out":  # it is recorded: the call has proved the phone, the customer waits for the bank
        told = [] if isinstance(answer, CallResult) else ["in_progress"]
    assert told == _codes(answer)
    assert _after(at, method) == host.look().state
    if method == "check_pin":
        assert (0, 2) == (host.service.operator.pin_count(ORDINARY.ref), host.view.tries_left)
    elif method != "carry_out":
        assert rows == _rows(host)
    if method == "carry_out":
        host.send("proceed")
    else:
        at.do(host)
    assert at.goal == host.look().state
    once = [effect.kind for effect in host.bank.carried_out if effect.kind is not EffectKind.NOTIFY]
    assert len(once) == len(set(once))


@pytest.mark.rule("A8", "C6")
@pytest.mark.parametrize("error", [RuntimeError("theirs"), KeyError("theirs"), KeyboardInterrupt("theirs")], ids=repr)
@pytest.mark.parametrize(("at", "method"), TROUBLES, ids=_name)
def test_any_other_exception_of_the_bank_is_passed_on_unchanged(at: _At, method: str, error: BaseException) -> None:
    """The very one; the session stays usable, with the version that a look at it gives."""
    host = Host()
    host.at(at.procedure, at.state)
    rows = _rows(host)
    host.bank.fail(method, error)
    with pytest.raises(type(error)) as caught:
        at.do(host)
    assert error is caught.value
    assert _after(at, method) == host.look().state
    if method not in {"check_pin", "carry_out"}:
        assert rows == _rows(host)
    if method == "carry_out":
        host.clock.advance(0 if isinstance(error, Exception) else 61)
        host.send("proceed")
    else:
        at.do(host)
    assert at.goal == host.look().state


@pytest.mark.rule("A8", "C6")
@pytest.mark.parametrize(("at", "method"), TROUBLES, ids=_name)
def test_a_bank_that_raises_stop_iteration_is_told_so(at: _At, method: str) -> None:
    """No generator can be told of one: it is a PortError, and the session stays usable."""
    host = Host()
    host.at(at.procedure, at.state)
    host.bank.fail(method, StopIteration)
    with pytest.raises(PortError, match="a port raised StopIteration"):
        at.do(host)
    assert _after(at, method) == host.look().state
    if method == "carry_out":
        host.send("proceed")
    else:
        at.do(host)
    assert at.goal == host.look().state


NONSENSE: Final[tuple[object, ...]] = (
    True,
    0,
    1,
    "RIGHT",
    b"",
    [],
    (),
    {},
    object(),
    ANY,
    Contract,
    PinCheck,
    FakeBank,
)


@pytest.mark.rule("A8", "C6")
@pytest.mark.parametrize(("at", "method"), TROUBLES, ids=_name)
def test_a_bank_that_answers_nonsense_proves_nothing(at: _At, method: str) -> None:
    """A PortError names the method and the type; the session stays where it was, usable."""
    for nonsense in (*NONSENSE, *((None,) if method == "check_pin" else ())):
        if method == "carry_out" and isinstance(nonsense, Mapping) and at.procedure is not TOKEN:
            continue
        host = Host()
        host.at(at.procedure, at.state)
        host.bank.answer(method, nonsense)
        with pytest.raises(PortError, match=rf"the bank's {method}\b"):
            at.do(host)
        assert _after(at, method) == host.look().state
        if method == "carry_out":
            host.send("proceed")
        else:
            at.do(host)
        assert at.goal == host.look().state


@pytest.mark.rule("C3", "A8")
@pytest.mark.parametrize(
    "results",
    [
        None,
        {},
        {"service_id": "s"},
        {"user_id": "u"},
        {"service_id": "", "user_id": "u"},
        {"service_id": 1, "user_id": 2},
    ],
)
def test_a_token_without_its_two_ids_is_no_confirmation(results: object) -> None:
    """What the customer needs to go on must be there: the session waits until it is."""
    host = Host()
    host.at_btr004_keys()
    host.bank.answer("carry_out", results)
    with pytest.raises(PortError, match="service_id and user_id"):
        _keys(host)
    assert "COMPLETING" == host.look().state
    host.clock.advance(60)
    assert 1 == host.service.recover()
    assert "BTR005" == host.look().state


@pytest.mark.rule("E2", "A8", "C6")
@pytest.mark.parametrize("nonsense", [*NONSENSE, "ja-0417"], ids=lambda v: repr(v)[:20])
def test_an_institution_that_is_nonsense_is_the_banks_fault(nonsense: object) -> None:
    """A PortError at each call that asks for it, and the session stays as it was."""
    host = Host()
    host.bank.answer("institution", nonsense)
    with pytest.raises(PortError, match="the bank's institution gave"):
        host.start()
    view = host.at_bim016()
    row = host.row()
    fresh = host.beside().service  # a process that has never known it
    dos: Sequence[Callable[[], object]] = (
        lambda: fresh.view(view.token),
        lambda: fresh.send(view.token, "back"),
    )
    for do in dos:
        host.bank.answer("institution", nonsense)
        with pytest.raises(PortError, match="the bank's institution gave"):
            do()
    assert row == host.row()
    assert "BIM015" == host.send("back").state


@pytest.mark.rule("C6", "E2")
def test_where_the_institution_cannot_be_asked() -> None:
    """`start` and `unlock` pass the silence on; a session goes on by what the process knew, and else waits."""
    host = Host()
    host.bank.down = True
    with pytest.raises(BankUnavailable):
        host.start()
    with pytest.raises(BankUnavailable):
        host.service.unlock("ja-0417", branch="001", subject="普通", account="0123456")
    host.bank.down = False
    view = host.at_bim016()
    row = host.row()
    host.bank.down = True
    fresh = host.beside()
    assert ["temporarily_unavailable"] == _codes(fresh.send("back"))
    assert CallStatus.REFUSED is fresh.service.report_call(_call("c"), session=view.id).status
    assert 0 == fresh.service.expire_due()
    assert row == host.row()
    assert "CANCELLED" == host.send("cancel").state


@pytest.mark.rule("I7", "A8", "C6")
def test_a_bank_that_judges_identity_itself_is_held_to_yes_or_no() -> None:
    """True proves, False is a mismatch, anything else a PortError, silence a reason."""

    class Judge(FakeBank):
        verdict: Any = True

        def identity_matches(self, contract: Contract, form: object) -> bool:
            assert (ORDINARY.contract, "IdentityForm") == (contract, type(form).__name__)
            if isinstance(self.verdict, type):
                raise self.verdict
            verdict: bool = self.verdict
            return verdict

    bank = Judge()
    host = Host(bank=bank)
    typed = host.identity(name_kana="ベツジン", birth_date="1970-01-01")
    for verdict, state, codes in ((False, "BIM015", ["identity_mismatch"]), (True, "BIM016", [])):
        bank.verdict = verdict
        host.start()
        view = host.send("submit_identity", typed)
        assert (state, codes) == (view.state, _codes(view))
    bank.verdict = BankUnavailable
    host.start()
    assert ["temporarily_unavailable"] == _codes(host.send("submit_identity", typed))
    for nonsense in (None, 1, "yes"):
        bank.verdict = nonsense
        host.start()
        with pytest.raises(PortError, match="the bank's identity_matches gave"):
            host.send("submit_identity", typed)
        assert "BIM015" == host.look().state


@pytest.mark.rule("I5", "C6")
@pytest.mark.parametrize("error", [BankUnavailable(), RuntimeError()], ids=repr)
def test_silence_costs_no_try(error: Exception) -> None:
    """However often the bank fails, as many tries are left as before."""
    host = Host()
    host.start()
    for _ in range(8):
        host.bank.fail("find_contract", error)
        try:
            host.send("submit_identity", host.identity())
        except RuntimeError:
            host.look()
    for _ in range(4):
        assert ["identity_mismatch"] == _codes(host.send("submit_identity", host.identity(birth_date="1970-01-01")))
    assert "BIM016" == host.send("submit_identity", host.identity()).state


# Awaited ----------------------------------------------------------------------------------------------------


class CoroutineBank:
    """A FakeBank that answers after the loop has gone round, and stops where it is told until it is let go."""

    def __init__(self) -> None:
        self.fake = FakeBank()
        self.stops_at: str | None = None
        self.asked = asyncio.Event()

    async def _answer(self, method: str, *arguments: object) -> Any:  # noqa: ANN401 - each method its own
        await asyncio.sleep(0)
        if self.stops_at == method:
            self.asked.set()
            await asyncio.Event().wait()
        return getattr(self.fake, method)(*arguments)

    async def institution(self, institution: str, /) -> Institution | None:
        """See Bank.institution."""
        return await self._answer("institution", institution)  # type: ignore[no-any-return]

    async def find_contract(self, institution: str, branch: str, subject: str, account: str, /) -> Contract | None:
        """See Bank.find_contract."""
        return await self._answer("find_contract", institution, branch, subject, account)  # type: ignore[no-any-return]

    async def check_login(self, institution: str, credentials: LoginCredentials, /) -> Contract | None:
        """See Bank.check_login."""
        return await self._answer("check_login", institution, credentials)  # type: ignore[no-any-return]

    async def contract(self, ref: str, /) -> Contract | None:
        """See Bank.contract."""
        return await self._answer("contract", ref)  # type: ignore[no-any-return]

    async def check_pin(self, ref: str, pin: Secret, /) -> PinCheck:
        """See Bank.check_pin."""
        return await self._answer("check_pin", ref, pin)  # type: ignore[no-any-return]

    async def carry_out(self, effect: Effect, /) -> Mapping[str, str] | None:
        """See Bank.carry_out."""
        return await self._answer("carry_out", effect)  # type: ignore[no-any-return]


@attrs.define
class AsyncHost:
    """As `Host`, awaited."""

    service: AsyncResetService
    typed: Host = attrs.field(factory=Host)

    async def start(self, procedure: Procedure) -> View:
        """A new session."""
        return self._see(await self.service.start(procedure, institution=INSTITUTION.id))

    async def send(self, event: str, data: object = None) -> View:
        """An event of the customer, under the version last seen."""
        view = self.typed.view
        return self._see(await self.service.send(view.token, event, data, version=view.version))

    async def look(self) -> View:
        """The present view."""
        return self._see(await self.service.view(self.typed.view.token))

    def _see(self, view: View) -> View:
        self.typed._view = view
        return view

    async def run(self, procedure: Procedure, until: str = "") -> View:
        """A whole run, or until a state."""
        view = await self.start(procedure)
        while not view.final and view.state != until:
            view = await self.step()
        return view

    async def step(self) -> View:
        """What leads on from here."""
        state, typed = self.typed.view.state, self.typed
        if state in {"PHONE", "BTR004"}:
            result = await self.service.report_call(_call(f"c-{typed.view.id}"))
            if result.code is not None:
                await self.service.report_keys(f"c-{typed.view.id}", result.code.reveal())
            return await self.look()
        forms: dict[str, tuple[str, Callable[[], object]]] = {
            "BIM015": ("submit_identity", typed.identity),
            "BIM016": ("choose_phone", typed.phone),
            "BIM017": ("submit_reset", typed.reset),
            "BTR001": ("choose_method", lambda: {"method": "LOGIN_ID"}),
            "BTR002": ("submit_credentials", typed.credentials),
            "BTR003": ("submit_details", typed.details),
        }
        event, data = forms.get(state, ("proceed", lambda: None))
        return await self.send(event, data())


@pytest.mark.rule("S10", "C4")
@pytest.mark.parametrize("store", ["memory", "sqlite", "threaded"])
@pytest.mark.parametrize("kind", ["coroutines", "plain"])
@pytest.mark.parametrize("procedure", Procedure, ids=named)
def test_a_whole_procedure_can_be_awaited(tmp_path: Path, procedure: Procedure, kind: str, store: str) -> None:
    """Over a bank of coroutines or a plain one, and over every store: the views are those of the synchronous face."""

    async def whole() -> None:
        bank = CoroutineBank() if kind == "coroutines" else FakeBank()
        fake = bank.fake if isinstance(bank, CoroutineBank) else bank
        inner = MemoryStore() if store == "memory" else SqliteStore(tmp_path / "reset.db")
        given = threaded(inner) if store == "threaded" else inner
        service = AsyncResetService(bank=bank, store=given, key=KEY, clock=FakeClock())
        host = AsyncHost(service)
        done = await host.run(procedure)
        plain = Host()
        assert plain.at(procedure, done.state).to_dict() == {
            **done.to_dict(),
            "id": plain.view.id,
            "reference": plain.view.reference,
        }
        assert [each.kind for each in plain.bank.carried_out] == [each.kind for each in fake.carried_out]
        assert (0, 0, 0) == (await service.recover(), await service.expire_due(), await service.purge())
        await service.unlock("ja-0417", branch="001", subject="普通", account="0123456", login_id="taro0001")
        operator = service.operator
        assert [done.state] == [each["state"] for each in await operator.sessions()]
        assert {"confirmed"} == {each["status"] for each in await operator.effects(session=done.id)}
        assert (0, "unlock") == (await operator.pin_count(ORDINARY.ref), (await operator.audit(limit=1))[0]["event"])
        with pytest.raises(UnknownSession):
            await service.view("x")
        with pytest.raises(UnknownProcedure):
            await service.start("x", institution="ja-0417")
        with pytest.raises(InvalidArgument):
            await service.report_keys("c", 1)  # type: ignore[arg-type]
        closed = given.close()
        if closed is not None:
            await closed

    asyncio.run(whole())


ASKED: Final = [
    (LOGIN, "BIM015", "find_contract"),
    (LOGIN, "BIM016", "contract"),
    (LOGIN, "PHONE", "contract"),
    (LOGIN, "BIM017", "contract"),
    (LOGIN, "BIM017", "check_pin"),
    (LOGIN, "BIM017", "carry_out"),
    (TOKEN, "BTR002", "check_login"),
    (TOKEN, "BTR003", "contract"),
    (TOKEN, "BTR004", "contract"),
    (TOKEN, "BTR004", "carry_out"),
]


@pytest.mark.rule("C6", "A8", "S2")
@pytest.mark.parametrize("store", ["memory", "sqlite"])
@pytest.mark.parametrize(("procedure", "state", "method"), ASKED, ids=named)
def test_a_task_that_is_cancelled_while_the_bank_is_asked_leaves_the_session_usable(
    tmp_path: Path, procedure: Procedure, state: str, method: str, store: str
) -> None:
    """The cancellation is passed on; the session stands where it was, unclaimed, and goes on to its success."""

    async def cancelled() -> None:
        bank = CoroutineBank()
        clock = FakeClock()
        given = MemoryStore() if store == "memory" else SqliteStore(tmp_path / "reset.db")
        with given:
            host = AsyncHost(AsyncResetService(bank=bank, store=given, key=KEY, clock=clock))
            await host.run(procedure, state)
            bank.stops_at = method
            task = asyncio.ensure_future(host.step())
            await bank.asked.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            bank.stops_at = None
            view = await host.look()
            assert ("COMPLETING" if method == "carry_out" else state) == view.state
            while not view.final:
                before = view
                view = await host.step()
                assert (before.state, _codes(view)) != (view.state, ["temporarily_unavailable"])
            assert view.state in {"DONE", "BTR005"}
            once = [each.kind for each in bank.fake.carried_out]
            assert len(once) == len(set(once))

    asyncio.run(cancelled())


@pytest.mark.rule("S2")
def test_of_two_awaited_at_once_one_goes_on() -> None:
    """The other tabs are told `in_progress`, cost nothing, and the first is not disturbed."""

    async def both() -> None:
        bank = CoroutineBank()
        host = AsyncHost(AsyncResetService(bank=bank, store=MemoryStore(), key=KEY, clock=FakeClock()))
        view = await host.run(LOGIN, "BIM015")
        form = host.typed.identity()
        answers = await asyncio.gather(
            *(host.service.send(view.token, "submit_identity", form, request_id=str(n)) for n in range(3))
        )
        assert ["BIM015", "BIM015", "BIM016"] == sorted(each.state for each in answers)
        assert [[], ["in_progress"], ["in_progress"]] == sorted(map(_codes, answers))
        assert 1 == len([each for each in bank.fake.asked if each[0] == "find_contract"])

    asyncio.run(both())


@pytest.mark.rule("A8")
def test_a_store_that_is_closed_is_a_store_error_and_loses_nothing(tmp_path: Path) -> None:
    """Whatever is called says so; another process goes on."""
    store = SqliteStore(tmp_path / "reset.db")
    host = Host(store=store)
    view = host.at_bim016()
    store.close()
    for do in (
        lambda: host.service.view(view.token),
        lambda: host.service.send(view.token, "cancel"),
        host.start,
        host.service.recover,
        host.service.expire_due,
        host.service.purge,
        host.service.operator.sessions,
    ):
        with pytest.raises(StoreError):
            do()
    assert ["temporarily_unavailable"] == _codes(host.service.report_call(_call("c")))
    assert CallStatus.RETRY is host.service.report_keys("c", "1").status
    with SqliteStore(tmp_path / "reset.db") as again:
        other = attrs.evolve(host, store=again)
        other._view = view
        assert view == other.look()


def test_the_system_clock_gives_an_aware_time() -> None:
    """The default clock is one that a service takes."""
    view = ResetService(bank=FakeBank(), store=MemoryStore(), policies=Policies()).start(LOGIN, institution="ja-0417")
    assert view.deadline is not None
    assert UTC == view.deadline.tzinfo
