"""How many pages a second the demo gives, beside a bare Starlette page: a ratio, both measured in turn in one run.

`python benchmarks/demo.py` prints it. Eight clients on loopback walk LOGIN_PASSWORD from the menu to its end, each as a
customer of its own, call included; a page is one that they see, and each is a form posted, an event that the service
commits, and the next screen rendered. The bare page does the same without the library: a form posted, one row
committed to a store of the same kind, and the same template rendered with a fixed screen. Both answer a form by 303, or
(`at once`) the bare one renders in the same request. Each server is a process of its own, and the pairs are measured in
turn; on a machine that does something else besides, the range is wide. Nothing here is asserted.
"""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from http.client import HTTPConnection
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import attrs
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ja_reset import AsyncResetService, Policies, Secret
from ja_reset.demo._app import create_app
from ja_reset.demo._host import make_host
from ja_reset.demo._pages import Sheet
from ja_reset.demo._panel import panel_of
from ja_reset.demo._server import hand_over_soon, listen
from ja_reset.demo._settings import Rate, Settings
from ja_reset.demo._visits import Visit, visited
from ja_reset.demo._world import INSTITUTIONS, Orders, PlayClock, World
from ja_reset.fields.forms import PasswordForm
from ja_reset.screens import LOGIN_BIM015
from ja_reset.stores import SqliteStore, threaded
from ja_reset.stores.rows import Put
from ja_reset.testing import CAST, Customer, FakeBank, entries, identity

CLIENTS: Final = 8
ROUNDS: Final = 11
WALKS: Final = 2
PAGES_OF_A_WALK: Final = 5
OPEN: Final = Rate(10**9, 10.0**9)
SETTINGS: Final = Settings(secret=bytes(32), gateway_key=Secret("0" * 64), looks=OPEN, posts=OPEN, starts=OPEN)
KEY: Final = bytes(32)


@cache
def customers() -> list[Customer]:
    """One customer for each client."""
    return [
        attrs.evolve(
            CAST[0],
            account=f"{number:07d}",
            contract=attrs.evolve(CAST[0].contract, ref=f"C-{number:04d}", phones=(f"090-1234-{number:04d}",)),
        )
        for number in range(1, CLIENTS + 1)
    ]


class Town(World):
    """The world of these customers."""

    def customers(self) -> list[Customer]:
        """All of them."""
        return customers()

    def customer(self, ref: str) -> Customer:
        """The customer of that reference, or the first one."""
        return next((each for each in customers() if each.ref == ref), customers()[0])


def demo(store: SqliteStore) -> object:
    """The demo over *store*."""
    bank, clock = FakeBank(customers(), INSTITUTIONS), PlayClock()
    service = AsyncResetService(bank=bank, store=store, key=KEY, clock=clock, policies=Policies())
    return create_app(Town(bank, clock, service, service.procedures, Orders()), SETTINGS)


def bare(store: SqliteStore) -> Starlette:
    """A page that renders BIM015 by the demo's template and commits one row, and knows nothing of a procedure."""
    bank, clock = FakeBank(customers(), INSTITUTIONS), PlayClock()
    service = AsyncResetService(bank=bank, store=store, key=KEY, clock=clock)
    host = make_host(Town(bank, clock, service, service.procedures, Orders()), SETTINGS)
    rows = threaded(store)
    screen = LOGIN_BIM015.render(Policies())

    async def commit() -> None:
        commit.number += 1  # type: ignore[attr-defined]  # the function's own count
        number: int = commit.number  # type: ignore[attr-defined]
        await rows.commit([Put("page", f"page-{number}", None, {"number": number})])

    commit.number = 0  # type: ignore[attr-defined]

    async def page(visit: Visit) -> Response:
        sheet = Sheet(screen=screen, action="/page")
        return visit.page("screen.html", sheet=sheet, panel=panel_of(visit, None, screen))

    async def post(request: Request) -> Response:
        await request.form()
        await commit()
        return RedirectResponse("/page", 303)

    async def at_once(visit: Visit) -> Response:
        await visit.request.form()
        await commit()
        return await page(visit)

    routes = [
        Route("/page", visited(page), methods=["GET"]),
        Route("/page", post, methods=["POST"]),
        Route("/at-once", visited(at_once), methods=["POST"]),
    ]
    app = Starlette(routes=routes)
    app.state.host = host
    return app


