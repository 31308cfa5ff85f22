"""The demo among hostile browsers: clear pages or status codes, no traceback, and nothing lost (A8)."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator

import attrs
import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budgets import budget
from demo_site import PLAIN, UNLIMITED, Site, Visitor, page_form, served, visiting
from ja_reset.demo._csrf import Allowance, network
from ja_reset.demo._server import CannotListenError, hosts_of, listen
from ja_reset.demo._settings import Rate, Settings
from ja_reset.demo._world import make_world
from ja_reset.testing import FakeClock

FORM_POSTS = (
    "/login",
    "/start",
    "/application/send",
    "/preferences",
    "/stage/customer",
    "/stage/fill",
    "/stage/time",
    "/telephone/call",
    "/telephone/keys",
    "/telephone/hang-up",
    "/operator/unlock",
    "/operator/end",
    "/operator/retry",
    "/operator/settle",
    "/operator/lift",
    "/operator/bank",
    "/operator/recover",
)
NAMES = re.findall(
    r"\w+",
    """event version request session page lang size customer ref what seconds caller digits institution prefecture
    birth_date_year birth_date_month birth_date_day name_kana accepted pin password login_id
    by reason key confirmed refused effect number service_id user_id find after""",
)
TELLTALE = re.compile(r"Traceback|File \"|Error\b|starlette|uvicorn|jinja", re.IGNORECASE)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """A demo whose clock stands still, the same for all of these tests."""
    with served(make_world(clock=FakeClock())) as running:
        yield running


@pytest.fixture(scope="module")
def here() -> Iterator[Site]:
    """Another, which answers to the names of this machine alone."""
    with served(settings=attrs.evolve(UNLIMITED, hosts=frozenset({"localhost", "127.0.0.1", "[::1]"}))) as running:
        yield running


@pytest.fixture
def visitor(site: Site) -> Iterator[Visitor]:
    """A browser under way: it has its cookies and is on BIM015."""
    with visiting(site) as new:
        new.start("LOGIN_PASSWORD")
        assert "BIM015" in new.page
        yield new


def still_there(visitor: Visitor, screen: str = "BIM015") -> bool:
    """Whether the browser's session is where it was."""
    return f": {screen}<" in visitor.get("/application")


# cookies and tokens of forms ------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", ["", "forged", "é" * 40])
def test_a_form_without_its_token_does_nothing(visitor: Visitor, token: str) -> None:
    """A missing or forged token is 403, on every path that takes a form."""
    form = page_form(visitor.page) | {"csrf": token, "event": "cancel"}
    assert {403} == {visitor.client.post(path, data=form).status_code for path in FORM_POSTS}
    assert still_there(visitor)


def test_a_token_of_another_browser_does_nothing(site: Site, visitor: Visitor) -> None:
    """Somebody else's token is none."""
    with visiting(site) as other:
        other.get("/")
        token = page_form(other.page)["csrf"]
    form = page_form(visitor.page) | {"csrf": token, "event": "cancel"}
    assert {403} == {visitor.client.post(path, data=form).status_code for path in FORM_POSTS}
    assert still_there(visitor)


@pytest.mark.parametrize("cookie", ["", "forged", "a.b.c", "é", "." * 3000, "a.99999999999999999999.0"])
def test_a_forged_browser_cookie_proves_nothing(visitor: Visitor, cookie: str) -> None:
    """With such a cookie a form is refused, and a page gives a new one."""
    form = page_form(visitor.page) | {"event": "cancel"}
    headers = {b"Cookie": f"ja_reset_browser={cookie}".encode()}
    with httpx.Client(base_url=str(visitor.client.base_url), verify=PLAIN) as bare:
        assert 403 == bare.post("/application/send", data=form, headers=headers).status_code
        fresh = bare.get("/", headers=headers)
    assert 200 == fresh.status_code
    assert fresh.headers["set-cookie"].startswith("ja_reset_browser=")


def test_a_browser_cookie_expires() -> None:
    """After twelve hours the form is refused, and the page reloads."""
    clock = FakeClock()
    with served(make_world(clock=clock)) as site, visiting(site) as visitor:
        visitor.get("/menu")
        form = page_form(visitor.page)
        clock.advance(UNLIMITED.browser_lifetime)
        assert 303 == visitor.client.post("/preferences", data=form, follow_redirects=False).status_code
        clock.advance(2)
        assert 403 == visitor.client.post("/preferences", data=form).status_code
        visitor.get("/menu")
        assert (
            303 == visitor.client.post("/preferences", data=page_form(visitor.page), follow_redirects=False).status_code
        )


