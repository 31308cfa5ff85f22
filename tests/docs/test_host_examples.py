"""The small hosts of docs/hosts, walked through as a browser and a telephone gateway would."""

from __future__ import annotations

import asyncio
import hmac
import importlib.util
import json
import re
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol
from urllib.parse import urlencode

import attrs
import pytest

from hosts import EMAIL, details, reset
from ja_reset.bank._values import EffectKind
from ja_reset.testing import FakeBank, credentials, identity
from ja_reset.testing.cast import ORDINARY

FOLDER = Path(__file__).parents[2] / "docs" / "hosts"
TELEPHONE_KEY = bytes(range(32))
ORIGIN = "https://localhost"


@attrs.frozen
class Answer:
    """What came back: `to` is where it redirects."""

    status: int
    text: str
    to: str | None
    headers: Mapping[str, str]
    cookies: list[str]


class Wire(Protocol):
    """Brings one request to a program; keeps no cookie, follows no redirect."""

    def __call__(self, method: str, path: str, data: object, headers: Mapping[str, str]) -> Answer:
        """A mapping is posted as a form, octets as they are."""


def _answer(status: int, text: str, headers: list[tuple[str, str]]) -> Answer:
    named = {name.lower(): value for name, value in headers}
    cookies = [value for name, value in headers if name.lower() == "set-cookie"]
    return Answer(status, text, named.get("location"), named, cookies)


def _fastapi(module: ModuleType) -> Wire:
    import httpx  # noqa: PLC0415 - each framework is loaded by its own tests

    async def asked(method: str, path: str, body: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(module.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
            return await client.request(method, path, **body)

    def ask(method: str, path: str, data: object, headers: Mapping[str, str]) -> Answer:
        body: dict[str, Any] = {"content": data} if isinstance(data, bytes) else {"data": data}
        got = asyncio.run(asked(method, path, {"headers": headers, **body}))
        return _answer(got.status_code, got.text, got.headers.multi_items())

    return ask


def _flask(module: ModuleType) -> Wire:
    client = module.app.test_client(use_cookies=False)

    def ask(method: str, path: str, data: object, headers: Mapping[str, str]) -> Answer:
        got = client.open(path, method=method, data=data, headers=dict(headers), base_url=ORIGIN)
        return _answer(got.status_code, got.get_data(as_text=True), list(got.headers.items()))

    return ask


def _django(_: ModuleType) -> Wire:
    from django.test import Client  # type: ignore[import-untyped]  # noqa: PLC0415 - as above

    def ask(method: str, path: str, data: object, headers: Mapping[str, str]) -> Answer:
        client = Client(enforce_csrf_checks=True, raise_request_exception=False, SERVER_NAME="localhost")
        sent = {"Referer": f"{ORIGIN}/", **headers}
        secure = "X-Forwarded-Proto" not in sent  # a proxy ends TLS, and speaks plain HTTP with us
        if isinstance(data, bytes):
            kind = sent.pop("Content-Type", "application/json")
            got = client.generic(method, path, data, kind, secure=secure, headers=sent)
        else:
            got = getattr(client, method.lower())(path, data, secure=secure, headers=sent)
        cookies = [("Set-Cookie", morsel.OutputString()) for morsel in got.cookies.values()]
        return _answer(got.status_code, got.content.decode(), [*got.headers.items(), *cookies])

    return ask


class Browser:
    """Keeps cookies as a browser does: what comes from another site brings none that is SameSite=Strict.

    A Lax one comes along where a link is followed, and not where a form is posted.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._cookies: dict[str, tuple[str, str]] = {}

    def __call__(
        self,
        method: str,
        path: str,
        data: object = None,
        headers: Mapping[str, str] | None = None,
        *,
        from_outside: bool = False,
    ) -> Answer:
        """Ask; `from_outside`: by a link, or a form, of another site."""
        sites = {"none", "lax" if method == "GET" else "none"} if from_outside else {"none", "lax", "strict"}
        brought = "; ".join(f"{name}={value}" for name, (value, site) in self._cookies.items() if site in sites)
        cookie = {"Cookie": brought} if brought else {}
        answer = self._wire(method, path, data, {**cookie, **(headers or {})})
        for line in answer.cookies:
            pair, _, marks = line.partition(";")
            name, _, value = pair.partition("=")
            site = re.search(r"samesite=(\w+)", marks.lower())
            self._cookies[name] = (value, site[1] if site else "lax")
        return answer


WIRES: Mapping[str, Callable[[ModuleType], Wire]] = {
    "fastapi_host": _fastapi,
    "flask_host": _flask,
    "django_host": _django,
}


@attrs.frozen
class Visit:
    """One customer at one of the hosts."""

    bank: FakeBank
    ask: Browser

    def open(self, path: str = "/reset") -> str:
        """The page there."""
        answer = self.ask("GET", path)
        assert answer.status == 200, answer
        return answer.text

    def press(self, event: str, fields: Mapping[str, str] | None = None, **changes: str) -> Answer:
        """Press a button of the present page, with what its form carries."""
        form = {**hidden(self.open()), **(fields or {}), "event": event, **changes}
        return self.ask("POST", "/reset", form)

    def start(self, procedure: str) -> None:
        """Begin at the menu."""
        answer = self.ask("POST", "/start", {**hidden(self.open("/")), "procedure": procedure})
        assert (303, "/reset") == (answer.status, answer.to), answer

    def report(self, said: Mapping[str, object], key: bytes = TELEPHONE_KEY) -> Answer:
        """Say something as the telephone gateway."""
        return self.webhook(json.dumps(said).encode(), key)

    def webhook(self, body: bytes, key: bytes = TELEPHONE_KEY, **headers: str) -> Answer:
        """Post that, signed."""
        signature = hmac.digest(key, body, "sha256").hex()
        return self.ask("POST", "/telephone", body, {"X-Signature": signature, **headers})

    def call(self, number: str | None = "+819012345601") -> Answer:
        """Call as the customer."""
        return self.report({"id": secrets.token_hex(8), "number": number, "dialed": "0120417000"})


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the page's first form."""
    form = page.split("</form>", 1)[0]
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form))


