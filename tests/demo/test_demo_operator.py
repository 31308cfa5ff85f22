"""The operator's page: a call centre finds its customer, and what it does is done once, by somebody, for a reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from demo_site import Site, Visitor, served, visiting
from hosts import reset
from ja_reset import BankUnavailable
from ja_reset.demo._world import make_world
from ja_reset.fields.forms import PinForm
from ja_reset.testing import CAST, FakeClock, entries

WHO = {"by": "窓口 田中", "reason": "ご本人に確認済み"}
KEY = r'name="key" value="([^"]+)"'


@contextmanager
def _run() -> Iterator[tuple[Site, Visitor]]:
    """A demo whose clock moves when it is told to, and a browser."""
    with served(make_world(clock=FakeClock())) as site, visiting(site) as new:
        yield site, new


@pytest.fixture
def both() -> Iterator[tuple[Site, Visitor]]:
    """The two of one test."""
    with _run() as made:
        yield made


@pytest.fixture
def site(both: tuple[Site, Visitor]) -> Site:
    """The demo."""
    return both[0]


@pytest.fixture
def visitor(both: tuple[Site, Visitor]) -> Visitor:
    """The browser."""
    return both[1]


@pytest.fixture(scope="module")
def bystander() -> Iterator[Visitor]:
    """The browser at a demo of its own, of all tests in which nothing may be audited."""
    with _run() as (_, visitor):
        yield visitor


def _at_pin(visitor: Visitor, procedure: str = "RISK_BASED_AUTH") -> None:
    visitor.start(procedure)
    visitor.identify()
    visitor.press("choose_phone", {"phone_id": visitor.phone_id()})
    visitor.call()


def _completing(visitor: Visitor) -> None:
    """The order is under way, the bank has not answered it, and answers again."""
    _at_pin(visitor, "LOGIN_PASSWORD")
    visitor.get("/operator")
    visitor.post("/operator/bank", {"what": "silent"})
    visitor.get("/application")
    visitor.press("submit_reset", reset())
    visitor.get("/operator")
    visitor.post("/operator/bank", {"what": "orders"})


def _reference(visitor: Visitor) -> str:
    found: list[str] = re.findall(r'<code data-random="\w+">(\w{8})</code>', visitor.page)
    return found[0]


def _audited(page: str) -> str:
    """The newest record."""
    return page[page.index('aria-labelledby="audit"') :].split("<tr>")[2]


@pytest.mark.rule("L6", "S7")
def test_an_attempt_in_doubt_is_seen_and_lifted(site: Site, visitor: Visitor) -> None:
    """Since the bank did not say whether the PIN was right; the audit says who lifted it, and why."""
    _at_pin(visitor)
    site.world.bank.fail("check_pin", BankUnavailable)
    visitor.press("submit_reset", entries(PinForm, visitor.customer))
    assert "期限 <time" in visitor.get("/operator")
    visitor.post("/operator/unlock", {"ref": visitor.customer.ref, **WHO})
    assert 200 == visitor.status
    assert "期限 <time" not in visitor.page
    for words in ("<code>unlock</code>", *WHO.values()):
        assert words in _audited(visitor.page)


@pytest.mark.rule("C4", "S7")
@pytest.mark.parametrize(
    ("path", "name", "screen"),
    [("retry", "key", "DONE"), ("settle", "confirmed", "DONE"), ("settle", "refused", "BIM017")],
)
def test_an_order_that_is_overdue_is_retried_or_settled(
    site: Site, visitor: Visitor, path: str, name: str, screen: str
) -> None:
    """After a day without an answer it stands as overdue; the customer's page hears what the operator says."""
    _completing(visitor)
    site.world.bank.down = True
    visitor.get("/operator")
    visitor.post("/stage/time", {"seconds": "90000", "page": "/operator"})
    visitor.post("/operator/recover", {})
    assert "期限切れ" in visitor.page
    site.world.bank.down = False
    (key,) = re.findall(KEY, visitor.page)
    visitor.post(f"/operator/{path}", {name: key, **WHO})
    assert 200 == visitor.status
    assert "期限切れ" not in visitor.page
    assert f"<code>{screen}</code>" in visitor.page
    visitor.post(f"/operator/{path}", {name: key, **WHO})
    assert 400 == visitor.status
    assert "操作できませんでした" in visitor.page


