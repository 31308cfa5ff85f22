"""One event, decided: a pure step of a chart, and what a session makes of anything at all that is sent to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any, Final

import attrs
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from budgets import budget
from hosts import LIVE, STATES, WITH_CODES, Host, named
from ja_reset import (
    PROCEDURES,
    BankUnavailable,
    Call,
    CallResult,
    CallSource,
    ChartError,
    EffectRefused,
    PinCheck,
    Policies,
    Presentation,
    Procedure,
    ResetError,
    Text,
    UnknownSession,
    View,
)
from ja_reset.bank._values import CallStatus, EffectKind
from ja_reset.chart import Chart
from ja_reset.chart.advance import advance
from ja_reset.chart.effects import EffectSpec
from ja_reset.chart.session import Refusal, Session, SessionData
from ja_reset.chart.states import Ending, State, StateKind
from ja_reset.chart.transitions import Assign, EventRole, Guard, Handler, check
from ja_reset.chart.turn import Fact, FactMissing, Occasion, Turn
from ja_reset.policies import SessionPolicy
from ja_reset.screens import ButtonPlan, ScreenPlan
from ja_reset.secret import Secret
from ja_reset.testing import FakeClock

# A pure step ------------------------------------------------------------------------------------------------

FIRST: Fact[bool] = Fact("first", at=(Occasion.CUSTOMER,))
SECOND: Fact[bool] = Fact("second", at=(Occasion.CUSTOMER,))
NOW: Final = FakeClock().now
PROVED: Final = ("identity", "call")
WORDS: Final = Text(ja="x", en="x")


def _plan(*events: str) -> ScreenPlan:
    buttons = tuple(ButtonPlan(event, "button.cancel") for event in events)
    return ScreenPlan(id="X", title="DONE.title", buttons=buttons)


def _guard(name: str, holds: Callable[[Turn], bool], code: str, *reads: Fact[bool]) -> Guard:
    return Guard(name, holds, (code,), says=WORDS, reads=reads)


def _chart(first: Callable[[Turn], bool], *assigns: Assign) -> Chart:
    """One form, from which "go" leads to the end if two facts are true."""
    second = _guard("second_holds", lambda turn: turn.know(SECOND), "late", SECOND)
    return Chart(
        "SMALL",
        title=WORDS,
        initial="FORM",
        states=(
            State(name="FORM", kind=StateKind.FORM, screen=_plan("go", "cancel"), keeps=frozenset({"ref", "method"})),
            State(name="END", kind=StateKind.ENDING, screen=_plan(), keeps=frozenset({"ref"}), ending=Ending.EXPIRED),
        ),
        handlers=(
            Handler(
                trigger="go",
                source="FORM",
                to="END",
                checks=(check(_guard("first_holds", first, "early", FIRST)), check(second)),
                assigns=assigns,
            ),
            *(
                Handler(trigger=role.value, role=role, source="FORM", to="END")
                for role in (EventRole.CANCEL, EventRole.TIME_RAN_OUT, EventRole.CLOCK_WENT_BACK)
            ),
        ),
    )


def _turn(**known: object) -> Turn:
    kept = SessionData(method="LOGIN_ID", ref="C-1")
    session = Session("s", "SMALL", "i", "FORM", 1, NOW, NOW, NOW, kept=kept)
    return Turn(session, NOW, Policies(), known)


@pytest.mark.rule("M6", "M7")
def test_guards_ask_for_facts_in_the_order_of_the_ladder() -> None:
    """The first fact that is not there is needed; a rung above that fails asks for none below."""
    chart = _chart(lambda turn: turn.know(FIRST))
    with pytest.raises(FactMissing) as need:
        advance(chart, "go", _turn())
    assert "first" == need.value.name
    with pytest.raises(FactMissing) as need:
        advance(chart, "go", _turn(first=True))
    assert "second" == need.value.name
    assert ("FORM", ("early",)) == _told(chart, first=False)
    assert ("FORM", ("late",)) == _told(chart, first=True, second=False)
    assert ("END", ()) == _told(chart, first=True, second=True)


def _told(chart: Chart, **known: object) -> tuple[str, tuple[str, ...]]:
    outcome = advance(chart, "go", _turn(**known))
    return outcome.session.state, tuple(reason.code for reason in outcome.reasons)


@pytest.mark.rule("M6")
def test_no_guard_is_asked_twice_in_a_turn() -> None:
    """Choice and reasons rest on one answer each, however often the turn is taken up again."""
    asked: list[str] = []

    def first(turn: Turn) -> bool:
        asked.append("first")
        return turn.know(FIRST)

    chart, answers = _chart(first), dict[str, bool]()
    with pytest.raises(FactMissing):
        advance(chart, "go", _turn(first=True), answers)
    advance(chart, "go", _turn(first=True, second=True), answers)
    assert ["first"] == asked


@pytest.mark.rule("M4")
def test_entering_a_state_keeps_its_facts_only_and_staying_keeps_all() -> None:
    """The session before is a value and stays as it was."""
    turn = _turn(first=True, second=True)
    before = attrs.evolve(turn.session)
    assert SessionData(ref="C-1") == advance(_chart(lambda _: True), "go", turn).session.kept
    assert before == turn.session
    refused = advance(_chart(lambda _: False), "go", turn)
    assert before == refused.session
    assert refused.transition.otherwise


@pytest.mark.rule("S10")
def test_nothing_is_half_changed_when_a_fact_raises() -> None:
    """What a transition learns may fail: the session is the one before."""

    def breaks(_turn: Turn, _session: Session) -> Session:
        raise LookupError

    turn = _turn(first=True, second=True)
    before = attrs.evolve(turn.session)
    changes = Assign("changes", lambda _, session: attrs.evolve(session, tries=9))
    with pytest.raises(LookupError):
        advance(_chart(lambda _: True, changes, Assign("breaks", breaks)), "go", turn)
    assert before == turn.session


@pytest.mark.rule("M7")
def test_a_guard_gets_the_facts_that_it_declares_and_no_others() -> None:
    """An undeclared read is our fault, and the guard and the fact are named, though the fact is there."""
    chart = _chart(lambda turn: turn.know(SECOND))
    with pytest.raises(ChartError) as caught:
        advance(chart, "go", _turn(first=True, second=True))
    assert "the guard first_holds reads the fact second and does not declare it: add it to its reads" == str(
        caught.value
    )


@pytest.mark.rule("M7")
def test_reasons_and_assignments_get_the_facts_that_they_declare_and_no_others() -> None:
    """What a guard's reasons and an assignment read is declared as well; afterwards the turn knows everything again."""

    def reads(turn: Turn, session: Session) -> Session:
        return attrs.evolve(session, tries=int(turn.know(SECOND)))

    turn = _turn(first=True, second=True)
    with pytest.raises(ChartError, match="the assignment reads reads the fact second and does not declare it"):
        advance(_chart(lambda _: True, Assign("reads", reads)), "go", turn)
    assert 1 == advance(_chart(lambda _: True, Assign("reads", reads, reads=(SECOND,))), "go", turn).session.tries
    assert turn.know(FIRST)
    greedy = Guard("greedy", lambda _: False, ("early",), says=WORDS, reasons=lambda turn: (_of(turn),))
    with pytest.raises(ChartError, match="the guard greedy reads the fact first and does not declare it"):
        greedy.refusals(turn)
    assert ("early",) == tuple(each.code for each in attrs.evolve(greedy, reads=(FIRST,)).refusals(turn))


