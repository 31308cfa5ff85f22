"""The three machines: the manual's states and ways, the engine's agreement, and what an event that is none does."""

from __future__ import annotations

import gc
from collections.abc import Callable
from enum import Enum, StrEnum
from itertools import product
from typing import Any, Final
from unittest.mock import ANY

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from transitions import Machine
from transitions import Transition as EngineTransition

from hosts import FINAL, LIVE, STATES, WITH_CODES, Host, named
from ja_reset import PROCEDURES, Procedure, View
from ja_reset.bank._values import CallStatus
from ja_reset.chart import Chart
from ja_reset.chart.advance import choose
from ja_reset.chart.session import Session
from ja_reset.chart.states import StateKind
from ja_reset.chart.transitions import Handler, Transition, guards_of
from ja_reset.chart.turn import Turn
from ja_reset.testing import Customer, FakeBank, FakeClock
from ja_reset.testing.cast import LOCKED, NOT_INDIVIDUAL, ORDINARY, VOIP_ONLY

BIM: Final = (Procedure.LOGIN_PASSWORD, Procedure.RISK_BASED_AUTH)
BIM_FIRST: Final = "契約者認証 > 契約者確認 > パスワード入力 > 初期化完了"
BIM_THEN: Final = "契約者認証 > 契約者確認 > 電話番号認証 > パスワード入力 > 初期化完了"
VOIP: Final = ("050-3123-4567",)
BTR: Final = "認証方法選択 > 認証 > 情報入力 > 電話番号認証 > 完了"
SENT: Final = ("submit_identity", "choose_phone", "submit_reset", "choose_method", "submit_credentials")
EVENTS: Final = (*SENT, "submit_details", "proceed", "back", "cancel", "extend")
"""Every event of a customer."""
INTERNAL: Final = sorted({name for chart in PROCEDURES.values() for name in chart.triggers} - set(EVENTS))
GARBAGE: Final[tuple[object, ...]] = (
    *("", " ", "cancel ", "cancel\n", "CANCEL", "Ｃａｎｃｅｌ", "to_DONE", "to_BTR005", "__class__", "trigger"),
    *("may_cancel", "\0", "\ud800", "x" * 100_000, "cancel.cancel", "os.system", "*", "="),
    *(None, True, 0, -1, 1.5, b"cancel", (), [], ["cancel"], {}, {"cancel"}, object(), object, ANY, Procedure),
)


# The tables -------------------------------------------------------------------------------------------------


def _ways(procedure: Procedure) -> set[tuple[str, str, str]]:
    """Source, event and goal of each step, as the customer's path through the manual."""
    return {
        (handler.source, handler.trigger, handler.to or handler.source)
        for handler in procedure.chart.handlers
        if handler.trigger in {*EVENTS, "call_received", "keys_received", "confirmed"} - {"extend"}
    }


@pytest.mark.rule("M2a", "M6")
@pytest.mark.parametrize("procedure", BIM, ids=named)
def test_the_bim_family_goes_the_manuals_way(procedure: Procedure) -> None:
    """BIM015, BIM016, the call, BIM017, done: each button leads where the manual's leads."""
    waiting = ("PHONE", "PHONE_KEYS")
    assert {
        ("BIM015", "submit_identity", "BIM016"),
        ("BIM016", "choose_phone", "PHONE"),
        ("BIM016", "back", "BIM015"),
        *((state, "proceed", state) for state in (*waiting, "COMPLETING")),
        *((state, "back", "BIM016") for state in waiting),
        *((state, "call_received", "BIM017") for state in waiting),
        ("PHONE_KEYS", "keys_received", "BIM017"),
        ("BIM017", "submit_reset", "COMPLETING"),
        ("COMPLETING", "confirmed", "DONE"),
        *((state, "cancel", "CANCELLED") for state in ("BIM015", "BIM016", *waiting, "BIM017")),
    } == _ways(procedure)