@pytest.mark.rule("M3", "P8")
def test_a_session_is_ended_and_its_number_lifted(site: Site, visitor: Visitor) -> None:
    """The session goes to CANCELLED; its number rests, until the operator lets it be used."""
    visitor.start("LOGIN_PASSWORD")
    visitor.identify()
    visitor.press("choose_phone", {"phone_id": visitor.phone_id()})
    visitor.get("/operator")
    (session,) = re.findall(r'name="session" value="(\w+)"', visitor.page)
    visitor.post("/operator/end", {"session": session, **WHO})
    assert "<code>CANCELLED</code>" in visitor.page
    assert 'name="session"' not in visitor.page
    assert "ended_by_operator" in visitor.page
    number = visitor.customer.contract.phones[0]
    assert f"{number[:-4]}****" in visitor.page
    assert number not in visitor.page
    visitor.post("/operator/lift", {"number": number, **WHO})
    assert 200 == visitor.status
    visitor.post("/operator/lift", {"number": number, **WHO})
    assert 400 == visitor.status
    assert f'name="number" value="{number}"' in visitor.page


@pytest.mark.rule("S7")
def test_a_customer_is_found(site: Site, visitor: Visitor) -> None:
    """By what is read out, by contract, by account and by login id; what cannot be an account is said."""
    visitor.start("LOGIN_PASSWORD")
    visitor.identify()
    visitor.get("/operator")
    reference, who = _reference(visitor), CAST[0]
    place = f"&institution={who.institution}"
    found, none = f">{reference}</code>", "該当するものはありません"
    for query, there in {
        f"by=reference&find={reference.lower()}": True,
        "by=reference&find=00000000": False,
        f"by=ref&find={who.ref}": True,
        "by=ref&find=C-9999": False,
        f"by=account&find={who.branch} {who.subject} {who.account}{place}": True,
        f"by=account&find=999 {who.subject} {who.account}{place}": False,
        f"by=login_id&find={who.login_id}{place}": False,
        f"by=nonsense&find={reference}&institution=nowhere": True,
    }.items():
        visitor.get(f"/operator?{query}")
        assert (200, there) == (visitor.status, found in visitor.page), query
        assert there or none in visitor.page
    visitor.get(f"/operator?by=account&find=x{place}")
    assert "検索できませんでした" in visitor.page
    site.world.bank.down = True
    visitor.get(f"/operator?by=login_id&find={who.login_id}{place}")
    assert (200, True) == (visitor.status, "検索できませんでした" in visitor.page)
    assert 200 == (visitor.get("/operator?after=nonsense") and visitor.status)


@pytest.mark.rule("S7")
@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("unlock", {"ref": "C-0001"}),
        ("end", {"session": "none"}),
        ("retry", {"key": "none"}),
        ("settle", {"confirmed": "none"}),
        ("lift", {"effect": "none"}),
        ("lift", {}),
    ],
)
@pytest.mark.parametrize(
    "who", [{}, {"by": "x", "reason": " "}, {"by": "x" * 201, "reason": "y"}, {"by": "x", "reason": "\x07"}]
)
def test_an_act_needs_somebody_and_a_reason(
    bystander: Visitor, path: str, data: dict[str, str], who: dict[str, str]
) -> None:
    """Without them, with too much, or about nothing: 400 with words, and nothing is audited."""
    bystander.get("/operator")
    bystander.post(f"/operator/{path}", {**data, **who})
    assert 400 == bystander.status
    assert "操作できませんでした" in bystander.page
    assert "記録はまだありません" in bystander.page


@pytest.mark.rule("C4")
def test_an_order_that_is_being_delivered_is_left_alone(
    site: Site, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """409, with the time from which on it can be done."""
    from ja_reset import EffectLeased  # noqa: PLC0415 - of this test alone

    async def retry(*_: object, **__: object) -> None:
        raise EffectLeased(site.world.clock() + timedelta(minutes=1))

    monkeypatch.setattr(type(site.world.service.operator), "retry", retry)
    visitor.get("/operator")
    visitor.post("/operator/retry", {"key": "k", **WHO})
    assert 409 == visitor.status
    assert "以降にお試しください" in visitor.page