@pytest.mark.rule("M7")
def test_a_turn_made_from_a_turn_knows_no_more() -> None:
    """A guard that evolves its turn is still the reader in the new one."""
    chart = _chart(lambda turn: attrs.evolve(turn, now=turn.now).know(SECOND))
    with pytest.raises(ChartError, match="the guard first_holds reads the fact second and does not declare it"):
        advance(chart, "go", _turn(first=True, second=True))


def _of(turn: Turn) -> Refusal:
    return Refusal("early" if turn.know(FIRST) else "late")


@pytest.mark.rule("M7")
@pytest.mark.parametrize("answer", [None, 1, "yes", object()])
def test_a_guard_that_gives_no_bool_is_our_fault(answer: object) -> None:
    """Nothing that merely counts as true opens a way: the guard is named."""
    with pytest.raises(ChartError, match="guard first_holds of chart SMALL must return a bool"):
        advance(_chart(lambda _: answer), "go", _turn())  # type: ignore[arg-type, return-value]


# What is ordered --------------------------------------------------------------------------------------------


def _ordering(*effects: EffectSpec, entered: tuple[EffectSpec, ...] = ()) -> Chart:
    """The small chart, whose "go" orders the *effects* and shuts; what is shut orders what is *entered*."""
    chart = _chart(lambda _: True)
    (go, *others), (form, end) = chart.handlers, chart.states.values()
    shut = State(name="SHUT", kind=StateKind.ENDING, screen=_plan(), on_entry=entered)
    handlers = (attrs.evolve(go, to="SHUT", effects=effects), *others)
    return Chart("SMALL", title=WORDS, initial="FORM", states=(form, end, shut), handlers=handlers)


