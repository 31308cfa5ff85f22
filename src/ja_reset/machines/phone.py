"""The phone part that all procedures share: choose a number, call, key in a code (specification, P)."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from ja_reset.chart.effects import EffectSpec
from ja_reset.chart.states import State, StateKind
from ja_reset.chart.transitions import Assign, Check, EventRole, Guard, Handler, Otherwise, WaitWrite, check
from ja_reset.machines import guards
from ja_reset.machines.assigns import (
    bim_window_opens,
    call_is_announced,
    call_is_answered,
    call_is_over,
    phone_is_chosen,
    wrong_code_counts,
    wrong_key_counts,
)
from ja_reset.machines.common import back, cancel, clock_went_back, contract_still_stands
from ja_reset.machines.effects import NOTIFY
from ja_reset.screens import ScreenPlan


@attrs.frozen(eq=False, repr=False, kw_only=True)
class Phone:
    """How a procedure uses the phone part.

    `choose`: the state where the phone is chosen; `call`: waiting for the call; `keys`: waiting for the keys; `to`:
    where the proof leads. A code is always demanded, unless there is a guard `call_suffices` and it holds. Then the
    call alone is enough, or a confirmation if the policy has calls announced (`bim_announce`).
    `codes_left`: whether a code may still be keyed in for the number, if one is demanded.
    """

    choose: str
    call: str
    keys: str
    to: str
    opens: tuple[Assign, ...]
    call_suffices: Guard | None = None
    codes_left: Guard = guards.codes_of_number_are_left
    assigns: tuple[Assign, ...] = ()
    effects: tuple[EffectSpec, ...] = ()


def bim_phone(*, choose: str, call: str, keys: str, to: str) -> Phone:
    """The fragment as the BIM family has it: 120 seconds, and no code unless a policy asks for one (P2, P4)."""
    return Phone(
        choose=choose,
        call=call,
        keys=keys,
        to=to,
        opens=(bim_window_opens,),
        call_suffices=guards.call_is_enough,
        codes_left=guards.codes_are_left_where_asked,
    )


CALLER = (
    check(guards.caller_is_not_withheld),
    check(guards.caller_is_available),
    check(guards.caller_is_no_internet_phone),
    check(guards.line_is_the_institutions),
    check(guards.call_is_not_diverted),
    check(guards.number_is_vouched_for),
    check(guards.attestation_is_enough),
    check(guards.caller_is_chosen_number),
    check(guards.window_was_open),
    check(guards.window_was_not_closed),
    *contract_still_stands,
)


def _opens(phone: Phone) -> tuple[Check, ...]:
    """What keeps a window from opening: none is left, the number is another's, its codes are used up (P4, P6, P8)."""
    return (
        check(guards.windows_are_left, Otherwise("EXPIRED")),
        check(
            guards.number_is_free,
            Otherwise(when=guards.number_is_waited_for, wait=WaitWrite.CONTEST),
            Otherwise(),
        ),
        check(phone.codes_left),  # last: asking for a number that is waited for ends that wait all the same (P8)
    )


def choosing(
    phone: Phone, *, trigger: str, form: type, assigns: tuple[Assign, ...] = (), to: str | None = None
) -> Handler:
    """Choose the phone and open the window (P2, P6, P8)."""
    chooses = (check(guards.form_is_valid), check(guards.phone_is_offered), *contract_still_stands)
    enters = to is None
    return Handler(
        trigger=trigger,
        source=phone.choose,
        form=form,
        checks=(*chooses, *_opens(phone)) if enters else chooses,
        to=phone.call if enters else to,
        assigns=(phone_is_chosen, *assigns, *(phone.opens if enters else ())),
        wait=WaitWrite.OPEN if enters else None,
    )


def calling(phone: Phone, *, trigger: str, source: str) -> Handler:
    """From a state that keeps the phone chosen to the phone screen: the window opens, the number is taken (P2, P8)."""
    return Handler(
        trigger=trigger,
        source=source,
        checks=(*contract_still_stands, *_opens(phone)),
        to=phone.call,
        assigns=phone.opens,
        wait=WaitWrite.OPEN,
    )