class Client:
    """A browser that keeps its connection, its cookies and what the last page said."""

    def __init__(self, port: int, customer: Customer) -> None:
        self._connection = HTTPConnection("127.0.0.1", port)
        self._cookies: dict[str, str] = {}
        self._customer = customer
        self.page = ""

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> None:
        """One request, and the page that a 303 leads to."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        body = None
        if form is not None:
            body = urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        self.page = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        if answer.status == 303:  # noqa: PLR2004 - HTTP's own number
            self.ask("GET", str(answer.headers["Location"]))
        elif answer.status != 200:  # noqa: PLR2004 - HTTP's own number
            msg = f"{method} {path} gave {answer.status}"
            raise RuntimeError(msg)

    def hidden(self) -> dict[str, str]:
        """The hidden fields of the page's own form."""
        return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', self.page.partition('id="page"')[2]))

    def enter(self) -> None:
        """Open the menu, as the customer to play."""
        self.ask("GET", "/menu")
        self.ask("POST", "/stage/customer", {**self.hidden(), "customer": self._customer.ref})

    def walk(self) -> None:
        """LOGIN_PASSWORD from the menu to its end."""
        self.ask("GET", "/menu")
        way_in = {"prefecture": INSTITUTIONS[0].prefecture, "institution": INSTITUTIONS[0].id}
        self.ask("POST", "/start", {**self.hidden(), **way_in, "event": "LOGIN_PASSWORD"})
        self.ask("POST", "/application/send", {**self.hidden(), **form_of(self._customer), "event": "submit_identity"})
        phone = re.findall(r'name="phone_id" value="([^"]+)"', self.page)[0]
        self.ask("POST", "/application/send", {**self.hidden(), "phone_id": phone, "event": "choose_phone"})
        self.ask("POST", "/telephone/call", {**self.hidden(), "caller": "chosen", "page": "/application"})
        entered = entries(PasswordForm, self._customer)
        self.ask("POST", "/application/send", {**self.hidden(), **entered, "event": "submit_reset"})
        if 'DONE"' not in self.page:
            msg = "a walk did not reach its end"
            raise RuntimeError(msg)

    def bare_walk(self, path: str) -> None:
        """As many bare pages."""
        for _ in range(PAGES_OF_A_WALK):
            self.ask("POST", path, form_of(self._customer))


def form_of(customer: Customer) -> dict[str, str]:
    """BIM015 as its page posts it."""
    data = identity(customer)
    year, month, day = data.pop("birth_date").split("-")
    return data | {"birth_date_year": year, "birth_date_month": month, "birth_date_day": day}


@contextmanager
def process(kind: str, folder: Path) -> Iterator[int]:
    """A server of that kind, and its port."""
    command = [sys.executable, __file__, kind, str(folder / f"{kind}.db")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            yield int(running.stdout.readline() if running.stdout else "")
        finally:
            running.terminate()


def pages_a_second(clients: list[Client], path: str | None) -> float:
    """All clients at once, that many walks each; *path*: bare pages of that path."""

    def work(client: Client) -> None:
        for _ in range(WALKS):
            if path is None:
                client.walk()
            else:
                client.bare_walk(path)

    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as threads:
        list(threads.map(work, clients))
    return CLIENTS * WALKS * PAGES_OF_A_WALK / (time.perf_counter() - began)


def serve(kind: str, file: str) -> None:
    """Be a server: print the port, and serve until told to stop."""
    listener = listen("127.0.0.1", 0)
    with SqliteStore(file) as store:
        app = demo(store) if kind == "demo" else bare(store)
        if kind == "demo":
            hand_over_soon()
        print(listener.getsockname()[1], flush=True)
        config = uvicorn.Config(app, log_level="error", access_log=False, timeout_keep_alive=600)  # type: ignore[arg-type]  # either app
        uvicorn.Server(config).run(sockets=[listener])


def main() -> None:
    """Measure, and print."""
    with (
        tempfile.TemporaryDirectory() as name,
        process("demo", Path(name)) as demo_port,
        process("bare", Path(name)) as bare_port,
    ):
        walkers = [Client(demo_port, customer) for customer in customers()]
        plain = [Client(bare_port, customer) for customer in customers()]
        for client in walkers:
            client.enter()
        pages_a_second(walkers, None), pages_a_second(plain, "/page")  # not counted: caches fill
        rounds = [
            (
                pages_a_second(walkers, None),
                pages_a_second(plain, "/page"),
                pages_a_second(plain, "/at-once"),
            )
            for _ in range(ROUNDS)
        ]
    for number, words in ((1, "a bare page, its form answered by 303"), (2, "a bare page, rendered at once")):
        ratios = [each[0] / each[number] for each in rounds]
        print(
            f"demo : {words}: {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f}), "
            f"{statistics.median(each[0] for each in rounds):.0f} and "
            f"{statistics.median(each[number] for each in rounds):.0f} pages a second with {CLIENTS} clients"
        )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        serve(sys.argv[1], sys.argv[2])
    else:
        main()