@pytest.mark.rule("S1")
@pytest.mark.parametrize("token", ["forged", "", "x" * 5000])
def test_a_forged_session_cookie_shows_nobodys_session(visitor: Visitor, token: str) -> None:
    """A visitor without a session is sent to the menu and told so; the form that came with the request does nothing."""
    visitor.client.cookies.set("ja_reset_session", token, domain="127.0.0.1", path="/")
    visitor.press("cancel")
    assert "各種パスワード等の初期化・再設定" == visitor.title
    assert "進行中のお手続きはありません" in visitor.page


def test_a_request_from_another_site_is_refused(visitor: Visitor) -> None:
    """A browser that says the form comes from elsewhere is believed, whatever else the form has."""
    form = page_form(visitor.page) | {"event": "cancel"}
    refused = visitor.client.post("/application/send", data=form, headers={"Sec-Fetch-Site": "cross-site"})
    assert 403 == refused.status_code
    assert still_there(visitor)


# forms that make no sense ---------------------------------------------------------------------------------------


@pytest.mark.rule("M5")
@pytest.mark.parametrize("event", ["submit_reset", "proceed", "back", "choose_phone", "", "drop table", "é" * 300])
def test_events_out_of_order_change_nothing(visitor: Visitor, event: str) -> None:
    """An event that the screen does not have is told so on the page."""
    visitor.press(event, {"pin": "4071"})
    assert 200 == visitor.status
    assert "その操作はご利用いただけません" in visitor.page
    assert still_there(visitor)


@pytest.mark.rule("S2")
@pytest.mark.parametrize("version", ["0", "-1", "", "one", "99999999999999999999", "1.5", "²"])
def test_a_version_that_is_none_is_stale(visitor: Visitor, version: str) -> None:
    """A version that cannot be read is older than all: the event does nothing."""
    visitor.post("/application/send", {"version": version, "event": "cancel"})
    assert still_there(visitor)


@settings(max_examples=budget(25), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    path=st.sampled_from(FORM_POSTS),
    form=st.dictionaries(
        st.sampled_from(NAMES),
        st.text(max_size=60) | st.sampled_from(["submit_identity", "chosen", "ja-0417", "LOGIN_PASSWORD", "30"]),
    ),
)
@pytest.mark.rule("A8")
def test_no_form_is_a_failure(site: Site, visitor: Visitor, path: str, form: dict[str, str]) -> None:
    """Whatever a form of ours holds, the answer is a page, or a status that says whose fault it is."""
    visitor.get("/")
    posted = {name: value.encode("utf-8", "replace").decode() for name, value in form.items()}
    visitor.post(path, {"page": "/", **posted})
    assert visitor.status in {200, 400, 404}
    site.world.bank.down = False


@pytest.mark.parametrize(
    "body", [b"\xff\xfe=\x80&csrf=%ff", b"%", b"=&=&=", b"csrf", b"a=1&" * 10_000, b"\x00" * 100, b"%00=%00"]
)
def test_octets_that_are_no_form_are_refused(visitor: Visitor, body: bytes) -> None:
    """What cannot be read as a form has no token, so it is refused."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = visitor.client.post("/application/send", content=body, headers=headers)
    assert answer.status_code in {400, 403}
    assert still_there(visitor)


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data; boundary=x", "", "x" * 500])
def test_another_content_type_is_refused(visitor: Visitor, kind: str) -> None:
    """Only a plain form is one."""
    headers = {"Content-Type": kind}
    assert {415} == {visitor.client.post(path, content=b"a=1", headers=headers).status_code for path in FORM_POSTS}


def test_a_huge_body_is_refused(visitor: Visitor) -> None:
    """Too large a body is 413, whether it says its size beforehand or comes in pieces."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    huge = b"a=" + b"x" * UNLIMITED.body_limit

    def in_pieces() -> Iterator[bytes]:
        for start in range(0, len(huge), 8192):
            yield huge[start : start + 8192]

    for path in FORM_POSTS:
        assert 413 == visitor.client.post(path, content=huge, headers=headers).status_code
        assert 413 == visitor.client.post(path, content=in_pieces(), headers=headers).status_code
    assert still_there(visitor)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/start", 405),
        ("PUT", "/application", 405),
        ("DELETE", "/", 405),
        ("POST", "/operator", 405),
        ("GET", "/no-such-page", 404),
        ("GET", "/static/../app.py", 404),
        ("GET", "/static/%2e%2e/app.py", 404),
        ("GET", "/operator/chart?procedure=NONE", 404),
        ("GET", "/" + "x" * 5000, 404),
    ],
)
def test_what_is_not_there_is_said_without_more(visitor: Visitor, method: str, path: str, status: int) -> None:
    """Each status has a page of ours, in the browser's language, which tells nothing of how the demo is built."""
    answer = visitor.client.request(method, path)
    assert status == answer.status_code
    assert "<h1>" in answer.text
    assert TELLTALE.search(answer.text) is None


