"""The demo as an ASGI application: its routes, its maintenance timer, and the shield around it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from ja_reset import BankUnavailable, ResetError, StoreError, UnknownProcedure
from ja_reset.demo import _backoffice as backoffice
from ja_reset.demo import _customer as customer
from ja_reset.demo import _desk as desk
from ja_reset.demo import _drafts as drafts
from ja_reset.demo import _panel as panel
from ja_reset.demo import _telephone as telephone
from ja_reset.demo._csrf import START_PATH, Shield
from ja_reset.demo._gateway import Kind
from ja_reset.demo._host import Host, make_host
from ja_reset.demo._problems import Problems
from ja_reset.demo._settings import Settings
from ja_reset.demo._visits import Handler, visited
from ja_reset.demo._world import World

_LOG: Final = logging.getLogger(__name__)
_STATIC: Final = Path(__file__).parent / "static"

_GETS: Final[dict[str, Handler]] = {
    "/": customer.login_page,
    "/menu": customer.menu_page,
    "/welcome": customer.welcome_page,
    "/help": customer.help_page,
    "/first-time": customer.first_time_page,
    "/application/events": customer.events,
    "/application/state": customer.state,
    drafts.QUESTION: customer.question,
    "/customers": backoffice.customers_page,
    "/telephone": telephone.telephone_page,
    "/operator": backoffice.operator_page,
    "/operator/chart": backoffice.chart,
}
_POSTS: Final[dict[str, Handler]] = {
    "/login": customer.login,
    START_PATH: customer.start,
    "/preferences": drafts.preferences,
    "/draft": drafts.draft,
    "/stage/customer": panel.be,
    "/stage/fill": panel.fill,
    "/stage/time": panel.let_time_pass,
    "/telephone/call": telephone.call,
    "/telephone/keys": telephone.keys,
    "/telephone/hang-up": telephone.hang_up,
    **{f"/gateway/{kind.value}": telephone.generic_hook(kind) for kind in Kind},
    **{f"/twilio/{kind.value}": telephone.twilio_hook(kind) for kind in Kind},
    "/operator/unlock": desk.unlock,
    "/operator/end": desk.end,
    "/operator/retry": desk.retry,
    "/operator/settle": desk.settle,
    "/operator/lift": desk.lift,
    "/operator/bank": backoffice.bank,
    "/operator/recover": backoffice.recover,
}


def create_app(world: World, settings: Settings | None = None) -> Shield:
    """The application over that world."""
    settings = settings or Settings()
    host = make_host(world, settings)
    problems = Problems(host.pages, settings)
    app = Starlette(
        routes=[
            *(Route(path, visited(handler), methods=["GET"]) for path, handler in _GETS.items()),
            *(Route(path, visited(handler), methods=["POST"]) for path, handler in _POSTS.items()),
            Route("/application", visited(customer.application), methods=["GET"]),
            Route("/application/send", visited(customer.send), methods=["POST"]),
            Mount("/static", StaticFiles(directory=_STATIC)),
        ],
        exception_handlers={
            HTTPException: problems.handler(500),
            BankUnavailable: problems.handler(503),
            StoreError: problems.handler(503),
            UnknownProcedure: problems.handler(503),
            Exception: problems.handler(500),
        },
        lifespan=_housekeeping,
    )
    app.state.host = host
    return Shield(app, settings, problems.refuse, host)


@contextlib.asynccontextmanager
async def _housekeeping(app: Starlette) -> AsyncIterator[None]:
    """What a host's timer does: end what has run out, give again what was not confirmed, drop what is old."""
    task = asyncio.create_task(_keep_house(app.state.host))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _keep_house(host: Host) -> None:
    service = host.world.service
    while True:
        for chore in (service.expire_due, service.recover, service.purge):
            try:
                await chore()
            except ResetError as error:  # the next round comes
                _LOG.warning("%s: %s", chore.__name__, error)
        await asyncio.sleep(host.settings.housekeeping.total_seconds())
