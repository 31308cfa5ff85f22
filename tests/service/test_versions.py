"""Rolling deploys: releases with an older and a newer chart serve one store, and nobody loses a session (S4)."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Iterator
from typing import Final, cast

import attrs
import pytest
from transfer_limit import SET_TRANSFER_LIMIT

from hosts import KEY, WITH_CODES, Host, codes
from ja_reset import (
    AsyncResetService,
    BankUnavailable,
    Call,
    CallSource,
    CallStatus,
    ChartError,
    EffectRefused,
    NewerSession,
    Policies,
    Procedure,
    ResetError,
    ResetService,
    UnknownProcedure,
    View,
)
from ja_reset.chart import Chart, EffectSpec
from ja_reset.diagrams import structure
from ja_reset.diagrams._difference import difference
from ja_reset.machines.assigns import order_is_kept
from ja_reset.service.saved import load_session
from ja_reset.stores.rows import Put, Row, Store
from versions import changed, limit_of_version

OLD: Final = limit_of_version(1)
NEW: Final = limit_of_version(2)
WITHOUT_LIMIT: Final = limit_of_version(1, keeps_limit=False)
NAME: Final = OLD.name
LIMIT: Final = {"new_limit": "500000"}
NUMBER: Final = Host().customer.contract.phones[0]


def host_of(*charts: Chart, store: Store | None = None, policies: Policies | None = None) -> Host:
    """A process that was given those charts."""
    own = {} if store is None else {"store": store}
    return Host(procedures=charts, policies=policies or Policies(), **own)  # type: ignore[arg-type]  # its own field


def beside(host: Host, *charts: Chart) -> Host:
    """Another process over the same store, of a release with those charts; it knows the same last answer."""
    other = attrs.evolve(host, procedures=charts, calls=host.calls + 1000)
    other._view = host._view
    return other


def at_choice(host: Host) -> View:
    """Logged in."""
    host.start(NAME)
    return host.send("log_in", host.credentials())


def at_call(host: Host) -> View:
    """Waiting for the call."""
    at_choice(host)
    return host.send("choose_phone", host.phone())


def at_limit(host: Host) -> View:
    """The phone proved."""
    at_call(host)
    assert CallStatus.VERIFIED is host.call().status
    return host.look()


def orders(host: Host) -> View:
    """The new limit and the PIN."""
    return host.send("change_limit", {**LIMIT, "pin": host.customer.pin})


def ordered(host: Host) -> View:
    """The order was given, and the bank gave no answer."""
    at_limit(host)
    host.bank.fail("carry_out", BankUnavailable)
    view = orders(host)
    assert "PROCESSING" == view.state or view.state.startswith("COMPLETING")
    return view


def kinds(host: Host) -> list[str]:
    """What the bank has done, in its order."""
    return [str(effect.kind) for effect in host.bank.carried_out]


def rows(host: Host) -> list[Row]:
    """The rows of sessions and orders, as they stand."""
    return [row for kind in ("session", "effect", "request") for row in host.store.scan(kind)]


# What this process was not given ------------------------------------------------------------------------------

FACES: Final = (ResetService, AsyncResetService)
Asked = Callable[..., object]


@pytest.fixture(params=FACES, ids=["sync", "async"])
def asked(request: pytest.FixtureRequest) -> Iterator[Callable[[Host, str], Asked]]:
    """How a call is made by a service of either kind that stands beside a host: by its name."""
    with asyncio.Runner() as runner:

        def named(host: Host, call: str) -> Asked:
            service = request.param(
                bank=host.bank,
                store=host.store,
                key=KEY,
                clock=host.clock,
                policies=host.policies,
                procedures=host.procedures,
            )
            holder, _, name = call.rpartition(".")
            method = getattr(service.operator if holder else service, name)

            def made(*arguments: object, **more: object) -> object:
                answer = method(*arguments, **more)
                return runner.run(answer) if inspect.iscoroutine(answer) else answer

            return made

        yield named


@pytest.mark.rule("S4")
@pytest.mark.parametrize(
    ("charts", "error"), [((OLD,), NewerSession), ((), UnknownProcedure)], ids=["newer", "not given"]
)
def test_no_call_moves_a_session_of_a_chart_that_a_process_lacks(
    store: Store,
    asked: Callable[[Host, str], Asked],
    charts: tuple[Chart, ...],
    error: type[ResetError],
) -> None:
    """Each entry point leaves its rows as they are: a turn says so, a gateway comes again, maintenance passes by."""
    new = host_of(NEW, store=store, policies=WITH_CODES)
    view = at_call(new)
    announced = new.call(id="answered")
    old = beside(new, *charts)
    before = rows(new)
    with pytest.raises(error, match=NAME):
        asked(old, "view")(view.token)
    for event, version, request_id in (("cancel", None, None), ("proceed", view.version, "one"), ("nonsense", 0, None)):
        with pytest.raises(error, match=NAME):
            asked(old, "send")(view.token, event, version=version, request_id=request_id)
    with pytest.raises(error, match=NAME):
        asked(old, "operator.lift")(number=NUMBER, by="Yamada", reason="a wrong clock")
    for session in (None, view.id):
        rung = asked(old, "report_call")(
            Call(id=f"again {session}", number=NUMBER, source=CallSource.NETWORK), session=session
        )
        assert (CallStatus.REFUSED, ["temporarily_unavailable"]) == (rung.status, codes(rung))  # type: ignore[attr-defined,arg-type]
    assert announced.code is not None
    keyed = asked(old, "report_keys")("answered", announced.code.reveal())
    assert (CallStatus.RETRY, ["temporarily_unavailable"]) == (keyed.status, codes(keyed))  # type: ignore[attr-defined,arg-type]
    again = asked(old, "report_call")(Call(id="answered", number=NUMBER, source=CallSource.NETWORK))
    assert (CallStatus.REFUSED, ["temporarily_unavailable"]) == (again.status, codes(again))  # type: ignore[attr-defined,arg-type]
    new.clock.advance(7200)
    for work in ("expire_due", "purge", "recover"):
        assert (work, 0) == (work, asked(old, work)())
    assert before == rows(new)
    assert 1 == new.service.expire_due()


@pytest.mark.rule("S4", "C4")
@pytest.mark.parametrize("charts", [(OLD,), ()], ids=["newer", "not given"])
def test_an_order_of_a_chart_that_a_process_lacks_is_left_to_one_that_has_it(
    store: Store, asked: Callable[[Host, str], Asked], charts: tuple[Chart, ...]
) -> None:
    """`recover` and `purge` pass by; the process that has the chart gives it once, and the customer is told."""
    new = host_of(NEW, store=store)
    ordered(new)
    old, before = beside(new, *charts), rows(new)
    new.clock.advance(120)
    assert (0, 0) == (asked(old, "recover")(), asked(old, "purge")())
    assert before == rows(new)
    assert 1 == new.service.recover()
    assert ("CHANGED", ["SET_TRANSFER_LIMIT", "NOTIFY"]) == (new.look().state, kinds(new))


@pytest.mark.rule("S4", "C3", "S8")
def test_an_ended_session_of_a_newer_chart_is_purged_in_its_time(store: Store) -> None:
    """Its row says when: nobody needs the chart to drop it, so nothing is kept longer than it may be."""
    new = host_of(NEW, store=store)
    view = at_choice(new)
    new.send("cancel")
    old = beside(new, OLD)
    new.clock.advance(new.policies.session.retention)
    assert 0 == old.service.purge()
    new.clock.advance(1)
    assert 1 == old.service.purge()
    assert store.get("session", view.id) is None


@pytest.mark.rule("S4", "P8")
@pytest.mark.parametrize("charts", [(OLD,), ()], ids=["newer", "not given"])
def test_a_contest_ends_a_wait_that_it_cannot_read_by_its_row(
    store: Store, asked: Callable[[Host, str], Asked], charts: tuple[Chart, ...]
) -> None:
    """The session is untouched, and a call that comes for it afterwards proves nothing."""
    new = host_of(NEW, store=store)
    waiting = at_call(new)
    old = beside(new, *charts)
    row = store.get("session", waiting.id)
    mine = old.at(Procedure.RISK_BASED_AUTH, "BIM016")
    refused = asked(old, "send")(mine.token, "choose_phone", old.phone())
    assert ["number_in_use"] == codes(cast("View", refused))
    assert row == store.get("session", waiting.id)
    named = new.service.report_call(Call(id="late", number=NUMBER, source=CallSource.NETWORK), session=waiting.id)
    assert (CallStatus.REFUSED, ["number_contested"]) == (named.status, codes(named))
    assert ("CHOICE", ["number_contested"]) == ((seen := new.service.view(waiting.token)).state, codes(seen))


@pytest.mark.rule("S4", "P8")
def test_a_contest_ends_a_wait_of_a_state_that_is_gone_by_its_row() -> None:
    """The session finds its place when it is looked at."""
    old = host_of(OLD)
    waiting = at_call(old)
    new = beside(old, limit_of_version(2, names={"CALL": "RING"}))
    new.at(Procedure.RISK_BASED_AUTH, "BIM016")
    assert ["number_in_use"] == codes(new.send("choose_phone", new.phone()))
    assert ("EXPIRED", ["procedure_changed"]) == ((seen := new.service.view(waiting.token)).state, codes(seen))


@pytest.mark.rule("S4")
def test_what_the_first_release_saved_is_of_version_0() -> None:
    """A saved form without a version goes on by the shipped charts, which have 1 since CLOSED was added (E4)."""
    host = Host()
    host.at_bim016()
    saved = host.saved()
    assert Procedure.LOGIN_PASSWORD.chart.version == saved["chart_version"] == 1
    before = load_session(saved)
    assert before == load_session({name: held for name, held in saved.items() if name != "chart_version"})


# States that an older version had -----------------------------------------------------------------------------

RENAMED: Final = {"CHOICE": "CHOICE_2", "CALL": "CALL_2", "CALL_KEYS": "CALL_2_KEYS", "LIMIT": "LIMIT_2"}
WAYS: Final = {"CHOICE": at_choice, "CALL": at_call, "LIMIT": at_limit}


@pytest.mark.rule("S4")
@pytest.mark.parametrize("state", WAYS)
def test_a_session_in_a_state_that_is_gone_ends_expired_and_is_told_why(store: Store, state: str) -> None:
    """Nobody's time has passed: the procedure has changed."""
    old = host_of(OLD, store=store)
    view = WAYS[state](old)
    assert state == view.state
    new = beside(old, limit_of_version(2, names=RENAMED))
    seen = new.look()
    assert ("EXPIRED", ["procedure_changed"], True) == (seen.state, codes(seen), seen.final)
    assert ("更新されました" in seen.reasons[0].ja, "updated" in seen.reasons[0].en) == (True, True)
    said = new.send("cancel")
    assert ["event_not_available"] == codes(said)
    last = new.store.audit(session=view.id)
    assert "state_is_gone" in {record["event"] for record in last}