def heading(page: str) -> str:
    """The screen that the page shows."""
    found: list[str] = re.findall(r"<h1>(\S+)", page)
    return found[0]


def codes(page: str) -> list[str]:
    """The codes of the reasons that the page shows."""
    return re.findall(r'data-code="([^"]+)"', page)


def phone_id(page: str) -> str:
    """The id of the first phone that is offered."""
    found: list[str] = re.findall(r'name="phone_id" value="([^"]+)"', page)
    return found[0]


@contextmanager
def loaded(name: str, folder: Path) -> Iterator[ModuleType]:
    """The program of that name, loaded as it stands, with its database in *folder*."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RESET_KEY", secrets.token_hex(32))
        patch.setenv("TELEPHONE_KEY", TELEPHONE_KEY.hex())
        patch.setenv("RESET_DB", str(folder / "reset.db"))
        spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        patch.setitem(sys.modules, name, module)
        spec.loader.exec_module(module)
        yield module


@pytest.fixture(scope="module", params=list(WIRES))
def host(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """One of the programs."""
    with loaded(request.param, tmp_path_factory.mktemp(request.param)) as module:
        yield module


@pytest.fixture
def limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Visit]:
    """The Flask program with a procedure of its own, and a browser at it."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    for name in ("flask_host", "transfer_limit"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    with loaded("limit_host", tmp_path) as module:
        yield Visit(module.BANK, Browser(_flask(module)))
    for name in ("flask_host", "transfer_limit"):
        sys.modules.pop(name, None)


@pytest.fixture
def visit(host: ModuleType) -> Visit:
    """A browser of its own at that program; no number rests from the test before."""
    host.BANK.change(ORDINARY.ref, phones=ORDINARY.contract.phones)
    return Visit(host.BANK, Browser(WIRES[host.__name__](host)))


def _at_bim017(visit: Visit) -> None:
    visit.start("LOGIN_PASSWORD")
    assert 303 == visit.press("submit_identity", identity(ORDINARY)).status
    assert 303 == visit.press("choose_phone", {"phone_id": phone_id(visit.open())}).status
    assert "VERIFIED" == json.loads(visit.call().text)["status"]
    assert "BIM017" == heading(visit.open())


