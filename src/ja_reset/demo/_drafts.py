"""What was typed and not yet sent: it comes back after a reload, another language, another size, and from a late tab.

Law: a form that is late empties nothing, and no secret is kept (M4, S5). What is kept is in the process's memory alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response

from ja_reset import Policies
from ja_reset.demo._cookies import LANGUAGE, SIZE, SIZES, Memory
from ja_reset.demo._forms import has_secrets, typed
from ja_reset.demo._visits import Visit
from ja_reset.demo._words import LANGUAGES
from ja_reset.screens import BL1001, MENU

APPLICATION: Final = "/application"
QUESTION: Final = "/application/cancel"
PAGES: Final = frozenset(
    {"/", "/menu", APPLICATION, QUESTION, "/customers", "/telephone", "/operator", "/welcome", "/help", "/first-time"}
)
"""Where a form may ask to be led back to."""

LOGIN: Final = BL1001.render(Policies())
MENU_SCREEN: Final = MENU.render(Policies())


async def preferences(visit: Visit) -> Response:
    """Another language or size of text; what was typed so far comes back on the page, secrets apart."""
    form = await visit.form()
    page = form.get("page", "/")
    _keep_draft(visit, form)
    if form.get("lang") in LANGUAGES:
        visit.keep(LANGUAGE, form["lang"], for_good=True)
    if form.get("size") in SIZES:
        visit.keep(SIZE, form["size"], for_good=True)
    return visit.go(page if page in PAGES else "/")


async def draft(visit: Visit) -> Response:
    """What is typed on a page that is not sent yet, so that a reload loses nothing."""
    _keep_draft(visit, await visit.form())
    return Response(status_code=204)


def _keep_draft(visit: Visit, form: Mapping[str, str]) -> None:
    page, memory = form.get("page"), visit.memory
    if page == APPLICATION and form.get("session") == memory.session:
        remember(memory, form)
    elif page in {"/", "/menu"}:
        memory.entry |= typed((LOGIN if page == "/" else MENU_SCREEN).fields, form)


def remember(memory: Memory, form: Mapping[str, str]) -> None:
    """Keep what was typed on a page of the session, and whether secrets were, which are not kept."""
    memory.typed |= typed(memory.fields, form, late=number_of(form, "number") < memory.shown)
    if has_secrets(memory.fields, form):
        memory.retype = form.get("state", "")


def version_of(form: Mapping[str, str]) -> int:
    """The version that the form was made for; 0, older than all, where there is none."""
    return number_of(form, "version")


def number_of(form: Mapping[str, str], name: str) -> int:
    """A number that a page has put into its form; 0 where it is none."""
    value = form.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0  # noqa: PLR2004 - digits