@pytest.mark.rule("S4", "A1", "M4")
@pytest.mark.parametrize("state", WAYS)
def test_a_session_in_a_retired_state_restarts_with_nothing_proved(store: Store, state: str) -> None:
    """It goes to the form that the chart names, keeps nothing, and every proof is asked for again."""
    old = host_of(OLD, store=store)
    view = WAYS[state](old)
    new = beside(old, limit_of_version(2, names=RENAMED, retired=dict.fromkeys((state, "CALL"), "LOGIN")))
    stale = new.service.send(view.token, "cancel", version=view.version)
    assert ("LOGIN", ["stale", "procedure_changed"]) == (stale.state, codes(stale))
    assert ("LOGIN", ["procedure_changed"]) == ((seen := new.look()).state, codes(seen))
    assert view.version + 1 == seen.version
    assert ("kept" in new.saved(), 2) == (False, new.saved()["chart_version"])
    with pytest.raises(NewerSession):
        old.look()
    new.clock.advance(500)  # the number that was waited for has rested
    new.send("log_in", new.credentials())
    new.send("choose_phone", new.phone())
    assert CallStatus.VERIFIED is new.call().status
    new.look()
    assert ("CHANGED", ["SET_TRANSFER_LIMIT", "NOTIFY"]) == (orders(new).state, kinds(new))


