"""Each law of charts is broken by a chart of its own, and the complaint says where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs
import pytest

from ja_reset import PROCEDURES, ChartError, Text
from ja_reset.chart import Chart
from ja_reset.chart._spec import ChartSpec
from ja_reset.chart.effects import EffectSpec
from ja_reset.chart.laws import LAWS, validate
from ja_reset.chart.own_laws import Own
from ja_reset.chart.states import Ending, State, StateKind
from ja_reset.chart.transitions import (
    Assign,
    Check,
    EventRole,
    Guard,
    Handler,
    Otherwise,
    Transition,
    WaitWrite,
    check,
    expand,
)
from ja_reset.chart.turn import BankFact, Fact, Occasion
from ja_reset.fields import readers
from ja_reset.fields.forms import MethodForm
from ja_reset.fields.specs import FieldKind, FieldSpec, Role, field
from ja_reset.screens import ButtonPlan, ScreenPlan


def _guard(name: str, *codes: str) -> Guard:
    return Guard(name, lambda _: True, codes, says=Text(ja=name, en=name))


ROLES: Final[Mapping[str, EventRole]] = {
    "give_up": EventRole.CANCEL,
    "too_late": EventRole.TIME_RAN_OUT,
    "clock_is_off": EventRole.CLOCK_WENT_BACK,
    "nobody_rang": EventRole.WINDOW_CLOSED,
    "it_rings": EventRole.CALL,
    "it_beeps": EventRole.KEYS,
    "line_is_taken": EventRole.CONTESTED,
    "done": EventRole.CONFIRMED,
    "not_done": EventRole.REFUSED,
    "and_now": EventRole.PROCEED,
    "still_here": EventRole.EXTEND,
}
"""What the events of these charts mean; their names are their own."""

OPEN = _guard("door_is_open", "late")
READY = _guard("all_is_ready", "early")
LEARN = Assign("nothing", lambda _, session: session)


def _plan(*events: str) -> ScreenPlan:
    buttons = tuple(ButtonPlan(event, "button.cancel") for event in events)
    return ScreenPlan(id="X", title="DONE.title", buttons=buttons)


def _step(trigger: str, source: str, to: str | None, *checks: Check, **more: object) -> Handler:
    more.setdefault("role", ROLES.get(trigger))
    return Handler(trigger=trigger, source=source, to=to, checks=checks, **more)  # type: ignore[arg-type]  # fields by name


CHOOSES: Final = Assign("phone_is_chosen", lambda _, session: session, roles=(Role.PHONE_CHOICE,))


ORDER: Final = EffectSpec("ORDER", needs=("identity", "call"))


UNCALLED: Final = EffectSpec("SET", needs=("identity", "pin"))


def _ordering(effect: EffectSpec = ORDER, *, keeps: EffectSpec | None = ORDER) -> dict[str, object]:
    """What a step has that leads to where the bank is waited for."""
    kept = () if keeps is None else (Assign("order", lambda _, session: session, order=keeps),)
    return {"effects": (effect,), "assigns": kept}


CALLED: Final = frozenset({"phones", "chosen", "window"})
STATES: Final = (
    State(name="FORM", kind=StateKind.FORM, screen=_plan("go", "give_up")),
    State(name="WAIT", kind=StateKind.WAITING, screen=_plan("give_up"), keeps=CALLED),
    State(name="BUSY", kind=StateKind.COMPLETING, screen=_plan(), keeps=frozenset({"order"})),
    State(name="WON", kind=StateKind.SUCCESS, screen=_plan()),
    State(name="LOST", kind=StateKind.ENDING, screen=_plan(), ending=Ending.EXPIRED),
)
STEPS: Final = (
    _step("go", "FORM", "WAIT", check(OPEN), check(READY, Otherwise("LOST")), wait=WaitWrite.OPEN),
    _step("give_up", "FORM", "LOST"),
    _step("too_late", "FORM", "LOST"),
    _step("clock_is_off", "FORM", "LOST"),
    _step("it_rings", "WAIT", "BUSY", check(OPEN), wait=WaitWrite.RELEASE, **_ordering()),
    _step("give_up", "WAIT", "LOST"),
    _step("line_is_taken", "WAIT", "FORM"),
    _step("nobody_rang", "WAIT", "FORM"),
    _step("clock_is_off", "WAIT", "LOST"),
    _step("done", "BUSY", "WON"),
    _step("not_done", "BUSY", "LOST"),
)


def _draft(
    states: tuple[State, ...] = STATES, handlers: tuple[Handler, ...] = STEPS, initial: str = "FORM"
) -> ChartSpec:
    transitions = tuple(transition for handler in handlers for transition in expand(handler))
    return ChartSpec(initial=initial, states=states, handlers=handlers, transitions=transitions)


SOUND: Final = _draft()


def _with(*handlers: Handler, states: tuple[State, ...] = ()) -> ChartSpec:
    """The sound chart with more in it."""
    return _draft(STATES + states, STEPS + handlers)


def _valued(source: str, **keeps: frozenset[str]) -> ChartSpec:
    """The sound chart whose steps out of *source* assign a value of its own, and whose states keep these."""
    assign = Assign("limit_is_kept", lambda _, session: session, own="limit")
    states = (attrs.evolve(each, keeps=keeps.get(each.name, each.keeps)) for each in STATES)
    handlers = (
        attrs.evolve(each, assigns=(*each.assigns, assign)) if each.source == source else each for each in STEPS
    )
    spec = _draft(tuple(states), tuple(handlers))
    return attrs.evolve(spec, own=Own(values=frozenset({"limit"})))


def _asks(source: str) -> tuple[Handler, ...]:
    """A button that only asks whether it goes on."""
    return (_step("and_now", source, None),)


def _without(trigger: str, source: str) -> tuple[Handler, ...]:
    return tuple(handler for handler in STEPS if (handler.trigger, handler.source) != (trigger, source))


def _changed(name: str, **changes: object) -> tuple[State, ...]:
    changed = {state.name: state for state in STATES}
    changed[name] = attrs.evolve(changed[name], **changes)  # type: ignore[arg-type]  # fields by name
    return tuple(changed.values())


def _arrows(*transitions: Transition) -> ChartSpec:
    """The sound chart with transitions that no step expands to."""
    return attrs.evolve(SOUND, transitions=SOUND.transitions + transitions)


DOOR: Final[Fact[str]] = Fact("door", at=(Occasion.CUSTOMER,))
PIN: Final[Fact[bool]] = Fact("pin", at=(Occasion.CUSTOMER,), proof="pin")
TYPED: Final[Fact[bool]] = Fact("typed", at=(Occasion.CUSTOMER,), roles=(frozenset({Role.PIN}),))
FILLED: Final[Fact[str]] = Fact("filled", at=(Occasion.CUSTOMER,), needs_form=True)
VALID: Final = Guard(
    "form_is_right", lambda _: True, ("format",), says=Text("正", "right"), reads=(FILLED,), judges_form=True
)
LOCK: Final = EffectSpec("LOCK", locks=True)
CEILING: Final = BankFact[int]("ceiling", method="transfer_ceiling", kind=int, values={"low": 1})


def _reads(name: str, *facts: object) -> Guard:
    return Guard(name, lambda _: True, ("late",), says=Text(ja=name, en=name), reads=facts)  # type: ignore[arg-type]  # a wrong one, too


def _read(*guards: Guard) -> ChartSpec:
    """The sound chart with an event that asks these guards."""
    return _with(_step("leap", "FORM", "LOST", *map(check, guards)))


def _asks_bank(fact: Fact[int]) -> ChartSpec:
    """The sound chart with an event that asks the bank for a fact of a contract."""
    return _draft(_changed("FORM", keeps=frozenset({"ref"})), (*STEPS, *_read(_reads("rich", fact)).handlers[-1:]))


def _below_a_pin(*otherwises: Otherwise, effects: tuple[EffectSpec, ...] = ()) -> ChartSpec:
    """The sound chart with an event that checks a PIN, with these outcomes and orders."""
    falls = (*otherwises, Otherwise("LOST", effects=(LOCK,), reasons=("locked",)))
    leap = _step("leap", "FORM", "LOST", check(_reads("pin_is_right", PIN), *falls), effects=effects)
    return _draft(_changed("FORM", keeps=frozenset({"ref"})), (*STEPS, leap))


def _form(*fields: FieldSpec) -> type[attrs.AttrsInstance]:
    return attrs.make_class("OwnForm", {each.name: field(each) for each in fields}, frozen=True, kw_only=True)


@attrs.frozen
class OwnPolicy:
    """A policy of a host's own."""


