"""What makes a guard of a chart's own fail, found by trying: what the bank tells, what is typed, who the customer is.

One thing is changed at a time, and all else is as it should be, so that the guards before it hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import attrs

from ja_reset.chart.session import Offered, Session, SessionData, Window
from ja_reset.chart.transitions import Transition
from ja_reset.chart.turn import BankFact, Turn
from ja_reset.fields.forms import read
from ja_reset.fields.specs import fields_of
from ja_reset.machines import facts
from ja_reset.machines._phones import offered
from ja_reset.testing._clock import START
from ja_reset.testing._entries import entries
from ja_reset.testing._path_recipes import Making, Recipe, goal_step, send
from ja_reset.testing.cast import EVERYBODY, INSTITUTION
from ja_reset.testing.path_steps import PHONE, BankDoes

Try = tuple[Recipe, Making, Mapping[str, str], Mapping[str, object]]
"""How it is tried, for whom, what is typed, and what the bank tells of the chart's own facts."""


def refuted(guard: str, transition: Transition, making: Making) -> Recipe:
    """What makes the guard of that name fail where the transition needs it; raises KeyError where nothing does."""
    fails = transition.name.partition("+")[0]
    whens = {
        each.name.partition("+")[2]: each.name == transition.name
        for each in making.chart.transitions
        if each.name.startswith(f"{fails}+")
    }
    holds = dict.fromkeys(transition.conditions, True) | whens
    for recipe, whose, typed, told in _tries(transition, making):
        turn = _turn(transition, whose, typed, told)
        if _answer(whose, guard, turn) is False and all(
            _answer(whose, name, turn) in {None, wanted} for name, wanted in holds.items()
        ):
            return recipe
    msg = (
        f"nothing makes {guard} fail at {transition.name}: no value of a BankFact that it reads, no other entry of a "
        "reader (Reader.others), and no customer of the cast"
    )
    raise KeyError(msg)


def _tries(transition: Transition, making: Making) -> Iterator[Try]:
    told = _told(making)
    typed = _typed(transition, making)
    for fact in making.chart.facts.values():
        for name, value in fact.values.items() if isinstance(fact, BankFact) else ():
            does = BankDoes(what="tells", fact=fact.name, value=name)
            recipe = Recipe(before=(does,), step=goal_step(transition, making))
            yield recipe, making, typed, {**told, fact.name: value}
    form = making.form(transition)
    specs = () if form is None else fields_of(form)
    for spec in specs:
        for other in spec.reader.others(making.policies) if spec.confirms is None else ():
            changes = {each.name: other for each in specs if spec.name in {each.name, each.confirms}}
            step = send(transition, making, **changes)
            yield Recipe(step=step), making, {**typed, **changes}, told
    if "ref" not in making.chart.states[transition.source].keeps:
        for customer in EVERYBODY:
            whose = attrs.evolve(making, customer=customer)
            yield Recipe(step=goal_step(transition, whose), customer=customer), whose, _typed(transition, whose), told


def _told(making: Making) -> dict[str, object]:
    own = (fact for fact in making.chart.facts.values() if isinstance(fact, BankFact))
    return {fact.name: next(iter(fact.values.values())) for fact in own}


def _typed(transition: Transition, making: Making) -> dict[str, str]:
    form = making.form(transition)
    return {} if form is None else entries(form, making.customer, making.policies, phone=PHONE)


def _turn(transition: Transition, making: Making, typed: Mapping[str, str], told: Mapping[str, object]) -> Turn:
    """The part of the turn that is known before it runs."""
    contract, form = making.customer.contract, making.form(transition)
    known: dict[str, object] = {
        facts.CONTRACT.name: contract,
        facts.PROVED.name: contract,
        facts.OFFERED.name: offered(contract, relay=making.policies.caller_id.relay),
        **told,
    }
    if form is not None:
        known[facts.READING.name] = read(form, typed, policy=making.policies, today=START.date())
    session = Session(
        id="",
        procedure=making.chart.name,
        institution=INSTITUTION.id,
        state=transition.source,
        version=1,
        created_at=START,
        active_at=START,
        seen_at=START,
        kept=SessionData(
            ref=contract.ref,
            phones=(Offered(PHONE, contract.phones[0], PHONE),),
            chosen=PHONE,
            window=Window(START, START + making.window),
        ),
    )
    return Turn(session, START, making.policies, MappingProxyType(known))


def _answer(making: Making, guard: str, turn: Turn) -> bool | None:
    """What a guard says; None if that depends on something not yet known."""
    try:
        return making.chart.guards[guard].holds(turn)
    except Exception:  # noqa: BLE001 - FactMissing, or whatever a guard of a host's own makes of a bare session
        return None
