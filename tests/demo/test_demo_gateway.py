"""The webhooks of telephone gateways: who may speak to them, and that what is said twice counts once."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hmac import digest
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import attrs
import httpx
import pytest

from demo_site import GATEWAY, PLAIN, TWILIO, UNLIMITED, Site, Visitor, served, visiting
from hosts import Host, details
from ja_reset import Secret
from ja_reset.demo._cookies import SESSION
from ja_reset.demo._events import mark
from ja_reset.demo._gateway import NONCE, SIGNATURE, TIME
from ja_reset.demo._world import make_world
from ja_reset.telephony import generic
from ja_reset.telephony._scripts import _KANA
from ja_reset.testing import FakeClock

CLOCK = FakeClock()
NUMBERS = count(1)
RECORDED = json.loads((Path(__file__).parent / "data" / "twilio_requests.json").read_text("utf-8"))
FORM = "application/x-www-form-urlencoded"


@contextmanager
def _waiting() -> Iterator[tuple[Site, Visitor]]:
    """A demo whose clock stands still, and a customer of TOKEN_REISSUE who waits for the call."""
    with served(make_world(clock=FakeClock())) as site, visiting(site) as new:
        new.start("TOKEN_REISSUE")
        new.log_in()
        new.press("submit_details", details(new.customer, new.phone_id()))
        assert "BTR004" in new.page
        yield site, new


@pytest.fixture
def waiting() -> Iterator[tuple[Site, Visitor]]:
    """The two of one test."""
    with _waiting() as both:
        yield both


@pytest.fixture(scope="module")
def still_waiting() -> Iterator[tuple[Site, Visitor]]:
    """The two of all tests in which nothing may change."""
    with _waiting() as both:
        yield both


@pytest.fixture
def site(waiting: tuple[Site, Visitor]) -> Site:
    """The demo."""
    return waiting[0]


@pytest.fixture
def visitor(waiting: tuple[Site, Visitor]) -> Visitor:
    """The customer."""
    return waiting[1]


def report(
    site: Site,
    kind: str,
    message: object,
    *,
    key: Secret = GATEWAY,
    seconds: int = 0,
    nonce: str | None = None,
    altered: bytes | None = None,
    content_type: str = "application/json",
    **headers: str,
) -> httpx.Response:
    """A message to the webhook for *kind*, signed as the gateway signs, unless told otherwise; *seconds* is its age."""
    said = {"kind": kind, **message} if isinstance(message, dict) and "kind" not in message else message
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    at, nonce = int(CLOCK.now.timestamp()) - seconds, nonce or f"nonce-{next(NUMBERS):010}"
    signature = generic.sign(body, timestamp=at, nonce=nonce, key=key)
    sent = {TIME: str(at), NONCE: nonce, SIGNATURE: signature, "Content-Type": content_type, **headers}
    return httpx.post(f"{site.address}/gateway/{kind}", content=altered or body, headers=sent, verify=PLAIN)


def call(visitor: Visitor, name: str = "call-1") -> dict[str, object]:
    """The report of a call from the customer's phone."""
    about = {"presentation": "allowed", "source": "network", "dialed": "0120-417-000"}
    return {"call_id": name, "number": visitor.number, **about}


def code_of(answer: httpx.Response) -> str:
    """The code that is to be read out."""
    return next("".join(step["digits"]) for step in answer.json()["steps"] if step["do"] == "say_digits")


@pytest.mark.rule("P3", "P4")
def test_a_call_and_its_keys_prove_the_phone(site: Site, visitor: Visitor) -> None:
    """The answer to a call has the code to read out; the right keys lead on."""
    answer = report(site, "call", call(visitor))
    assert "ANNOUNCE" == answer.json()["status"]
    keys = {"call_id": "call-1", "entry_id": "1", "digits": code_of(answer)}
    assert "VERIFIED" == report(site, "keys", keys).json()["status"]
    assert "BTR005" in visitor.get("/application")


@pytest.mark.rule("P4")
def test_the_page_learns_that_the_call_is_over(site: Site, visitor: Visitor) -> None:
    """The end of the call is reported, too, and another call may follow."""
    report(site, "call", call(visitor))
    assert "ENDED" == report(site, "end", {"call_id": "call-1"}).json()["status"]
    assert "ANNOUNCE" == report(site, "call", call(visitor, "call-2")).json()["status"]


@pytest.mark.rule("P3")
def test_the_same_call_reported_again_is_answered_the_same(site: Site, visitor: Visitor) -> None:
    """A webhook's retry, under a nonce of its own, brings the first answer, the code too, and no new call."""
    first = report(site, "call", call(visitor))
    assert first.json() == report(site, "call", call(visitor)).json()


