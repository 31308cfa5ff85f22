"""Steps that every procedure has: cancelling, the clock, the lock, COMPLETING, and the endings (M2-M3, S3)."""

from __future__ import annotations

from collections.abc import Iterator

from ja_reset import screens
from ja_reset.arrows import Ending, EventRole, Fall, Form, Guard, Learn, State, StateKind, Step, rung
from ja_reset.machines import guards, learns
from ja_reset.machines.effects import LOCKS, NOTIFY

COMPLETING = "COMPLETING"


def endings() -> tuple[State, ...]:
    """The final states that are no success (M2)."""
    plans = {
        Ending.CANCELLED: screens.CANCELLED,
        Ending.EXPIRED: screens.EXPIRED,
        Ending.REJECTED: screens.REJECTED,
        Ending.LOCKED: screens.LOCKED,
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


def cancel(*sources: str) -> Iterator[Step]:
    """申込を中止する (M3)."""
    for source in sources:
        yield Step(trigger="cancel", role=EventRole.CANCEL, source=source, to="CANCELLED")


def back(source: str, *, to: str) -> Step:
    """戻る (M4)."""
    return Step(trigger="back", role=EventRole.BACK, source=source, to=to)


def clock(*sources: str) -> Iterator[Step]:
    """Idle or too old; a clock that has gone back (S3)."""
    for source in sources:
        yield Step(
            trigger="time_ran_out", role=EventRole.TIME_RAN_OUT, source=source, to="EXPIRED", reasons=("timed_out",)
        )
        yield clock_went_back(source)


def clock_went_back(source: str) -> Step:
    """A clock that has gone back ends the session (S3)."""
    return Step(
        trigger="clock_went_back", role=EventRole.CLOCK_WENT_BACK, source=source, to="EXPIRED", reasons=("timed_out",)
    )


contract_still_stands = (
    rung(guards.contract_is_known, Fall("REJECTED")),
    rung(guards.nothing_is_locked, Fall("LOCKED")),
)
"""Asked again at every later step, the last one included (C5a, I6)."""


def completing(*, success: str, refused: str, learned: tuple[Learn, ...] = ()) -> Iterator[Step]:
    """Between the last proof and the success state: the same effect again, confirmed, or refused for good (M2a, C4)."""
    yield Step(trigger="proceed", role=EventRole.PROCEED, source=COMPLETING, to=None)
    yield Step(
        trigger="confirmed",
        role=EventRole.CONFIRMED,
        source=COMPLETING,
        to=success,
        learns=learned,
        effects=(NOTIFY,),
    )
    yield Step(trigger="refused", role=EventRole.REFUSED, source=COMPLETING, to=refused, reasons=("refused_by_bank",))


def identity(*, trigger: str, source: str, form: Form, proof: Guard, to: str) -> Step:
    """Identity, or login, proved; then the contract's own hindrances in their order (I4-I6, E3, P1)."""
    return Step(
        trigger=trigger,
        source=source,
        form=form,
        ladder=(
            rung(guards.form_is_valid),
            rung(
                guards.identity_try_is_free,
                Fall("REJECTED", when=guards.tries_are_used_up, reasons=proof.codes),
                Fall(),
            ),
            rung(proof, Fall("REJECTED", when=guards.tries_are_used_up), Fall()),
            rung(guards.nothing_is_locked, Fall("LOCKED")),
            rung(guards.customer_is_individual, Fall("REJECTED")),
            rung(guards.a_phone_is_offered, Fall("REJECTED")),
        ),
        to=to,
        learns=(learns.contract_and_phones,),
    )
