"""The webhook of the telephone gateway: who may speak to it, and that what is said twice counts once."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest

from demo_site import GATEWAY, Site, Visitor, served, visiting
from hosts import details
from ja_reset.demo._gateway import SIGNATURE, TIME, sign
from ja_reset.demo._world import make_world
from ja_reset.testing import FakeClock

CLOCK = FakeClock()


@pytest.fixture
def site() -> Iterator[Site]:
    """A demo whose clock stands still."""
    with served(make_world(clock=FakeClock())) as running:
        yield running


@pytest.fixture
def visitor(site: Site) -> Iterator[Visitor]:
    """A customer of TOKEN_REISSUE who waits for the call."""
    with visiting(site) as new:
        new.start("TOKEN_REISSUE")
        new.log_in()
        new.press("submit_details", details(new.customer, new.phone_id()))
        assert "BTR004" in new.page
        yield new


def at(seconds: int = 0) -> str:
    """The gateway's clock, as its messages say it."""
    return str(int(CLOCK.now.timestamp()) + seconds)


def report(
    site: Site,
    kind: str,
    message: object,
    *,
    secret: bytes = GATEWAY,
    sent_at: str | None = None,
    signed_as: str | None = None,
    altered: bytes | None = None,
    content_type: str = "application/json",
) -> httpx.Response:
    """A message to the webhook, signed as the gateway signs, unless told otherwise."""
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    sent_at = at() if sent_at is None else sent_at
    headers = {TIME: sent_at, SIGNATURE: sign(secret, signed_as or kind, sent_at, body), "Content-Type": content_type}
    return httpx.post(f"{site.address}/gateway/{kind}", content=altered or body, headers=headers)


def call(visitor: Visitor, name: str = "call-1") -> dict[str, object]:
    """The report of a call from the customer's phone."""
    return {"id": name, "number": visitor.number, "source": "NETWORK", "dialed": "0120-417-000"}


@pytest.mark.rule("P3", "P4")
def test_a_call_and_its_keys_prove_the_phone(site: Site, visitor: Visitor) -> None:
    """The answer to a call has the code to read out; the right keys lead on."""
    answer = report(site, "calls", call(visitor)).json()
    assert "ANNOUNCE" == answer["status"]
    keys = {"call": "call-1", "entry": 1, "digits": answer["code"]}
    said, digits = answer["steps"][1], [step for step in answer["steps"] if step["do"] == "say_digits"]
    assert "This call reissues a one-time password." == said["text"]["en"]
    assert list(answer["code"]) == digits[0]["digits"]
    proved = report(site, "keys", keys).json()
    assert ("VERIFIED", None, []) == (proved["status"], proved["code"], proved["reasons"])
    assert ["say", "hang_up"] == [step["do"] for step in proved["steps"]]
    assert "BTR005" in visitor.get("/application")


@pytest.mark.rule("P3")
def test_the_same_call_reported_again_is_answered_the_same(site: Site, visitor: Visitor) -> None:
    """A replay of the webhook's message brings the first answer, the code too, and no new call."""
    first = report(site, "calls", call(visitor))
    assert first.json() == report(site, "calls", call(visitor)).json()


@pytest.mark.rule("P4")
def test_the_same_entry_of_keys_counts_once(site: Site, visitor: Visitor) -> None:
    """Replayed wrong keys cost one try; with another number they are another entry."""
    report(site, "calls", call(visitor))
    for _ in range(5):
        assert "RETRY" == report(site, "keys", {"call": "call-1", "entry": 1, "digits": "000"}).json()["status"]
    assert "あと2回" in visitor.get("/application")
    report(site, "keys", {"call": "call-1", "entry": 2, "digits": "000"})
    assert "あと1回" in visitor.get("/application")


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": b"x" * 32},
        {"secret": b""},
        {"sent_at": at(-301)},
        {"sent_at": at(301)},
        {"sent_at": ""},
        {"sent_at": "soon"},
        {"sent_at": "9" * 40},
        {"signed_as": "keys"},
        {"altered": b'{"id": "call-1"}'},
    ],
    ids=str,
)
def test_a_message_that_is_not_the_gateways_is_refused(site: Site, visitor: Visitor, wrong: dict[str, object]) -> None:
    """Another key, a time too far away, another kind, or altered octets: 401, and nothing happens."""
    answer = report(site, "calls", call(visitor), **wrong)  # type: ignore[arg-type]  # options by name
    assert (401, {"error": 401}) == (answer.status_code, answer.json())
    assert "お電話をお待ちしています" in visitor.get("/application")
    assert "お電話がつながりました。" not in visitor.page


def test_a_message_without_a_signature_is_refused(site: Site) -> None:
    """No signature is a wrong one."""
    assert 401 == httpx.post(f"{site.address}/gateway/calls", json={"id": "call-1"}).status_code
    assert 415 == httpx.post(f"{site.address}/gateway/calls", data={"id": "call-1"}).status_code


@pytest.mark.rule("A8")
@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"{",
        b"\xff",
        b"[" * 30_000,
        [],
        None,
        {},
        {"id": 1, "number": None, "source": "NETWORK"},
        {"id": "", "number": None, "source": "NETWORK"},
        {"id": "c", "number": 1, "source": "NETWORK"},
        {"id": "c", "number": None, "source": "nobody"},
        {"id": "c", "number": None, "source": "NETWORK", "diverted": "yes"},
        {"id": "c", "number": None, "source": "NETWORK", "presentation": []},
        {"id": "c", "number": None, "source": "NETWORK", "received_at": "2026-04-01T10:00:00"},
        {"id": "c", "number": None, "source": "NETWORK", "received_at": "yesterday"},
    ],
)
def test_a_signed_message_that_makes_no_sense_is_refused(site: Site, message: object) -> None:
    """The gateway is told 400, whatever it sent; never a failure of ours."""
    assert 400 == report(site, "calls", message).status_code
    assert 400 == report(site, "keys", message).status_code


@pytest.mark.rule("P9", "P10")
def test_a_stranger_s_call_is_unmatched(site: Site, visitor: Visitor) -> None:
    """A call that fits nobody is answered as such, and the customer's page stays as it is."""
    answer = report(site, "calls", call(visitor) | {"number": "09099990001"}).json()
    assert "UNMATCHED" == answer["status"]
    withheld = report(site, "calls", call(visitor, "call-2") | {"presentation": "RESTRICTED"}).json()
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
        report(site, "calls", call(visitor))
        assert "event: moved" in lines
    with visitor.client.stream("GET", f"/application/events?shown={shown}") as stream:
        assert "event: moved" in stream.iter_lines()


def test_who_has_no_session_is_told_to_move(site: Site) -> None:
    """A page without a session behind it is out of date."""
    answer = httpx.get(f"{site.address}/application/events?shown=")
    assert "event: moved" in answer.text.splitlines()
    assert {"mark": None} == httpx.get(f"{site.address}/application/state").json()
