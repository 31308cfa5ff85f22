"""One request, seen as a visit: the browser, its language, its memory; and the answer that goes back to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Final

import attrs
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ja_reset import UnknownSession, View
from ja_reset.demo._cookies import (
    BROWSER,
    CUSTOMER,
    LANGUAGE,
    SESSION,
    Browser,
    Memory,
    browser_of,
    is_token_of,
    size_of,
)
from ja_reset.demo._host import Host
from ja_reset.demo._words import LANGUAGES, Language
from ja_reset.testing import Customer

_FORM: Final = "application/x-www-form-urlencoded"
_MOST_FIELDS: Final = 100
_A_YEAR: Final = 365 * 24 * 3600


@attrs.define
class Visit:
    """A request of one browser. `keep` and `drop` set the cookies that its answer carries."""

    request: Request
    host: Host
    browser: Browser
    language: Language
    size: str
    memory: Memory
    _cookies: dict[str, tuple[str, int | None]] = attrs.field(factory=dict)

    @property
    def token(self) -> str | None:
        """The session's token, where the browser has one."""
        return self.request.cookies.get(SESSION)

    @property
    def customer(self) -> Customer:
        """Whom the player plays."""
        return self.host.world.customer(self.request.cookies.get(CUSTOMER, ""))

    async def view(self) -> View | None:
        """The present view of the browser's session; None where there is none."""
        if self.token is None:
            return None
        try:
            return await self.host.world.service.view(self.token)
        except UnknownSession:
            self.drop(SESSION)
            return None

    async def form(self) -> Mapping[str, str]:
        """The form that was posted, each name once. Raises HTTPException: 415, 400, 403."""
        if self.request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
            raise HTTPException(415)
        fields = await self.request.form(max_fields=_MOST_FIELDS)
        form = {name: value for name, value in fields.items() if isinstance(value, str)}
        if self.request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            raise HTTPException(403)
        if not is_token_of(self.browser, form.get("csrf", "")):
            raise HTTPException(403)
        return form

    def keep(self, name: str, value: str, *, for_good: bool = False) -> None:
        """Set a cookie with the answer."""
        self._cookies[name] = (value, _A_YEAR if for_good else None)

    def drop(self, name: str) -> None:
        """Take a cookie back with the answer."""
        self._cookies[name] = ("", 0)

    def page(self, name: str, **context: object) -> Response:
        """The page of that template, in this browser's language and size, with the token that its forms carry."""
        return self.host.pages.render(
            name,
            self.language,
            200,
            size=self.size,
            csrf=self.browser.csrf,
            path=self.request.url.path,
            now=self.host.world.clock(),
            **context,
        )

    def go(self, path: str) -> Response:
        """On to a page, by GET."""
        return RedirectResponse(path, status_code=303)

    def finish(self, response: Response) -> Response:
        """The answer with its cookies."""
        if self.browser.fresh:
            self._cookies.setdefault(BROWSER, (self.browser.cookie, None))
        for name, (value, age) in self._cookies.items():
            response.set_cookie(
                name,
                value,
                max_age=age,
                path="/",
                httponly=True,
                samesite="lax",
                secure=self.host.settings.secure or self.request.url.scheme == "https",
            )
        return response


Handler = Callable[[Visit], Awaitable[Response]]


def visit_of(request: Request) -> Visit:
    """The visit that a request is."""
    host: Host = request.app.state.host
    browser = browser_of(request.cookies.get(BROWSER), host.settings, host.world.clock())
    wanted = request.cookies.get(LANGUAGE)
    language: Language = next((each for each in LANGUAGES if each == wanted), host.settings.language)
    return Visit(request, host, browser, language, size_of(request.cookies), host.memories.of(browser.id))


def visited(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """A handler of visits as one of requests."""

    @wraps(handler)
    async def answer(request: Request) -> Response:
        visit = visit_of(request)
        return visit.finish(await handler(visit))

    return answer
