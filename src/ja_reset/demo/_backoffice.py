"""The operator's pages: what the bank's staff see and may do, and the customers there are to play."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from typing import Final

import attrs
from starlette.exceptions import HTTPException
from starlette.responses import Response

from ja_reset import EffectRefused, UnlockRefused
from ja_reset.demo._panel import institution_of
from ja_reset.demo._traits import traits
from ja_reset.demo._visits import Visit
from ja_reset.diagrams import svg

_NEWEST: Final = 40
_REFUSAL: Final = EffectRefused(
    ja="このお申し込みの内容は、銀行でお受けできませんでした。", en="The bank could not accept this request."
)


async def customers_page(visit: Visit) -> Response:
    """Everybody one can play, with all that the bank knows of them."""
    rows = [(each, traits(each), institution_of(visit, each)) for each in visit.host.world.customers()]
    return visit.page("customers.html", rows=rows, playing=visit.customer.ref)


@attrs.frozen
class Account:
    """A customer's locks and counts as the operator sees them."""

    ref: str
    name: str
    wrong_pins: int
    service_locked: bool
    card_locked: bool


async def operator_page(visit: Visit) -> Response:
    """Sessions, counts, locks, effects, audit; the chart with the state of the session that is looked at."""
    world, operator = visit.host.world, visit.host.world.service.operator
    audit = await operator.audit(limit=_NEWEST)
    sessions = sorted(await operator.sessions(limit=1000), key=lambda session: str(session["active_at"]), reverse=True)
    wanted = visit.request.query_params.get("session", "")
    shown = next((each for each in sessions if each["id"] == wanted), sessions[0] if sessions else None)
    accounts = [
        Account(
            each.ref,
            each.contract.name_kanji,
            await operator.pin_count(each.ref),
            each.contract.service_locked,
            each.contract.card_locked,
        )
        for each in world.customers()
    ]
    effects = await operator.effects(limit=_NEWEST)
    return visit.page(
        "operator.html",
        sessions=sessions[:_NEWEST],
        shown=shown,
        accounts=accounts,
        effects=effects,
        audit=audit,
        titles={name: chart.title for name, chart in world.charts.items()},
        bank_is_down=world.bank.down,
    )


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


async def unlock(visit: Visit) -> Response:
    """The branch takes a customer's locks off, in our books and then in its own (L6)."""
    form = await visit.form()
    customer = visit.host.world.customer(form.get("ref", ""))
    try:
        await visit.host.world.service.unlock(
            customer.institution,
            branch=customer.branch,
            subject=customer.subject,
            account=customer.account,
            login_id=customer.login_id,
        )
    except UnlockRefused:  # a lock is on its way to the bank
        raise HTTPException(409) from None
    visit.host.world.bank.unlock(customer.ref)
    return visit.go("/operator")


async def bank(visit: Visit) -> Response:
    """The bank goes away, comes back, or refuses the next order."""
    form = await visit.form()
    match form.get("what"):
        case "down" | "up" as what:
            visit.host.world.bank.down = what == "down"
        case "refuse":
            visit.host.world.bank.fail("carry_out", _REFUSAL)
        case _:
            raise HTTPException(400)
    return visit.go("/operator")


async def recover(visit: Visit) -> Response:
    """Give again what the bank has not confirmed (C4)."""
    await visit.form()
    await visit.host.world.service.recover()
    visit.host.bell.notify()
    return visit.go("/operator")
