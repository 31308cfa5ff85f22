"""Where a session goes on that its chart cannot go on from, as another version of the chart has saved it (S4).

An order was given to the bank, which may carry it out at any time: the session goes to the state that waits for that
order now, or ends, and the confirmation still orders what follows from it. Without an order, a retired state leads to
the form that the chart names, and every other one ends EXPIRED.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final

import attrs

from ja_reset.chart.chart import Chart
from ja_reset.chart.effects import Data, EffectSpec, OrderData
from ja_reset.chart.session import Refusal, Session
from ja_reset.chart.states import Ending, StateKind
from ja_reset.chart.transitions import EventRole
from ja_reset.chart.turn import FactMissing, Turn
from ja_reset.errors import ChartError

CHANGED: Final = Refusal("procedure_changed")
CHANGED_AFTER_THE_ORDER: Final = Refusal("procedure_changed", detail="ordered")


def is_stranded(chart: Chart, session: Session) -> bool:
    """Whether *chart* cannot go on with the session.

    Its state is gone, or keeps other data than an older version did, or waits for another order.
    """
    state, order = chart.states.get(session.state), session.kept.order
    if state is None or state.is_final:
        return state is None
    if state.kind is StateKind.COMPLETING and order is not None:
        return session.chart_version != chart.version or chart.completing(EffectSpec.named_in(order)) is not state
    return session.chart_version != chart.version


def displaced(chart: Chart, session: Session, *, has_ended: bool) -> Session:
    """A stranded session where *chart* goes on with it; one that has ended never restarts (A4)."""
    order = session.kept.order
    waiting = None if order is None else chart.completing(EffectSpec.named_in(order))
    if waiting is not None and waiting.keeps <= session.kept.names:
        return session.displaced(waiting.name, waiting.keeps, chart.version, reasons=session.reasons)
    restart = None if order is not None or has_ended else chart.retired.get(session.state)
    goal = restart or chart.ending(Ending.EXPIRED)
    return session.displaced(
        goal, frozenset(), chart.version, reasons=(CHANGED if order is None else CHANGED_AFTER_THE_ORDER,)
    )


def left_over(chart: Chart, effect: str, turn: Turn, *, ref: str) -> OrderData:
    """What the bank's confirmation of *effect* orders, where the session that gave the order has been ended (C5).

    An order of an effect that the chart no longer has is followed by whatever follows any order of it. What cannot be
    made without the data that the session kept is left out. *ref*: the contract of the order.
    """
    waiting = chart.completing(effect)
    ended = chart.states[turn.session.state].ending is Ending.EXPIRED
    if not ended or (waiting is None and effect in chart.effects):
        return {}
    made: dict[EffectSpec, Data] = {}
    known = attrs.evolve(turn, session=turn.session.keep(ref=ref))
    for transition in chart.transitions:
        if transition.role is EventRole.CONFIRMED and (waiting is None or transition.source == waiting.name):
            for each in transition.effects:
                with suppress(ChartError, FactMissing, LookupError):
                    data = each.made(known)
                    made |= {} if data is None else {each: data}
    return made