@pytest.mark.rule("S4", "P8")
def test_a_wait_ends_with_the_state_that_waited() -> None:
    """A call that comes for a retired wait proves nobody, and the number rests as after 戻る."""
    old = host_of(OLD)
    waiting = at_call(old)
    new = beside(old, limit_of_version(2, names=RENAMED, retired={"CALL": "LOGIN"}))
    assert CallStatus.UNMATCHED is new.call().status
    assert ("LOGIN", ["procedure_changed"]) == ((seen := new.look()).state, codes(seen))
    assert waiting.id == seen.id
    other = new.at(Procedure.RISK_BASED_AUTH, "BIM016")
    assert ["number_in_use"] == codes(new.send("choose_phone", new.phone()))
    new.clock.advance(new.policies.phone.number_rest)
    new.clock.advance(1)
    assert "PHONE" == new.service.send(other.token, "choose_phone", new.phone()).state


@pytest.mark.rule("S4", "S3")
def test_time_passes_for_a_session_that_restarts() -> None:
    """A session that has been idle for too long is not brought back by a release."""
    old = host_of(OLD)
    at_choice(old)
    old.clock.advance(3600)
    new = beside(old, limit_of_version(2, names=RENAMED, retired={"CHOICE": "LOGIN"}))
    assert ("EXPIRED", ["timed_out"]) == ((seen := new.look()).state, codes(seen))


