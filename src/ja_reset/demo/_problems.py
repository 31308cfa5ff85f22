"""The pages for errors: a status, a kind text, and nothing that reveals how the demo is built."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from ja_reset.demo._cookies import LANGUAGE, size_of
from ja_reset.demo._words import LANGUAGES, PROBLEMS, Language

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from ja_reset.demo._pages import Pages
    from ja_reset.demo._settings import Settings


class Problems:
    """Answers with the page for a status, in the browser's language."""

    def __init__(self, pages: Pages, settings: Settings) -> None:
        self._pages = pages
        self._settings = settings

    def page(self, request: Request, status: int) -> Response:
        """The page for that status; one that has none gets the plainest."""
        wanted = request.cookies.get(LANGUAGE)
        language: Language = next((each for each in LANGUAGES if each == wanted), self._settings.language)
        title, text = PROBLEMS.get(status) or PROBLEMS[500 if status >= 500 else 400]  # noqa: PLR2004 - HTTP's classes
        response = self._pages.render(
            "problem.html", language, status, size=size_of(request.cookies), title=title, text=text
        )
        if status >= 500:  # noqa: PLR2004 - as above
            response.headers["Connection"] = "close"  # the server drops it after an exception: nobody is to send on it
        if status == 429:  # noqa: PLR2004 - HTTP's own number
            response.headers["Retry-After"] = "10"
        return response

    async def refuse(self, scope: Scope, receive: Receive, send: Send, status: int) -> None:
        """The same, in place of the application."""
        await self.page(Request(scope, receive), status)(scope, receive, send)

    def handler(self, status: int) -> Callable[[Request, Exception], Awaitable[Response]]:
        """For an exception: that status, or what the exception itself names."""

        async def handle(request: Request, error: Exception) -> Response:
            response = self.page(request, error.status_code if isinstance(error, HTTPException) else status)
            if isinstance(error, HTTPException) and error.headers:
                response.headers.update(error.headers)
            return response

        return handle