@pytest.mark.rule("M2a", "M6")
def test_the_btr_family_goes_the_manuals_way() -> None:
    """BTR001, BTR002, BTR003, the call and the keys, BTR005: each button leads where the manual's leads."""
    waiting = ("BTR004", "BTR004_KEYS")
    assert {
        ("BTR001", "choose_method", "BTR002"),
        ("BTR002", "submit_credentials", "BTR003"),
        ("BTR002", "back", "BTR001"),
        ("BTR003", "submit_details", "BTR004"),
        *((state, "proceed", state) for state in (*waiting, "COMPLETING")),
        *((state, "back", "BTR003") for state in waiting),
        *((state, "call_received", "BTR004_KEYS") for state in waiting),
        ("BTR004_KEYS", "keys_received", "COMPLETING"),
        ("COMPLETING", "confirmed", "BTR005"),
        *((state, "cancel", "CANCELLED") for state in ("BTR001", "BTR002", "BTR003", *waiting)),
    } == _ways(Procedure.TOKEN_REISSUE)


@pytest.mark.rule("M2", "A4")
@pytest.mark.parametrize("procedure", Procedure, ids=named)
def test_every_procedure_has_its_success_and_the_four_endings(procedure: Procedure) -> None:
    """One success state, and CANCELLED, EXPIRED, REJECTED and LOCKED, which nothing leaves; each says its own."""
    success = "BTR005" if procedure is Procedure.TOKEN_REISSUE else "DONE"
    finals = [name for name, state in procedure.chart.states.items() if state.is_final]
    assert [success, "CANCELLED", "EXPIRED", "REJECTED", "LOCKED", "CLOSED"] == finals
    assert [] == [name for name in finals if procedure.machine.get_triggers(name)]
    plans = [procedure.chart.states[name].screen for name in finals]
    assert len(finals) == len({plan.title for plan in plans}) == len({plan.notices for plan in plans})


@pytest.mark.rule("M3", "M2a", "A4")
@pytest.mark.parametrize("procedure", Procedure, ids=named)
def test_cancel_is_in_every_state_that_is_not_final_but_completing(procedure: Procedure) -> None:
    """From every other state it leads to CANCELLED, without a guard that could refuse it."""
    chart = procedure.chart
    cancels = {transition.source: transition for transition in chart.transitions if transition.trigger == "cancel"}
    kinds = {StateKind.FORM, StateKind.WAITING}
    assert {name for name, state in chart.states.items() if state.kind in kinds} == set(cancels)
    assert {("CANCELLED", (), ())} == {(each.to, each.conditions, each.unless) for each in cancels.values()}


@pytest.mark.rule("M2a", "S3")
@pytest.mark.parametrize("procedure", Procedure, ids=named)
def test_completing_takes_proceed_and_the_banks_word_only(procedure: Procedure) -> None:
    """It takes no form, does not expire and cannot be cancelled."""
    assert ["confirmed", "proceed", "refused"] == sorted(procedure.machine.get_triggers("COMPLETING"))


# The screens ------------------------------------------------------------------------------------------------


def _crumbs(view: View) -> str:
    return " > ".join(text.ja for text in view.screen.breadcrumb)


SHOWN: Final = [
    *((procedure, "BIM015", "BIM015", BIM_FIRST, ("submit_identity", "cancel")) for procedure in BIM),
    *((procedure, "BIM016", "BIM016", BIM_THEN, ("choose_phone", "back", "cancel")) for procedure in BIM),
    *((procedure, "PHONE", "PHONE", BIM_THEN, ("proceed", "back", "cancel")) for procedure in BIM),
    *((procedure, "PHONE_KEYS", "PHONE", BIM_THEN, ("proceed", "back", "cancel")) for procedure in BIM),
    *((procedure, "BIM017", "BIM017", BIM_THEN, ("submit_reset", "cancel")) for procedure in BIM),
    *((procedure, "COMPLETING", "BIM017", BIM_THEN, ("proceed",)) for procedure in BIM),
    *((procedure, "DONE", "DONE", BIM_THEN, ()) for procedure in BIM),
    (Procedure.TOKEN_REISSUE, "BTR001", "BTR001", BTR, ("choose_method", "cancel")),
    (Procedure.TOKEN_REISSUE, "BTR002", "BTR002", BTR, ("submit_credentials", "back", "cancel")),
    (Procedure.TOKEN_REISSUE, "BTR003", "BTR003", BTR, ("submit_details", "cancel")),
    (Procedure.TOKEN_REISSUE, "BTR004", "BTR004", BTR, ("proceed", "back", "cancel")),
    (Procedure.TOKEN_REISSUE, "BTR004_KEYS", "BTR004", BTR, ("proceed", "back", "cancel")),
    (Procedure.TOKEN_REISSUE, "COMPLETING", "BTR004", BTR, ("proceed",)),
    (Procedure.TOKEN_REISSUE, "BTR005", "BTR005", f"申込種別選択 > {BTR}", ()),
]