@pytest.mark.rule("S4", "S3")
def test_no_time_passes_for_it_while_the_bank_is_silent() -> None:
    """Its place is found all the same."""
    old = host_of(OLD)
    at_choice(old)
    old.clock.advance(3600)
    new = beside(old, limit_of_version(2, names=RENAMED, retired={"CHOICE": "LOGIN"}))
    new.bank.fail("institution", BankUnavailable)
    assert "LOGIN" == new.look().state
    assert "EXPIRED" == new.look().state


@pytest.mark.rule("S4", "A4")
@pytest.mark.parametrize("retired", [{}, {"CHANGED": "LOGIN"}], ids=["gone", "retired"])
def test_a_session_that_has_ended_never_restarts(retired: dict[str, str]) -> None:
    """Whatever the chart says of its final state."""
    old = host_of(OLD)
    at_limit(old)
    assert "CHANGED" == orders(old).state
    new = beside(old, limit_of_version(2, names={"CHANGED": "CHANGED_2"}, retired=retired))
    assert ("EXPIRED", True) == ((seen := new.look()).state, seen.final)
    assert ["SET_TRANSFER_LIMIT", "NOTIFY"] == kinds(new)


@pytest.mark.rule("S4", "C3")
def test_an_ended_session_of_an_older_version_stays_as_it_is() -> None:
    """Its end keeps less than it would now; dropping what is shown no longer does not damage it."""
    old = host_of(WITHOUT_LIMIT)
    at_limit(old)
    assert "CHANGED" == orders(old).state
    new = beside(old, NEW)
    row = new.row()
    assert new.store.commit([Put(row.kind, row.key, row.stamp, row.body, row.tag, row.due)])
    for _ in range(2):
        assert "CHANGED" == new.look().state
        new.send("cancel", request_id="one")
    assert 1 == new.saved()["chart_version"]


@pytest.mark.rule("S4", "A1")
@pytest.mark.parametrize(
    ("retired", "complaint"),
    [
        ({"OLD": "CHOICE"}, "retired state OLD leads to CHOICE, which keeps phones, ref: let it lead to a form that"),
        ({"OLD": "LIMIT"}, "retired state OLD leads to LIMIT, which keeps ref"),
        ({"OLD": "CALL"}, "retired state OLD leads to CALL, which keeps"),
        ({"OLD": "EXPIRED"}, "retired state OLD leads to EXPIRED, which is no form"),
        ({"OLD": "NOWHERE"}, "retired state OLD leads to 'NOWHERE', which is not declared"),
        ({"OLD": None}, "retired state OLD leads to 'None', which is not declared"),
        ({"CHOICE": "LOGIN"}, "retired state CHOICE is a state of the chart: take it out of retired"),
        ({7: "LOGIN"}, "retired must map the names of states to names of states, not '7'"),
    ],
)
def test_a_retired_state_leads_only_to_a_form_that_keeps_nothing(retired: dict[str, str], complaint: str) -> None:
    """Or a release would skip proofs; the law is kept at import."""
    with pytest.raises(ChartError, match=complaint):
        limit_of_version(2, retired=retired)