OWN_READER: Final = readers.Reader(
    name="own",
    policy=OwnPolicy,
    longest=lambda _: 1,
    parse=lambda text, _policy, _today: text,
    example=lambda _: "1",
    wrong=("",),
)
OWN_FIELD: Final = FieldSpec("login_id", OWN_READER, FieldKind.TEXT)
NAME: Final = FieldSpec("login_id", readers.LOGIN_ID, FieldKind.TEXT)


CHOICE: Final = _form(FieldSpec("phone_id", readers.PHONE_ID, FieldKind.PHONE_CHOICE, role=Role.PHONE_CHOICE))
PIN_FIELD: Final = FieldSpec("pin", readers.PIN, FieldKind.PIN, role=Role.PIN)


def _filled(
    form: type[attrs.AttrsInstance],
    shown: type[attrs.AttrsInstance] | None,
    *checks: Check,
    role: EventRole | None = None,
) -> ChartSpec:
    """The sound chart with an event that reads one form where another is shown."""
    buttons = _plan("go", "give_up").buttons
    screen = ScreenPlan(id="X", title="DONE.title", form=shown, buttons=buttons)
    leap = _step("leap", "FORM", "LOST", *checks, form=form, role=role)
    return _draft(_changed("FORM", screen=screen), (*STEPS, leap))


def _choosing(*handlers: Handler, **changes: object) -> ChartSpec:
    """The sound chart with a choice of the method in FORM, which WAIT keeps; *changes* are WAIT's."""
    form = ScreenPlan(id="X", title="DONE.title", form=MethodForm, buttons=_plan("go", "give_up").buttons)
    wait = {"keeps": CALLED | {"method"}, **changes}
    states = tuple(
        attrs.evolve(each, screen=form) if each.name == "FORM" else each for each in _changed("WAIT", **wait)
    )
    return _draft(states, (*STEPS, _step("pick", "FORM", None, form=MethodForm), *handlers))


def _orders(*effects: object) -> ChartSpec:
    """The sound chart, which orders these when the bank has confirmed."""
    confirmed = _step("done", "BUSY", "WON", effects=effects)
    return _draft(handlers=(*_without("done", "BUSY"), confirmed))


def _arrow(trigger: str, source: str, to: str | None = None, **more: object) -> Transition:
    return Transition(trigger=trigger, source=source, to=to, **more)  # type: ignore[arg-type]  # fields by name


