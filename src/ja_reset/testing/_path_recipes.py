"""How each transition is taken: what makes the guards of the step hold, and what makes just one of them fail.

By the names of the library's guards and the roles of events and fields. What makes a guard of a chart's own fail is
found by trying (`_own_misses`). The order of the checks is the chart's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Final, cast

import attrs

from ja_reset.chart import Chart
from ja_reset.chart.transitions import EventRole, Transition, WaitWrite
from ja_reset.fields.specs import FieldKind, Form, Role, field_in, fields_of
from ja_reset.policies import Policies
from ja_reset.testing._entries import entries
from ja_reset.testing.cast import NOT_INDIVIDUAL, VOIP_ONLY, Customer
from ja_reset.testing.path_steps import PHONE, RIVAL, BankDoes, Dial, HangUp, PathStep, Press, Send, Wait


@attrs.frozen(kw_only=True)
class Recipe:
    """How a transition is taken: the steps before it, the step itself, and the limits and customer that it needs.

    `early`: steps before the path begins.
    """

    early: tuple[PathStep, ...] = ()
    before: tuple[PathStep, ...] = ()
    step: PathStep
    figures: Mapping[str, object] = attrs.field(factory=dict)
    customer: Customer | None = None


@attrs.frozen(kw_only=True)
class Making:
    """For whom, in which chart and under which policies a recipe is made; `ways`: the steps to each state so far."""

    chart: Chart
    customer: Customer
    policies: Policies
    ways: Mapping[str, tuple[PathStep, ...]]

    def of_rival(self, state: str) -> tuple[PathStep, ...]:
        """The way to a state, gone by a second session of the customer."""
        return tuple(attrs.evolve(step, who=RIVAL) for step in self.ways[state])

    @property
    def choosing(self) -> Transition:
        """The transition by which a phone is chosen and waited for."""
        return next(transition for transition in self.chart.transitions if transition.wait is WaitWrite.OPEN)

    @property
    def window(self) -> timedelta:
        """How long a call is waited for."""
        figures = (assign.limit for transition in self.chart.transitions for assign in transition.assigns)
        return cast("timedelta", getattr(self.policies.phone, next(figure for figure in figures if figure)))

    def form(self, transition: Transition) -> Form | None:
        """The form of the transition's event, that of the first method where a method chooses it."""
        forms = [
            handler.form
            for handler in self.chart.handlers
            if (handler.trigger, handler.source) == (transition.trigger, transition.source)
        ]
        form = forms[0] if forms else None
        return next(iter(form.values())) if isinstance(form, Mapping) else form

    def field(self, transition: Transition, role: Role) -> str:
        """The name of the form's field of that role; raises LookupError where there is none."""
        form = self.form(transition)
        found = None if form is None else field_in(form, role)
        if found is None:
            msg = f"{transition.name} has no field in the role {role.name}"
            raise LookupError(msg)
        return found.name


def send(transition: Transition, making: Making, **changes: str) -> Send:
    """The event of the transition with what is typed, but for the changes."""
    form = making.form(transition)
    typed = {} if form is None else entries(form, making.customer, making.policies, phone=PHONE)
    return Send(event=transition.trigger, data={**typed, **changes}, wrong=tuple(changes))


def goal(transition: Transition, making: Making) -> Recipe:
    """The step to its target, where every guard holds."""
    return Recipe(step=goal_step(transition, making))


def goal_step(transition: Transition, making: Making) -> PathStep:
    policies = making.policies
    window, chart = making.window, making.chart
    session, phone = policies.session, policies.phone
    steps: Mapping[EventRole | None, Callable[[], PathStep]] = {
        EventRole.CALL: Dial,
        EventRole.KEYS: Press,
        EventRole.CALL_ENDED: HangUp,
        EventRole.WINDOW_CLOSED: lambda: Wait(seconds=(window + phone.delivery_grace).total_seconds() + 1),
        EventRole.TIME_RAN_OUT: lambda: Wait(
            seconds=min(session.idle_timeout, session.absolute_timeout).total_seconds() + 1
        ),
        EventRole.CLOCK_WENT_BACK: lambda: Wait(seconds=-phone.clock_skew.total_seconds() - 1),
        EventRole.CONTESTED: lambda: attrs.evolve(send(making.choosing, making), who=RIVAL),
        EventRole.CONFIRMED: lambda: Send(event=chart.event(transition.source, EventRole.PROCEED)),
        EventRole.REFUSED: lambda: Send(event=chart.event(transition.source, EventRole.PROCEED)),
    }
    return steps.get(transition.role, lambda: send(transition, making))()


