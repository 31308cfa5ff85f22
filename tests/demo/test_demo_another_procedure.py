"""A procedure unknown to the demo appears without a change: pages come from the View and the Screen alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import attrs
import pytest

from demo_site import served, visiting
from ja_reset import AsyncResetService, Button, Field, Procedure, Reason, Screen, Text, View
from ja_reset.chart import Chart
from ja_reset.demo._world import make_world
from ja_reset.screens import FieldKind, Option


def text(words: str) -> Text:
    """The same words twice."""
    return Text(f"{words}（日）", f"{words} (en)")


FIELDS = tuple(
    Field(
        f"f_{kind.value}",
        label=text(f"label of {kind.value}"),
        kind=kind,
        required=True,
        hint=text(f"hint of {kind.value}"),
        options=(Option("one", text("option one")), Option("two", text("option two"))),
        section=text(f"section of {kind.value}"),
    )
    for kind in FieldKind
)
SCREEN = Screen(
    id="XYZ042",
    title=text("a title"),
    breadcrumb=(text("step one"), text("step two")),
    position=1,
    fields=FIELDS,
    buttons=(Button("submit_novelty", text("lead on")), Button("ponder", text("ponder")), Button(None, text("own"))),
    notices=(text("the lead"), text("a notice")),
    application=text("what is applied for"),
)


class Service:
    """A service with one session, on one screen that no chart has."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Mapping[str, str]]] = []

    async def start(self, procedure: str, *, institution: str) -> View:
        """Whatever is started, it is this."""
        assert ("NOVELTY", "ja-0417") == (procedure, institution)
        return await self.view("token")

    async def view(self, token: str) -> View:
        """The one screen."""
        return View(
            token=token,
            id="id-of-it",
            version=1,
            procedure=Procedure.LOGIN_PASSWORD,
            state="NOVEL",
            screen=SCREEN,
            events=("submit_novelty", "ponder"),
            reasons=(Reason("odd", "f_date", "日付の誤り", "a wrong date"), Reason("odd", None, "全体の誤り", "wrong")),
            phones=(),
            dial=None,
            code=None,
            deadline=datetime.now(UTC) + timedelta(minutes=5),
            tries_left=2,
            result=None,
            final=False,
        )

    async def send(self, token: str, event: str, data: Mapping[str, str], **_: object) -> View:
        """Keep what was sent."""
        self.sent.append((event, data))
        return await self.view(token)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - the maintenance, which has nothing to do
        async def nothing() -> int:
            return 0

        nothing.__name__ = name
        return nothing


@attrs.frozen
class Novelty:
    """What the demo asks of a procedure and its chart."""

    title: Text = attrs.field(factory=lambda: text("a novel procedure"))


@pytest.mark.rule("E1")
def test_it_is_on_the_menu_and_its_screens_are_shown() -> None:
    """Its button, every kind of field, its notices, errors and buttons are there; what is typed reaches its event."""
    service, world = Service(), make_world()
    charts = {**world.charts, "NOVELTY": cast("Chart", Novelty())}
    with (
        served(attrs.evolve(world, service=cast("AsyncResetService", service), charts=charts)) as site,
        visiting(site) as visitor,
    ):
        assert "a novel procedure（日）" in visitor.get("/menu")
        visitor.start("NOVELTY")
        page = visitor.page
        words = [SCREEN.title, *SCREEN.breadcrumb, *SCREEN.notices, *(button.label for button in SCREEN.buttons)]
        words += [each for field in FIELDS for each in (field.label, field.hint, field.section) if each is not None]
        assert [] == [each.ja for each in words if each.ja not in page]
        names = set(re.findall(r'<(?:input|select)[^>]* name="(f_\w+)"', page))
        three = {f"f_date_{part}" for part in ("year", "month", "day")}
        assert {field.name for field in FIELDS} - {"f_date", "f_phone_choice"} | three == names
        assert {"日付の誤り", "全体の誤り"} <= set(re.findall(r"日付の誤り|全体の誤り", page))
        assert "あと2回" in page
        typed = {"f_text": "typed", "f_date_year": "1980", "f_date_month": "4", "f_date_day": "1"}
        visitor.press("submit_novelty", typed)
    (event, data), *_ = service.sent
    assert ("submit_novelty", "typed", "1980-04-01") == (event, data["f_text"], data["f_date"])
