"""A host in Django: every page from the View, and the telephone's webhook. To run: gunicorn django_host."""

import hmac
import json
import os
import secrets
from pathlib import Path

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponseBadRequest, HttpResponseForbidden, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from ja_reset import Call, CallSource, ResetService, UnknownInstitution, UnknownProcedure, UnknownSession
from ja_reset.stores import SqliteStore
from ja_reset.testing import FakeBank  # in its place: your core-banking system

KEY, TELEPHONE_KEY = bytes.fromhex(os.environ["RESET_KEY"]), bytes.fromhex(os.environ["TELEPHONE_KEY"])
BANK = FakeBank()
SERVICE = ResetService(bank=BANK, store=SqliteStore(os.environ["RESET_DB"]), key=KEY)

settings.configure(
    SECRET_KEY=hmac.digest(KEY, b"django", "sha256").hex(),
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=os.environ.get("RESET_HOSTS", "localhost").split(","),
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",  # Django's own CSRF token
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [Path(__file__).parent]}],
    CSRF_COOKIE_NAME="__Host-csrf",
    CSRF_COOKIE_SECURE=True,
    CSRF_COOKIE_HTTPONLY=True,
    CSRF_COOKIE_SAMESITE="Lax",  # Strict would lose the reset of who follows a link from elsewhere
    SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"),  # your proxy sets it, and drops what a client sent
)


def page(request, view=None, typed=None):
    """The menu, or the screen of the view with what was typed; the template fills in no secret."""
    fields = [(field, (typed or {}).get(field.name, "")) for field in view.screen.fields] if view else []
    words = {"view": view, "fields": fields, "procedures": list(SERVICE.procedures.items())}
    response = render(
        request, "screen.html", words | {"csrf": get_token(request), "request_id": secrets.token_urlsafe()}
    )
    response["Content-Security-Policy"] = "default-src 'none'; form-action 'self'"
    return response


@require_POST
def start(request):
    try:
        view = SERVICE.start(request.POST.get("procedure"), institution="ja-0417")
    except (UnknownInstitution, UnknownProcedure):
        return HttpResponseRedirect("/", status=303)
    response = HttpResponseRedirect("/reset", status=303)
    response.set_cookie("__Host-reset", view.token, secure=True, httponly=True, samesite="Lax")
    return response


@never_cache
@require_http_methods(["GET", "POST"])
def reset(request):
    token, form = request.COOKIES.get("__Host-reset"), request.POST.dict()
    version = int(text) if (text := form.get("version", "")[:9]).isdecimal() else 0  # no version of ours: stale
    try:
        if request.method == "GET":
            return page(request, SERVICE.view(token))
        view = SERVICE.send(token, form.get("event"), form, version=version, request_id=form.get("request_id") or None)
    except UnknownSession:
        return HttpResponseRedirect("/", status=303)
    return page(request, view, form) if view.reasons else HttpResponseRedirect("/reset", status=303)


@csrf_exempt  # no browser comes here: the signature says who it is
@require_POST
def telephone(request):
    """What the gateway reports, signed with a key of its own: it never sees a session's token."""
    signature = hmac.digest(TELEPHONE_KEY, request.body, "sha256").hex()
    if not hmac.compare_digest(request.headers.get("X-Signature", "").encode(), signature.encode()):
        return HttpResponseForbidden()
    try:
        said = dict(json.loads(request.body))
        given = {name: said.get(name) for name in ("id", "number", "dialed")}  # no number: it was not shown
        call = None if "digits" in said else Call(**given, source=CallSource.NETWORK)
        call_id, digits, entry = (str(said.get(name) or "")[:200] for name in ("id", "digits", "entry"))
    except (ValueError, TypeError, RecursionError):  # no JSON object, or not of these texts
        return HttpResponseBadRequest()
    result = SERVICE.report_call(call) if call else SERVICE.report_keys(call_id, digits, entry_id=entry or None)
    return JsonResponse({"status": result.status.value, "code": result.code.reveal() if result.code else None})


urlpatterns = [path("", never_cache(page)), path("start", start), path("reset", reset), path("telephone", telephone)]
application = get_wsgi_application()
