"""The customer's pages: the way in, and the one page that shows the current screen of the session.

Every post is answered with a redirect to GET (303), so a reload sends nothing again, and the back button shows a page
that is loaded again. A form contains its session, version and request, so a post that is late or repeated changes
nothing, and the page says so kindly.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response, StreamingResponse

from ja_reset import (
    Button,
    Chart,
    LoginCredentials,
    Reason,
    Screen,
    Secret,
    Text,
    UnknownInstitution,
    UnknownProcedure,
    UnknownSession,
    View,
)
from ja_reset.demo._cookies import SESSION
from ja_reset.demo._csrf import START_PATH
from ja_reset.demo._drafts import APPLICATION, LOGIN, MENU_SCREEN, QUESTION, remember, version_of
from ja_reset.demo._events import mark, stream
from ja_reset.demo._forms import read_all as data_of
from ja_reset.demo._forms import typed
from ja_reset.demo._pages import Receipt, Sheet, in_optgroups
from ja_reset.demo._panel import panel_of
from ja_reset.demo._visits import Visit
from ja_reset.demo._words import WORDS


async def login_page(visit: Visit) -> Response:
    """BL1001."""
    return _entry_page(visit, Sheet(screen=LOGIN, action="/login"))


async def login(visit: Visit) -> Response:
    """The bank's own login, as far as it serves to try a new password."""
    form = await visit.form()
    visit.memory.entry |= typed(LOGIN.fields, form)
    name, account = form.get("login_id", "").strip(), [form.get(key, "") for key in ("branch", "subject", "account")]
    given = LoginCredentials(
        password=Secret(form.get("password", "")),
        login_id=name or None,
        **({} if name else dict(zip(("branch", "subject", "account"), account, strict=True))),
    )
    for institution in visit.host.world.institutions:
        contract = visit.host.world.bank.check_login(institution.id, given)
        if contract is not None:
            visit.memory.entry_reasons.pop("/", None)
            visit.memory.logged_in = contract.name_kanji
            return visit.go("/welcome")
    visit.memory.entry_reasons["/"] = (_own("login_mismatch", "not_logged_in"),)
    return visit.go("/")


async def welcome_page(visit: Visit) -> Response:
    """Where the bank's own pages would begin."""
    if not visit.memory.logged_in:
        return visit.go("/")
    text = WORDS["logged_in_text"].get(visit.language).format(name=visit.memory.logged_in)
    return visit.page("message.html", title=WORDS["logged_in"], text=text)


async def help_page(visit: Visit) -> Response:
    """Where the bank's own help would begin."""
    return visit.page("message.html", title=WORDS["help"], text=WORDS["help_text"].get(visit.language))


async def first_time_page(visit: Visit) -> Response:
    """Where the bank would register somebody who has never logged in."""
    return visit.page("message.html", title=WORDS["first_time"], text=WORDS["first_time_text"].get(visit.language))


async def menu_page(visit: Visit) -> Response:
    """The menu: prefecture, JA, and a button for each procedure."""
    institutions = visit.host.world.institutions
    prefectures = dict.fromkeys(institution.prefecture for institution in institutions)
    notice, visit.memory.gone = (WORDS["gone"] if visit.memory.gone else None), False
    sheet = Sheet(
        screen=menu_screen(visit.host.world.charts),
        action=START_PATH,
        notice=notice,
        hours=_hours(visit),
        choices={
            "prefecture": [("", [(name, name) for name in prefectures])],
            "institution": in_optgroups((each.prefecture, each.id, each.name) for each in institutions),
        },
    )
    return _entry_page(visit, sheet)


def _hours(visit: Visit) -> list[Text]:
    """When applications are accepted, and that it is not now, where it is not (E4)."""
    world = visit.host.world
    now = world.clock()
    told = [
        Text(f"{each.name}：{hours.ja}", f"{each.name}: {hours.en}")
        for each in world.institutions
        if each.hours is not None
        for hours in (each.hours.text(now),)
    ]
    return [*told, WORDS["hours_closed"]] if world.is_closed else told or [WORDS["hours_always"]]


def menu_screen(charts: Mapping[str, Chart]) -> Screen:
    """The menu, with a button for every procedure there is, the manual's or another."""
    there = {button.event for button in MENU_SCREEN.buttons}
    more = [Button(name, chart.title) for name, chart in charts.items() if name not in there]
    return attrs.evolve(MENU_SCREEN, buttons=(*MENU_SCREEN.buttons, *more))


async def start(visit: Visit) -> Response:
    """A new session; one that was under way in this browser is cancelled."""
    form = await visit.form()
    visit.memory.entry |= typed(MENU_SCREEN.fields, form)
    known = {institution.id: institution for institution in visit.host.world.institutions}
    chosen = known.get(form.get("institution", ""))
    if chosen is None or chosen.prefecture != form.get("prefecture"):
        code, key = ("required", "choose_institution") if chosen is None else ("mismatch", "not_in_prefecture")
        visit.memory.entry_reasons["/menu"] = (_own(code, key, field="institution"),)
        return visit.go("/menu")
    try:
        view = await visit.host.world.service.start(form.get("event", ""), institution=chosen.id)
    except (UnknownProcedure, UnknownInstitution):
        raise HTTPException(404) from None
    visit.memory.entry_reasons.pop("/menu", None)
    if visit.token is not None and not visit.memory.ended:
        await _leave(visit, visit.token)
    visit.keep(SESSION, view.token)
    visit.memory.belongs_to(view.id).token = view.token
    return visit.go(APPLICATION)