@pytest.mark.rule("M1", "M2a")
@pytest.mark.parametrize(("procedure", "state", "screen", "crumbs", "events"), SHOWN, ids=named)
def test_each_state_shows_its_screen_with_its_buttons(
    procedure: Procedure, state: str, screen: str, crumbs: str, events: tuple[str, ...]
) -> None:
    """The screen's id, its breadcrumb and its buttons' events, in the manual's order; on a form it can be extended."""
    view = Host(policies=WITH_CODES).at(procedure, state)
    buttons = tuple(button.event for button in view.screen.buttons if button.event is not None)
    more = ("extend",) if procedure.chart.states[state].kind is StateKind.FORM else ()
    assert (screen, crumbs, events, (*events, *more)) == (view.screen.id, _crumbs(view), buttons, view.events)


@pytest.mark.rule("M2")
@pytest.mark.parametrize(("procedure", "state"), FINAL, ids=named)
def test_a_final_state_offers_nothing_and_says_what_happened(procedure: Procedure, state: str) -> None:
    """It is final, has no event and no deadline, and its screen has a title and a text."""
    view = Host().at(procedure, state)
    assert (True, (), None) == (view.final, view.events, view.deadline)
    assert view.screen.title.ja
    assert view.screen.notices


# The engine -------------------------------------------------------------------------------------------------


@pytest.mark.rule("M6")
@pytest.mark.parametrize("procedure", Procedure, ids=named)
def test_the_machine_is_transitions_own_without_models_and_back_doors(procedure: Procedure) -> None:
    """A transitions.Machine, built once, with the chart's states and events and none of its own making."""
    machine, chart = procedure.machine, procedure.chart
    assert isinstance(machine, Machine)
    assert machine is Procedure[procedure.name].machine
    assert [] == machine.models
    assert chart.triggers == set(machine.events)
    assert list(chart.states) == list(machine.states)
    assert chart.initial == machine.initial
    assert {name: state.is_final for name, state in chart.states.items()} == {
        name: state.final for name, state in machine.states.items()
    }


@pytest.mark.rule("M6")
@pytest.mark.parametrize(("procedure", "state"), STATES, ids=named)
def test_the_machine_agrees_with_the_view_in_every_state(procedure: Procedure, state: str) -> None:
    """What a view offers is what the machine has there of a customer's events."""
    view = Host(policies=WITH_CODES).at(procedure, state)
    triggers = set(procedure.machine.get_triggers(state))
    assert triggers & set(EVENTS) == set(view.events)


class _Noted(EngineTransition):
    """A transition that says when it was taken."""

    def execute(self, event_data: Any) -> bool:  # noqa: ANN401 - transitions' own signature
        done: bool = super().execute(event_data)
        if done:
            event_data.model.taken.append(self)
        return done


class _Fresh(Machine):
    transition_cls = _Noted


class _Model:
    """Something with a state, whose guards answer as told."""

    def __init__(self, state: str, answers: dict[str, bool]) -> None:
        self.state = state
        self.taken: list[_Noted] = []
        self._answers = answers

    def __getattr__(self, name: str) -> Callable[[], bool]:
        answers = self.__dict__["_answers"]
        if name not in answers:
            raise AttributeError(name)
        return lambda: bool(answers[name])


def _rebuilt(chart: Chart) -> Machine:
    """A machine made from what the transitions say and nothing else."""
    return _Fresh(
        model=None,
        states=list(chart.states),
        initial=chart.initial,
        transitions=[transition.to_dict() for transition in chart.transitions],
        auto_transitions=False,
    )


REBUILT: Final = {procedure: _rebuilt(procedure.chart) for procedure in Procedure}
LADDERS: Final = [(procedure, handler) for procedure in Procedure for handler in procedure.chart.handlers]
FEW: Final = 8


