"""A host in Flask: every page from the View, and the telephone's webhook. To run: flask --app flask_host run."""

import hmac
import json
import os
import secrets
from pathlib import Path

from flask import Flask, abort, jsonify, redirect, render_template, request, session

from ja_reset import Call, CallSource, ResetService, UnknownInstitution, UnknownProcedure, UnknownSession
from ja_reset.stores import SqliteStore
from ja_reset.testing import FakeBank  # in its place: your core-banking system

KEY, TELEPHONE_KEY = bytes.fromhex(os.environ["RESET_KEY"]), bytes.fromhex(os.environ["TELEPHONE_KEY"])
BANK = FakeBank()
SERVICE = ResetService(bank=BANK, store=SqliteStore(os.environ["RESET_DB"]), key=KEY)

app = Flask(__name__, template_folder=Path(__file__).parent)
app.config.update(
    SECRET_KEY=hmac.digest(KEY, b"flask", "sha256"),
    SESSION_COOKIE_NAME="__Host-session",
    SESSION_COOKIE_SECURE=True,
    SESSION_COOKIE_HTTPONLY=True,
    SESSION_COOKIE_SAMESITE="Lax",  # Strict would lose the reset of who follows a link from elsewhere
    MAX_CONTENT_LENGTH=64 * 1024,
)


@app.get("/")
def page(view=None, typed=None):
    """The menu, or the screen of the view with what was typed; the template fills in no secret."""
    fields = [(field, (typed or {}).get(field.name, "")) for field in view.screen.fields] if view else []
    words = {"view": view, "fields": fields, "procedures": list(SERVICE.procedures.items())}
    csrf = session.setdefault("csrf", secrets.token_urlsafe())
    return render_template("screen.html", csrf=csrf, request_id=secrets.token_urlsafe(), **words)


@app.before_request
def check_csrf():
    """Flask brings no CSRF token of its own: this one lives in its signed session cookie, which a page alone sets."""
    if request.method == "POST" and request.endpoint != "telephone":
        given, ours = request.form.get("csrfmiddlewaretoken", ""), session.get("csrf", "")
        if not ours or not hmac.compare_digest(given.encode(), ours.encode()):
            abort(403)


@app.after_request
def keep_to_ourselves(response):
    response.headers.update({"Cache-Control": "no-store", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin"})
    response.headers["Content-Security-Policy"] = "default-src 'none'; form-action 'self'"
    return response


@app.post("/start")
def start():
    view = SERVICE.start(request.form.get("procedure"), institution="ja-0417")
    session["token"] = view.token  # in the cookie, and nowhere else
    return redirect("/reset", 303)


@app.get("/reset")
def look():
    return page(SERVICE.view(session.get("token")))


@app.post("/reset")
def send():
    form = {name: value for name, value in request.form.items() if value}
    version = int(text) if (text := form.get("version", "")[:9]).isdecimal() else 0  # no version of ours: stale
    event, request_id = form.get("event"), form.get("request_id")
    view = SERVICE.send(session.get("token"), event, form, version=version, request_id=request_id)
    return page(view, form) if view.reasons else redirect("/reset", 303)


@app.errorhandler(UnknownInstitution)
@app.errorhandler(UnknownProcedure)
@app.errorhandler(UnknownSession)
def begin_again(error):
    return redirect("/", 303)


@app.post("/telephone")
def telephone():
    """What the gateway reports, signed with a key of its own: it never sees a session's token."""
    signature = hmac.digest(TELEPHONE_KEY, request.get_data(), "sha256").hex()
    if not hmac.compare_digest(request.headers.get("X-Signature", "").encode(), signature.encode()):
        abort(401)
    try:
        said = dict(json.loads(request.get_data()))
        given = {name: said.get(name) for name in ("id", "number", "dialed")}  # no number: it was not shown
        call = None if "digits" in said else Call(**given, source=CallSource.NETWORK)
        call_id, digits, entry = (str(said.get(name) or "")[:200] for name in ("id", "digits", "entry"))
    except (ValueError, TypeError, RecursionError):  # no JSON object, or not of these texts
        abort(400)
    result = SERVICE.report_call(call) if call else SERVICE.report_keys(call_id, digits, entry_id=entry or None)
    return jsonify(status=result.status.value, code=result.code.reveal() if result.code else None)