@pytest.mark.rule("S4", "A1")
def test_a_retired_state_does_not_lead_to_a_success_that_keeps_nothing() -> None:
    """DONE keeps nothing either, and is no form."""
    chart = Procedure.LOGIN_PASSWORD.chart
    with pytest.raises(ChartError, match="retired state OLD leads to DONE, which is no form"):
        Chart(
            "OURS",
            title=chart.title,
            initial=chart.initial,
            states=chart.states.values(),
            handlers=chart.handlers,
            retired={"OLD": "DONE"},
        )
    with pytest.raises(ChartError, match="retired must be of type Mapping, not list"):
        Chart(
            "OURS",
            title=chart.title,
            initial=chart.initial,
            states=chart.states.values(),
            handlers=chart.handlers,
            retired=["OLD"],  # type: ignore[arg-type]  # the point
        )


# An order that was given --------------------------------------------------------------------------------------

GOES_ON: Final = {
    "the same": (OLD, NEW, "COMPLETING", "CHANGED"),
    "renamed": (OLD, limit_of_version(2, names={"COMPLETING": "PROCESSING"}), "PROCESSING", "CHANGED"),
    "keeps less": (OLD, limit_of_version(2, keeps_limit=False), "COMPLETING", "CHANGED"),
    "keeps more": (WITHOUT_LIMIT, NEW, "EXPIRED", "EXPIRED"),
}
"""The older and the newer chart, where a session that waits for the bank is seen then, and where the answer leads."""


@pytest.mark.rule("S4", "C4", "C5", "A6", "M2a")
@pytest.mark.parametrize("case", GOES_ON)
@pytest.mark.parametrize("is_seen", [False, True])
def test_an_order_is_confirmed_and_told_whatever_the_newer_chart_keeps(
    store: Store, case: str, *, is_seen: bool
) -> None:
    """The bank does it once, the customer gets the notice, and the session goes on where the newer chart can."""
    before, after, waits, ends = GOES_ON[case]
    old = host_of(before, store=store)
    ordered(old)
    new = beside(old, after)
    if is_seen:
        assert (waits, ["procedure_changed" if waits == "EXPIRED" else "in_progress"]) == (
            (v := new.look()).state,
            codes(v),
        )
        new.send("proceed" if waits != "EXPIRED" else "cancel")
    new.clock.advance(120)
    new.service.recover()
    assert (ends, ["SET_TRANSFER_LIMIT", "NOTIFY"]) == (new.look().state, kinds(new))
    assert 0 == new.service.recover()
    assert ["confirmed", "confirmed"] == [effect["status"] for effect in new.service.operator.effects()]
    assert {"TRANSFER_LIMIT"} == {each.data["procedure"] for each in new.bank.carried_out if each.kind == "NOTIFY"}
    assert {new.customer.ref} == {each.ref for each in new.bank.carried_out}


@pytest.mark.rule("S4", "C4a")
@pytest.mark.parametrize("case", GOES_ON)
def test_an_order_that_the_bank_refuses_is_not_told(case: str) -> None:
    """The session returns to its form where there is one, and otherwise stays ended."""
    before, after, _, ends = GOES_ON[case]
    old = host_of(before)
    ordered(old)
    new = beside(old, after)
    new.bank.fail("carry_out", EffectRefused(ja="不可", en="no"))
    new.clock.advance(120)
    new.service.recover()
    assert ("EXPIRED" if ends == "EXPIRED" else "LIMIT", []) == (new.look().state, kinds(new))
    assert ["refused"] == [effect["status"] for effect in new.service.operator.effects()]


@pytest.mark.rule("S4", "C4", "A6")
def test_a_session_with_an_order_never_restarts() -> None:
    """A retired state that waited for the bank leads nowhere: the order may be carried out at any time."""
    old = host_of(OLD)
    ordered(old)
    names = {"COMPLETING": "PROCESSING"}
    new = beside(old, limit_of_version(2, names=names, retired={"COMPLETING": "LOGIN"}))
    assert "PROCESSING" == new.look().state
    assert "CHANGED" == new.send("proceed").state
    assert ["SET_TRANSFER_LIMIT", "NOTIFY"] == kinds(new)