BROKEN: Final[Mapping[str, tuple[str, ChartSpec, str]]] = {
    "state twice": (
        "names_are_known",
        _draft((*STATES, STATES[4])),
        "state LOST is declared 2 times",
    ),
    "unknown destination": (
        "names_are_known",
        _with(_step("leap", "FORM", "NOWHERE")),
        "leap from FORM: unknown destination NOWHERE",
    ),
    "unknown destination of a fall": (
        "names_are_known",
        _with(_step("leap", "FORM", "LOST", check(OPEN, Otherwise("NOWHERE")))),
        "leap from FORM: unknown destination NOWHERE",
    ),
    "unknown source": ("names_are_known", _with(_step("leap", "NOWHERE", "LOST")), "leap: unknown source NOWHERE"),
    "unreachable": (
        "every_state_is_reached",
        _with(states=(State(name="ISLAND", kind=StateKind.ENDING, screen=_plan()),)),
        "state ISLAND cannot be reached",
    ),
    "trap": (
        "nothing_is_a_trap",
        _with(
            _step("fall_in", "FORM", "PIT", **_ordering()),
            _step("done", "PIT", None),
            _step("not_done", "PIT", None),
            states=(State(name="PIT", kind=StateKind.COMPLETING, screen=_plan(), keeps=frozenset({"order"})),),
        ),
        "state PIT is a trap: no final state can be reached from it",
    ),
    "way out of a final state": (
        "final_states_absorb",
        _with(_step("rise", "LOST", "FORM")),
        "final state LOST has a way out: rise",
    ),
    "event that a final state keeps to itself": (
        "final_states_absorb",
        _with(_step("look", "WON", None)),
        "final state WON has a way out: look",
    ),
    "no cancel": (
        "cancel_is_everywhere",
        _draft(_changed("WAIT", screen=_plan()), _without("give_up", "WAIT")),
        "state WAIT cannot be cancelled",
    ),
    "cancel of what is being completed": (
        "cancel_is_everywhere",
        _draft(_changed("BUSY", screen=_plan("give_up")), (*STEPS, _step("give_up", "BUSY", "LOST"))),
        "state BUSY is completing and cannot be cancelled",
    ),
    "form without end": (
        "time_leads_out",
        _draft(handlers=_without("too_late", "FORM")),
        "state FORM must handle the clock's event (role TIME_RAN_OUT)",
    ),
    "idle timeout inside a window": (
        "time_leads_out",
        _with(_step("too_late", "WAIT", "LOST")),
        "state WAIT must not handle the clock's event (role TIME_RAN_OUT)",
    ),
    "expiry of what is being completed": (
        "time_leads_out",
        _with(_step("clock_is_off", "BUSY", "LOST")),
        "state BUSY must not handle the clock's event (role CLOCK_WENT_BACK)",
    ),
    "no otherwise": (
        "every_event_has_an_otherwise",
        _arrows(_arrow("knock", "FORM", conditions=("door_is_open",))),
        "knock from FORM has no otherwise",
    ),
    "equal transitions": (
        "transitions_differ",
        _arrows(
            _arrow("knock", "FORM", conditions=("a", "b")),
            _arrow("knock", "FORM", "LOST", conditions=("b", "a")),
            _arrow("knock", "FORM"),
        ),
        "knock from FORM has 2 equal transitions",
    ),
    "unpublished reason": (
        "refusals_have_reasons",
        _with(_step("leap", "FORM", "LOST", check(_guard("rope_holds", "bad_luck")))),
        "leap from FORM: unpublished reason bad_luck",
    ),
    "fall without a reason": (
        "refusals_have_reasons",
        _with(_step("leap", "FORM", "LOST", check(_guard("rope_holds")))),
        "leap from FORM refuses without a reason",
    ),
    "fall that learns but stays, without a reason": (
        "refusals_have_reasons",
        _with(_step("leap", "FORM", "LOST", check(_guard("rope_holds"), Otherwise(assigns=(LEARN,))))),
        "leap from FORM refuses without a reason",
    ),
    "two guards of one name": (
        "guards_have_one_meaning",
        _with(_step("leap", "FORM", "LOST", check(_guard("door_is_open", "stale")))),
        "two guards are named door_is_open",
    ),
    "guard that transitions would import": (
        "guards_have_one_meaning",
        _with(_step("leap", "FORM", "LOST", check(_guard("os.path", "stale")))),
        "'os.path' must be an identifier to name a guard",
    ),
    "guard that hides": (
        "guards_have_one_meaning",
        _with(_step("leap", "FORM", "LOST", check(_guard("_holds", "stale")))),
        "'_holds' must be an identifier to name a guard",
    ),
    "rung that nobody falls from": (
        "otherwise_is_ordered",
        attrs.evolve(SOUND, handlers=(*STEPS, _step("leap", "FORM", None, Check(READY, ())))),
        "leap from FORM: the outcomes of all_is_ready are out of order: only the last may have no condition",
    ),
    "last fall on a condition": (
        "otherwise_is_ordered",
        attrs.evolve(SOUND, handlers=(*STEPS, _step("leap", "FORM", None, check(READY, Otherwise(when=OPEN))))),
        "leap from FORM: the outcomes of all_is_ready are out of order: only the last may have no condition",
    ),
    "fall behind the unconditional one": (
        "otherwise_is_ordered",
        attrs.evolve(SOUND, handlers=(*STEPS, _step("leap", "FORM", None, check(READY, Otherwise(), Otherwise())))),
        "leap from FORM: the outcomes of all_is_ready are out of order: only the last may have no condition",
    ),
    "button that does nothing": (
        "screens_offer_the_events",
        _draft(_changed("BUSY", screen=_plan("push"))),
        "state BUSY shows a button for push, which it does not handle",
    ),
    "variant with other buttons": (
        "screens_offer_the_events",
        _choosing(_step("wave", "WAIT", None), variants={"ACCOUNT": _plan("give_up", "wave")}),
        "state WAIT shows other buttons on its variants",
    ),
    "button for what the telephone says": (
        "screens_offer_the_events",
        _draft(_changed("WAIT", screen=_plan("give_up", "it_rings"))),
        "state WAIT shows a button for it_rings, which is not the customer's to send",
    ),
    "button that does more than ask while the bank is waited for": (
        "screens_offer_the_events",
        _draft(_changed("BUSY", screen=_plan("and_now", "go")), (*STEPS, *_asks("BUSY"), _step("go", "BUSY", None))),
        "state BUSY shows a button for go, which is not the customer's to send",
    ),
    "cancel without a button": (
        "screens_offer_the_events",
        _draft(_changed("WAIT", screen=_plan())),
        "state WAIT can be cancelled but shows no button for it",
    ),
    "wait that hears no call": (
        "what_is_awaited_has_an_event",
        _draft(
            handlers=(
                *_without("it_rings", "WAIT"),
                _step("it_beeps", "WAIT", "BUSY", check(OPEN), wait=WaitWrite.RELEASE, **_ordering()),
            )
        ),
        "state WAIT lacks an event of role CALL",
    ),
    "wait that no other session ends": (
        "what_is_awaited_has_an_event",
        _draft(handlers=_without("line_is_taken", "WAIT")),
        "state WAIT lacks an event of role CONTESTED",
    ),
    "wait that hears no keys": (
        "what_is_awaited_has_an_event",
        _draft(_changed("WAIT", keeps=CALLED | {"answered"})),
        "state WAIT lacks an event of role KEYS",
    ),
    "call where nobody waits for one": (
        "what_is_awaited_has_an_event",
        _with(_step("it_rings", "FORM", "LOST")),
        "state FORM must not have an event of role CALL",
    ),
    "refusal that is not heard": (
        "what_is_awaited_has_an_event",
        _draft(handlers=_without("not_done", "BUSY")),
        "state BUSY lacks an event of role REFUSED",
    ),
    "event that means two things": (
        "roles_are_told_apart",
        _with(_step("give_up", "BUSY", None, role=None)),
        "give_up has the role CANCEL, and in BUSY none",
    ),
    "two events that mean one thing": (
        "roles_are_told_apart",
        _draft(
            _changed("FORM", screen=_plan("go", "give_up", "leave")),
            (*STEPS, _step("leave", "FORM", "LOST", role=EventRole.CANCEL)),
        ),
        "state FORM has two events of role CANCEL: give_up and leave",
    ),
    "no ending for a session whose state is gone": (
        "endings_are_told_apart",
        _draft(_changed("LOST", ending=Ending.REJECTED)),
        "one state must be the ending EXPIRED, not none",
    ),
    "two endings for it": (
        "endings_are_told_apart",
        _with(
            _step("leap", "FORM", "OVER"),
            states=(State(name="OVER", kind=StateKind.ENDING, screen=_plan(), ending=Ending.EXPIRED),),
        ),
        "one state must be the ending EXPIRED, not LOST and OVER",
    ),
    "ending that is none": (
        "endings_are_told_apart",
        _draft(_changed("WON", ending=Ending.LOCKED)),
        "state WON is no ending, and means LOCKED",
    ),
    "echo of an event": (
        "tolerated_events_are_no_events",
        _draft(_changed("FORM", tolerates=("go",))),
        "state FORM both handles and tolerates go",
    ),
    "fact that is none": (
        "facts_exist",
        _draft(_changed("WAIT", keeps=CALLED | {"hope"})),
        "state WAIT keeps hope, which is no session data, and no transition assigns it",
    ),
    "wait that is not opened": (
        "waits_fit",
        _with(_step("sneak", "FORM", "WAIT")),
        "sneak from FORM to WAIT: a wait must be opened on entering a waiting state, and only there",
    ),
    "wait opened on the way out": (
        "waits_fit",
        _with(_step("sneak", "WAIT", "LOST", wait=WaitWrite.OPEN)),
        "sneak from WAIT to LOST: a wait must be opened on entering a waiting state, and only there",
    ),
    "wait released that goes on": (
        "waits_fit",
        _with(_step("sneak", "WAIT", None, wait=WaitWrite.RELEASE)),
        "sneak from WAIT ends the wait, though its target still waits",
    ),
    "phone chosen within a wait": (
        "waits_fit",
        _draft(
            _changed(
                "WAIT", screen=ScreenPlan(id="X", title="DONE.title", form=CHOICE, buttons=_plan("give_up").buttons)
            ),
            (*STEPS, _step("pick", "WAIT", None, form=CHOICE, assigns=(CHOOSES,))),
        ),
        "pick from WAIT chooses a phone, and WAIT waits for a call already: lead to a state where a phone is chosen",
    ),
    "order that is not kept": (
        "orders_are_kept",
        _draft(_changed("BUSY", keeps=frozenset())),
        "state BUSY is completing and does not keep the order: add 'order' to its keeps",
    ),
    "wait for the bank without an order": (
        "orders_are_kept",
        _with(_step("leap", "FORM", "BUSY")),
        "leap from FORM leads to BUSY, which waits for the bank, and orders nothing: give it an effect",
    ),
    "order whose key nobody keeps": (
        "orders_are_kept",
        _with(_step("leap", "FORM", "BUSY", **_ordering(keeps=None))),
        "leap from FORM leads to BUSY and keeps no order: add order_is_kept(…) to its assigns",
    ),
    "key of another order": (
        "orders_are_kept",
        _with(_step("leap", "FORM", "BUSY", **_ordering(keeps=EffectSpec("OTHER")))),
        "leap from FORM leads to BUSY and keeps the order OTHER, which it does not give",
    ),
    "wait that forgets its window": (
        "waits_are_kept",
        _draft(_changed("WAIT", keeps=CALLED - {"window"})),
        "state WAIT waits for a call and does not keep window: add 'window' to its keeps",
    ),
    "value that is not there on one way": (
        "own_values_are_there",
        _valued("FORM", WAIT=CALLED, BUSY=frozenset({"order", "limit"})),
        ("state BUSY keeps limit; it_rings from WAIT leads there, and WAIT neither keeps it nor is it assigned"),
    ),
    "value that the beginning keeps": (
        "own_values_are_there",
        _valued("FORM", FORM=frozenset({"limit"}), WAIT=CALLED | {"limit"}),
        "the initial state FORM keeps limit, which nothing has assigned yet",
    ),
    "value that nobody keeps": (
        "own_values_are_kept",
        _valued("FORM"),
        "value limit is assigned by go from FORM, and no state keeps it: add it to a state's keeps",
    ),
    "two facts of one name": (
        "facts_have_one_meaning",
        _read(_reads("door_is_red", DOOR), _reads("door_is_blue", Fact("door", at=(Occasion.CUSTOMER,)))),
        "two facts are named door",
    ),
    "fact that hides": (
        "facts_have_one_meaning",
        _read(_reads("door_is_red", Fact("_door", at=(Occasion.CUSTOMER,)))),
        "'_door' cannot name a fact",
    ),
    "name in place of a fact": (
        "facts_have_one_meaning",
        _read(_reads("door_is_red", "door")),
        "the guard door_is_red reads 'door', which is no Fact",
    ),
    "fact that nobody tells": (
        "facts_can_be_told",
        _read(_reads("door_is_red", Fact("door"))),
        "leap from FORM: the guard door_is_red reads door, which nobody tells",
    ),
    "fact of a call at a form": (
        "facts_can_be_told",
        _read(_reads("door_is_red", Fact("door", at=(Occasion.CALL, Occasion.KEYS)))),
        "leap from FORM: the guard door_is_red reads door, which cannot be had there",
    ),
    "form that does not come": (
        "facts_can_be_told",
        _read(_reads("door_is_red", Fact("door", at=(Occasion.CUSTOMER,), needs_form=True))),
        "leap from FORM: the guard door_is_red reads door, and no form comes with it",
    ),
    "fact of the bank at the bank's answer": (
        "facts_can_be_told",
        _draft(
            _changed("BUSY", keeps=frozenset({"ref", "order"})),
            (*_without("done", "BUSY"), _step("done", "BUSY", "WON", check(_reads("rich", CEILING)))),
        ),
        "done from BUSY: the guard rich reads ceiling, which cannot be had there",
    ),
    "fact of the bank when time has run out": (
        "facts_can_be_told",
        _draft(
            _changed("FORM", keeps=frozenset({"ref"})),
            (*_without("too_late", "FORM"), _step("too_late", "FORM", "LOST", check(_reads("rich", CEILING)))),
        ),
        "too_late from FORM: the guard rich reads ceiling, which cannot be had there",
    ),
    "fact of the bank where the customer breaks off": (
        "facts_can_be_told",
        _draft(
            _changed("FORM", keeps=frozenset({"ref"})),
            (*_without("give_up", "FORM"), _step("give_up", "FORM", "LOST", check(_reads("rich", CEILING)))),
        ),
        "give_up from FORM: the guard rich reads ceiling, which cannot be had there",
    ),
    "fact that an effect cannot have": (
        "facts_can_be_told",
        _draft(
            handlers=(
                *_without("done", "BUSY"),
                _step("done", "BUSY", "WON", effects=(EffectSpec("TELL", reads=(DOOR,)),)),
            )
        ),
        "done from BUSY: the effect TELL reads door, which cannot be had there",
    ),
    "PIN without a form": (
        "forms_have_what_is_read",
        _read(_reads("pin_is_there", TYPED)),
        "leap from FORM: the guard pin_is_there reads typed, and no form with a field in the role PIN comes with it",
    ),
    "PIN that the form has not": (
        "forms_have_what_is_read",
        _filled(_form(NAME), _form(NAME), check(VALID), check(_reads("pin_is_there", TYPED))),
        "leap from FORM: the guard pin_is_there reads typed, and its form OwnForm has no field in the role PIN",
    ),
    "role that the form has not": (
        "forms_have_what_is_read",
        _filled(
            _form(NAME),
            _form(NAME),
            check(VALID),
            check(attrs.evolve(READY, name="phone_is_there", roles=(Role.PHONE_CHOICE,))),
        ),
        (
            "leap from FORM: the guard phone_is_there reads a field, and its form OwnForm has no field in the role "
            "PHONE_CHOICE"
        ),
    ),
    "role without a form": (
        "forms_have_what_is_read",
        _with(_step("leap", "FORM", "LOST", assigns=(CHOOSES,))),
        (
            "leap from FORM: the assignment phone_is_chosen reads a field, and no form with a field in the role "
            "PHONE_CHOICE comes with it"
        ),
    ),
    "form that is read before it is judged": (
        "forms_are_judged_first",
        _filled(_form(NAME), _form(NAME), check(_reads("name_is_short", FILLED)), check(VALID)),
        (
            "leap from FORM: the guard name_is_short reads filled and no check above it says that the form is valid: "
            "put form_is_valid above it"
        ),
    ),
    "form that is read where it is not valid": (
        "forms_are_judged_first",
        _filled(
            _form(NAME), _form(NAME), check(VALID, Otherwise("LOST", when=_reads("name_is_short", FILLED)), Otherwise())
        ),
        (
            "leap from FORM: the guard name_is_short reads filled and no check above it says that the form is valid: "
            "put form_is_valid above it"
        ),
    ),
    "form that nobody judges": (
        "forms_are_judged_first",
        attrs.evolve(
            _filled(_form(NAME), _form(NAME)),
            handlers=(
                *STEPS,
                _step("leap", "FORM", "LOST", form=_form(NAME), assigns=(Assign("x", LEARN.change, reads=(FILLED,)),)),
            ),
        ),
        (
            "leap from FORM: the assignment x reads filled and no check above it says that the form is valid: "
            "put form_is_valid above it"
        ),
    ),
    "check that nobody counts": (
        "tries_are_counted_first",
        _read(_reads("door_is_red", Fact("door", at=(Occasion.CUSTOMER,), after=DOOR))),
        "leap from FORM: the guard door_is_red reads door, and no check above it reads door",
    ),
    "fact of the bank before there is a contract": (
        "a_contract_comes_first",
        _read(_reads("rich", CEILING)),
        "leap from FORM: the guard rich reads ceiling before there is a contract",
    ),
    "contract before there is one": (
        "a_contract_comes_first",
        _read(_reads("is_open", Fact("contract", at=(Occasion.CUSTOMER,), of_contract=True))),
        "leap from FORM: the guard is_open reads contract before there is a contract",
    ),
    "check below a PIN": (
        "nothing_refuses_after_a_proof",
        _with(
            _step(
                "leap",
                "FORM",
                "LOST",
                check(_reads("pin_is_right", PIN), Otherwise("LOST", effects=(LOCK,), reasons=("locked",))),
                check(_reads("door_is_red", DOOR)),
            )
        ),
        "leap from FORM: the check door_is_red must stand above pin_is_right: nothing else is asked once the pin is",
    ),
    "check of a PIN that reads something else": (
        "nothing_refuses_after_a_proof",
        _with(
            _step(
                "leap",
                "FORM",
                "LOST",
                check(_reads("door_is_red", DOOR)),
                check(_reads("pin_is_there", PIN), Otherwise("LOST", effects=(LOCK,), reasons=("locked",))),
                check(_reads("pin_is_right", PIN, DOOR)),
            )
        ),
        (
            "leap from FORM: the check pin_is_right reads door beside the pin: ask that in a check of its own, above "
            "pin_is_there"
        ),
    ),
    "outcome that asks the bank below a PIN": (
        "nothing_is_asked_after_a_proof",
        _below_a_pin(Otherwise("LOST", when=_reads("rich", CEILING))),
        (
            "leap from FORM: the guard rich reads ceiling, and the bank is asked nothing once pin_is_right is: let a "
            "check above that read it"
        ),
    ),
    "order that asks the bank below a PIN": (
        "nothing_is_asked_after_a_proof",
        _below_a_pin(effects=(EffectSpec("TELL", needs=("identity", "call"), reads=(CEILING,)),)),
        (
            "leap from FORM: the effect TELL reads ceiling, and the bank is asked nothing once pin_is_right is: let a "
            "check above that read it"
        ),
    ),
    "fact of the bank without values": (
        "bank_facts_are_whole",
        _asks_bank(attrs.evolve(CEILING, values={})),
        "the fact ceiling has no values to verify and test with",
    ),
    "value of another kind": (
        "bank_facts_are_whole",
        _asks_bank(attrs.evolve(CEILING, values={"low": 1, "odd": True})),
        "the fact ceiling: its value 'odd' is not of its kind",
    ),
    "absence of another kind": (
        "bank_facts_are_whole",
        _asks_bank(attrs.evolve(CEILING, absent="none")),  # type: ignore[arg-type]  # a wrong one
        "the fact ceiling: what holds without the method is not of its kind",
    ),
    "kind that is none": (
        "bank_facts_are_whole",
        _asks_bank(attrs.evolve(CEILING, kind=(int, None))),  # type: ignore[arg-type]  # a wrong one
        "the fact ceiling: its kind must be a type, or several",
    ),
    "method of every bank": (
        "bank_facts_are_whole",
        _asks_bank(attrs.evolve(CEILING, method="carry_out")),
        "the fact ceiling: 'carry_out' cannot name a method of the host's own",
    ),
    "effect that is none": (
        "effects_are_whole",
        _orders("NOTIFY"),
        "done from BUSY orders NOTIFY, which is no EffectSpec",
    ),
    "two effects of one name": (
        "effects_are_whole",
        _orders(EffectSpec("TELL"), EffectSpec("TELL")),
        "two effects are named TELL",
    ),
    "effect with a sign in its name": (
        "effects_are_whole",
        _orders(EffectSpec("TELL:ALL")),
        "'TELL:ALL' cannot name an effect: it has 1 to 41 capitals, digits and _, a capital first",
    ),
    "need that is no proof": (
        "effects_are_whole",
        _orders(EffectSpec("TELL", needs=("identity", "call", "luck"))),
        "the effect TELL needs luck, which is no proof; there are identity, call, code, pin",
    ),
    "secrets without data": (
        "effects_are_whole",
        _orders(EffectSpec("TELL", secrets=("pin",))),
        "the effect TELL has secrets and no data",
    ),
    "notice with a result": (
        "effects_are_whole",
        _orders(EffectSpec("TELL", notice=True, result=("when",))),
        "the effect TELL is a notice: it neither locks nor has needs or a result (C5)",
    ),
    "notice that locks": (
        "effects_are_whole",
        _orders(EffectSpec("TELL", notice=True, locks=True)),
        "the effect TELL is a notice: it neither locks nor has needs or a result (C5)",
    ),
    "lock that tells by no notice": (
        "effects_are_whole",
        _orders(EffectSpec("LOCK", locks=True, tells=EffectSpec("TELL"))),
        "the effect LOCK tells: it must lock, and what tells of it must be a notice that reads nothing (C5)",
    ),
    "lock that tells by what is no effect": (
        "effects_are_whole",
        _orders(EffectSpec("LOCK", locks=True, tells="TELL")),  # type: ignore[arg-type]  # the point
        "the effect LOCK tells: it must lock, and what tells of it must be a notice that reads nothing (C5)",
    ),
    "effect that tells and does not lock": (
        "effects_are_whole",
        _orders(EffectSpec("SET", needs=("identity", "call"), tells=EffectSpec("TELL", notice=True))),
        "the effect SET tells: it must lock, and what tells of it must be a notice that reads nothing (C5)",
    ),
    "lock with a result": (
        "effects_are_whole",
        _orders(EffectSpec("LOCK", locks=True, result=("when",))),
        "the effect LOCK locks: it has neither data nor needs nor a result (L2)",
    ),
    "order that needs no call": (
        "effects_are_proved",
        _with(_step("leap", "FORM", "BUSY", **_ordering(UNCALLED, keeps=UNCALLED))),
        "leap from FORM orders SET, which must need the proof call",
    ),
    "order of time": (
        "effects_are_recorded",
        _draft(
            handlers=(
                *_without("not_done", "BUSY"),
                _step("not_done", "BUSY", "LOST", effects=(EffectSpec("SET", needs=("identity", "call")),)),
            )
        ),
        "not_done from BUSY orders SET, and such an event orders nothing",
    ),
    "PIN that locks nothing": (
        "pins_are_locked",
        _read(_reads("pin_is_right", PIN)),
        "leap from FORM checks the pin, and no effect locks (L2)",
    ),
    "field that repeats none": (
        "forms_are_whole",
        _filled(_form(attrs.evolve(NAME, confirms="email")), None),
        "form OwnForm: login_id confirms email, which is not a field before it",
    ),
    "PIN that nobody checks": (
        "a_pin_is_checked",
        _filled(_form(PIN_FIELD), _form(PIN_FIELD)),
        "leap from FORM has a form with a PIN, and no check of it (L3)",
    ),
    "question that brings a form": (
        "asking_brings_nothing",
        _filled(_form(NAME), _form(NAME), role=EventRole.PROCEED),
        "leap from FORM has the role PROCEED, which takes no form",
    ),
    "sign of life that leads on": (
        "extending_does_nothing",
        _with(_step("still_here", "FORM", "LOST")),
        "still_here from FORM has the role EXTEND, which stays and has no checks, reasons, assignments or effects",
    ),
    "sign of life that checks something": (
        "extending_does_nothing",
        _with(_step("still_here", "FORM", None, check(OPEN))),
        "still_here from FORM has the role EXTEND, which stays and has no checks, reasons, assignments or effects",
    ),
    "sign of life where a call is waited for": (
        "extending_does_nothing",
        _with(_step("still_here", "WAIT", None)),
        "still_here from WAIT has the role EXTEND, and no form is idle there: let a state that shows a form handle it",
    ),
    "policy that the chart does not bring": (
        "readers_have_their_policies",
        _filled(_form(OWN_FIELD), _form(OWN_FIELD)),
        "form OwnForm: the reader of login_id uses OwnPolicy, which is not among the chart's policies",
    ),
    "field that the screen lacks": (
        "screens_ask_for_the_forms",
        _filled(_form(NAME), None),
        "state FORM reads the field login_id, which its screen X lacks",
    ),
    "field that nobody reads": (
        "screens_ask_for_the_forms",
        _draft(_filled(_form(NAME), _form(NAME)).states),
        "state FORM shows the field login_id on its screen X, and nobody reads it",
    ),
    "field that the screen of a method lacks": (
        "screens_ask_for_the_forms",
        _choosing(_step("wave", "WAIT", None, form={"ACCOUNT": _form(NAME)})),
        "state WAIT with ACCOUNT reads the field login_id, which its screen X lacks",
    ),
    "screen that nobody chooses": (
        "every_screen_is_shown",
        _choosing(variants={"FACE": _plan("give_up")}),
        "state WAIT has a screen or a form for FACE, which nobody chooses",
    ),
    "screen of a method that is forgotten": (
        "every_screen_is_shown",
        _choosing(variants={"ACCOUNT": _plan("give_up")}, keeps=CALLED),
        "state WAIT depends on the method, and does not keep it",
    ),
    "text without words": (
        "texts_are_known",
        _draft(_changed("LOST", screen=ScreenPlan(id="X", title="LOST.title"))),
        "state LOST shows the text 'LOST.title' on its screen X, and there are no words for it",
    ),
}


