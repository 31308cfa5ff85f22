"""How each arrow is taken: what makes the guards of the step hold, and what makes just one of them fail.

By the names of guards and events, so a chart that is made of the library's guards needs nothing here, and one with a
guard of its own a line in `MISSES`. The order of a ladder is the chart's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import attrs

from ja_reset.chart.transitions import EventRole, Transition
from ja_reset.policies import Policies
from ja_reset.testing._bank import credentials, identity
from ja_reset.testing.cast import NOT_INDIVIDUAL, VOIP_ONLY, Customer
from ja_reset.testing.path_steps import PHONE, RIVAL, BankDoes, Dial, PathStep, Press, Send, Start, Wait

NEW_PASSWORD: Final = "Shinai-77"  # noqa: S105 - of a customer that is not
ACTIVATION: Final = "86421357"
EMAIL: Final = "atarashii@example.jp"


@attrs.frozen(kw_only=True)
class Recipe:
    """How an arrow is taken from its source: steps before it, the step itself, what it needs of figures and customer.

    `early`: steps before the path begins.
    """

    early: tuple[PathStep, ...] = ()
    before: tuple[PathStep, ...] = ()
    step: PathStep
    figures: Mapping[str, object] = attrs.field(factory=dict)
    customer: Customer | None = None


@attrs.frozen(kw_only=True)
class Making:
    """For whom, and under which policies, a recipe is made. `choosing` leads a rival to where it chooses its phone."""

    customer: Customer
    policies: Policies
    choosing: tuple[PathStep, ...] = ()


def typed(event: str, customer: Customer) -> Mapping[str, str]:
    """What the customer types with *event* when all is right."""
    forms: Mapping[str, Mapping[str, str]] = {
        "submit_identity": identity(customer),
        "choose_phone": {"phone_id": PHONE},
        "submit_reset": {
            "new_password": NEW_PASSWORD,
            "new_password_confirm": NEW_PASSWORD,
            "pin": customer.pin,
        },
        "choose_method": {"method": "LOGIN_ID"},
        "submit_credentials": credentials(customer, "LOGIN_ID"),
        "submit_details": {
            "email": EMAIL,
            "email_confirm": EMAIL,
            "activation_password": ACTIVATION,
            "activation_password_confirm": ACTIVATION,
            "phone_id": PHONE,
        },
    }
    return forms.get(event, {})


_EMPTIED: Final = {
    "submit_identity": "account",
    "choose_phone": "phone_id",
    "submit_reset": "pin",
    "choose_method": "method",
    "submit_credentials": "password",
    "submit_details": "email",
}
_MISTAKEN: Final = {"submit_identity": ("birth_date", "1999-09-09"), "submit_credentials": ("password", "wrong-0000")}


def send(event: str, making: Making, **changes: str) -> Send:
    """The event with what is typed, but for the changes."""
    return Send(event=event, data={**typed(event, making.customer), **changes}, wrong=tuple(changes))


def goal(transition: Transition, making: Making) -> Recipe:
    """The step that its main arrow takes, where every guard holds."""
    return Recipe(step=_goal_step(transition, making))


def _goal_step(transition: Transition, making: Making) -> PathStep:
    policies = making.policies
    window = policies.phone.btr_window if transition.source.startswith("BTR") else policies.phone.bim_window
    session, phone = policies.session, policies.phone
    steps: Mapping[EventRole | None, Callable[[], PathStep]] = {
        EventRole.CALL: Dial,
        EventRole.KEYS: Press,
        EventRole.WINDOW_CLOSED: lambda: Wait(seconds=(window + phone.delivery_grace).total_seconds() + 1),
        EventRole.TIME_RAN_OUT: lambda: Wait(
            seconds=min(session.idle_timeout, session.absolute_timeout).total_seconds() + 1
        ),
        EventRole.CLOCK_WENT_BACK: lambda: Wait(seconds=-phone.clock_skew.total_seconds() - 1),
        EventRole.CONTESTED: lambda: attrs.evolve(
            send("submit_details" if transition.source.startswith("BTR") else "choose_phone", making), who=RIVAL
        ),
        EventRole.CONFIRMED: lambda: Send(event="proceed"),
        EventRole.REFUSED: lambda: Send(event="proceed"),
    }
    return steps.get(transition.role, lambda: send(transition.trigger, making))()


def _mistaken(transition: Transition, making: Making) -> Recipe:
    name, value = _MISTAKEN[transition.trigger]
    figures = {"identity_attempts": 1} if transition.name.endswith("tries_are_used_up") else {}
    return Recipe(step=send(transition.trigger, making, **{name: value}), figures=figures)


def _emptied(transition: Transition, making: Making) -> Recipe:
    return Recipe(step=send(transition.trigger, making, **{_EMPTIED[transition.trigger]: ""}))


def _bank(*does: BankDoes) -> Callable[[Transition, Making], Recipe]:
    return lambda transition, making: Recipe(before=does, step=_goal_step(transition, making))


def _dial(**how: object) -> Callable[[Transition, Making], Recipe]:
    return lambda _arrow, _making: Recipe(step=Dial(**how))  # type: ignore[arg-type]  # fields by name


def _early(transition: Transition, _: Making) -> Recipe:
    calls = transition.role is EventRole.CALL
    return Recipe(step=Dial(seconds=-1) if calls else Press(seconds=-1))


def _late(transition: Transition, making: Making) -> Recipe:
    policies = making.policies
    window = policies.phone.btr_window if transition.source.startswith("BTR") else policies.phone.bim_window
    # within the grace, so that the session still waits
    past = Wait(seconds=(window + policies.phone.delivery_grace / 2).total_seconds())
    return Recipe(before=(past,), step=Dial() if transition.role is EventRole.CALL else Press())


def _customer(who: Customer) -> Callable[[Transition, Making], Recipe]:
    return lambda transition, making: Recipe(
        step=_goal_step(transition, attrs.evolve(making, customer=who)), customer=who
    )


def _rival_tries(making: Making, event: str) -> tuple[tuple[PathStep, ...], Send]:
    """The rival's way to an identity, or a login, and that typed wrongly."""
    name, value = _MISTAKEN[event]
    wrong = attrs.evolve(send(event, making, **{name: value}), who=RIVAL)
    way: tuple[PathStep, ...] = (Start(who=RIVAL),)
    if event == "submit_credentials":
        way = (*way, attrs.evolve(send("choose_method", making), who=RIVAL))
    return way, wrong


