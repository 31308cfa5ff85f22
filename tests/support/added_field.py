"""A program: goes from the form to the page with the field that docs/adding.md adds, and prints what it meets as JSON.

It is run on a copy of the library that has the field. The field is found by its name; nothing else here knows of it.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from datetime import date
from html import unescape

import httpx
from hypothesis import Phase, find, settings

from demo_site import PLAIN, Visitor, served
from ja_reset import Policies, Procedure
from ja_reset.fields.forms import IdentityForm, read
from ja_reset.fields.specs import fields_of
from ja_reset.machines import PROCEDURES
from ja_reset.policies import FieldPolicy
from ja_reset.screens import SCREEN_TEXTS, messages
from ja_reset.sphinx_ext._tables import screens_of
from ja_reset.testing import CAST, FakeBank, identity, strategies
from ja_reset.testing.path_player import play
from ja_reset.testing.paths import paths
from ja_reset.verify._samples import Readings, typed

FIELD = "card"
TODAY = date(2026, 4, 1)


def form() -> dict[str, object]:
    """What is read of it, under the policy's own limit and another."""
    make_policy: Callable[..., FieldPolicy] = FieldPolicy
    other = Policies(fields=make_policy(card_digits=4))

    def codes(value: str, policies: Policies) -> list[str]:
        errors = read(IdentityForm, {**identity(CAST[0]), FIELD: value}, policy=policies, today=TODAY).errors
        return [f"{error.field}: {error.code}" for error in errors]

    values = ("7777777777", "7777", "", "x", "77777777777")
    return {"standard": [codes(value, Policies()) for value in values], "other": codes("7777", other)}


def screens() -> dict[str, object]:
    """Its label and hint, on the screen and in the tables of the docs; the words of an error; keys without a text."""
    charts = [PROCEDURES[each] for each in (Procedure.LOGIN_PASSWORD, Procedure.RISK_BASED_AUTH)]
    found = [
        field for chart in charts for screen in screens_of(chart) for field in screen.fields if field.name == FIELD
    ]
    plans = [plan for chart in charts for state in chart.states.values() for plan in state.plans]
    return {
        "labels": sorted({field.label.ja for field in found}),
        "hints": sorted({field.hint.en for field in found if field.hint}),
        "error": messages.render("format", field=FIELD).en,
        "unknown": [key for plan in plans for key in plan.text_keys() if key not in SCREEN_TEXTS],
    }


def drawn() -> dict[str, object]:
    """What the strategies, the verifier and the fake bank's customers enter there."""
    quickly = settings(max_examples=500, phases=[Phase.generate], database=None)
    miss = find(strategies.near_misses(IdentityForm), lambda drawn: drawn[1][0] == FIELD, settings=quickly)
    valid = find(strategies.valid_values(IdentityForm), lambda _: True, settings=quickly)
    readings = Readings(Policies()).of(IdentityForm)
    return {
        "strategy": FIELD in valid and not read(IdentityForm, valid, policy=Policies(), today=TODAY).errors,
        "near_miss": miss[1][0],
        "sample": typed(IdentityForm, Policies())[FIELD],
        "right": [sample.name for sample in readings if not sample.against],
        "customer": identity(CAST[0])[FIELD],
    }


def paths_taken() -> list[str]:
    """Where the paths of a procedure lead that asks for it."""
    found = paths(Procedure.LOGIN_PASSWORD)
    names = (
        "BIM015.submit_identity",
        "BIM015.submit_identity!form_is_valid",
        "BIM015.submit_identity!identity_is_proved",
    )
    return [name for name in names if name in play(found.transitions[name]).taken]


def page() -> dict[str, object]:
    """The demo's page: its label there, what the panel fills in, and the screen that comes next."""
    with served() as site, httpx.Client(base_url=site.address, follow_redirects=True, verify=PLAIN) as client:
        visitor = Visitor(client)
        visitor.start("LOGIN_PASSWORD")
        shown = "カード番号" in visitor.page
        visitor.post("/stage/fill", {"page": "/application"})
        box = re.search(rf'<input[^>]*name="{FIELD}"[^>]*>', visitor.page)
        filled = re.search(r'value="([^"]*)"', box[0]) if box else None
        visitor.identify()
        return {"label": shown, "filled": unescape(filled[1]) if filled else None, "next": visitor.title}


assert FIELD in [spec.name for spec in fields_of(IdentityForm)]
assert FakeBank().customer("C-0001") == CAST[0]
json.dump(
    {"form": form(), "screens": screens(), "drawn": drawn(), "paths": paths_taken(), "page": page()},
    sys.stdout,
    ensure_ascii=False,
)