def _complaints(spec: ChartSpec) -> dict[str, list[str]]:
    found = {law.__name__: list(law(spec)) for law in LAWS}
    return {law: complaints for law, complaints in found.items() if complaints}


def _obey(spec: ChartSpec) -> None:
    validate(
        name="SMALL", initial=spec.initial, states=spec.states, handlers=spec.handlers, transitions=spec.transitions
    )


@pytest.mark.rule("M6")
def test_a_sound_chart_is_made() -> None:
    """The chart that the broken ones are made from breaks no law."""
    assert {} == _complaints(SOUND)
    chart = Chart("SMALL", title=Text(ja="小", en="small"), initial="FORM", states=STATES, handlers=STEPS)
    assert SOUND.transitions == chart.transitions
    assert ("small", "SMALL: ") == (chart.title.en, chart.machine.name)
    assert "<Chart SMALL: 5 states, 14 transitions>" == repr(chart)


@pytest.mark.rule("M6", "M2", "M3", "M7", "A4")
@pytest.mark.parametrize("case", BROKEN)
def test_each_law_refuses_its_own_breach_and_names_the_place(case: str) -> None:
    """A chart that breaks one law breaks that one only, and the error says in which state or transition."""
    law, spec, complaint = BROKEN[case]
    assert {law: [complaint]} == _complaints(spec)
    with pytest.raises(ChartError) as caught:
        _obey(spec)
    assert f"chart SMALL: {complaint}" == str(caught.value)