def _expected(handler: Handler, answers: dict[str, bool]) -> tuple[object, ...]:
    """The ladder's meaning: the first rung that fails, and of its falls the first whose condition holds."""
    for each in handler.checks:
        if not answers[each.guard.name]:
            otherwise = next(
                otherwise for otherwise in each.otherwise if otherwise.when is None or answers[otherwise.when.name]
            )
            said = each.guard.codes if otherwise.reasons is None else _codes(otherwise.reasons)
            return otherwise.to, said, otherwise.assigns, otherwise.effects, otherwise.wait
    return handler.to, _codes(handler.reasons), handler.assigns, handler.effects, handler.wait


def _codes(reasons: tuple[str, ...]) -> tuple[str, ...]:
    """The codes of reasons that a chart writes as `code`, or as `code.detail`."""
    return tuple(reason.partition(".")[0] for reason in reasons)


def _told(transition: Transition) -> tuple[object, ...]:
    return transition.to, transition.codes, transition.assigns, transition.effects, transition.wait


def _agree(procedure: Procedure, handler: Handler, answers: dict[str, bool]) -> None:
    chart, machine = procedure.chart, REBUILT[procedure]
    now = FakeClock().now
    session = Session("s", chart.name, "i", handler.source, 1, now, now, now)
    transition = choose(chart, handler.trigger, Turn(session, now, WITH_CODES, {}), dict(answers))
    assert _expected(handler, answers) == _told(transition)
    model = _Model(handler.source, answers)
    assert machine.events[handler.trigger].trigger(model)
    assert [transition.to or handler.source, 1] == [model.state, len(model.taken)]
    place = machine.events[handler.trigger].transitions[handler.source].index(model.taken[0])
    assert (
        transition
        == [each for each in chart.transitions if (each.trigger, each.source) == (handler.trigger, handler.source)][
            place
        ]
    )
    assert [] == machine.models


@pytest.mark.rule("M6", "M7")
@pytest.mark.parametrize(
    ("procedure", "handler"),
    [pair for pair in LADDERS if len({guard.name for guard in guards_of(pair[1])}) <= FEW],
    ids=lambda value: f"{value.trigger}-{value.source}" if isinstance(value, Handler) else value.value,
)
def test_a_machine_rebuilt_from_the_arrows_takes_the_first_rung_that_fails(
    procedure: Procedure, handler: Handler
) -> None:
    """Whatever its guards answer, the chart, a new machine and the checks take the same transition, never none."""
    names = sorted({guard.name for guard in guards_of(handler)})
    for values in product((True, False), repeat=len(names)):
        _agree(procedure, handler, dict(zip(names, values, strict=True)))


@pytest.mark.rule("M6", "M7", "P3")
@given(data=st.data())
def test_the_ladder_of_a_call_means_the_first_rung_that_fails(data: st.DataObject) -> None:
    """The same for the long ladders, whose answers are too many to try them all."""
    long = [pair for pair in LADDERS if len({guard.name for guard in guards_of(pair[1])}) > FEW]
    procedure, handler = data.draw(st.sampled_from(long))
    names = sorted({guard.name for guard in guards_of(handler)})
    fail = data.draw(st.sets(st.sampled_from(names)))
    _agree(procedure, handler, {name: name not in fail for name in names})


@pytest.mark.rule("M7")
@pytest.mark.parametrize("procedure", Procedure, ids=named)
def test_every_rung_that_refuses_gives_a_reason(procedure: Procedure) -> None:
    """Whatever fails, the transition taken has a code to give, but where the fall is a way on."""
    silent = {
        (handler.trigger, each.guard.name)
        for handler in procedure.chart.handlers
        for each in handler.checks
        for otherwise in each.otherwise
        if not (each.guard.codes if otherwise.reasons is None else otherwise.reasons)
    }
    ways_on = {"caller_is_no_relay"} | ({"call_is_enough", "call_is_unannounced"} if procedure in BIM else set())
    assert {("call_received", name) for name in ways_on} == silent


@pytest.mark.rule("M6")
def test_nothing_is_registered_for_a_session() -> None:
    """After many sessions the machines hold no model and no session is alive."""
    sizes = {procedure: len(gc.get_referrers(procedure.machine)) for procedure in Procedure}
    host = Host()
    gc.collect()
    before = sum(isinstance(each, Session) for each in gc.get_objects())
    for _ in range(20):
        host.at_done()
        host.at_btr005()
    gc.collect()
    assert before == sum(isinstance(each, Session) for each in gc.get_objects())
    assert [[], [], []] == [procedure.machine.models for procedure in Procedure]
    assert sizes == {procedure: len(gc.get_referrers(procedure.machine)) for procedure in Procedure}