@pytest.mark.rule("P4")
def test_the_same_entry_of_keys_counts_once(site: Site, visitor: Visitor) -> None:
    """Wrong keys that are reported again cost one try; with another number they are another entry."""
    report(site, "call", call(visitor))
    for _ in range(5):
        answer = report(site, "keys", {"call_id": "call-1", "entry_id": "1", "digits": "000"})
        assert "RETRY" == answer.json()["status"]
    assert "あと2回" in visitor.get("/application")
    report(site, "keys", {"call_id": "call-1", "entry_id": "2", "digits": "000"})
    assert "あと1回" in visitor.get("/application")


@pytest.mark.rule("A8")
@pytest.mark.parametrize(
    "wrong",
    [
        {"key": Secret("x" * 32)},
        {"seconds": 301},
        {"seconds": -301},
        {SIGNATURE: ""},
        {TIME: ""},
        {TIME: "soon"},
        {TIME: "9" * 40},
        {NONCE: ""},
        {NONCE: "n"},
        {"altered": b'{"kind": "call", "call_id": "call-1"}'},
    ],
    ids=str,
)
def test_a_message_that_is_not_the_gateways_is_refused(
    still_waiting: tuple[Site, Visitor], wrong: dict[str, object]
) -> None:
    """Another key, a time too far away, no or another nonce or time, or altered octets: 403, and nothing happens."""
    site, visitor = still_waiting
    answer = report(site, "call", call(visitor), **wrong)  # type: ignore[arg-type]  # options by name
    assert (403, {"error": 403}) == (answer.status_code, answer.json())
    assert "お電話をお待ちしています" in visitor.get("/application")
    assert "お電話がつながりました。" not in visitor.page


@pytest.mark.rule("A8")
def test_a_replay_is_refused(site: Site, visitor: Visitor) -> None:
    """What was recorded on its way and is posted again: 403, whatever it is about."""
    keys = {"call_id": "call-1", "digits": "000"}
    report(site, "call", call(visitor))
    assert 200 == report(site, "keys", keys, nonce="nonce-of-the-keys").status_code
    for _ in range(3):
        assert 403 == report(site, "keys", keys, nonce="nonce-of-the-keys").status_code
    assert "あと2回" in visitor.get("/application")


def test_a_message_without_a_signature_is_refused(site: Site) -> None:
    """No signature is a wrong one; what is no JSON is not read."""
    assert 403 == httpx.post(f"{site.address}/gateway/call", json={"call_id": "call-1"}, verify=PLAIN).status_code
    assert 415 == httpx.post(f"{site.address}/gateway/call", data={"call_id": "call-1"}, verify=PLAIN).status_code
    assert 415 == httpx.post(f"{site.address}/twilio/call", json={"CallSid": "call-1"}, verify=PLAIN).status_code


def test_the_age_of_a_message_is_not_that_of_the_demo(site: Site, visitor: Visitor) -> None:
    """A player who has put the demo's clock forward can still call."""
    visitor.post("/stage/time", {"seconds": "660", "page": "/application"})
    assert 200 == report(site, "call", call(visitor)).status_code


@pytest.mark.rule("A8")
@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"{",
        b"\xff",
        b"[" * 4_000,
        [],
        None,
        {},
        {"kind": "end", "call_id": "c"},
        {"call_id": 1, "number": None, "source": "network", "presentation": "unavailable"},
        {"call_id": "", "number": None, "source": "network", "presentation": "unavailable"},
        {"call_id": "c", "number": 1, "source": "network", "presentation": "allowed"},
        {"call_id": "c", "number": None, "source": "nobody", "presentation": "unavailable"},
        {"call_id": "c", "number": None, "source": "network", "presentation": "unavailable", "diverted": "yes"},
        {"call_id": "c", "number": None, "source": "network", "presentation": []},
        {"call_id": "c", "number": None, "source": "network", "presentation": "allowed"},
        {"call_id": "c", "source": "network", "presentation": "unavailable", "received_at": "2026-04-01T10:00:00"},
        {"call_id": "c", "source": "network", "presentation": "unavailable", "received_at": "yesterday"},
        {"call_id": "c", "source": "network", "presentation": "unavailable", "more": "fields"},
    ],
)
def test_a_signed_message_that_makes_no_sense_is_refused(still_waiting: tuple[Site, Visitor], message: object) -> None:
    """The gateway is told 400, whatever it sent; never a failure of ours."""
    site, _ = still_waiting
    assert 400 == report(site, "call", message).status_code
    assert 400 == report(site, "keys", message).status_code