def test_every_law_has_a_chart_that_breaks_it() -> None:
    """No law stands unproved."""
    assert {law.__name__ for law in LAWS} == {law for law, _, _ in BROKEN.values()}


def test_an_arrow_behind_the_otherwise_is_dead() -> None:
    """What stands behind an unguarded transition would never be taken; as the last is unguarded too, two are equal."""
    dead = _arrow("knock", "FORM", "LOST", conditions=("a",))
    assert {
        "every_event_has_an_otherwise": ["knock from FORM has a transition after the otherwise, which is never taken"],
        "transitions_differ": ["knock from FORM has 2 equal transitions"],
    } == _complaints(_arrows(_arrow("knock", "FORM"), dead, _arrow("knock", "FORM", "LOST")))


def test_of_two_arrows_without_a_condition_one_is_dead() -> None:
    """Where both are unguarded the second stands behind the otherwise, wherever they lead."""
    assert {
        "every_event_has_an_otherwise": ["knock from FORM has a transition after the otherwise, which is never taken"],
        "transitions_differ": ["knock from FORM has 2 equal transitions"],
    } == _complaints(_arrows(_arrow("knock", "FORM"), _arrow("knock", "FORM", "LOST")))


def test_an_arrow_to_nowhere_hides_no_wait_behind_it() -> None:
    """An unknown destination is complained of, and so is the wait of a transition that stands after it."""
    sneak = _arrow("sneak", "FORM", "WAIT")
    assert {
        "names_are_known": ["leap from FORM: unknown destination NOWHERE"],
        "waits_fit": ["sneak from FORM to WAIT: a wait must be opened on entering a waiting state, and only there"],
    } == _complaints(_arrows(_arrow("leap", "FORM", "NOWHERE"), sneak))