def _mistake(transition: Transition, making: Making) -> dict[str, str]:
    """What is typed wrongly of an identity, or of a login."""
    form = making.form(transition)
    if form is not None and field_in(form, Role.LOGIN_PASSWORD) is not None:
        return {making.field(transition, Role.LOGIN_PASSWORD): "wrong-0000"}
    return {making.field(transition, Role.BIRTH_DATE): "1999-09-09"}


def _mistaken(transition: Transition, making: Making) -> Recipe:
    figures = {"identity_attempts": 1} if transition.name.endswith("tries_are_used_up") else {}
    return Recipe(step=send(transition, making, **_mistake(transition, making)), figures=figures)


def _emptied(transition: Transition, making: Making) -> Recipe:
    form = making.form(transition)
    required = [] if form is None else [spec for spec in fields_of(form) if spec.required and not spec.confirms]
    emptied = [spec.name for spec in required if spec.kind is not FieldKind.CHECKBOX][-1]
    return Recipe(step=send(transition, making, **{emptied: ""}))


def _bank(*does: BankDoes) -> Callable[[Transition, Making], Recipe]:
    return lambda transition, making: Recipe(before=does, step=goal_step(transition, making))


def _dial(**how: object) -> Callable[[Transition, Making], Recipe]:
    return lambda _arrow, _making: Recipe(step=Dial(**how))  # type: ignore[arg-type]  # fields by name


def _early(transition: Transition, _: Making) -> Recipe:
    calls = transition.role is EventRole.CALL
    return Recipe(step=Dial(seconds=-1) if calls else Press(seconds=-1))


def _late(transition: Transition, making: Making) -> Recipe:
    # within the grace, so that the session still waits
    past = Wait(seconds=(making.window + making.policies.phone.delivery_grace / 2).total_seconds())
    return Recipe(before=(past,), step=Dial() if transition.role is EventRole.CALL else Press())


def _customer(who: Customer) -> Callable[[Transition, Making], Recipe]:
    return lambda transition, making: Recipe(
        step=goal_step(transition, attrs.evolve(making, customer=who)), customer=who
    )


def _no_try(transition: Transition, making: Making) -> Recipe:
    """The one try allowed is made elsewhere: its answer is here, or on its way."""
    way, ours = making.of_rival(transition.source), send(transition, making)
    wrong = attrs.evolve(send(transition, making, **_mistake(transition, making)), who=RIVAL)
    figures = {"identity_attempts": 1}
    if transition.name.endswith("tries_are_used_up"):
        return Recipe(before=(*way, wrong), step=ours, figures=figures)
    return Recipe(before=way, step=attrs.evolve(wrong, meanwhile=(ours,)), figures=figures)


def _no_number(transition: Transition, making: Making) -> Recipe:
    """The rival waits for the number; or has just left, so that it rests (P8)."""
    rival = (*making.of_rival(transition.source), attrs.evolve(send(transition, making), who=RIVAL))
    if not transition.name.endswith("number_is_waited_for"):
        waits = making.choosing.to or transition.source
        rival = (*rival, Send(event=making.chart.event(waits, EventRole.CANCEL), who=RIVAL))
    return Recipe(before=rival, step=send(transition, making))