@pytest.mark.rule("C1", "P7", "P8")
def test_a_password_is_reset_by_the_pages_and_one_call(visit: Visit) -> None:
    """From the menu to 初期化完了 with what the pages themselves offer, and one call reported by the webhook."""
    _at_bim017(visit)
    entered = {**reset(), "new_password": "Aki-2026!", "new_password_confirm": "aki-2026!"}
    assert (303, "/reset") == (visit.press("submit_reset", entered).status, "/reset")
    assert "DONE" == heading(visit.open())
    assert "aki-2026!" == visit.bank.customer(ORDINARY.ref).password
    assert EffectKind.NOTIFY is visit.bank.carried_out[-1].kind


@pytest.mark.rule("C3", "P4")
def test_a_token_is_issued_by_the_pages_a_call_and_keys(visit: Visit) -> None:
    """The webhook hands the gateway the code to read out, takes the keys, and the page shows both ids."""
    visit.start("TOKEN_REISSUE")
    visit.press("choose_method", {"method": "LOGIN_ID"})
    typed = credentials(attrs.evolve(ORDINARY, password=visit.bank.customer(ORDINARY.ref).password), "LOGIN_ID")
    assert 303 == visit.press("submit_credentials", typed).status
    assert 303 == visit.press("submit_details", details(ORDINARY, phone_id(visit.open()))).status
    call_id = secrets.token_hex(8)
    said = json.loads(visit.report({"id": call_id, "number": "09012345601", "dialed": "0120417000"}).text)
    assert "ANNOUNCE" == said["status"]
    assert "VERIFIED" == json.loads(visit.report({"id": call_id, "digits": said["code"]}).text)["status"]
    page = visit.open()
    assert "BTR005" == heading(page)
    assert re.search(rf"SV\d{{8}} · US\d{{8}} · {re.escape(EMAIL)}", page)


@pytest.mark.rule("L1", "S5")
def test_a_refusal_is_shown_on_the_same_screen_without_the_secrets(visit: Visit) -> None:
    """A wrong PIN comes back with its reason on BIM017, and nothing secret that was typed is in the page."""
    _at_bim017(visit)
    entered = {**reset(), "new_password": "hidden-77", "new_password_confirm": "hidden-77", "pin": "9999"}
    answer = visit.press("submit_reset", entered)
    assert (200, "BIM017", ["wrong_pin"]) == (answer.status, heading(answer.text), codes(answer.text))
    assert [False, False] == [word in answer.text for word in ("hidden-77", "9999")]
    visit.press("submit_reset", {**entered, "pin": ORDINARY.pin})


@pytest.mark.rule("F1")
def test_what_was_typed_and_is_no_secret_is_filled_in_again(visit: Visit) -> None:
    """A form with one wrong field comes back with its reason and with the other fields as they were typed."""
    visit.start("RISK_BASED_AUTH")
    answer = visit.press("submit_identity", identity(ORDINARY) | {"name_kana": '<b>"x'})
    assert ("BIM015", ["format"]) == (heading(answer.text), codes(answer.text))
    assert 'value="taro@example.jp"' in answer.text
    assert "<b>" not in answer.text


def test_a_forged_csrf_token_is_refused_and_changes_nothing(visit: Visit) -> None:
    """A post without the page's own token, with a wrong or with another visitor's one is 403, at every form."""
    visit.start("LOGIN_PASSWORD")
    for token in ("", "0" * 64, "ｘ"):
        assert 403 == visit.press("cancel", csrfmiddlewaretoken=token).status
        assert 403 == visit.ask("POST", "/start", {"procedure": "LOGIN_PASSWORD", "csrfmiddlewaretoken": token}).status
    assert 403 == visit.ask("POST", "/reset", {"event": "cancel"}).status
    assert "BIM015" == heading(visit.open())


def test_another_visitors_csrf_token_is_refused(host: ModuleType, visit: Visit) -> None:
    """A token from a page that somebody else was given is of no use."""
    visit.start("LOGIN_PASSWORD")
    stranger = Visit(host.BANK, Browser(WIRES[host.__name__](host)))
    token = hidden(stranger.open("/"))["csrfmiddlewaretoken"]
    assert 403 == visit.press("cancel", csrfmiddlewaretoken=token).status
    assert "BIM015" == heading(visit.open())