@pytest.mark.rule("L2")
def test_a_transition_orders_its_effects_and_those_of_the_state_that_it_enters() -> None:
    """Each with its data, its own first; what is declared twice is ordered once, and what is not due is not."""
    first = EffectSpec("FIRST", lambda turn: {"what": turn.session.procedure}, needs=PROVED)
    both = EffectSpec("BOTH", locks=True)
    unless = EffectSpec("UNLESS", due=lambda turn: not turn.know(SECOND), reads=(SECOND,), needs=PROVED)
    turn = _turn(first=True, second=True)
    chart = _ordering(first, both, entered=(both, unless))
    assert {first: {"what": "SMALL"}, both: {}} == advance(chart, "go", turn).effects
    assert [first, both] == list(advance(chart, "go", turn).effects)
    assert {} == advance(chart, "cancel", turn).effects
    assert {"FIRST": first, "BOTH": both, "UNLESS": unless} == chart.effects
    assert (both,) == chart.locks


@pytest.mark.parametrize("answer", [None, 1, "yes"])
def test_an_effect_is_due_or_is_not(answer: object) -> None:
    """As with a guard, nothing that merely counts as true orders anything."""
    effect = EffectSpec("E", due=lambda _: answer, needs=PROVED)  # type: ignore[arg-type, return-value]  # the point
    with pytest.raises(ChartError, match="the effect E is due, or is not: it must return a bool"):
        advance(_ordering(effect), "go", _turn(first=True, second=True))


@pytest.mark.rule("S5")
@pytest.mark.parametrize(
    ("effect", "complaint"),
    [
        (EffectSpec("E", lambda _: None, needs=PROVED), "must be a mapping, not NoneType"),  # type: ignore[arg-type, return-value]
        (EffectSpec("E", lambda _: {"amount": 3}, needs=PROVED), "must map a str to a str or a Secret"),  # type: ignore[dict-item]
        (
            EffectSpec("E", lambda _: {"pin": Secret("4096")}, needs=PROVED),
            "must have the secrets that it declares (none) as Secrets, and no others; it has pin",
        ),
        (
            EffectSpec("E", lambda _: {"pin": "4096"}, secrets=("pin",), needs=PROVED),
            "must have the secrets that it declares (pin) as Secrets, and no others; it has none",
        ),
    ],
)
def test_data_that_cannot_go_to_the_bank_is_our_fault(effect: EffectSpec, complaint: str) -> None:
    """The effect is named, and what is wrong; no value is."""
    with pytest.raises(ChartError) as caught:
        advance(_ordering(effect), "go", _turn(first=True, second=True))
    assert f"the data of E {complaint}" == str(caught.value)
    assert "4096" not in str(caught.value)


@pytest.mark.rule("M7")
def test_the_data_of_an_effect_get_the_facts_that_it_declares_and_no_others() -> None:
    """As guards do; an effect's kind is the member of that name, or the name."""
    greedy = EffectSpec("GREEDY", lambda turn: {"it": str(turn.know(FIRST))}, needs=PROVED)
    with pytest.raises(ChartError, match="the effect GREEDY reads the fact first and does not declare it"):
        advance(_ordering(greedy), "go", _turn(first=True, second=True))
    assert ("GREEDY", EffectKind.NOTIFY) == (greedy.kind, EffectSpec("NOTIFY").kind)