def _no_try(transition: Transition, making: Making) -> Recipe:
    """The one try allowed is made elsewhere: its answer is here, or on its way."""
    (way, wrong), ours = _rival_tries(making, transition.trigger), send(transition.trigger, making)
    figures = {"identity_attempts": 1}
    if transition.name.endswith("tries_are_used_up"):
        return Recipe(before=(*way, wrong), step=ours, figures=figures)
    return Recipe(before=way, step=attrs.evolve(wrong, meanwhile=(ours,)), figures=figures)


def _no_number(transition: Transition, making: Making) -> Recipe:
    """The rival waits for the number; or has just left, so that it rests (P8)."""
    rival = (*making.choosing, attrs.evolve(send(transition.trigger, making), who=RIVAL))
    if not transition.name.endswith("number_is_waited_for"):
        rival = (*rival, Send(event="cancel", who=RIVAL))
    return Recipe(before=rival, step=send(transition.trigger, making))


def _no_code(transition: Transition, making: Making) -> Recipe:
    """The rival has keyed in the one code that the number has, and the number no longer rests (P4)."""
    rests = making.policies.phone.number_rest.total_seconds() + 1
    rival = (
        *making.choosing,
        attrs.evolve(send(transition.trigger, making), who=RIVAL),
        Dial(who=RIVAL),
        Press(right=False, who=RIVAL),
        Wait(seconds=rests),
    )
    figures = {"codes_per_number": 1, "bim_code": True}
    return Recipe(before=rival, step=send(transition.trigger, making), figures=figures)


def _no_window(transition: Transition, making: Making) -> Recipe:
    if transition.role is EventRole.WINDOW_CLOSED:
        return Recipe(step=_goal_step(transition, making), figures={"phone_windows": 1})
    once = (send(transition.trigger, making), Send(event="back"))
    return Recipe(before=once, step=send(transition.trigger, making), figures={"phone_windows": 1})


def _no_pin_try(transition: Transition, making: Making) -> Recipe:
    silence = BankDoes(what="silent", method="check_pin")
    return Recipe(
        before=(silence, send(transition.trigger, making)),
        step=send(transition.trigger, making),
        figures={"pin_attempts": 1},
    )


def _wrong_pin(transition: Transition, making: Making) -> Recipe:
    pin = making.customer.pin
    wrong = pin[:-1] + str((int(pin[-1]) + 1) % 10)
    used_up = {"pin_attempts": 1} if transition.name.endswith("pins_are_used_up") else {}
    return Recipe(step=send(transition.trigger, making, pin=wrong), figures=used_up)


def _wrong_code(transition: Transition, _: Making) -> Recipe:
    figures: Mapping[str, object] = {}
    if transition.name.endswith("codes_are_used_up"):
        figures = {"codes_per_session": 1}
    elif transition.name.endswith("codes_of_call_are_used_up"):
        figures = {"code_attempts": 1}
    return Recipe(step=Press(right=False), figures=figures)


MISSES: Final[Mapping[str, Callable[[Transition, Making], Recipe]]] = MappingProxyType(
    {
        "form_is_valid": _emptied,
        "identity_try_is_free": _no_try,
        "identity_is_proved": _mistaken,
        "login_is_proved": _mistaken,
        "nothing_is_locked": _bank(BankDoes(what="lock")),
        "contract_is_known": _bank(BankDoes(what="forget")),
        "customer_is_individual": _customer(NOT_INDIVIDUAL),
        "a_phone_is_offered": _customer(VOIP_ONLY),
        "phone_is_offered": lambda transition, making: Recipe(
            step=send(transition.trigger, making, phone_id="not-offered")
        ),
        "windows_are_left": _no_window,
        "number_is_free": _no_number,
        "codes_of_number_are_left": _no_code,
        "codes_are_left_where_asked": _no_code,
        "caller_is_not_withheld": _dial(caller="withheld", named=True),
        "caller_is_available": _dial(caller="unavailable", named=True),
        "caller_is_no_internet_phone": _dial(caller="050", named=True),
        "line_is_the_institutions": _dial(right_line=False),
        "call_is_not_diverted": _dial(caller="diverted"),
        "number_is_vouched_for": _dial(caller="claimed"),
        "attestation_is_enough": lambda *_: Recipe(step=Dial(attestation=None), figures={"attestation": "A"}),
        "caller_is_chosen_number": _dial(caller="stranger", named=True),
        "window_was_open": _early,
        "window_was_not_closed": _late,
        "call_is_enough": lambda *_: Recipe(step=Dial(), figures={"bim_code": True}),
        "code_is_right": _wrong_code,
        "password_is_allowed": lambda transition, making: Recipe(
            step=send(transition.trigger, making), figures={"password_rule": "refuses"}
        ),
        "pin_try_is_free": _no_pin_try,
        "pin_was_checked": _bank(BankDoes(what="not_checked")),
        "pin_is_right": _wrong_pin,
    }
)
"""What makes a guard fail where those before it hold, and the second guard of a fall hold."""