def waiting_states(phone: Phone, *, screen: ScreenPlan, keeps: frozenset[str]) -> Iterator[State]:
    """The states that wait for the call, and for the keys; both keep *keeps*, and what the fragment needs."""
    called = keeps | {"chosen", "window"}
    yield State(name=phone.call, kind=StateKind.WAITING, screen=screen, keeps=called)
    yield State(name=phone.keys, kind=StateKind.WAITING, screen=screen, keeps=called | {"answered"})


def waiting(phone: Phone) -> Iterator[Handler]:
    """Wait for the call, then for the keys: both states have the same ways out."""
    for source in (phone.call, phone.keys):
        yield _call(phone, source)
        if source == phone.keys:
            yield _keys(phone)
            yield Handler(
                trigger="call_ended", role=EventRole.CALL_ENDED, source=source, to=None, assigns=(call_is_over,)
            )
        yield Handler(
            trigger="proceed", role=EventRole.PROCEED, source=source, to=None, reasons=("phone_not_verified",)
        )
        yield back(source, to=phone.choose)
        yield from cancel(source)
        yield Handler(
            trigger="window_closed",
            role=EventRole.WINDOW_CLOSED,
            source=source,
            checks=(check(guards.windows_are_left, Otherwise("EXPIRED")),),
            to=phone.choose,
            reasons=("timed_out.window",),
        )
        yield Handler(
            trigger="number_contested",
            role=EventRole.CONTESTED,
            source=source,
            to=phone.choose,
            reasons=("number_contested",),
        )
        yield clock_went_back(source)


def _call(phone: Phone, source: str) -> Handler:
    answered = Otherwise(phone.keys, reasons=(), assigns=(call_is_answered,))
    if phone.call_suffices is None:
        return Handler(
            trigger="call_received",
            role=EventRole.CALL,
            source=source,
            checks=(*CALLER, check(guards.caller_is_no_relay, answered)),  # it counts too, and is drawn apart
            to=phone.keys,
            assigns=(call_is_answered,),
        )
    enough = (
        check(phone.call_suffices, answered),
        check(guards.call_is_unannounced, Otherwise(phone.keys, reasons=(), assigns=(call_is_announced,))),
    )
    relayed = Otherwise(phone.to, reasons=(), assigns=phone.assigns, effects=phone.effects, wait=WaitWrite.RELEASE)
    return Handler(
        trigger="call_received",
        role=EventRole.CALL,
        source=source,
        checks=(*CALLER, *enough, check(guards.caller_is_no_relay, relayed)),
        to=phone.to,
        assigns=phone.assigns,
        effects=phone.effects,
        wait=WaitWrite.RELEASE,
    )


def _right_keys(phone: Phone) -> tuple[Check, ...]:
    """The right code; or, where the call alone suffices, what the call was announced to ask for (P4)."""
    counted, over = (wrong_code_counts,), guards.codes_of_call_are_used_up
    of_code = (
        Otherwise("REJECTED", when=guards.codes_are_used_up, reasons=("wrong_code.limit",), assigns=counted),
        Otherwise(phone.call, when=over, assigns=counted),
        Otherwise(assigns=counted),
    )
    if phone.call_suffices is None:
        return (check(guards.code_is_right, *of_code),)
    of_key = (Otherwise(phone.call, when=over, assigns=(wrong_key_counts,)), Otherwise(assigns=(wrong_key_counts,)))
    return (check(guards.call_is_confirmed, *of_key), check(guards.code_is_right_where_asked, *of_code))


def _keys(phone: Phone) -> Handler:
    return Handler(
        trigger="keys_received",
        role=EventRole.KEYS,
        source=phone.keys,
        checks=(
            check(
                guards.application_is_not_disowned,  # first: it counts as long as the session waits in this call (P13)
                Otherwise("REJECTED", effects=(NOTIFY,), wait=WaitWrite.DISOWN),
            ),
            check(guards.window_was_open),
            check(guards.window_was_not_closed),
            check(guards.call_was_not_over),
            *_right_keys(phone),
            *contract_still_stands,
        ),
        to=phone.to,
        assigns=phone.assigns,
        effects=phone.effects,
        wait=WaitWrite.RELEASE,
    )