# M4: back ---------------------------------------------------------------------------------------------------


@pytest.mark.rule("M4")
@pytest.mark.parametrize(
    ("procedure", "state"), [pair for pair in LIVE if "back" in pair[0].chart.events(pair[1])], ids=named
)
def test_back_keeps_what_the_state_had_before_and_no_more(procedure: Procedure, state: str) -> None:
    """Wherever there is a 戻る, the session holds afterwards the facts that it held there the first time."""
    host = Host(policies=WITH_CODES)
    host.at(procedure, state)
    goal = host.send("back").state
    back = host.saved().get("kept", {})
    other = Host(policies=WITH_CODES)
    other.at(procedure, goal)
    first = other.saved().get("kept", {})
    assert isinstance(back, dict)
    assert isinstance(first, dict)
    assert set(first) == set(back)
    assert {name: first[name] for name in first if name != "phones"} == {
        name: back[name] for name in back if name != "phones"
    }


@pytest.mark.rule("M4", "P8", "A1")
@pytest.mark.parametrize("procedure", Procedure, ids=named)
def test_a_call_before_back_does_not_count_later(procedure: Procedure) -> None:
    """Neither what was refused, nor the same call reported again, nor one dated before the new window leads on."""
    host = Host()
    waiting = "BTR004" if procedure is Procedure.TOKEN_REISSUE else "PHONE"
    host.at(procedure, waiting)
    host.send("back")
    dated = host.clock.now
    assert CallStatus.UNMATCHED is host.call(id="between").status
    host.clock.advance(1)
    view = (
        host.send("submit_details", host.details()) if waiting == "BTR004" else host.send("choose_phone", host.phone())
    )
    assert waiting == view.state
    assert CallStatus.UNMATCHED is host.call(id="between").status
    early = host.call(received_at=dated)
    assert (CallStatus.REFUSED, ["early"]) == (early.status, [reason.code for reason in early.reasons])
    assert waiting == host.look().state


@pytest.mark.rule("M4", "P4", "A1")
@pytest.mark.parametrize("procedure", Procedure, ids=named)
def test_a_code_before_back_does_not_count_later(procedure: Procedure) -> None:
    """The code of a call that was answered before 戻る proves nothing after it."""
    host = Host(policies=WITH_CODES)
    token = procedure is Procedure.TOKEN_REISSUE
    waiting = "BTR004" if token else "PHONE"
    host.at(procedure, waiting)
    code = host.call(id="old").code
    assert code is not None
    host.look()
    host.send("back")
    host.send("submit_details", host.details()) if token else host.send("choose_phone", host.phone())
    result = host.keys(code.reveal(), call_id="old")
    assert (CallStatus.REFUSED, ["late"]) == (result.status, [reason.code for reason in result.reasons])
    assert CallStatus.REFUSED is host.call(id="old").status
    assert waiting == host.look().state


@pytest.mark.rule("M4", "S6")
def test_back_from_the_phones_forgets_the_contract() -> None:
    """Back on BIM015 the session names no contract and no phone, and an old phone id chooses nothing."""
    host = Host()
    view = host.at_bim016()
    old = host.phone()
    view = host.send("back")
    assert ("BIM015", ()) == (view.state, view.phones)
    assert "kept" not in host.saved()
    view = host.send("submit_identity", host.identity())
    assert ["format"] == [reason.code for reason in host.send("choose_phone", old).reasons]


# M5: events that a state does not have ----------------------------------------------------------------------


def _rows(host: Host) -> dict[str, list[object]]:
    kinds = ("session", "pin", "identity", "wait", "call", "request", "effect")
    rows: dict[str, list[object]] = {}
    for kind in kinds:
        for row in host.store.scan(kind):
            body = {name: held for name, held in row.body.items() if name not in {"active_at", "seen_at", "reasons"}}
            rows[f"{kind} {row.key}"] = [body, row.tag]
    return rows


