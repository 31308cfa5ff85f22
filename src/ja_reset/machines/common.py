"""Handlers that every procedure has: cancelling, the clock, the lock, COMPLETING, and the endings (M2-M3, S3)."""

from __future__ import annotations

from collections.abc import Iterator

from ja_reset import screens
from ja_reset.chart.states import Ending, State, StateKind
from ja_reset.chart.transitions import Assign, EventRole, Form, Guard, Handler, Otherwise, check
from ja_reset.machines import assigns, guards
from ja_reset.machines.effects import LOCKS, NOTIFY

COMPLETING = "COMPLETING"


def endings() -> tuple[State, ...]:
    """The final states other than success (M2)."""
    plans = {
        Ending.CANCELLED: screens.CANCELLED,
        Ending.EXPIRED: screens.EXPIRED,
        Ending.REJECTED: screens.REJECTED,
        Ending.LOCKED: screens.LOCKED,
        Ending.CLOSED: screens.CLOSED,
    }
    return tuple(
        State(
            name=ending.name,
            kind=StateKind.ENDING,
            screen=plan,
            ending=ending,
            on_entry=LOCKS if ending is Ending.LOCKED else (),
        )
        for ending, plan in plans.items()
    )


def cancel(*sources: str) -> Iterator[Handler]:
    """申込を中止する (M3)."""
    for source in sources:
        yield Handler(trigger="cancel", role=EventRole.CANCEL, source=source, to="CANCELLED")


def back(source: str, *, to: str) -> Handler:
    """戻る (M4)."""
    return Handler(trigger="back", role=EventRole.BACK, source=source, to=to)


def clock(*sources: str) -> Iterator[Handler]:
    """A session that is idle or too old, or extended, and a clock that has gone back (S3)."""
    for source in sources:
        yield Handler(trigger="extend", role=EventRole.EXTEND, source=source, to=None)
        yield Handler(
            trigger="time_ran_out",
            role=EventRole.TIME_RAN_OUT,
            source=source,
            to="EXPIRED",
            reasons=("timed_out.idle",),
        )
        yield clock_went_back(source)


def clock_went_back(source: str) -> Handler:
    """A clock that has gone back ends the session (S3)."""
    return Handler(
        trigger="clock_went_back",
        role=EventRole.CLOCK_WENT_BACK,
        source=source,
        to="EXPIRED",
        reasons=("timed_out.clock",),
    )


contract_still_stands = (
    check(guards.contract_is_known, Otherwise("REJECTED")),
    check(guards.nothing_is_locked, Otherwise("LOCKED")),
)
"""Asked again at every later step, the last one included (C5a, I6).

:meta hide-value:
"""


pin_is_proved = (
    check(guards.pin_try_is_free),
    check(guards.pin_was_checked),
    check(
        guards.pin_is_right,
        Otherwise("LOCKED", when=guards.pins_are_used_up, reasons=("wrong_pin.limit", "locked.both"), effects=LOCKS),
        Otherwise(),
    ),
)
"""The last checks of a step that asks for the PIN: an attempt is reserved before the bank is asked (L1-L3).

:meta hide-value:
"""


def completing(*, success: str, refused: str, assigns: tuple[Assign, ...] = ()) -> Iterator[Handler]:
    """Between the last proof and success: the effect is delivered again, confirmed, or refused for good (M2a, C4)."""
    yield Handler(trigger="proceed", role=EventRole.PROCEED, source=COMPLETING, to=None)
    yield Handler(
        trigger="confirmed",
        role=EventRole.CONFIRMED,
        source=COMPLETING,
        to=success,
        assigns=assigns,
        effects=(NOTIFY,),
    )
    yield Handler(
        trigger="refused", role=EventRole.REFUSED, source=COMPLETING, to=refused, reasons=("refused_by_bank",)
    )


def identity(*, trigger: str, source: str, form: Form, proof: Guard, to: str) -> Handler:
    """Identity or login is proved, then the contract is checked, in the order of the rules (I4-I6, E3, P1)."""
    used_up = Otherwise(
        "REJECTED", when=guards.tries_are_used_up, reasons=tuple(f"{code}.limit" for code in proof.codes)
    )
    return Handler(
        trigger=trigger,
        source=source,
        form=form,
        checks=(
            check(guards.form_is_valid),
            check(guards.identity_try_is_free, used_up, Otherwise()),
            check(proof, used_up, Otherwise()),
            check(guards.nothing_is_locked, Otherwise("LOCKED")),
            check(guards.customer_is_individual, Otherwise("REJECTED")),
            check(guards.a_phone_is_offered, Otherwise("REJECTED")),
        ),
        to=to,
        assigns=(assigns.contract_and_phones,),
    )
