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
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import attrs
import pytest

from ja_reset.testing import FakeBank, credentials, identity
from ja_reset.testing.cast import ORDINARY
from ja_reset.values import EffectKind

FOLDER = Path(__file__).parent.parent / "docs" / "hosts"
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


class Browser(Protocol):
    """Keeps cookies, follows no redirect."""

    def __call__(self, method: str, path: str, data: object = None, headers: Mapping[str, str] | None = None) -> Answer:
        """Ask; a mapping is posted as a form, octets as they are."""


def _answer(status: int, text: str, headers: list[tuple[str, str]]) -> Answer:
    named = {name.lower(): value for name, value in headers}
    cookies = [value for name, value in headers if name.lower() == "set-cookie"]
    return Answer(status, text, named.get("location"), named, cookies)


def _fastapi(module: ModuleType) -> Browser:
    import httpx  # noqa: PLC0415 - each framework is loaded by its own tests

    cookies = httpx.Cookies()

    async def asked(method: str, path: str, body: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(module.app)
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, cookies=cookies) as client:
            response = await client.request(method, path, **body)
            cookies.update(client.cookies)
            return response

    def ask(method: str, path: str, data: object = None, headers: Mapping[str, str] | None = None) -> Answer:
        body: dict[str, Any] = {"content": data} if isinstance(data, bytes) else {"data": data}
        got = asyncio.run(asked(method, path, {"headers": headers, **body}))
        return _answer(got.status_code, got.text, got.headers.multi_items())

    return ask


def _flask(module: ModuleType) -> Browser:
    client = module.app.test_client()

    def ask(method: str, path: str, data: object = None, headers: Mapping[str, str] | None = None) -> Answer:
        got = client.open(path, method=method, data=data, headers=headers, base_url=ORIGIN)
        return _answer(got.status_code, got.get_data(as_text=True), list(got.headers.items()))

    return ask


def _django(_: ModuleType) -> Browser:
    from django.test import Client  # type: ignore[import-untyped]  # noqa: PLC0415 - as above

    client = Client(enforce_csrf_checks=True, SERVER_NAME="localhost")

    def ask(method: str, path: str, data: object = None, headers: Mapping[str, str] | None = None) -> Answer:
        kind = {"content_type": "application/json"} if isinstance(data, bytes) else {}
        sent = {"Referer": f"{ORIGIN}/", **(headers or {})}
        got = getattr(client, method.lower())(path, data, secure=True, headers=sent, **kind)
        cookies = [("Set-Cookie", morsel.OutputString()) for morsel in got.cookies.values()]
        return _answer(got.status_code, got.content.decode(), [*got.headers.items(), *cookies])

    return ask


BROWSERS: Mapping[str, Callable[[ModuleType], Browser]] = {
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

    def report(self, said: Mapping[str, str | None], key: bytes = TELEPHONE_KEY) -> Answer:
        """Say something as the telephone gateway."""
        body = json.dumps(said).encode()
        signature = hmac.digest(key, body, "sha256").hex()
        return self.ask("POST", "/telephone", body, {"X-Signature": signature})

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


@pytest.fixture(scope="module", params=list(BROWSERS))
def host(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """One of the programs, loaded as it stands."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RESET_KEY", secrets.token_hex(32))
        patch.setenv("TELEPHONE_KEY", TELEPHONE_KEY.hex())
        patch.setenv("RESET_DB", str(tmp_path_factory.mktemp(request.param) / "reset.db"))
        spec = importlib.util.spec_from_file_location(request.param, FOLDER / f"{request.param}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        patch.setitem(sys.modules, request.param, module)
        spec.loader.exec_module(module)
        yield module


@pytest.fixture
def visit(host: ModuleType) -> Visit:
    """A browser of its own at that program; no number rests from the test before."""
    host.BANK.change(ORDINARY.ref, phones=ORDINARY.contract.phones)
    return Visit(host.BANK, BROWSERS[host.__name__](host))


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
    entered = {"new_password": "Aki-2026!", "new_password_confirm": "aki-2026!", "pin": ORDINARY.pin}
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
    details = {"email": "new@example.jp", "email_confirm": "new@example.jp", "phone_id": phone_id(visit.open())}
    secret = {"activation_password": "24680", "activation_password_confirm": "24680"}
    assert 303 == visit.press("submit_details", {**details, **secret}).status
    call_id = secrets.token_hex(8)
    said = json.loads(visit.report({"id": call_id, "number": "09012345601", "dialed": "0120417000"}).text)
    assert "ANNOUNCE" == said["status"]
    assert "VERIFIED" == json.loads(visit.report({"id": call_id, "digits": said["code"]}).text)["status"]
    page = visit.open()
    assert "BTR005" == heading(page)
    assert re.search(r"SV\d{8} · US\d{8} · new@example\.jp", page)


@pytest.mark.rule("L1", "S5")
def test_a_refusal_is_shown_on_the_same_screen_without_the_secrets(visit: Visit) -> None:
    """A wrong PIN comes back with its reason on BIM017, and nothing secret that was typed is in the page."""
    _at_bim017(visit)
    entered = {"new_password": "hidden-77", "new_password_confirm": "hidden-77", "pin": "9999"}
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
    stranger = Visit(host.BANK, BROWSERS[host.__name__](host))
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
    """Cookies are Secure, HttpOnly and SameSite=Strict; no address and no page holds the session's token."""
    home = visit.ask("GET", "/")
    begun = visit.ask("POST", "/start", {**hidden(home.text), "procedure": "LOGIN_PASSWORD"})
    cookies = [*home.cookies, *begun.cookies]
    assert cookies
    for cookie in cookies:
        assert ["__host-", True, True, True] == [
            cookie.lower()[:7],
            *(mark in cookie.lower() for mark in ("secure", "httponly", "samesite=strict")),
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
    assert ["stale"] == codes(visit.press("submit_identity", version="²").text)
    assert ["stale"] == codes(visit.press("submit_identity", version="0").text)
    assert 303 == visit.press("cancel").status
    assert "CANCELLED" == heading(visit.open())


def test_each_program_is_short() -> None:
    """A hundred lines each, or fewer."""
    assert sorted(BROWSERS) == sorted(path.stem for path in FOLDER.glob("*.py"))
    assert [] == [path.name for path in FOLDER.glob("*.py") if len(path.read_text("utf-8").splitlines()) > 100]