@pytest.mark.rule("S5")
def test_a_failure_says_nothing(site: Site, visitor: Visitor) -> None:
    """What breaks inside is a page of ours with 500, with its headers; the session is where it was."""
    site.world.bank.fail("find_contract", RuntimeError("secret inner workings"))
    visitor.identify()
    assert 500 == visitor.status
    assert "secret inner workings" not in visitor.page
    assert TELLTALE.search(visitor.page) is None
    assert still_there(visitor)


def test_a_bank_that_is_away_is_told_as_such(site: Site, visitor: Visitor) -> None:
    """Where nothing can begin without the bank, the page is 503."""
    with visiting(site) as other:
        site.world.bank.down = True
        answer = other.start("LOGIN_PASSWORD")
        site.world.bank.down = False
    assert other.status in {200, 503}
    assert TELLTALE.search(answer) is None
    assert still_there(visitor)


# what every answer carries --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/menu", "/application", "/customers", "/telephone", "/operator", "/nowhere"])
def test_every_page_is_guarded(visitor: Visitor, path: str) -> None:
    """Headers against framing, sniffing and caching; no script or style within the page; no token anywhere in it."""
    answer = visitor.client.get(path)
    policy = answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "no-store" == answer.headers["cache-control"]
    assert "nosniff" == answer.headers["x-content-type-options"]
    assert [] == re.findall(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=|javascript:", answer.text)
    token = visitor.client.cookies["ja_reset_session"]
    assert token not in answer.text
    assert token not in str(answer.url)


def test_cookies_are_for_this_site_and_no_script() -> None:
    """Every cookie is HttpOnly and SameSite=Lax, and Secure where the demo is served by https."""
    for secure in (False, True):
        with served(settings=attrs.evolve(UNLIMITED, secure=secure)) as site:
            answer = httpx.get(site.address, verify=PLAIN)
            cookies = answer.headers.get_list("set-cookie")
            assert 1 == len(cookies)
            assert ["httponly", "path=/", "samesite=lax"] == sorted(
                part.strip().lower() for part in cookies[0].split(";")[1:] if part.strip().lower() != "secure"
            )
            assert secure is ("secure" in cookies[0].lower())
            assert secure is ("strict-transport-security" in answer.headers)


def test_a_foreign_name_of_the_host_is_refused() -> None:
    """A page of another name that leads to this machine (DNS rebinding) gets nothing."""
    with served(settings=attrs.evolve(UNLIMITED, hosts=frozenset({"127.0.0.1"}))) as site:
        assert 200 == httpx.get(site.address, verify=PLAIN).status_code
        assert 400 == httpx.get(site.address, headers={"Host": "evil.example"}, verify=PLAIN).status_code
        assert 400 == httpx.get(site.address, headers={"Host": ""}, verify=PLAIN).status_code


@pytest.mark.parametrize(
    "host",
    [
        "localhost:80@evil.example",
        "localhost:@evil.example",
        "localhost:80:80",
        "localhost:http",
        "localhost:",
        "localhost/",
        "localhost/@evil.example",
        "localhost#evil.example",
        "evil.example@localhost",
        "localhost, evil.example",
        "[::1]evil.example",
        "[::1",
        "[::1]:80@evil.example",
        "localhost:١",
        "localhost:999999",
    ],
)
def test_what_only_begins_like_a_name_of_the_host_is_refused(here: Site, site: Site, host: str) -> None:
    """A Host header is a name or an address in brackets, a port, and nothing else; also where any name may come."""
    for each in (here, site):
        assert 400 == httpx.get(each.address, headers={b"Host": host.encode()}, verify=PLAIN).status_code


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:80", "127.0.0.1:65535", "[::1]", "[::1]:8000"])
def test_a_name_of_the_host_may_have_its_port(here: Site, host: str) -> None:
    """In whatever case, with a port or without."""
    assert 200 == httpx.get(here.address, headers={"Host": host}, verify=PLAIN).status_code


# too much of it -------------------------------------------------------------------------------------------------


def test_a_thousand_sessions_from_one_address() -> None:
    """A flood is answered by 429; what was begun before is all there, and goes on when the flood is over."""
    limits = Settings(secret=UNLIMITED.secret, starts=Rate(20, 0.0), posts=Rate(2000, 0.0), looks=Rate(5000, 0.0))
    with served(settings=limits) as site, visiting(site) as visitor:
        visitor.get("/menu")
        form = page_form(visitor.page) | {"prefecture": "長野県", "institution": "ja-0417", "event": "LOGIN_PASSWORD"}
        statuses = []
        for _ in range(1000):
            answer = visitor.client.post("/start", data=form, follow_redirects=False)
            statuses.append(answer.status_code)
        assert [303] * 20 + [429] * 980 == statuses
        assert "10" == answer.headers["retry-after"]
        assert still_there(visitor)
        visitor.identify()
        assert still_there(visitor, "BIM016")


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
def test_an_address_is_the_one_that_connects(header: str) -> None:
    """Whoever names other addresses in a header has the one allowance: no proxy stands before the demo."""
    limits = attrs.evolve(UNLIMITED, looks=Rate(5, 0.0))
    with served(settings=limits) as site:
        names = [f"192.0.2.{number}" for number in range(8)]
        statuses = [
            httpx.get(
                site.address, headers={header: f"for={name}" if header == "Forwarded" else name}, verify=PLAIN
            ).status_code
            for name in names
        ]
    assert [200] * 5 + [429] * 3 == statuses


def test_an_allowance_fills_up_again() -> None:
    """A bucket gives its burst at once, then as many as time brings, and never more than the burst."""
    now = 0.0
    allowance = Allowance(Rate(2, 0.5), now=lambda: now)
    assert [True, True, False] == [allowance.take("a") for _ in range(3)]
    assert allowance.take("b")
    now = 2.0
    assert [True, False] == [allowance.take("a") for _ in range(2)]
    now = 1000.0
    assert [True, True, False] == [allowance.take("a") for _ in range(3)]


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_a_network_of_ipv6_counts_as_one(host: str, expected: str) -> None:
    """A /64 has one allowance, not one for each address."""
    assert expected == network(host)


# the command ----------------------------------------------------------------------------------------------------


def demo(*arguments: str) -> subprocess.Popen[str]:
    """`ja-reset demo` in a process of its own."""
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-X", "utf8", "-m", "ja_reset", "demo", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )


def test_a_busy_port_is_told_in_one_line() -> None:
    """The command says which port, and what to do; 3."""
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        said = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "ja_reset", "demo", "--port", str(port)], capture_output=True, text=True, check=False
        )
    assert (3, "") == (said.returncode, said.stdout)
    assert f"ja-reset: port {port} of 127.0.0.1 is in use; name another with --port\n" == said.stderr


