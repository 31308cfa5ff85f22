"""Steps that every procedure has: cancelling, the clock, the lock, COMPLETING, and the endings (M2-M3, S3)."""

from __future__ import annotations

from collections.abc import Iterator

from ja_reset import screens
from ja_reset.arrows import Fall, Form, Guard, Learn, State, StateKind, Step, rung
from ja_reset.machines import guards, learns
from ja_reset.machines.effects import LOCKS, NOTIFY

COMPLETING = "COMPLETING"


def endings() -> tuple[State, ...]:
    """The final states that are no success (M2)."""
    plans = {
        "CANCELLED": screens.CANCELLED,
        "EXPIRED": screens.EXPIRED,
        "REJECTED": screens.REJECTED,
    }
    locked = State(name="LOCKED", kind=StateKind.ENDING, screen=screens.LOCKED, on_entry=LOCKS)
    return (*(State(name=name, kind=StateKind.ENDING, screen=plan) for name, plan in plans.items()), locked)


def cancel(*sources: str) -> Iterator[Step]:
    """申込を中止する (M3)."""
    for source in sources:
        yield Step(trigger="cancel", source=source, to="CANCELLED")


def clock(*sources: str) -> Iterator[Step]:
    """Idle or too old; a clock that has gone back (S3)."""
    for source in sources:
        yield Step(trigger="time_ran_out", source=source, to="EXPIRED", reasons=("timed_out",))
        yield Step(trigger="clock_went_back", source=source, to="EXPIRED", reasons=("timed_out",))


contract_still_stands = (
    rung(guards.contract_is_known, Fall("REJECTED")),
    rung(guards.nothing_is_locked, Fall("LOCKED")),
)
"""Asked again at every later step, the last one included (C5a, I6)."""


def completing(*, success: str, refused: str, learned: tuple[Learn, ...] = ()) -> Iterator[Step]:
    """Between the last proof and the success state: the same effect again, confirmed, or refused for good (M2a, C4)."""
    yield Step(trigger="proceed", source=COMPLETING, to=None)
    yield Step(trigger="confirmed", source=COMPLETING, to=success, learns=learned, effects=(NOTIFY,))
    yield Step(trigger="refused", source=COMPLETING, to=refused, reasons=("refused_by_bank",))


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