# Anything, anywhere -----------------------------------------------------------------------------------------

EVENTS: Final = sorted({name for chart in PROCEDURES.values() for name in chart.triggers})
FIELDS: Final = (
    *("name_kana", "name_kanji", "birth_date", "phone", "email", "email_confirm", "branch", "subject", "account"),
    *("accepted", "phone_id", "new_password", "new_password_confirm", "pin", "method", "login_id", "password"),
    *("activation_password", "activation_password_confirm"),
)
METHODS: Final = ("find_contract", "check_login", "contract", "check_pin", "carry_out", "institution")

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
odd_text = st.text(max_size=12) | st.sampled_from(["", "\0", "\ud800", "x" * 5000, "０９０", "*#123456#"])
changes = st.dictionaries(st.sampled_from(FIELDS), odd_text | anything, max_size=3)
events = st.sampled_from(EVENTS) | st.sampled_from(["right", "right", "right", "wrong"]) | anything
versions = st.sampled_from(["present", "present", "present", None, 0, 1, 10**30, True, "1", 1.0])
request_ids = st.sampled_from([None, None, "r1", "r2", "", "\ud800"])

sent = st.tuples(st.just("send"), events, changes, anything, versions, request_ids)
called = st.tuples(
    st.just("call"),
    st.sampled_from(["first", "first", "second"]) | st.none() | odd_text,
    st.sampled_from(["c1", "c2", "\ud800"]),
    st.fixed_dictionaries({"source": st.sampled_from(CallSource), "presentation": st.sampled_from(Presentation)}),
    st.none() | st.integers(-400, 400),
    st.sampled_from([None, "own", "x", "\ud800"]) | anything,
)
keyed = st.tuples(
    st.just("keys"), st.sampled_from(["right", "right", "wrong"]) | odd_text, st.sampled_from(["c1", "c2", "x"])
)
passed = st.tuples(st.just("time"), st.sampled_from([0.5, 1, 5, 60, 119, 121, 300, 301, 600, 601, 1801, -1, -3, -600]))
kept_house = st.tuples(st.sampled_from(["recover", "expire_due", "purge", "view", "beside"]))
troubled = st.tuples(
    st.just("trouble"),
    st.sampled_from(METHODS),
    st.sampled_from(["silent", "silent after", "refuses", "unchecked", "gone", "locked", "open"]),
)
actions = st.lists(sent | called | keyed | passed | kept_house | troubled, max_size=12)


@attrs.define
class _World:
    """A host, and everything that is seen of its one session."""

    host: Host
    code: str | None = None
    seen: list[View] = attrs.field(factory=list)

    def do(self, action: tuple[Any, ...]) -> object:
        """Take one action; the answer, or the documented error."""
        try:
            return getattr(self, f"_{action[0]}")(*action[1:])
        except ResetError as error:
            return error

    def _see(self, view: View) -> View:
        self.seen.append(view)
        self.host._view = view
        return view

    def _send(self, event: object, change: dict[str, object], data: object, version: object, request: object) -> View:
        view = self.host.view
        if event in ("right", "wrong"):
            right, typed = _right(self.host)
            data = typed if event == "right" else {**typed, **change}
            event = right
        elif isinstance(data, dict):
            data = {**self.host.identity(), **data, **change}
        return self._see(
            self.host.service.send(
                view.token,
                event,  # type: ignore[arg-type]
                data,
                version=view.version if version == "present" else version,  # type: ignore[arg-type]
                request_id=request,  # type: ignore[arg-type]
            )
        )

    def _call(
        self, number: str | None, name: str, fields: dict[str, Any], at: int | None, session: object
    ) -> CallResult:
        phones = self.host.customer.contract.phones
        number = {"first": phones[0], "second": phones[1]}.get(number or "", number)
        when = None if at is None else self.host.clock.now + timedelta(seconds=at)

        call = Call(id=name, number=number, received_at=when, **fields)
        result = self.host.service.report_call(
            call,
            session=self.host.view.id if session == "own" else session,  # type: ignore[arg-type]
        )
        if result.code is not None:
            self.code = result.code.reveal()
        return result

    def _keys(self, digits: str, name: str) -> CallResult:
        digits = {"right": self.code or "", "wrong": "000000"}.get(digits, digits)
        return self.host.service.report_keys(name, digits)

    def _time(self, seconds: float) -> None:
        self.host.clock.advance(seconds)

    def _recover(self) -> int:
        return self.host.service.recover()

    def _expire_due(self) -> int:
        return self.host.service.expire_due()

    def _purge(self) -> int:
        return self.host.service.purge()

    def _view(self) -> View:
        return self._see(self.host.service.view(self.host.view.token))

    def _beside(self) -> None:
        self.host = self.host.beside()

    def _trouble(self, method: str, what: str) -> None:
        bank, ref = self.host.bank, self.host.customer.ref
        if what.startswith("silent"):
            bank.fail(method, BankUnavailable, after=what.endswith("after"))
        elif what == "refuses":
            bank.fail("carry_out", EffectRefused(ja="不可", en="no"))
        elif what == "unchecked":
            bank.answer("check_pin", PinCheck.NOT_CHECKED)
        elif what == "gone":
            bank.answer("contract", None)
        else:
            bank.change(ref, card_locked=what == "locked")


