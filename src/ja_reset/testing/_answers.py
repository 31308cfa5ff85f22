"""What a customer enters on a screen, all of it right: for a host's end-to-end tests, `ja-reset play` and the demo."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ja_reset.fields.specs import Role
from ja_reset.machines import CHARTS
from ja_reset.screens.placeholders import STANDARD
from ja_reset.testing._entries import entries

if TYPE_CHECKING:
    from ja_reset.chart import Chart
    from ja_reset.fields.specs import Form
    from ja_reset.policies import Policies
    from ja_reset.service._view import View
    from ja_reset.testing.cast import Customer

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


def answers(
    view: View,
    customer: Customer,
    *,
    typed: Mapping[str, str] = _NOTHING,
    procedures: Mapping[str, Chart] = CHARTS,
    policies: Policies = STANDARD,
) -> dict[str, str]:
    """What *customer* enters on the screen of *view*, by the fields' names; empty for a screen without a form.

    The phone is the first one offered, the e-mail address for a token the registered one. *typed*: what stands in some
    fields already, which a second entry repeats. *procedures*: `service.procedures`, where there are more than three;
    *policies*: the institution's, where they are not the standard ones.
    """
    form = _form(view, procedures.get(view.procedure))
    if form is None:
        return {}
    phone = view.phones[0].id if view.phones else ""
    email = {Role.EMAIL: customer.types.get("email", customer.contract.email)}
    return entries(form, customer, policies, phone=phone, choices=email, typed=typed)


def _form(view: View, chart: Chart | None) -> Form | None:
    """The form that the screen is filled in by: that of the plan which has its fields."""
    names = [field.name for field in view.screen.fields]
    state = None if chart is None else chart.states.get(view.state)
    plans = () if state is None else state.plans
    return next((plan.form for plan in plans if [field.name for field in plan.fields] == names), None)
