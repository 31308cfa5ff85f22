"""The operator's pages: what the bank's staff see, and the customers there are to play."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

import attrs
from starlette.exceptions import HTTPException
from starlette.responses import Response

from ja_reset import AsyncResetService, BankUnavailable, Chart, EffectRefused, ResetError
from ja_reset.demo._panel import institution_of
from ja_reset.demo._traits import traits
from ja_reset.demo._visits import Visit
from ja_reset.diagrams import svg
from ja_reset.testing import Customer

_NEWEST: Final = 40
_REFUSAL: Final = EffectRefused(
    ja="このお申し込みの内容は、銀行でお受けできませんでした。", en="The bank could not accept this request."
)
WAYS: Final = ("reference", "ref", "account", "login_id")
"""What sessions are found by."""


async def customers_page(visit: Visit) -> Response:
    """Everybody one can play, with all that the bank knows of them."""
    rows = [(each, traits(each), institution_of(visit, each)) for each in visit.host.world.customers()]
    return visit.page("customers.html", rows=rows, playing=visit.customer.ref)


@attrs.frozen
class Account:
    """A customer's locks and attempts as the operator sees them; `identity` is None where the bank is silent."""

    customer: Customer
    attempts: Mapping[str, Any]
    identity: Mapping[str, Any] | None


@attrs.frozen
class Search:
    """What is looked for: `by` one of WAYS, and the words; `problem`: why nothing can be found by them."""

    by: str = WAYS[0]
    words: str = ""
    institution: str = ""
    problem: str = ""

    @property
    def filters(self) -> dict[str, Any]:
        """The filters of sessions and audit."""
        match self.by:
            case _ if not self.words:
                return {}
            case "account":
                return {"account": (self.institution, *[*self.words.split(), "", "", ""][:3])}
            case "login_id":
                return {"login_id": (self.institution, self.words)}
        return {self.by: self.words}

    @property
    def narrow(self) -> dict[str, Any]:
        """Those of effects, which are found by contract and session alone."""
        return {} if self.by in {"account", "login_id"} else self.filters


async def operator_page(visit: Visit) -> Response:
    """Sessions, attempts, waits, orders, audit; the chart with the state of the session that is looked at."""
    return await office(visit)


async def office(visit: Visit, status: int = 200, trouble: object = None, typed: Mapping[str, str] = {}) -> Response:
    """The operator's page, after an act that was refused with its *trouble* and what was *typed*."""
    world, operator = visit.host.world, visit.host.world.service.operator
    search = _search(visit)
    try:
        sessions = await operator.sessions(
            limit=_NEWEST, after=visit.request.query_params.get("after"), **search.filters
        )
        effects = await operator.effects(limit=_NEWEST, **search.narrow)
        audit = await operator.audit(limit=_NEWEST, **search.filters)
    except ResetError as error:  # words that cannot be an account, or no bank to read one by
        search = attrs.evolve(search, problem=str(error))
        sessions, effects, audit = (
            await operator.sessions(limit=_NEWEST),
            await operator.effects(limit=_NEWEST),
            await operator.audit(limit=_NEWEST),
        )
    wanted = visit.request.query_params.get("session", "")
    shown = next((each for each in sessions if each.id == wanted), sessions[0] if sessions else None)
    response = visit.page(
        "operator.html",
        sessions=sessions,
        live={each.id for each in sessions if _is_live(world.charts, each)},
        shown=shown if shown and shown.procedure in world.charts else None,
        accounts=[await _account(world.service, each) for each in world.customers()],
        waits=await operator.waits(limit=_NEWEST),
        effects=effects,
        audit=audit,
        titles={name: chart.title for name, chart in world.charts.items()},
        institutions=world.institutions,
        bank_is_down=world.bank.down,
        is_closed=world.is_closed,
        orders_unanswered=world.orders.unanswered,
        search=search,
        trouble=trouble,
        typed=typed,
        ways=WAYS,
    )
    response.status_code = status
    return response


def _search(visit: Visit) -> Search:
    asked = visit.request.query_params
    by, institutions = asked.get("by", ""), [each.id for each in visit.host.world.institutions]
    place = asked.get("institution", "")
    return Search(
        by if by in WAYS else WAYS[0],
        asked.get("find", "").strip(),
        place if place in institutions else institutions[0],
    )


def _is_live(charts: Mapping[str, Chart], session: Mapping[str, Any]) -> bool:
    """Whether it can be ended: it goes on, and does not wait for the bank's word on its order."""
    found = charts.get(session["procedure"])
    state = None if found is None else found.states.get(session["state"])
    return state is not None and not state.is_final and state.kind.value != "completing"


async def _account(service: AsyncResetService, customer: Customer) -> Account:
    attempts = await service.operator.attempts(customer.ref)
    try:
        failures = await service.operator.identity(
            customer.institution, branch=customer.branch, subject=customer.subject, account=customer.account
        )
    except BankUnavailable:
        return Account(customer, attempts, None)
    return Account(customer, attempts, failures)


async def chart(visit: Visit) -> Response:
    """A procedure's chart as a picture, one of its states lit up."""
    name = visit.request.query_params.get("procedure", "")
    found = visit.host.world.charts.get(name)
    if found is None:
        raise HTTPException(404)
    state = visit.request.query_params.get("state")
    picture = svg(found, language=visit.language, highlight=state if state in found.states else None)
    response = Response(picture, media_type="image/svg+xml")
    response.headers["Content-Security-Policy"] = f"default-src 'none'; style-src {_hashes(picture)}"
    return response


def _hashes(picture: str) -> str:
    """What lets the picture's own style through, and no other."""
    styles = re.findall(r"<style>(.*?)</style>", picture, re.DOTALL)
    return " ".join(f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'" for style in styles) or "'none'"


async def bank(visit: Visit) -> Response:
    """The bank goes away, comes back, refuses the next order, gives no answer to any (C4), or closes (E4)."""
    form = await visit.form()
    match form.get("what"):
        case "down" | "up" as what:
            visit.host.world.bank.down = what == "down"
        case "refuse":
            visit.host.world.bank.fail("carry_out", _REFUSAL)
        case "silent" | "orders" as what:
            visit.host.world.orders.unanswered = what == "silent"
        case "close" | "open" as what:
            visit.host.world.set_hours(closed=what == "close")
        case _:
            raise HTTPException(400)
    return visit.go("/operator")


async def recover(visit: Visit) -> Response:
    """Give again what the bank has not confirmed (C4)."""
    await visit.form()
    await visit.host.world.service.recover()
    visit.host.bell.notify()
    return visit.go("/operator")