def _right(host: Host) -> tuple[str, dict[str, str]]:
    """What leads on from here, where a form does."""
    view, phone = host.view, host.view.phones
    nothing: Callable[[], dict[str, str]] = dict
    typed: dict[str, tuple[str, Callable[[], dict[str, str]]]] = {
        "BIM015": ("submit_identity", host.identity),
        "BIM016": ("choose_phone", host.phone if phone else nothing),
        "BIM017": ("submit_reset", host.reset),
        "BTR001": ("choose_method", lambda: {"method": "ACCOUNT"}),
        "BTR002": ("submit_credentials", lambda: {**host.credentials("LOGIN_ID"), **host.credentials("ACCOUNT")}),
        "BTR003": ("submit_details", host.details if phone else nothing),
    }
    event, data = typed.get(view.state, ("proceed", nothing))
    return event, data()


def _hold(world: _World, start: View) -> None:
    """What must hold of everything that was seen, whatever was done."""
    chart = PROCEDURES[Procedure(start.procedure)]
    for view in world.seen:
        assert json.loads(json.dumps(view.to_dict())) == view.to_dict()
        assert view.token not in repr(view) + json.dumps(view.to_dict())
        assert view.events == chart.events(view.state)
        assert view.final == chart.states[view.state].is_final
    for before, after in pairwise(sorted(world.seen, key=lambda view: view.version)):
        assert before.version >= start.version
        if before.final:
            assert (before.state, before.version) == (after.state, after.version)
    bank = world.host.bank
    assert bank.most_wrong_pins_in_a_row(world.host.customer.ref) <= 3
    wanted = {"DONE": {EffectKind.SET_LOGIN_PASSWORD, EffectKind.CLEAR_RISK_AUTH}, "BTR005": {EffectKind.ISSUE_TOKEN}}
    done = [effect.kind for effect in bank.carried_out]
    for state in {view.state for view in world.seen} & set(wanted):
        assert 1 == len([kind for kind in done if kind in wanted[state]])


@pytest.mark.rule("A8", "A4", "A3", "M5")
@settings(max_examples=budget(400))
@given(place=st.sampled_from(STATES), codes=st.booleans(), several=actions)
@example(
    # a member of no list that Python can hash, as the session of a call that came too late
    place=(Procedure.LOGIN_PASSWORD, "PHONE"),
    codes=False,
    several=[("time", 121), ("time", 60), ("call", "first", "c1", {"source": CallSource.NETWORK}, None, [])],
)
def test_whatever_is_thrown_at_a_session_is_answered(
    place: tuple[Procedure, str], codes: bool, several: list[tuple[Any, ...]]
) -> None:
    """From every state, any row of events, calls, keys, silences and leaps of time ends in views and known errors."""
    procedure, state = place
    host = Host(policies=WITH_CODES if codes or state == "PHONE_KEYS" else Policies())
    start = host.at(procedure, state)
    world = _World(host, seen=[start])
    for action in several:
        answer = world.do(action)
        assert answer is None or isinstance(answer, View | CallResult | int | ResetError)
        assert not isinstance(answer, ChartError)
    _hold(world, start)
    if start.final and any(action[0] not in {"time", "purge"} for action in several):
        assert {(start.state, start.version)} == {(view.state, view.version) for view in world.seen}