@pytest.mark.rule("P9", "P10")
def test_a_stranger_s_call_is_unmatched(site: Site, visitor: Visitor) -> None:
    """A call that fits nobody is answered as such, and the customer's page stays as it is."""
    answer = report(site, "call", call(visitor) | {"number": "09099990001"}).json()
    assert "UNMATCHED" == answer["status"]
    withheld = report(site, "call", call(visitor, "call-2") | {"presentation": "restricted"}).json()
    assert ("UNMATCHED", ["withheld"]) == (withheld["status"], withheld["reasons"])
    assert "BTR004" in visitor.get("/application")


@pytest.mark.rule("P7")
def test_the_stream_tells_the_page_of_the_call(site: Site, visitor: Visitor) -> None:
    """A page that listens hears `moved` once the gateway has reported, and at once where it is already out of date."""
    shown = visitor.page.partition('data-live="')[2].partition('"')[0]
    assert shown == visitor.client.get("/application/state").json()["mark"]
    with visitor.client.stream("GET", f"/application/events?shown={shown}") as stream:
        lines = stream.iter_lines()
        assert "retry: 2000" == next(lines)
        report(site, "call", call(visitor))
        assert "event: moved" in lines
    with visitor.client.stream("GET", f"/application/events?shown={shown}") as stream:
        assert "event: moved" in stream.iter_lines()


@pytest.mark.rule("P11")
def test_a_page_moves_for_each_thing_that_it_shows() -> None:
    """What changes under the same version, such as the number to call, is another mark; an equal view has the same."""
    host = Host()
    view = host.at_phone()
    assert mark(view) == mark(host.look())
    others: list[dict[str, Any]] = [{"dial": "0120-555-001"}, {"busy": True}, {"windows_left": 9}, {"version": 99}]
    for change in others:
        assert mark(view) != mark(attrs.evolve(view, **change)), change


def test_who_has_no_session_is_told_to_move(site: Site) -> None:
    """A page without a session behind it is out of date."""
    answer = httpx.get(f"{site.address}/application/events?shown=", verify=PLAIN)
    assert "event: moved" in answer.text.splitlines()
    assert {"mark": None} == httpx.get(f"{site.address}/application/state", verify=PLAIN).json()


# Twilio ---------------------------------------------------------------------------------------------------------------


def signed(url: str, form: Mapping[str, str], token: str = TWILIO.reveal()) -> str:
    """The signature as Twilio's page on webhooks' security makes it."""
    text = url + "".join(f"{name}{form[name]}" for name in sorted(form))
    return b64encode(digest(token.encode(), text.encode(), "sha1")).decode()


def post(site: Site, kind: str, form: Mapping[str, str], *, url: str | None = None, **headers: str) -> httpx.Response:
    """What Twilio posts, signed for the address that it posts to, or for *url*."""
    address = f"{site.address}/twilio/{kind}"
    sent = {"X-Twilio-Signature": signed(url or address, form), "Content-Type": FORM, **headers}
    return httpx.post(address, content=urlencode(form), headers=sent, verify=PLAIN)


def recorded(name: str) -> dict[str, str]:
    """The form of a recorded request."""
    return dict(parse_qsl(RECORDED[name]["body"], keep_blank_values=True))


@pytest.mark.rule("P3", "P8")
def test_from_a_number_to_a_first_proved_session() -> None:
    """LOGIN_PASSWORD: the page waits, the recorded call is posted as docs/demo.md has it, and the page goes on."""
    one = RECORDED["call"]
    settings = attrs.evolve(UNLIMITED, twilio_token=Secret(one["token"]))
    with served(settings=settings) as site, visiting(site) as visitor:
        visitor.start("LOGIN_PASSWORD")
        visitor.identify()
        visitor.press("choose_phone", {"phone_id": visitor.phone_id()})
        headers = {"Host": "127.0.0.1:8417", "X-Twilio-Signature": one["signature"], "Content-Type": FORM}
        answer = httpx.post(f"{site.address}/twilio/call", content=one["body"], headers=headers, verify=PLAIN)
        assert (200, "text/xml; charset=utf-8") == (answer.status_code, answer.headers["content-type"])
        assert '<Reject reason="busy"/>' in answer.text
        assert "BIM017" in visitor.get("/application")