def test_the_webhook_listens_to_the_gateway_alone(visit: Visit) -> None:
    """A report without a signature, or with one under another key, is refused and proves nothing."""
    visit.start("LOGIN_PASSWORD")
    visit.press("submit_identity", identity(ORDINARY))
    visit.press("choose_phone", {"phone_id": phone_id(visit.open())})
    said = {"id": "forged", "number": "+819012345601", "dialed": "0120417000"}
    assert visit.report(said, key=bytes(32)).status in {401, 403}
    assert visit.ask("POST", "/telephone", json.dumps(said).encode()).status in {401, 403}
    assert "PHONE" == heading(visit.open())
    assert "VERIFIED" == json.loads(visit.call().text)["status"]


@pytest.mark.rule("S1", "S8")
def test_the_token_is_in_a_cookie_that_scripts_and_other_sites_do_not_get(visit: Visit) -> None:
    """Cookies are Secure, HttpOnly and SameSite=Lax; no address and no page holds the session's token."""
    home = visit.ask("GET", "/")
    begun = visit.ask("POST", "/start", {**hidden(home.text), "procedure": "LOGIN_PASSWORD"})
    cookies = [*home.cookies, *begun.cookies]
    assert cookies
    for cookie in cookies:
        assert ["__host-", True, True, True] == [
            cookie.lower()[:7],
            *(mark in cookie.lower() for mark in ("secure", "httponly", "samesite=lax")),
        ]
    values = [cookie.split("=", 1)[1].split(";")[0] for cookie in begun.cookies]
    answer = visit.ask("GET", "/reset")
    assert [] == [value for value in values if value in f"{begun.to}{answer.text}"]
    assert "no-store" in answer.headers["cache-control"]
    assert "default-src 'none'; form-action 'self'" == answer.headers["content-security-policy"]
    assert "DENY" == answer.headers["x-frame-options"]


@pytest.mark.rule("A8")
def test_nonsense_leads_back_or_is_refused_and_never_fails(visit: Visit) -> None:
    """No session, an unknown procedure, an unknown event and a version that is no number get a page, not a 500."""
    assert (303, "/") == ((answer := visit.ask("GET", "/reset")).status, answer.to)
    home = hidden(visit.open("/"))
    assert (303, "/") == ((answer := visit.ask("POST", "/start", {**home, "procedure": "x"})).status, answer.to)
    visit.start("LOGIN_PASSWORD")
    assert ["event_not_available"] == codes(visit.press("to_DONE").text)
    assert ["stale", "event_not_available"] == codes(visit.press("submit_identity", version="²").text)
    assert ["stale", "event_not_available"] == codes(visit.press("submit_identity", version="0").text)
    assert 303 == visit.press("cancel").status
    assert "CANCELLED" == heading(visit.open())


@pytest.mark.rule("A8", "S2")
@pytest.mark.parametrize(
    "version",
    ["9" * 5_000, "9" * 50_000, "-1", "1.0", "1e3", "٣", "²", " 1", "0x1", "None", "\0", "<b>", ""],
    ids=lambda text: f"{text[:6]!r} {len(text)}",
)
def test_a_version_that_is_none_is_stale(visit: Visit, version: str) -> None:
    """Whatever stands in the hidden field: the answer is the present screen, and nothing has changed."""
    visit.start("LOGIN_PASSWORD")
    answer = visit.press("submit_identity", identity(ORDINARY), version=version)
    assert (200, "BIM015", ["stale"]) == (answer.status, heading(answer.text), codes(answer.text))
    assert "BIM015" == heading(visit.open())


