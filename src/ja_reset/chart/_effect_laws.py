"""The laws of effects: what is ordered is whole and proved; a PIN is checked, and its count locks (A1, C4, L)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Final

import attrs

from ja_reset.bank._kinds import is_own_name
from ja_reset.chart._reading_laws import OCCASIONS
from ja_reset.chart._spec import ChartSpec
from ja_reset.chart.effects import PROOFS, EffectSpec
from ja_reset.chart.states import State, StateKind
from ja_reset.chart.transitions import EventRole, Transition, WaitWrite
from ja_reset.chart.turn import Fact
from ja_reset.errors import ChartError
from ja_reset.fields.specs import Role, field_in

FLOOR: Final = frozenset({"identity", "call"})
"""What every order needs, whatever else its chart says (A1)."""


def _ordered(spec: ChartSpec) -> Iterator[tuple[Transition, State | None, object]]:
    """Each effect with the transition that orders it, and where that leads."""
    for transition in spec.transitions:
        goal = spec.state(transition.to)
        for effect in (*transition.effects, *(goal.on_entry if goal is not None else ())):
            yield transition, goal, effect


def _name(effect: object) -> str:
    return effect.name if isinstance(effect, EffectSpec) else str(effect)


def effects_are_whole(spec: ChartSpec) -> Iterator[str]:
    """What is ordered is an EffectSpec, whose name is one in capitals that names one effect only."""
    named: dict[str, EffectSpec] = {}
    for transition, _, effect in _ordered(spec):
        if not isinstance(effect, EffectSpec):
            yield f"{transition.trigger} from {transition.source} orders {_name(effect)}, which is no EffectSpec"
            continue
        if named.setdefault(effect.name, effect) is not effect:
            yield f"two effects are named {effect.name}"
    for effect in named.values():
        if not is_own_name(effect.name):
            yield f"{effect.name!r} cannot name an effect: it has 1 to 41 capitals, digits and _, a capital first"
        for need in sorted(effect.needs.difference(PROOFS)):
            yield f"the effect {effect.name} needs {need}, which is no proof; there are {', '.join(PROOFS)}"
        if effect.secrets and not effect.has_data:
            yield f"the effect {effect.name} has secrets and no data"
        if (trouble := _no_notice_or_lock(effect)) is not None:
            yield f"the effect {effect.name} {trouble}"


def _no_notice_or_lock(effect: EffectSpec) -> str | None:
    """What keeps an effect from being the notice, or the lock, that it declares to be."""
    demands = bool(effect.needs) or effect.result is not None
    if effect.notice and (effect.locks or demands):
        return "is a notice: it neither locks nor has needs or a result (C5)"
    if effect.tells is not None and not (effect.locks and _is_plain_notice(effect.tells)):
        return "tells: it must lock, and what tells of it must be a notice that reads nothing (C5)"
    if effect.locks and (effect.has_data or demands):
        return "locks: it has neither data nor needs nor a result (L2)"
    return None


def _is_plain_notice(effect: object) -> bool:
    """Whether that is a notice which the service can make of a session alone."""
    if not isinstance(effect, EffectSpec) or not effect.notice or not is_own_name(effect.name):
        return False
    return not (effect.reads or effect.secrets or effect.needs or effect.result or effect.due or effect.tells)


def effects_are_proved(spec: ChartSpec) -> Iterator[str]:
    """An order needs an identity and a call, whatever else it needs (A1).

    Without them only a confirmation of the bank orders something (C5), and what locks is ordered by the count (L2). A
    caller who disowns the application is told of it by a notice (P13).
    """
    for transition, goal, effect in _ordered(spec):
        if not isinstance(effect, EffectSpec) or effect.locks:
            continue
        waits = goal is not None and goal.kind is StateKind.COMPLETING
        if transition.role is EventRole.CONFIRMED and not effect.needs and not waits:
            continue
        if transition.wait is WaitWrite.DISOWN and effect.notice:
            continue
        for need in sorted(FLOOR - effect.needs):
            where = f"{transition.trigger} from {transition.source}"
            yield f"{where} orders {effect.name}, which must need the proof {need}"


def effects_are_recorded(spec: ChartSpec) -> Iterator[str]:
    """Only what is sent, reported or confirmed orders something: time, other sessions and a refusal do not (C4)."""
    for transition, _, effect in _ordered(spec):
        if transition.role not in OCCASIONS and transition.role is not EventRole.CANCEL:
            where = f"{transition.trigger} from {transition.source}"
            yield f"{where} orders {_name(effect)}, and such an event orders nothing"


def pins_are_locked(spec: ChartSpec) -> Iterator[str]:
    """A chart that checks a proof which counts, a PIN, has effects that lock, for the last wrong one (L2)."""
    locks = any(isinstance(effect, EffectSpec) and effect.locks for *_, effect in _ordered(spec))
    for handler in spec.handlers if not locks else ():
        proofs = {fact.proof for each in handler.checks for fact in each.guard.reads if isinstance(fact, Fact)}
        for proof in sorted(proof for proof in proofs if proof is not None):
            yield f"{handler.trigger} from {handler.source} checks the {proof}, and no effect locks (L2)"


def a_pin_is_checked(spec: ChartSpec) -> Iterator[str]:
    """A form in which a PIN is entered comes with a check of it: nothing else may ask the bank about a PIN (L3)."""
    for handler in spec.handlers:
        forms = handler.form.values() if isinstance(handler.form, Mapping) else (handler.form,)
        if not any(_asks_pin(form) for form in forms):
            continue
        if all(fact.proof is None for each in handler.checks for fact in each.guard.reads if isinstance(fact, Fact)):
            yield f"{handler.trigger} from {handler.source} has a form with a PIN, and no check of it (L3)"


def _asks_pin(form: object) -> bool:
    with suppress(ChartError):  # a form that is not whole is another law's
        return isinstance(form, type) and attrs.has(form) and field_in(form, Role.PIN) is not None
    return False


LAWS = (
    effects_are_whole,
    effects_are_proved,
    effects_are_recorded,
    pins_are_locked,
    a_pin_is_checked,
)
