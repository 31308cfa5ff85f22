"""The simulated telephone: what the player does with it goes to the webhook as a gateway's signed message."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Final

import attrs
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ja_reset import CallResult
from ja_reset.demo._gateway import Kind, RefusedError
from ja_reset.demo._handset import Caller, Heard, lines_of, numbers, report
from ja_reset.demo._panel import back_to, callers_of, institution_of
from ja_reset.demo._visits import Handler, Visit
from ja_reset.telephony import UnreadableReport, generic, twilio

_LONGEST: Final = 20
_KEYS: Final = "0123456789*#"
_JSON: Final = "application/json"
_FORM: Final = "application/x-www-form-urlencoded"
TWILIO_KEYS: Final = "/twilio/keys"


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
    result = await _deliver(visit, Kind.CALL, message)
    visit.memory.heard = Heard(str(message["call_id"]), dialled, result.status.value, lines_of(result.script))
    visit.host.bell.notify()  # after the answer was kept, so that the page that loads now shows it
    return visit.go(back_to(form.get("page", "/telephone")))


async def keys(visit: Visit) -> Response:
    """Keys pressed in the call that goes on."""
    form = await visit.form()
    heard = visit.memory.heard
    pressed = "".join(sign for sign in form.get("digits", "") if sign in _KEYS)[:_LONGEST]
    if heard is not None and heard.goes_on and pressed:
        entry = heard.entries + 1
        message = {
            "call_id": heard.call,
            "entry_id": str(entry),
            "digits": pressed,
            "received_at": visit.host.world.clock().isoformat(),
        }
        result = await _deliver(visit, Kind.KEYS, message)
        lines = lines_of(result.script)
        visit.memory.heard = attrs.evolve(heard, status=result.status.value, lines=lines, entries=entry)
        visit.host.bell.notify()
    return visit.go(back_to(form.get("page", "/telephone")))


async def hang_up(visit: Visit) -> Response:
    """The player hangs up in the call that goes on."""
    form = await visit.form()
    heard = visit.memory.heard
    if heard is not None and heard.goes_on:
        result = await _deliver(
            visit, Kind.END, {"call_id": heard.call, "received_at": visit.host.world.clock().isoformat()}
        )
        visit.memory.heard = attrs.evolve(heard, status=result.status.value, lines=lines_of(result.script))
        visit.host.bell.notify()
    return visit.go(back_to(form.get("page", "/telephone")))


def generic_hook(kind: Kind) -> Handler:
    """The webhook for signed JSON of that kind."""

    async def hook(visit: Visit) -> Response:
        request = visit.request
        if _type_of(request) != _JSON:
            return JSONResponse({"error": 415}, 415)
        try:
            result = await visit.host.gateway.receive(kind, request.headers, await request.body())
        except RefusedError as error:
            return JSONResponse({"error": error.status}, error.status)
        visit.host.bell.notify()
        return Response(generic.reply(result, language=visit.host.settings.language), media_type=_JSON)

    return hook


def twilio_hook(kind: Kind) -> Handler:
    """The webhook for what Twilio posts of that kind."""

    async def hook(visit: Visit) -> Response:
        request, settings = visit.request, visit.host.settings
        if _type_of(request) != _FORM:
            return Response(status_code=415)
        try:
            url = _url_of(request, settings.public_host)
            result = await visit.host.gateway.receive_from_twilio(kind, url, request.headers, await request.body())
        except RefusedError as error:
            return Response(status_code=error.status)
        visit.host.bell.notify()
        if kind is Kind.END:
            return Response(status_code=204)
        return Response(twilio.reply(result, language=settings.language, action=TWILIO_KEYS), media_type="text/xml")

    return hook


def _type_of(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _url_of(request: Request, public_host: str | None) -> str:
    """The address that Twilio posted to: through a tunnel, the one that the tunnel tells. Raises RefusedError."""
    if public_host is None:
        return str(request.url)
    target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    try:
        return twilio.public_url(target, request.headers.items(), hosts=[public_host])
    except UnreadableReport:
        raise RefusedError(403) from None


async def _deliver(visit: Visit, kind: Kind, message: Mapping[str, object]) -> CallResult:
    """Hand the message to the webhook's receiver, signed as a gateway signs it."""
    body, gateway = json.dumps({"kind": kind.value, **message}).encode(), visit.host.gateway
    return await gateway.receive(kind, gateway.signed(body, secrets.token_hex(16)), body)
