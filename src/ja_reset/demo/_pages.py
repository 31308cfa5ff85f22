"""Renders a screen and its view for the template, which knows kinds of fields and no screens."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from itertools import groupby
from typing import Final

import attrs
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from ja_reset import Button, Field, Moment, Reason, Screen, Text, View
from ja_reset.demo._events import mark
from ja_reset.demo._forms import autocomplete, boxes, first_control
from ja_reset.demo._words import WORDS, Language
from ja_reset.screens import REASON_NAMES, SCREEN_TEXTS, FieldKind, Section

JAPAN: Final = timezone(timedelta(hours=9))

_DAY: Final[Mapping[Language, str]] = {"ja": "%Y年%-m月%-d日 %H:%M", "en": "%-d %B %Y, %H:%M"}

_QUIET: Final = frozenset({"back", "cancel"})
"""Events whose buttons stand back behind the one that leads on."""


_CALM: Final = frozenset({"in_progress", "phone_not_verified", "closed"})
"""Reasons that say what is waited for, and nothing that went wrong."""


_OF_CODES: Final = frozenset({Moment.WRONG_CODE, Moment.CALL_OVER})


@attrs.frozen
class Press:
    """A button as the page shows it: `send` posts an event, `go` is a link, `print` is the browser's own."""

    label: Text
    how: str
    value: str = ""
    quiet: bool = False


OWN: Final[Mapping[str, Press]] = {
    key: Press(SCREEN_TEXTS[key], how, value)
    for key, how, value in (
        ("button.print", "print", ""),
        ("button.home", "go", "/"),
        ("button.log_in", "send", "log_in"),
        ("button.apply", "go", "/menu"),
        ("button.first_time", "go", "/first-time"),
        ("button.help", "go", "/help"),
    )
}
"""What the buttons do that send no event of a session, by the keys of their labels."""


@attrs.frozen
class Receipt:
    """What a customer keeps of a procedure that has ended."""

    institution: str
    procedure: Text
    at: datetime
    reference: str


@attrs.frozen(kw_only=True)
class Sheet:
    """A screen with what this page shows on it; `view` is None on the way in."""

    screen: Screen
    action: str
    view: View | None = None
    reasons: tuple[Reason, ...] = ()
    typed: Mapping[str, str] = attrs.field(factory=dict)
    choices: Mapping[str, list[tuple[str, list[tuple[str, str]]]]] = attrs.field(factory=dict)
    notice: Text | None = None
    receipt: Receipt | None = None
    retype: bool = False
    number: int = 0
    hours: Sequence[Text] = ()

    @property
    def presses(self) -> list[Press]:
        """The buttons, the one that leads on first, without those that stand apart."""
        apart = [button for section in self.screen.sections for button in section.buttons]
        return [_press(button) for button in self.screen.buttons if button not in apart]

    @property
    def apart(self) -> list[tuple[Section, list[Press]]]:
        """The sections that have buttons of their own."""
        return [(each, list(map(_press, each.buttons))) for each in self.screen.sections if each.buttons]

    @property
    def notes(self) -> list[Text]:
        """What to heed, without what stands in a section of its own."""
        apart = [notice for section in self.screen.sections for notice in section.notices]
        return [each for each in self.screen.notices if each not in (*apart, self.confirmed, self.lead)]

    @property
    def first_press(self) -> Press | None:
        """What the Enter key presses."""
        return next((press for press in self.presses if press.how == "send"), None)

    @property
    def sections(self) -> list[tuple[Text | None, list[Field]]]:
        """The fields under their headings; a field without one stands under the heading before."""
        heading: Text | None = None
        placed = []
        for field in self.screen.fields:
            heading = field.section or heading
            placed.append((heading, field))
        return [(section, [field for _, field in group]) for section, group in groupby(placed, lambda pair: pair[0])]

    @property
    def told_by_moment(self) -> bool:
        """Whether the moment of the screen says all that the reasons would say."""
        moment = None if self.view is None else self.view.moment
        return moment in _OF_CODES and {reason.code for reason in self.reasons} <= {"wrong_code", "not_confirmed"}

    @property
    def moment(self) -> str:
        """The word over the numbers of a call: what has happened to it."""
        moment = Moment.WAITING if self.view is None or self.view.moment is None else self.view.moment
        missed = moment is Moment.WRONG_CODE and any(reason.code == "not_confirmed" for reason in self.reasons)
        return "moment_not_confirmed" if missed else f"moment_{moment}"

    @property
    def calls(self) -> bool:
        """Whether something has happened to the call that the customer should hear of."""
        return self.view is not None and self.view.moment in {Moment.ANSWERED, *_OF_CODES}

    @property
    def confirmed(self) -> Text | None:
        """What has just succeeded, where the page has moved on by itself."""
        proved = self.view is not None and self.view.moment is Moment.PROVED
        return self.screen.notices[0] if proved and self.screen.notices else None

    @property
    def lead(self) -> Text | None:
        """What to do on this screen, in this moment."""
        return next((each for each in self.screen.notices if each is not self.confirmed), None)

    @property
    def errors(self) -> dict[str, list[Reason]]:
        """The reasons that stand at a field of this screen."""
        names = [field.name for field in self.screen.fields]
        return {name: found for name in names if (found := [each for each in self.reasons if each.field == name])}

    @property
    def links(self) -> list[tuple[Field, Reason]]:
        """The same, in the order of the fields, for the sum at the top."""
        return [(field, each) for field in self.screen.fields for each in self.errors.get(field.name, ())]

    @property
    def general(self) -> list[Reason]:
        """The reasons that stand at no field."""
        return [each for each in self.reasons if each.field not in self.errors]

    @property
    def notes_at(self) -> str | None:
        """The field that the notices stand before: the one that says that they were read."""
        return next((each.name for each in self.screen.fields if each.kind is FieldKind.CHECKBOX), None)

    @property
    def live(self) -> bool:
        """Whether the page may move on by itself: something else than the customer is waited for."""
        return self.view is not None and (self.view.busy or "proceed" in self.view.events)

    @property
    def waits(self) -> bool:
        """Whether all there is to say is that something is waited for, which is no error."""
        return bool(self.reasons) and {reason.code for reason in self.reasons} <= _CALM

    @property
    def mark(self) -> str:
        """What the page shows, for the stream of events."""
        return "" if self.view is None else mark(self.view)


