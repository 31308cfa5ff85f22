"""All items of an operator's listing, page by page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ja_reset.service._pages import Page

T = TypeVar("T")


def paged(ask: Callable[[str | None], Page[T]]) -> list[T]:
    """The items of all pages; *ask* gives the page after a cursor."""
    page = ask(None)
    found = list(page)
    while page.next is not None:
        page = ask(page.next)
        found += page
    return found