def _ends(host: Host) -> Iterator[str]:
    for _ in range(4):
        host.clock.advance(3600)
        yield host.look().state


@pytest.mark.rule("A4", "S3", "P6")
@pytest.mark.parametrize(("procedure", "state"), LIVE, ids=named)
def test_a_session_that_is_left_alone_ends(procedure: Procedure, state: str) -> None:
    """Time alone leads every live state to EXPIRED, COMPLETING apart, which waits for the bank."""
    host = Host(policies=WITH_CODES)
    host.at(procedure, state)
    ending = "COMPLETING" if state == "COMPLETING" else "EXPIRED"
    assert ending == list(_ends(host))[-1]
    assert host.service.recover() == (state == "COMPLETING")
    assert host.look().final


@pytest.mark.rule("A4", "S8")
@pytest.mark.parametrize(("procedure", "state"), STATES, ids=named)
def test_a_final_state_stays_until_it_is_purged(procedure: Procedure, state: str) -> None:
    """Neither time nor maintenance moves it; past retention it is gone, and only then."""
    kept = SessionPolicy(retention_unproved=SessionPolicy().retention)  # where nothing was proved, too (S8)
    host = Host(policies=attrs.evolve(WITH_CODES, session=kept))
    view = host.at(procedure, state)
    if not view.final:
        host.clock.advance(host.policies.session.effect_backoff)
        host.clock.advance(1)
        host.service.recover()
        view = host.send("cancel") if "cancel" in view.events else host.look()
    host.clock.advance(host.policies.session.retention - timedelta(seconds=2))
    assert (0, 0, 0) == (host.service.recover(), host.service.expire_due(), host.service.purge())
    assert (view.state, view.version) == (host.look().state, host.look().version)
    host.clock.advance(3)
    assert 1 == host.service.purge()
    with pytest.raises(UnknownSession):
        host.look()


@pytest.mark.rule("A1", "A2")
@pytest.mark.parametrize("procedure", Procedure, ids=named)
def test_no_call_that_proves_nothing_leads_on(procedure: Procedure) -> None:
    """Withheld, unavailable, 050, another number, merely claimed, diverted, early and late: the session waits on."""
    host = Host()
    view = host.at(procedure, "BTR004" if procedure is Procedure.TOKEN_REISSUE else "PHONE")
    own = host.customer.contract.phones[0]
    for fields in (
        {"number": None, "presentation": Presentation.UNAVAILABLE},
        {"number": None, "presentation": Presentation.RESTRICTED},
        {"number": own, "presentation": Presentation.RESTRICTED},
        {"number": own, "presentation": Presentation.UNAVAILABLE},
        {"number": "050-3123-4567"},
        {"number": "anonymous"},
        {"number": "+266696687"},
        {"number": own.removeprefix("0")},
        {"number": "81" + own.removeprefix("0")},
        {"number": own + "x"},
        {"number": host.customer.contract.phones[1]},
        {"number": own, "source": CallSource.CLAIMED},
        {"number": own, "diverted": True},
        {"number": own, "dialed": "0120-999-999"},
        {"number": own, "received_at": host.clock.now - timedelta(microseconds=1)},
        {"number": own, "received_at": host.clock.now + timedelta(seconds=2, microseconds=1)},
    ):
        for session in (None, view.id):
            host.calls += 1

            call = Call(**{"id": f"c{host.calls}", "source": CallSource.NETWORK, **fields})  # type: ignore[arg-type]
            result = host.service.report_call(call, session=session)
            assert result.status in {CallStatus.REFUSED, CallStatus.UNMATCHED}, fields
            if session is not None:
                assert result.reasons, fields
            assert view.state == host.look().state