class Pages:
    """The templates."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=PackageLoader("ja_reset.demo"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.globals.update(
            zip=zip,
            autocomplete=autocomplete,
            boxes=boxes,
            first_control=first_control,
            new_id=lambda: secrets.token_urlsafe(12),
        )

    def render(self, name: str, language: Language, status: int, **context: object) -> HTMLResponse:
        """The page of that template, in that language."""
        html = self._environment.get_template(name).render(speaker(language), **context)
        return HTMLResponse(html, status)


def speaker(language: Language) -> dict[str, object]:
    """What a template says words with."""

    def say(text: Text) -> str:
        return text.get(language)

    def word(key: str, **words: object) -> str:
        text = WORDS[key].get(language)
        return text.format(**words) if words else text

    def told(reason: Reason) -> str:
        return reason.get(language)

    def day(at: datetime) -> str:
        return at.astimezone(JAPAN).strftime(_DAY[language])

    def named(code: str) -> str:
        return f"{REASON_NAMES[code].get(language)} ({code})" if code in REASON_NAMES else code

    words = {"say": say, "word": word, "told": told, "named": named}
    return {"lang": language, "clock": clock_time, "day": day, "moment": moment, **words}


def clock_time(at: datetime) -> str:
    """The time of day in Japan."""
    return at.astimezone(JAPAN).strftime("%H:%M:%S")


def moment(at: datetime | str) -> Markup:
    """Day and time in Japan, as a `time` element."""
    when = (datetime.fromisoformat(at) if isinstance(at, str) else at).astimezone(JAPAN)
    return Markup('<time datetime="{}">{}</time>').format(when.isoformat(), when.strftime("%m-%d %H:%M:%S"))


def in_optgroups(pairs: Iterable[tuple[str, str, str]]) -> list[tuple[str, list[tuple[str, str]]]]:
    """(group, value, label) as the groups of a list to choose from."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for group, value, label in pairs:
        groups.setdefault(group, []).append((value, label))
    return list(groups.items())


def _press(button: Button) -> Press:
    if button.event is not None:
        return Press(button.label, "send", button.event, quiet=button.event in _QUIET)
    return OWN.get(button.label.key or "", Press(button.label, "go", "/"))