def test_an_unknown_beginning_is_named_before_what_follows_from_it() -> None:
    """Where the initial state is none, that is said first, and then that nothing can be reached."""
    with pytest.raises(ChartError, match=r"^chart SMALL: the initial state DAWN is not declared; state FORM cannot"):
        _obey(_draft(initial="DAWN"))


def test_all_complaints_come_at_once() -> None:
    """All complaints come at once, so one edit can fix them all."""
    drafts = [BROKEN["no cancel"], BROKEN["fact that is none"]]
    handlers = _without("give_up", "WAIT")
    states = _changed("WAIT", screen=_plan(), keeps=CALLED | {"hope"})
    with pytest.raises(ChartError) as caught:
        Chart("SMALL", title=Text(ja="小", en="small"), initial="FORM", states=states, handlers=handlers)
    assert "chart SMALL: " + "; ".join(complaint for _, _, complaint in drafts) == str(caught.value)


@pytest.mark.parametrize("name", ["small", "", "A B", "1A", "_A", "A" * 42, "Ａ", "A\n"])
def test_a_chart_has_a_name_that_may_stand_anywhere(name: str) -> None:
    """It is the name of rows, of audit records and of files: another one is refused with all else that is wrong."""
    with pytest.raises(ChartError) as caught:
        validate(name=name, initial="DAWN", states=STATES, handlers=STEPS, transitions=SOUND.transitions)
    assert "must have a name of 1 to 41 capitals, digits and _, a capital first; the initial" in str(caught.value)


@pytest.mark.rule("M6")
def test_the_procedures_obey_every_law() -> None:
    """The charts that are imported were held to the laws, and still hold."""
    for chart in PROCEDURES.values():
        spec = ChartSpec(
            initial=chart.initial,
            states=tuple(chart.states.values()),
            handlers=chart.handlers,
            transitions=chart.transitions,
        )
        assert {} == _complaints(spec)