@pytest.mark.rule("S4", "C4", "A6")
def test_an_older_process_that_is_giving_the_order_does_no_harm() -> None:
    """A newer one moves the session meanwhile: the older one says so, and the order is given again under its key."""
    old = host_of(OLD)
    view = at_limit(old)
    new = beside(old, limit_of_version(2, names={"COMPLETING": "PROCESSING"}))

    def moves(method: str) -> None:
        if method == "carry_out":
            old.bank.before = None
            assert "PROCESSING" == new.service.send(view.token, "proceed").state

    old.bank.before = moves
    with pytest.raises(NewerSession):
        orders(old)
    assert ["SET_TRANSFER_LIMIT"] == kinds(new)
    new.clock.advance(120)
    assert 1 == new.service.recover()
    assert "CHANGED" == new.look().state
    assert ["SET_TRANSFER_LIMIT", "NOTIFY"] == kinds(new)


def _of_another_order() -> Chart:
    """Version 2, which gives the bank another order for the same thing."""
    other = EffectSpec(
        "SET_LIMIT_2", SET_TRANSFER_LIMIT.data, needs=SET_TRANSFER_LIMIT.needs, reads=SET_TRANSFER_LIMIT.reads
    )
    handlers = tuple(
        attrs.evolve(each, effects=(other,), assigns=(order_is_kept(other), *each.assigns[1:]))
        if SET_TRANSFER_LIMIT in each.effects
        else each
        for each in OLD.handlers
    )
    return changed(OLD, handlers=handlers, version=2)


@pytest.mark.rule("S4", "C4", "C5")
def test_an_order_that_the_newer_chart_no_longer_gives_is_confirmed_and_told() -> None:
    """Nothing in it waits for that answer, so the session ends; the bank and the customer lose nothing."""
    old = host_of(OLD)
    ordered(old)
    new = beside(old, _of_another_order())
    new.clock.advance(120)
    assert 1 == new.service.recover()
    assert ("EXPIRED", ["procedure_changed"]) == ((seen := new.look()).state, codes(seen))
    assert ["SET_TRANSFER_LIMIT", "NOTIFY"] == kinds(new)


# What `ja-reset diff` says of it --------------------------------------------------------------------------------

PAIRS: Final = {
    "the same": (OLD, NEW),
    "renamed": (OLD, limit_of_version(2, names=RENAMED)),
    "retired": (OLD, limit_of_version(2, names=RENAMED, retired=dict.fromkeys(WAYS, "LOGIN"))),
    "another wait for the bank": (OLD, limit_of_version(2, names={"COMPLETING": "PROCESSING"})),
    "keeps less": (OLD, limit_of_version(2, keeps_limit=False)),
    "keeps more": (WITHOUT_LIMIT, NEW),
    "another order": (OLD, _of_another_order()),
}


@pytest.mark.rule("S4")
@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("state", [*WAYS, "COMPLETING"])
def test_the_difference_says_what_becomes_of_a_session(pair: str, state: str) -> None:
    """In every state: it goes on, restarts or ends, as `ja-reset diff` foretells it of the two drawings."""
    older, newer = PAIRS[pair]
    found = difference(structure(older), structure(newer))
    old = host_of(older)
    view = {**WAYS, "COMPLETING": ordered}[state](old)
    new = beside(old, newer)
    seen = new.look()
    if state in found.strands:
        assert ("EXPIRED", ["procedure_changed"]) == (seen.state, codes(seen))
    elif state in found.restarts:
        assert (found.restarts[state], ["procedure_changed"]) == (seen.state, codes(seen))
    else:
        assert (False, ["in_progress"] if state == "COMPLETING" else []) == (seen.final, codes(seen))
        assert view.screen.title == seen.screen.title
    new.clock.advance(120)
    new.service.recover()
    told = ["SET_TRANSFER_LIMIT", "NOTIFY"] if state == "COMPLETING" else []
    assert told == kinds(new)
    assert (state in found.strands and state == "COMPLETING") == (state in found.keeps_order)
