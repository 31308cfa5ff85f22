"""A host in FastAPI: every page from the View, and the telephone's webhook. To run: uvicorn fastapi_host:app."""

import hmac
import json
import os
import secrets
from pathlib import Path
from typing import Annotated

from fastapi import Cookie, FastAPI, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader

from ja_reset import AsyncResetService, Call, CallSource, ResetError
from ja_reset.stores import SqliteStore
from ja_reset.testing import FakeBank  # in its place: your core-banking system

KEY, TELEPHONE_KEY = bytes.fromhex(os.environ["RESET_KEY"]), bytes.fromhex(os.environ["TELEPHONE_KEY"])
BANK = FakeBank()
SERVICE = AsyncResetService(bank=BANK, store=SqliteStore(os.environ["RESET_DB"]), key=KEY)
SCREEN = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True).get_template("screen.html")
COOKIE = {"secure": True, "httponly": True, "samesite": "lax", "path": "/"}  # strict: a link from elsewhere loses it
HEADERS = {"Cache-Control": "no-store", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin"}

Visit = Annotated[str, Cookie(alias="__Host-visit")]
Token = Annotated[str, Cookie(alias="__Host-reset")]
app = FastAPI(openapi_url=None)


def csrf_token(visit):
    """FastAPI brings no CSRF token of its own: this one is bound to a cookie that only this browser has."""
    return hmac.digest(KEY, b"csrf:" + visit.encode(), "sha256").hex()


def page(visit, view=None, typed=None):
    """The menu, or the screen of the view with what was typed; the template fills in no secret."""
    fields = [(field, (typed or {}).get(field.name, "")) for field in view.screen.fields] if view else []
    words = {"view": view, "fields": fields, "procedures": list(SERVICE.procedures.items())}
    html = SCREEN.render(words, csrf=csrf_token(visit), request_id=secrets.token_urlsafe())
    return HTMLResponse(html, headers={**HEADERS, "Content-Security-Policy": "default-src 'none'; form-action 'self'"})


async def posted(request, visit):
    """What a form posts, once it is seen to come from this visitor's own page."""
    form = {name: str(value) for name, value in (await request.form()).items() if value}
    if not visit or not hmac.compare_digest(form.get("csrfmiddlewaretoken", "").encode(), csrf_token(visit).encode()):
        raise HTTPException(403)
    return form


@app.get("/")
async def menu(visit: Visit = ""):
    response = page(visit := visit or secrets.token_urlsafe())
    response.set_cookie("__Host-visit", visit, **COOKIE)
    return response


@app.post("/start")
async def start(request: Request, visit: Visit = ""):
    view = await SERVICE.start((await posted(request, visit)).get("procedure"), institution="ja-0417")
    response = RedirectResponse("/reset", 303)
    response.set_cookie("__Host-reset", view.token, **COOKIE)  # in a cookie, and nowhere else
    return response


@app.get("/reset")
async def look(visit: Visit = "", token: Token = ""):
    return page(visit, await SERVICE.view(token))


@app.post("/reset")
async def send(request: Request, visit: Visit = "", token: Token = ""):
    form = await posted(request, visit)
    version = int(text) if (text := form.get("version", "")[:9]).isdecimal() else 0  # no version of ours: stale
    view = await SERVICE.send(token, form.get("event"), form, version=version, request_id=form.get("request_id"))
    return page(visit, view, form) if view.reasons else RedirectResponse("/reset", 303)


@app.exception_handler(ResetError)
async def begin_again(request: Request, error: ResetError) -> Response:
    if isinstance(error, LookupError):  # no such session, procedure or institution
        return RedirectResponse("/", 303)
    raise error


@app.post("/telephone")
async def telephone(request: Request):
    """What the gateway reports, signed with a key of its own: it never sees a session's token."""
    body, signature = await request.body(), request.headers.get("X-Signature", "")
    if not hmac.compare_digest(signature.encode(), hmac.digest(TELEPHONE_KEY, body, "sha256").hex().encode()):
        raise HTTPException(401)
    try:
        said = dict(json.loads(body))
        given = {name: said.get(name) for name in ("id", "number", "dialed")}  # no number: it was not shown
        call = None if "digits" in said else Call(**given, source=CallSource.NETWORK)
        call_id, digits, entry = (str(said.get(name) or "")[:200] for name in ("id", "digits", "entry"))
    except (ValueError, TypeError, RecursionError):  # no JSON object, or not of these texts
        raise HTTPException(400) from None
    result = await (SERVICE.report_call(call) if call else SERVICE.report_keys(call_id, digits, entry_id=entry or None))
    return JSONResponse({"status": result.status.value, "code": result.code.reveal() if result.code else None})