def _no_code(transition: Transition, making: Making) -> Recipe:
    """The rival has keyed in the one code that the number has, and the number no longer rests (P4)."""
    rests = making.policies.phone.number_rest.total_seconds() + 1
    rival = (
        *making.of_rival(transition.source),
        attrs.evolve(send(transition, making), who=RIVAL),
        Dial(who=RIVAL),
        Press(right=False, who=RIVAL),
        Wait(seconds=rests),
    )
    figures = {"codes_per_number": 1, "bim_code": True}
    return Recipe(before=rival, step=send(transition, making), figures=figures)


def _no_window(transition: Transition, making: Making) -> Recipe:
    if transition.role is EventRole.WINDOW_CLOSED:
        return Recipe(step=goal_step(transition, making), figures={"phone_windows": 1})
    waits = making.choosing.to or transition.source
    once = (send(transition, making), Send(event=making.chart.event(waits, EventRole.BACK)))
    return Recipe(before=once, step=send(transition, making), figures={"phone_windows": 1})


def _no_pin_try(transition: Transition, making: Making) -> Recipe:
    silence = BankDoes(what="silent", method="check_pin")
    return Recipe(
        before=(silence, send(transition, making)), step=send(transition, making), figures={"pin_attempts": 1}
    )


def _wrong_pin(transition: Transition, making: Making) -> Recipe:
    pin = making.customer.pin
    wrong = pin[:-1] + str((int(pin[-1]) + 1) % 10)
    used_up = {"pin_attempts": 1} if transition.name.endswith("pins_are_used_up") else {}
    return Recipe(step=send(transition, making, **{making.field(transition, Role.PIN): wrong}), figures=used_up)


def _wrong_code(transition: Transition, _: Making) -> Recipe:
    figures: Mapping[str, object] = {}
    if transition.name.endswith("codes_are_used_up"):
        figures = {"codes_per_session": 1}
    elif transition.name.endswith("codes_of_call_are_used_up"):
        figures = {"code_attempts": 1}
    return Recipe(step=Press(right=False), figures=figures)


def _disowned(_: Transition, making: Making) -> Recipe:
    key = making.policies.phone.not_me_key
    return Recipe(step=Press(keys=key or "9"), figures={} if key else {"not_me_key": "9"})


def _announced(transition: Transition, making: Making) -> Recipe:
    """A call that asks only to be confirmed; where the last one asked for a code, the policy has changed since."""
    if "answered" not in making.chart.states[transition.source].keeps:
        return Recipe(step=Dial(), figures={"bim_announce": True})
    refresh = making.policies.session.institution_refresh.total_seconds() + 1
    changes = BankDoes(what="policy", figures={"bim_code": False, "bim_announce": True})
    return Recipe(before=(changes, Wait(seconds=refresh)), step=Dial())


def _not_confirmed(transition: Transition, making: Making) -> Recipe:
    called, other = _announced(transition, making), _wrong_code(transition, making)
    return attrs.evolve(other, before=(*called.before, called.step))


def _not_offered(transition: Transition, making: Making) -> Recipe:
    return Recipe(step=send(transition, making, **{making.field(transition, Role.PHONE_CHOICE): "not-offered"}))


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
        "phone_is_offered": _not_offered,
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
        "caller_is_no_relay": lambda transition, making: Recipe(
            step=goal_step(transition, making), figures={"relay": True}, customer=VOIP_ONLY
        ),
        "call_is_enough": lambda *_: Recipe(step=Dial(), figures={"bim_code": True}),
        "call_is_unannounced": _announced,
        "application_is_not_disowned": _disowned,
        "call_is_confirmed": _not_confirmed,
        "code_is_right_where_asked": _wrong_code,
        "call_was_not_over": lambda *_: Recipe(before=(HangUp(), Wait(seconds=1)), step=Press()),
        "code_is_right": _wrong_code,
        "password_is_allowed": lambda transition, making: Recipe(
            step=send(transition, making), figures={"password_rule": "refuses"}
        ),
        "pin_try_is_free": _no_pin_try,
        "pin_was_checked": _bank(BankDoes(what="not_checked")),
        "pin_is_right": _wrong_pin,
    }
)
"""What makes a guard fail while those before it hold, and the guard of an otherwise hold."""
