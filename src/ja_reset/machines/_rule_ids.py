"""Which rules of the specification a transition implements: those of the guard that decided it, or of its event.

The rules are those of the bank's three procedures. A chart of a host's own has rules of its own, and none here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ja_reset.chart.transitions import Transition

BY_GUARD: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "is_open": ("E4", "M2"),
        "form_is_valid": ("F14", "L4"),
        "identity_try_is_free": ("I5",),
        "tries_are_used_up": ("I5",),
        "identity_is_proved": ("I1", "I4"),
        "login_is_proved": ("I4", "F12"),
        "nothing_is_locked": ("I6", "L2"),
        "customer_is_individual": ("E3",),
        "a_phone_is_offered": ("P1",),
        "phone_is_offered": ("F13",),
        "contract_is_known": ("C5a",),
        "windows_are_left": ("P6",),
        "number_is_free": ("P8",),
        "number_is_waited_for": ("P8",),
        "codes_of_number_are_left": ("P4",),
        "codes_are_left_where_asked": ("P4",),
        "caller_is_not_withheld": ("P3", "P10"),
        "caller_is_available": ("P3",),
        "caller_is_no_internet_phone": ("P3",),
        "line_is_the_institutions": ("P11",),
        "call_is_not_diverted": ("P3",),
        "number_is_vouched_for": ("P3",),
        "attestation_is_enough": ("P3",),
        "caller_is_chosen_number": ("P3", "P5"),
        "window_was_open": ("P2", "A2"),
        "window_was_not_closed": ("P2", "A2"),
        "caller_is_no_relay": ("P1", "P3"),
        "call_is_enough": ("P4",),
        "call_is_unannounced": ("P4",),
        "application_is_not_disowned": ("P13",),
        "call_was_not_over": ("P4", "A2"),
        "call_is_confirmed": ("P4",),
        "code_is_right_where_asked": ("P4",),
        "code_is_right": ("P4",),
        "codes_are_used_up": ("P4",),
        "codes_of_call_are_used_up": ("P4",),
        "password_is_allowed": ("F9",),
        "pin_try_is_free": ("L3", "L5"),
        "pin_was_checked": ("L5",),
        "pin_is_right": ("L1",),
        "pins_are_used_up": ("L2", "A3"),
    }
)
"""For a refusal: the rules of the guard that failed, and of the one that chose the outcome."""

BY_EVENT: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "start": ("E2", "E4"),
        "submit_identity": ("I1", "A1"),
        "choose_method": ("F12",),
        "submit_credentials": ("F8", "F12", "A1"),
        "choose_phone": ("P1", "P2", "F13"),
        "submit_details": ("P2", "F5", "F11", "F13"),
        "submit_reset": ("L1", "C4", "A1"),
        "call_received": ("P2", "P3", "P4", "A1"),
        "keys_received": ("P4", "A1"),
        "call_ended": ("P4",),
        "back": ("M4",),
        "cancel": ("M3", "A4"),
        "proceed": ("P7",),
        "window_closed": ("P6",),
        "number_contested": ("P8", "A5"),
        "extend": ("S3",),
        "time_ran_out": ("S3",),
        "clock_went_back": ("S3",),
        "confirmed": ("C4", "C5", "M2a"),
        "refused": ("C4a",),
    }
)
"""Of a goal, and of an event that nothing hinders."""

BY_NAME: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({"COMPLETING.proceed": ("M2a", "C4")})
"""For single transitions, in place of the rules of their event."""


def rules_of(transition: Transition) -> tuple[str, ...]:
    """The ids of the rules that the transition implements; none if the tables do not know it."""
    if transition.name in BY_NAME:
        return BY_NAME[transition.name]
    guards = transition.name.partition("!")[2]
    if not guards:
        return BY_EVENT.get(transition.trigger, ())
    return tuple(dict.fromkeys(rule for guard in guards.split("+") for rule in BY_GUARD.get(guard, ())))