@pytest.mark.rule("A8", "F14")
def test_fields_that_are_missing_are_told_and_never_fail(visit: Visit) -> None:
    """A form without any of the fields, the event, the version or the request id gets a page with reasons."""
    visit.start("LOGIN_PASSWORD")
    bare = {"csrfmiddlewaretoken": hidden(visit.open())["csrfmiddlewaretoken"]}
    home = {"csrfmiddlewaretoken": hidden(visit.open("/"))["csrfmiddlewaretoken"]}
    assert (303, "/") == ((answer := visit.ask("POST", "/start", home)).status, answer.to)
    assert ["stale"] == codes(visit.ask("POST", "/reset", bare).text)
    assert ["stale"] == codes(visit.ask("POST", "/reset", {**bare, "event": "cancel"}).text)
    empty = visit.press("submit_identity", request_id="")
    assert (200, {"required"}) == (empty.status, set(codes(empty.text)) - {"not_accepted"})
    assert 200 == visit.ask("POST", "/reset", {**bare, "version": "1"}).status


@pytest.mark.rule("A8", "S2")
def test_fields_that_come_twice_are_read_once(visit: Visit) -> None:
    """Of two values one is taken: the answer is a page or the next screen, and the customer can go on."""
    visit.start("LOGIN_PASSWORD")
    for name, wrong in (("version", "9" * 5_000), ("event", "to_DONE"), ("request_id", ""), ("branch", "999")):
        form = [*({**hidden(visit.open()), **identity(ORDINARY), "event": "back"}).items(), (name, wrong)]
        body = urlencode([(name, wrong), *form]).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        assert visit.ask("POST", "/reset", body, kind).status in {200, 303}
    assert 303 == visit.press("submit_identity", identity(ORDINARY)).status


@pytest.mark.rule("A8")
@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b'{"event": "cancel"}'),
        ("text/plain", b"event=cancel"),
        ("", b"event=cancel"),
        ("multipart/form-data", b"event=cancel"),
        ("multipart/form-data; boundary=x", b"--x\r\nbroken"),
        ("multipart/form-data; boundary=", b"--\r\n\r\n"),
        ("application/x-www-form-urlencoded; charset=no-such", b"event=cancel"),
        ("application/x-www-form-urlencoded", b"%ff=%00&csrfmiddlewaretoken=%ed%a0%80&=&&"),
    ],
)
def test_another_content_type_is_refused_and_changes_nothing(visit: Visit, kind: str, body: bytes) -> None:
    """No form of ours: the host refuses it, at each of its forms."""
    visit.start("LOGIN_PASSWORD")
    for path in ("/reset", "/start"):
        assert visit.ask("POST", path, body, {"Content-Type": kind}).status in {400, 403, 415}
    assert "BIM015" == heading(visit.open())


@pytest.mark.rule("A8")
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"null",
        b"5",
        b"true",
        b'"digits"',
        b"[]",
        b"[1]",
        b'["digits"]',
        b"{}",
        b"[" * 50_000,
        b'{"id": ' + b"9" * 5_000 + b"}",
        b'{"number": "+819012345601"}',
        b'{"id": null, "number": "+819012345601"}',
        b'{"id": 7, "number": "+819012345601"}',
        b'{"id": "x", "number": 819012345601}',
        b'{"id": "x", "number": ["+819012345601"]}',
        b'{"id": "x", "dialed": {}}',
    ],
    ids=lambda body: f"{body[:32]!r} {len(body)}",
)
def test_a_webhook_that_is_no_report_is_refused_as_such(visit: Visit, body: bytes) -> None:
    """A signed body that is no JSON object, or has no call's id and texts in it, is 400, which no gateway repeats."""
    assert 400 == visit.webhook(body).status


@pytest.mark.rule("A8", "P3", "P9", "P10")
def test_a_call_that_shows_no_number_is_a_call(visit: Visit) -> None:
    """A report without `number`, with null or with nonsense there, and one without `dialed`, is unmatched."""
    for said in ({}, {"number": None}, {"number": "anonymous"}, {"number": "\ud800"}, {"number": "", "dialed": None}):
        answer = visit.report({"id": secrets.token_hex(8), **said})
        assert (200, "UNMATCHED") == (answer.status, json.loads(answer.text)["status"])


