"""The simulated telephone: what the player does with it goes to the webhook as a gateway's signed message."""

from __future__ import annotations

import json
from typing import Final

import attrs
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from ja_reset.demo._gateway import SIGNATURE, TIME, RefusedError, sign
from ja_reset.demo._handset import Caller, Heard, lines_of, numbers, report
from ja_reset.demo._panel import back_to, callers_of, institution_of
from ja_reset.demo._visits import Visit

_LONGEST: Final = 20
_JSON: Final = "application/json"


async def telephone_page(visit: Visit) -> Response:
    """The telephone on a page of its own."""
    view = await visit.view()
    customer, heard = visit.customer, visit.memory.heard
    return visit.page(
        "telephone.html",
        customer=customer,
        customers=visit.host.world.customers(),
        callers=callers_of(customer, view),
        dial=view.dial if view is not None and view.dial else institution_of(visit, customer).dial,
        heard=heard,
    )


async def call(visit: Visit) -> Response:
    """Call from that number, in that way."""
    form = await visit.form()
    known = {caller.value: caller for caller in Caller}
    caller = known.get(form.get("caller", ""))
    if caller is None:
        raise HTTPException(400)
    view = await visit.view()
    customer = visit.customer
    dialled = view.dial if view is not None and view.dial else institution_of(visit, customer).dial
    message = report(
        caller,
        numbers(customer, view)[caller],
        dialled=dialled,
        received_at=visit.host.world.clock().isoformat(),
    )
    answer = await _deliver(visit, "calls", message)
    visit.memory.heard = Heard(str(message["id"]), dialled, str(answer["status"]), lines_of(answer))
    visit.host.bell.notify()  # after the answer was kept, so that the page that loads now shows it
    return visit.go(back_to(form.get("page", "/telephone")))


async def keys(visit: Visit) -> Response:
    """Keys pressed in the call that goes on."""
    form = await visit.form()
    heard = visit.memory.heard
    if heard is not None and heard.goes_on:
        entry = heard.entries + 1
        message = {
            "call": heard.call,
            "entry": entry,
            "digits": form.get("digits", "")[:_LONGEST],
            "received_at": visit.host.world.clock().isoformat(),
        }
        answer = await _deliver(visit, "keys", message)
        visit.memory.heard = attrs.evolve(heard, status=str(answer["status"]), lines=lines_of(answer), entries=entry)
        visit.host.bell.notify()
    return visit.go(back_to(form.get("page", "/telephone")))


async def calls_hook(visit: Visit) -> Response:
    """The webhook for calls."""
    return await _hook(visit, "calls")


async def keys_hook(visit: Visit) -> Response:
    """The webhook for keys."""
    return await _hook(visit, "keys")


async def _hook(visit: Visit, kind: str) -> Response:
    if visit.request.headers.get("content-type", "").partition(";")[0].strip().lower() != _JSON:
        return JSONResponse({"error": 415}, 415)
    body = await visit.request.body()
    try:
        answer = await visit.host.gateway.receive(kind, visit.request.headers, body)
    except RefusedError as error:
        return JSONResponse({"error": error.status}, error.status)
    visit.host.bell.notify()
    return JSONResponse(answer)


async def _deliver(visit: Visit, kind: str, message: dict[str, object]) -> dict[str, object]:
    """Hand the message to the webhook's receiver, signed as the gateway signs it."""
    body = json.dumps(message).encode()
    at = str(int(visit.host.world.clock().timestamp()))
    signature = sign(visit.host.settings.gateway_secret, kind, at, body)
    return await visit.host.gateway.receive(kind, {TIME: at, SIGNATURE: signature}, body)
