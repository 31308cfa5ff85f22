"""The panel beside the bank's page: the customer that one plays, a telephone, and time."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import attrs
from starlette.responses import Response

from ja_reset import Institution, Screen, Text, View
from ja_reset.demo._cookies import CUSTOMER
from ja_reset.demo._forms import controls, spread
from ja_reset.demo._handset import Caller, Heard, numbers
from ja_reset.demo._traits import traits
from ja_reset.demo._visits import Visit
from ja_reset.demo._words import CALLERS, GUIDE
from ja_reset.screens import FieldKind
from ja_reset.testing import Customer, answers, credentials

STEPS_OF_TIME: Final = {"30": "30 s", "120": "2 min", "660": "11 min", "90000": "25 h"}


@attrs.frozen(kw_only=True)
class Panel:
    """The panel's contents."""

    customer: Customer
    institution: Institution
    customers: list[Customer]
    traits: list[Text]
    can_fill: bool
    callers: list[tuple[str, Text, str]]
    dial: str | None
    heard: Heard | None
    guide: tuple[Text, ...]


def panel_of(visit: Visit, view: View | None, screen: Screen | None) -> Panel:
    """The panel for the screen that is shown; `view` None on the way in."""
    world, customer = visit.host.world, visit.customer
    heard = visit.memory.heard
    fillable = screen is not None and any(
        not field.kind.is_secret and field.kind is not FieldKind.PHONE_CHOICE for field in screen.fields
    )
    return Panel(
        customer=customer,
        institution=institution_of(visit, customer),
        customers=world.customers(),
        traits=traits(customer),
        can_fill=fillable,
        callers=callers_of(customer, view),
        dial=None if view is None else view.dial,
        heard=heard,
        guide=GUIDE if view is None else (),
    )


def callers_of(customer: Customer, view: View | None) -> list[tuple[str, Text, str]]:
    """The ways of calling that this customer has: value, words, number."""
    found = []
    for caller, number in numbers(customer, view).items():
        if number is None and caller is not Caller.UNAVAILABLE:
            continue
        found.append((caller.value, CALLERS[caller.value], number or ""))
    return found


def institution_of(visit: Visit, customer: Customer) -> Institution:
    """The customer's JA."""
    return next(each for each in visit.host.world.institutions if each.id == customer.institution)


async def be(visit: Visit) -> Response:
    """Play another customer."""
    form = await visit.form()
    visit.keep(CUSTOMER, visit.host.world.customer(form.get("customer", "")).ref)
    return visit.go(back_to(form.get("page", "/")))


async def fill(visit: Visit) -> Response:
    """Fill in what the customer knows and is no secret."""
    form = await visit.form()
    customer, memory = visit.customer, visit.memory
    institution = institution_of(visit, customer)
    page = back_to(form.get("page", "/"))
    if page == "/application":
        view = await visit.view()
        fields = [field for field in memory.fields if field.kind is not FieldKind.PHONE_CHOICE]
        charts = visit.host.world.charts
        memory.typed |= spread(fields, {} if view is None else answers(view, customer, procedures=charts))
        memory.reasons = ()
    else:
        entry = {"prefecture": institution.prefecture, "institution": institution.id}
        memory.entry = {
            **{name: "" for field in memory.entry_fields for name in controls(field)},
            **spread(memory.entry_fields, {**credentials(customer, "LOGIN_ID"), **entry}),
        }
        memory.entry_reasons.pop(page, None)
    return visit.go(page)


async def let_time_pass(visit: Visit) -> Response:
    """Put the demo's clock forward."""
    form = await visit.form()
    seconds = form.get("seconds", "")
    if seconds in STEPS_OF_TIME:
        visit.host.world.clock.put_forward(timedelta(seconds=int(seconds)))
        visit.host.bell.notify()
    return visit.go(back_to(form.get("page", "/")))


def back_to(page: str) -> str:
    """The page that a form of the panel may lead back to."""
    return page if page in {"/", "/menu", "/application", "/customers", "/telephone", "/operator"} else "/"