@pytest.mark.rule("M5", "A4", "A8")
@pytest.mark.parametrize(("procedure", "state"), STATES, ids=named)
def test_an_event_that_a_state_does_not_have_is_refused_and_changes_nothing(procedure: Procedure, state: str) -> None:
    """Whatever its name and type: version, state, rows and the bank stay as they are, activity apart."""
    host = Host(policies=WITH_CODES)
    start = host.at(procedure, state)
    rows, echoes = _rows(host), procedure.chart.states[state].tolerates
    standing = ["in_progress"] if state == "COMPLETING" else []  # the order is under way, whatever comes (M2a)
    asked = [each for each in host.bank.asked if each[0] != "institution"]
    for event in (*EVENTS, *INTERNAL, *GARBAGE):
        if isinstance(event, str) and event in start.events:
            continue
        host.clock.advance(1)
        view = host.service.send(start.token, event, host.identity(), version=start.version)  # type: ignore[arg-type]
        wanted = [] if isinstance(event, str) and event in echoes else ["event_not_available", *standing]
        assert (state, start.version, wanted) == (view.state, view.version, [each.code for each in view.reasons])
        assert rows == _rows(host)
    assert asked == [each for each in host.bank.asked if each[0] != "institution"]


@pytest.mark.rule("M5")
def test_an_events_name_may_be_a_str_of_any_class() -> None:
    """A host that keeps its events in an enumeration of strings sends the string."""

    class Plain(str, Enum):  # noqa: UP042 - the older way is the one that shows another str()
        CANCEL = "cancel"

    class Modern(StrEnum):
        CANCEL = "cancel"

    class Liar(str):
        __slots__ = ()

        def __str__(self) -> str:
            return "proceed"

    host = Host()
    for event in (Plain.CANCEL, Modern.CANCEL, Liar("cancel")):
        host.start()
        assert "CANCELLED" == host.send(event).state


# E: entry ---------------------------------------------------------------------------------------------------


@pytest.mark.rule("E3", "S6", "I4")
def test_who_is_no_individual_is_told_so_only_when_identity_is_proved() -> None:
    """A wrong birth date gets a mismatch like everyone's; the right one ends in REJECTED."""
    host = Host(customer=NOT_INDIVIDUAL)
    host.start()
    view = host.send("submit_identity", host.identity(birth_date="1970-01-01"))
    assert ("BIM015", ["identity_mismatch"]) == (view.state, [reason.code for reason in view.reasons])
    view = host.send("submit_identity", host.identity())
    assert ("REJECTED", ["not_individual"]) == (view.state, [reason.code for reason in view.reasons])


@pytest.mark.rule("E3", "I6", "P1")
@pytest.mark.parametrize("procedure", Procedure, ids=named)
@pytest.mark.parametrize(
    ("changes", "ending"),
    [
        ({"service_locked": True, "individual": False, "phones": VOIP}, ("LOCKED", ["locked"])),
        ({"card_locked": True, "individual": False}, ("LOCKED", ["locked"])),
        ({"individual": False, "phones": VOIP}, ("REJECTED", ["not_individual"])),
        ({"phones": VOIP}, ("REJECTED", ["no_phone"])),
    ],
)
def test_where_several_hindrances_apply_the_first_is_told(
    procedure: Procedure, changes: dict[str, object], ending: tuple[str, list[str]]
) -> None:
    """Locked, then not individual, then no phone."""
    contract = attrs.evolve(ORDINARY.contract, **changes)  # type: ignore[arg-type]  # fields by name
    customer = attrs.evolve(ORDINARY, contract=contract)
    host = Host(customer=customer, bank=FakeBank([customer]))
    if procedure is Procedure.TOKEN_REISSUE:
        host.at_btr002()
        view = host.send("submit_credentials", host.credentials())
    else:
        host.start(procedure)
        view = host.send("submit_identity", host.identity())
    assert ending == (view.state, [reason.code for reason in view.reasons])


@pytest.mark.rule("I6", "P1")
@pytest.mark.parametrize(("customer", "code"), [(LOCKED, "locked"), (VOIP_ONLY, "no_phone")])
def test_a_hindrance_is_told_by_either_family(customer: Customer, code: str) -> None:
    """The ending is the same whether identity or login was proved."""
    host = Host(customer=customer)
    host.start()
    assert [code] == [reason.code for reason in host.send("submit_identity", host.identity()).reasons]
    host.at_btr002()
    assert [code] == [reason.code for reason in host.send("submit_credentials", host.credentials()).reasons]