async def application(visit: Visit) -> Response:
    """The screen that the session is on."""
    view = await visit.view()
    if view is None:
        visit.memory.gone = True
        return visit.go("/menu")
    memory = visit.memory.belongs_to(view.id)
    memory.token, memory.fields = view.token, view.screen.fields
    memory.shown, memory.ended = memory.shown + 1, view.final
    if view.final:
        memory.typed = {}
    if memory.retype != view.state:
        memory.retype = ""
    sheet = Sheet(
        screen=view.screen,
        action="/application/send",
        view=view,
        reasons=memory.told(view.version) or view.reasons,
        typed=memory.typed,
        retype=bool(memory.retype),
        number=memory.shown,
        receipt=await _receipt(visit, view) if view.final else None,
    )
    return _page(visit, sheet, view)


async def _receipt(visit: Visit, view: View) -> Receipt | None:
    """What to keep of the procedure, by what the service stores, whatever this process remembers."""
    world = visit.host.world
    found = next(iter(await world.service.operator.sessions(session=view.id, limit=1)), None)
    chart = world.charts.get(str(view.procedure))
    if found is None or found.active_at is None or chart is None:
        return None
    names = {each.id: f"{each.prefecture} {each.name}" for each in world.institutions}
    return Receipt(names.get(found.institution or "", ""), chart.title, found.active_at, view.reference)


async def question(visit: Visit) -> Response:
    """Whether the customer wants to cancel, on a page of its own: it needs no script."""
    view = await visit.view()
    if view is None or "cancel" not in view.events:
        return visit.go(APPLICATION)
    visit.memory.belongs_to(view.id).token = view.token
    return visit.page("question.html", view=view, title=WORDS["cancel_title"])


async def send(visit: Visit) -> Response:
    """An event of the customer."""
    form = await visit.form()
    token, memory = visit.token, visit.memory
    if token is None:
        return visit.go(APPLICATION)
    service = visit.host.world.service
    async with memory.lock:
        try:
            if form.get("session") != (await _id_of(visit, token)):
                view = await service.view(token)
                memory.belongs_to(view.id).tell((_own("stale", "other_application"),), view.version)
                return visit.go(APPLICATION)
            remember(memory, form)
            if form.get("event") == "cancel" and "sure" not in form:
                view = await service.view(token)
                if view.version == version_of(form) and "cancel" in view.events:
                    return visit.go(QUESTION)
            view = await service.send(
                token,
                form.get("event", ""),
                data_of(form),
                version=version_of(form),
                request_id=form.get("request") or None,
            )
        except UnknownSession:
            visit.drop(SESSION)
            return visit.go(APPLICATION)
    memory.belongs_to(view.id).tell(view.reasons, view.version)
    visit.host.bell.notify()
    return visit.go(APPLICATION)


async def events(visit: Visit) -> Response:
    """The stream that tells the page to reload."""
    shown = visit.request.query_params.get("shown", "")
    look = visit.view
    return StreamingResponse(stream(look, shown, visit.host.bell), media_type="text/event-stream")


async def state(visit: Visit) -> Response:
    """The same by asking: the mark of what a page would show now."""
    view = await visit.view()
    if view is None:
        return JSONResponse({"mark": None})
    left = None if view.deadline is None else (view.deadline - visit.host.world.clock()).total_seconds()
    return JSONResponse({"mark": mark(view), "left": left})


async def _id_of(visit: Visit, token: str) -> str:
    """The public id of the browser's session: as remembered, else asked for."""
    memory = visit.memory
    if memory.session and memory.token == token:
        return memory.session
    view = await visit.host.world.service.view(token)
    memory.belongs_to(view.id).token = token
    return view.id


async def _leave(visit: Visit, token: str) -> None:
    try:
        await visit.host.world.service.send(token, "cancel")
    except UnknownSession:
        return


def _entry_page(visit: Visit, sheet: Sheet) -> Response:
    """A page of the way in, with what was typed there and what was wrong with it."""
    memory = visit.memory
    reasons = memory.entry_reasons.get(visit.request.url.path, ())
    memory.entry_fields = sheet.screen.fields
    return _page(visit, attrs.evolve(sheet, typed=memory.entry, reasons=reasons), None)


def _page(visit: Visit, sheet: Sheet, view: View | None) -> Response:
    return visit.page("screen.html", sheet=sheet, panel=panel_of(visit, view, sheet.screen))


def _own(code: str, key: str, *, field: str | None = None) -> Reason:
    return Reason(code, field, WORDS[key].ja, WORDS[key].en)