@pytest.mark.rule("A8", "P4", "P9")
def test_keys_of_a_call_that_is_none_are_answered(visit: Visit) -> None:
    """Keys without a call's id, or that are no text, prove nothing and are no failure."""
    reports: list[dict[str, object]] = [
        {"digits": "1"},
        {"id": None, "digits": "1"},
        {"id": "x", "digits": 123456},
        {"id": "x", "digits": None},
        {"id": "x" * 5_000, "digits": "1" * 5_000, "entry": "e" * 5_000},
        {"id": "x", "digits": "1", "entry": {}},
        {"id": "x", "digits": "1", "entry": 7},
    ]
    for said in reports:
        answer = visit.report(said)
        assert (200, "UNMATCHED") == (answer.status, json.loads(answer.text)["status"])


@pytest.mark.rule("E2", "A8")
def test_an_institution_that_the_bank_does_not_know_leads_back(visit: Visit) -> None:
    """No customer sees an exception of the host's configuration."""
    home = hidden(visit.open("/"))
    visit.bank.answer("institution", None)
    answer = visit.ask("POST", "/start", {**home, "procedure": "LOGIN_PASSWORD"})
    assert (303, "/") == (answer.status, answer.to)


@pytest.mark.parametrize("path", ["/", "/reset"])
def test_a_link_from_outside_keeps_the_reset_and_the_open_page(visit: Visit, path: str) -> None:
    """Whoever follows a link in a mail, or comes back from a search, goes on where he was, and so does an open tab."""
    visit.start("LOGIN_PASSWORD")
    before = hidden(visit.open())
    answer = visit.ask("GET", path, from_outside=True)
    assert 200 == answer.status
    assert "BIM015" == heading(visit.open())
    sent = visit.ask("POST", "/reset", {**before, **identity(ORDINARY), "event": "submit_identity"})
    assert (303, "/reset") == (sent.status, sent.to)
    assert "BIM016" == heading(visit.open())


def test_a_form_from_outside_is_refused_and_takes_nothing_away(visit: Visit) -> None:
    """Another site's form brings no cookie, gets 403, and sets none: the reset goes on."""
    visit.start("LOGIN_PASSWORD")
    before = hidden(visit.open())
    for path in ("/reset", "/start", "/telephone"):
        answer = visit.ask("POST", path, {"event": "cancel", "procedure": "LOGIN_PASSWORD"}, from_outside=True)
        assert (True, []) == (answer.status in {401, 403}, answer.cookies)
    assert "BIM015" == heading(visit.open())
    assert 303 == visit.ask("POST", "/reset", {**before, **identity(ORDINARY), "event": "submit_identity"}).status


def test_a_host_behind_a_proxy_that_ends_tls_takes_its_own_forms(visit: Visit) -> None:
    """A browser says https in Origin while the proxy speaks plain HTTP with the host, and tells so."""
    proxied = {"X-Forwarded-Proto": "https", "Host": "localhost"}
    home = visit.ask("GET", "/", None, proxied)
    form = {**hidden(home.text), "procedure": "LOGIN_PASSWORD"}
    begun = visit.ask("POST", "/start", form, {**proxied, "Origin": ORIGIN})
    assert (303, "/reset") == (begun.status, begun.to)


def test_each_program_is_short() -> None:
    """A hundred lines each, or fewer."""
    assert sorted([*WIRES, "limit_host"]) == sorted(path.stem for path in FOLDER.glob("*.py"))
    assert [] == [path.name for path in FOLDER.glob("*.py") if len(path.read_text("utf-8").splitlines()) > 100]


def test_a_procedure_of_a_hosts_own_is_one_argument(limits: Visit) -> None:
    """Its button is on the menu, its pages are shown, and the bank is told the amount; no page or route knows it."""
    assert "振込限度額の変更" in limits.open("/")
    limits.start("TRANSFER_LIMIT")
    assert 303 == limits.press("log_in", credentials(ORDINARY, "LOGIN_ID")).status
    assert 303 == limits.press("choose_phone", {"phone_id": phone_id(limits.open())}).status
    assert "VERIFIED" == json.loads(limits.call().text)["status"]
    refused = limits.press("change_limit", {"new_limit": "0", "pin": ORDINARY.pin})
    assert ["format"] == codes(refused.text)
    assert 303 == limits.press("change_limit", {"new_limit": "1500000", "pin": ORDINARY.pin}).status
    assert "1日1,500,000円" in limits.open()
    assert {"limit": "1500000"} == dict(limits.bank.carried_out[0].data)