@pytest.mark.rule("P4")
def test_twilio_s_keys_and_end_are_taken(site: Site, visitor: Visitor) -> None:
    """TOKEN_REISSUE: the code is said and gathered, a retry of the keys counts once, and the end is told."""
    answer = post(site, "call", recorded("call"))
    assert '<Gather input="dtmf"' in answer.text
    assert 'action="/twilio/keys"' in answer.text
    wrong = recorded("keys") | {"Digits": "000"}
    for _ in range(3):
        post(site, "keys", wrong, **{"I-Twilio-Idempotency-Token": "one"})
    assert "あと2回" in visitor.get("/application")
    ended = post(site, "end", recorded("end"))
    assert (204, "") == (ended.status_code, ended.text)
    assert "BTR004" in visitor.get("/application")
    again = post(site, "call", recorded("call") | {"CallSid": "CA2"})
    words = again.text.partition('<prosody rate="slow">')[2].partition("</prosody>")[0]
    code = "".join(str(_KANA.index(word)) for word in words.split('<break time="500ms"/>'))
    post(site, "keys", recorded("keys") | {"CallSid": "CA2", "Digits": code})
    assert "BTR005" in visitor.get("/application")


@pytest.mark.rule("A8")
@pytest.mark.parametrize(
    ("form", "headers", "status"),
    [
        ({}, {"X-Twilio-Signature": ""}, 403),
        ({}, {"X-Twilio-Signature": "AAAA"}, 403),
        ({}, {"X-Twilio-Signature": signed("https://else.example/twilio/call", recorded("call"))}, 403),
        ({"CallSid": ""}, {}, 400),
        ({"To": ""}, {}, 400),
        ({"CallStatus": ""}, {}, 400),
        ({"CallStatus": "completed"}, {}, 400),
        ({"Direction": "outbound-api"}, {}, 400),
        ({"Caller": "+819099990001"}, {}, 400),
        ({"From": "+8190" + "1" * 2000}, {}, 400),
    ],
    ids=str,
)
def test_what_is_not_twilio_s_or_no_call_is_refused(
    still_waiting: tuple[Site, Visitor], form: dict[str, str], headers: dict[str, str], status: int
) -> None:
    """A bad signature: 403. A field that is missing, or says something else: 400. Nothing changes."""
    site, visitor = still_waiting
    answer = post(site, "call", recorded("call") | form, **headers)
    assert (status, "") == (answer.status_code, answer.text)
    assert "お電話をお待ちしています" in visitor.get("/application")


@pytest.mark.rule("P3")
def test_a_call_that_is_posted_again_changes_nothing(site: Site, visitor: Visitor) -> None:
    """A replay gets the first answer, and is no new call."""
    first = post(site, "call", recorded("call"))
    assert first.text == post(site, "call", recorded("call")).text
    post(site, "end", recorded("end"))
    token = visitor.client.cookies[SESSION]
    over = asyncio.run(site.world.service.view(token))
    post(site, "call", recorded("call"))
    assert over == asyncio.run(site.world.service.view(token))


def test_through_a_tunnel_the_public_address_is_signed() -> None:
    """With `--public-host`, the address is the one that the tunnel tells; what it does not tell is refused."""
    settings = attrs.evolve(UNLIMITED, public_host="reset.example", hosts=frozenset({"127.0.0.1", "reset.example"}))
    with served(make_world(clock=FakeClock()), settings) as site:
        public = "https://reset.example/twilio/call"
        tunnel = {"Host": "reset.example", "X-Forwarded-Proto": "https"}
        assert 200 == post(site, "call", recorded("call"), url=public, **tunnel).status_code
        assert 403 == post(site, "call", recorded("call"), **tunnel).status_code
        assert 403 == post(site, "call", recorded("call"), url=public).status_code
        other = {**tunnel, "X-Forwarded-Host": "else.example"}
        assert 403 == post(site, "call", recorded("call"), url=public, **other).status_code


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_the_recorded_requests_are_signed_as_twilio_signs(name: str) -> None:
    """The signatures of docs/demo.md, with the token and the address that stand with them."""
    one = RECORDED[name]
    assert one["signature"] == signed(one["url"], recorded(name), one["token"])


def test_the_page_of_the_demo_has_the_recorded_call() -> None:
    """docs/demo.md: what is pasted there is what was tried here."""
    page = (Path(__file__).parents[2] / "docs" / "demo.md").read_text("utf-8")
    one = RECORDED["call"]
    assert f"TWILIO_AUTH_TOKEN={one['token']} ja-reset demo" in page
    assert f"curl {one['url']} -H 'X-Twilio-Signature: {one['signature']}'" in page
    assert f"--data '{one['body']}'" in page