@pytest.mark.parametrize(("host", "port"), [("127.0.0.1", 99999), ("127.0.0.1", -1), ("no.such.host.invalid", 0)])
def test_an_address_that_cannot_be_had_is_an_error(host: str, port: int) -> None:
    """One exception for all of them, whose text names the options."""
    with pytest.raises(CannotListenError, match=r"--port"):
        listen(host, port)


def test_who_may_reach_a_socket_follows_from_where_it_listens() -> None:
    """On this machine: its own names alone; on all addresses: any."""
    with listen("127.0.0.1", 0) as here, listen("0.0.0.0", 0) as everywhere:  # noqa: S104 - what is tested
        assert frozenset({"localhost", "127.0.0.1", "[::1]"}) == hosts_of(here)
        assert hosts_of(everywhere) is None


def test_ctrl_c_stops_it_cleanly_though_a_page_listens(tmp_path: object) -> None:
    """The address is printed; an open stream of events keeps nobody; no traceback; 0; and it starts again at once."""
    for _ in range(2):
        with demo("--port", "0", "--store", f"{tmp_path}/demo.db", "--lang", "en") as process:
            assert process.stdout is not None
            found = re.search(r"http://127\.0\.0\.1:\d+/", process.stdout.readline())
            assert found is not None
            with httpx.Client(base_url=found[0], verify=PLAIN) as client:
                assert '<html lang="en">' in client.get("/").text
                with client.stream("GET", "/application/events") as stream:
                    assert "text/event-stream; charset=utf-8" == stream.headers["content-type"]
                    process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=30)
        assert (0, "") == (process.returncode, err), out
