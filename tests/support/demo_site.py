"""The demo served on a loopback port, in a thread of the tests' own process; a browser without a screen."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from html import unescape
from threading import Thread
from time import sleep

import attrs
import httpx
import uvicorn

from ja_reset import Secret
from ja_reset.demo._app import create_app
from ja_reset.demo._csrf import Shield
from ja_reset.demo._handset import chosen_number
from ja_reset.demo._server import config_of, listen
from ja_reset.demo._settings import Rate, Settings
from ja_reset.demo._world import World, make_world
from ja_reset.testing import CAST, Customer, credentials, identity

OPEN = Rate(1_000_000, 1_000_000.0)
"""A limit that no test reaches."""

PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""`verify=` for clients of the demo, which has no TLS: else httpx reads every authority's certificate for each."""

SECRET = bytes(range(32))
GATEWAY = Secret("gateway-key-of-these-tests-32-long")
TWILIO = Secret("twilio-auth-token")
UNLIMITED = Settings(
    secret=SECRET,
    gateway_key=GATEWAY,
    twilio_token=TWILIO,
    looks=OPEN,
    posts=OPEN,
    starts=OPEN,
    housekeeping=timedelta(days=1),  # what waits for the bank waits until a test has it go on
)


@attrs.frozen
class Site:
    """A demo that runs."""

    address: str
    world: World
    app: Shield


@contextmanager
def served(world: World | None = None, settings: Settings = UNLIMITED) -> Iterator[Site]:
    """A demo on a port of its own, stopped in the end."""
    world = world or make_world()
    app = create_app(world, settings)
    listener = listen("127.0.0.1", 0)
    server = uvicorn.Server(config_of(app, log_level="critical"))
    thread = Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the demo did not start"
        sleep(0.01)
    try:
        yield Site(f"http://127.0.0.1:{listener.getsockname()[1]}", world, app)
    finally:
        app.host.bell.silent = True
        server.should_exit = True
        thread.join()
        listener.close()


def page_form(html: str) -> dict[str, str]:
    """The hidden fields of the page's own form."""
    start = html.index('<form id="page"')
    inner = html[start : html.index("</form>", start)]
    return {name: unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', inner)}


def in_boxes(data: Mapping[str, str]) -> dict[str, str]:
    """The mapping of an event as its page posts it: the date in three boxes."""
    posted = dict(data)
    if "birth_date" in posted:
        year, month, day = posted.pop("birth_date").split("-")
        posted |= {"birth_date_year": year, "birth_date_month": month, "birth_date_day": day}
    return posted


@attrs.define
class Visitor:
    """A browser that follows what it is told, and keeps cookies; `page` is the text of the last page."""

    client: httpx.Client
    customer: Customer = CAST[0]
    page: str = ""
    status: int = 0

    def get(self, path: str) -> str:
        """Open a page."""
        return self._take(self.client.get(path))

    def post(self, path: str, data: Mapping[str, str]) -> str:
        """Post a form, with the page's own hidden fields unless *data* names them."""
        return self._take(self.client.post(path, data={**page_form(self.page), **data}))

    def start(self, procedure: str) -> str:
        """From the menu into a procedure."""
        self.get("/menu")
        names = {"ja-0417": "長野県", "ja-0102": "北海道"}
        place = self.customer.institution
        return self.post("/start", {"prefecture": names[place], "institution": place, "event": procedure})

    def press(self, event: str, data: Mapping[str, str] | None = None) -> str:
        """Press a button, its form filled in."""
        return self.post("/application/send", {**in_boxes(data or {}), "event": event})

    def phone_id(self, number: int = 0) -> str:
        """The opaque id of an offered phone."""
        found: list[str] = re.findall(r'name="phone_id" value="([^"]+)"', self.page)
        return found[number]

    def identify(self) -> str:
        """BIM015, all right."""
        return self.press("submit_identity", identity(self.customer))

    def log_in(self) -> str:
        """BTR001 and BTR002, all right."""
        self.press("choose_method", {"method": "LOGIN_ID"})
        return self.press("submit_credentials", credentials(self.customer, "LOGIN_ID"))

    def call(self, caller: str = "chosen") -> str:
        """Call from the panel's telephone."""
        return self.post("/telephone/call", {"caller": caller, "page": "/application"})

    @property
    def title(self) -> str:
        """The page's first heading."""
        found = re.search(r"<h1>(.*?)</h1>", self.page)
        assert found is not None
        return unescape(found[1])

    @property
    def number(self) -> str:
        """What this customer calls from."""
        return chosen_number(self.customer, None)

    def _take(self, response: httpx.Response) -> str:
        self.page, self.status = response.text, response.status_code
        return self.page


@contextmanager
def visiting(site: Site, customer: Customer = CAST[0]) -> Iterator[Visitor]:
    """A visitor with an empty jar of cookies, who plays that customer."""
    with httpx.Client(base_url=site.address, follow_redirects=True, timeout=30, verify=PLAIN) as client:
        visitor = Visitor(client, customer)
        visitor.get("/customers")
        visitor.post("/stage/customer", {"customer": customer.ref, "page": "/"})
        yield visitor
