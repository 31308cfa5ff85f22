"""The phone fragment, shared by all procedures: choose, call, key in (SPEC P)."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from ja_reset.arrows import EffectSpec, EventRole, Fall, Guard, Learn, Rung, Step, WaitWrite, rung
from ja_reset.machines import guards, learns
from ja_reset.machines.common import back, cancel, clock_went_back, contract_still_stands


@attrs.frozen(eq=False, repr=False, kw_only=True)
class Phone:
    """How a procedure uses the fragment.

    `choose`: the state where the phone is chosen; `call`: waiting for the call; `keys`: waiting for the keys; `to`:
    where the proof leads. A code is asked for always, or where there is a guard `call_suffices` and it does not hold.
    `codes_left`: whether a code may still be keyed in for the number, where one is asked for.
    """

    choose: str
    call: str
    keys: str
    to: str
    opens: tuple[Learn, ...]
    call_suffices: Guard | None = None
    codes_left: Guard = guards.codes_of_number_are_left
    learned: tuple[Learn, ...] = ()
    effects: tuple[EffectSpec, ...] = ()


CALLER = (
    rung(guards.caller_is_not_withheld),
    rung(guards.caller_is_available),
    rung(guards.caller_is_no_internet_phone),
    rung(guards.line_is_the_institutions),
    rung(guards.call_is_not_diverted),
    rung(guards.number_is_vouched_for),
    rung(guards.attestation_is_enough),
    rung(guards.caller_is_chosen_number),
    rung(guards.window_was_open),
    rung(guards.window_was_not_closed),
    *contract_still_stands,
)


def choosing(phone: Phone, *, trigger: str, form: type) -> Step:
    """The phone is chosen, the window opens (P2, P6, P8)."""
    return Step(
        trigger=trigger,
        source=phone.choose,
        form=form,
        ladder=(
            rung(guards.form_is_valid),
            rung(guards.phone_is_offered),
            *contract_still_stands,
            rung(guards.windows_are_left, Fall("EXPIRED")),
            rung(
                guards.number_is_free,
                Fall(when=guards.number_is_waited_for, wait=WaitWrite.CONTEST),
                Fall(),
            ),
            rung(phone.codes_left),  # last: who asks for a number that is waited for ends that wait all the same (P8)
        ),
        to=phone.call,
        learns=phone.opens,
        wait=WaitWrite.OPEN,
    )


def waiting(phone: Phone) -> Iterator[Step]:
    """Waiting for the call, then for the keys: both states have the same ways out."""
    for source in (phone.call, phone.keys):
        yield _call(phone, source)
        if source == phone.keys:
            yield _keys(phone)
        yield Step(trigger="proceed", role=EventRole.PROCEED, source=source, to=None, reasons=("phone_not_verified",))
        yield back(source, to=phone.choose)
        yield from cancel(source)
        yield Step(
            trigger="window_closed",
            role=EventRole.WINDOW_CLOSED,
            source=source,
            ladder=(rung(guards.windows_are_left, Fall("EXPIRED")),),
            to=phone.choose,
            reasons=("timed_out",),
        )
        yield Step(
            trigger="number_contested",
            role=EventRole.CONTESTED,
            source=source,
            to=phone.choose,
            reasons=("number_contested",),
        )
        yield clock_went_back(source)


def _call(phone: Phone, source: str) -> Step:
    if phone.call_suffices is None:
        return Step(
            trigger="call_received",
            role=EventRole.CALL,
            source=source,
            ladder=CALLER,
            to=phone.keys,
            learns=(learns.call_is_answered,),
        )
    enough: Rung = rung(phone.call_suffices, Fall(phone.keys, reasons=(), learns=(learns.call_is_answered,)))
    return Step(
        trigger="call_received",
        role=EventRole.CALL,
        source=source,
        ladder=(*CALLER, enough),
        to=phone.to,
        learns=phone.learned,
        effects=phone.effects,
        wait=WaitWrite.RELEASE,
    )


def _keys(phone: Phone) -> Step:
    counted = (learns.wrong_code_counts,)
    return Step(
        trigger="keys_received",
        role=EventRole.KEYS,
        source=phone.keys,
        ladder=(
            rung(guards.window_was_open),
            rung(guards.window_was_not_closed),
            rung(
                guards.code_is_right,
                Fall("REJECTED", when=guards.codes_are_used_up, learns=counted),
                Fall(phone.call, when=guards.codes_of_call_are_used_up, learns=counted),
                Fall(learns=counted),
            ),
            *contract_still_stands,
        ),
        to=phone.to,
        learns=phone.learned,
        effects=phone.effects,
        wait=WaitWrite.RELEASE,
    )
