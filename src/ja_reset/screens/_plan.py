"""A screen declared by the keys of its texts, and rendered with a host's texts and limits.

The declaration is data: pages, diagrams and tables read it. Only the texts are computed, and the notices that say how a
call is answered, which depend on the phone policy (P4).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

import attrs

from ja_reset.errors import ChartError
from ja_reset.fields.specs import FieldKind, FieldSpec, Form, fields_of
from ja_reset.screens._catalogue import SCREEN_TEXTS
from ja_reset.screens._moments import Moment
from ja_reset.screens._named import DIAL_NOTICE, NOTHING_TOLD, dial_words
from ja_reset.screens._notice_plans import COMPLETING_NOTICES, Answering, Notice, SectionPlan
from ja_reset.screens.placeholders import NO_TEXTS, Catalogue, catalogue_of, fill
from ja_reset.text import Text

if TYPE_CHECKING:
    from ja_reset.policies import Policies
    from ja_reset.screens._figures import PlaceholderValue
    from ja_reset.screens._screen import Screen

_NO_VALUES: Mapping[str, str] = MappingProxyType({})


@attrs.frozen(eq=False, repr=False)
class OptionPlan:
    """One choice: the value that is posted, and the key of its label."""

    value: str
    text: str


@attrs.frozen(eq=False, repr=False)
class FieldPlan:
    """A field as a screen shows it, with or without a form behind it.

    Its words are `field.TEXT.label` and `field.TEXT.hint`, where *text* is the name unless told otherwise. `section`
    is the key of the heading above it; a field without one stands under the heading before. `notes` are the keys of
    the rules beside it.
    """

    name: str
    kind: FieldKind
    section: str | None = None
    text: str = attrs.field(default=attrs.Factory(lambda self: self.name, takes_self=True), kw_only=True)
    hint: bool = attrs.field(default=True, kw_only=True)
    required: bool = attrs.field(default=True, kw_only=True)
    options: tuple[OptionPlan, ...] = attrs.field(default=(), kw_only=True)
    notes: tuple[str, ...] = attrs.field(default=(), kw_only=True)

    @classmethod
    def of(cls, spec: FieldSpec) -> FieldPlan:
        """How the field of a form is shown."""
        return cls(
            spec.name,
            spec.kind,
            spec.section,
            text=spec.text,
            hint=spec.hint,
            required=spec.required,
            options=tuple(map(OptionPlan, spec.reader.choices, spec.options)),
            notes=spec.notes,
        )


@attrs.frozen(eq=False, repr=False)
class ButtonPlan:
    """A button: the event that it sends (None: the page's own), and the key of its label."""

    event: str | None
    text: str


CANCEL = ButtonPlan("cancel", "button.cancel")
KEYBOARD = "notice.keyboard"
"""The words at the box that turns the on-screen keyboard off."""
BACK = ButtonPlan("back", "button.back")
COMPLETING_BUTTON = ButtonPlan("proceed", "button.check_result")


@attrs.frozen(eq=False, repr=False, kw_only=True)
class ScreenPlan:
    """One screen of the manual; plans are module constants and compare by identity.

    `form` is what is filled in here, and its fields are the screen's; `fields` are given where no form is read.
    `title`, `breadcrumb`, `notices` and `application` are keys of `SCREEN_TEXTS`. `rings_off` says that the manual
    has a call of this screen's family end unanswered (BIM), unless a policy asks for a code. `prints_id`: whether the
    page shows the id. `keyboard` is the key of the words at the box of the on-screen keyboard. `sections` group
    notices and buttons of the screen; raises ChartError for one that names others.
    """

    id: str
    title: str
    breadcrumb: tuple[str, ...] = ()
    position: int | None = None
    application: str | None = None
    form: Form | None = None
    fields: tuple[FieldPlan, ...] = attrs.field(
        default=attrs.Factory(lambda self: _fields_of(self.form), takes_self=True)
    )
    buttons: tuple[ButtonPlan, ...] = ()
    notices: tuple[Notice, ...] = ()
    rings_off: bool = False
    sections: tuple[SectionPlan, ...] = ()
    prints_id: bool = True
    keyboard: str | None = None

    def __attrs_post_init__(self) -> None:
        for section in self.sections:
            there = {*(each.text for each in self.notices), *(each.text for each in self.buttons)}
            for key in {*section.notices, *section.buttons} - there:
                msg = f"screen {self.id}: section {section.heading} names {key}, which is no notice or button of it"
                raise ChartError(msg)

    @property
    def step(self) -> str:
        """The key of what the screen is called in short: the present step of its breadcrumb, or its title."""
        return self.title if self.position is None else self.breadcrumb[self.position]

    def render(
        self,
        policies: Policies,
        texts: Mapping[str, Text] = NO_TEXTS,
        values: Mapping[str, str] = _NO_VALUES,
        *,
        dial: str | None = None,
        moment: Moment | None = None,
        told: Mapping[str, Text] = NOTHING_TOLD,
    ) -> Screen:
        """The screen with the limits of *policies*, and with the host's *texts* in place of ours, key by key.

        *dial* is the number to call, *moment* the one whose notices are shown; *told* are words that these may name
        (`institution`, `tries_left` …), and a notice that needs others is left out. Unknown keys are ignored; an
        unknown `{name}` is left as it is. Without texts the same screen is returned again; with texts it is built each
        time, in some tens of microseconds.
        """
        catalogue = catalogue_of(texts)
        figures = catalogue.figures(policies)
        keys = _shown(self, self._answering(policies), moment, frozenset(told), relay=policies.caller_id.relay)
        if not values and not told and (catalogue is texts or not texts):
            return _cached_screen(self, keys, catalogue, figures, dial)
        own = {name: Text(v, v) for name, v in values.items()}
        words = {**_words(figures, catalogue), **own, **told}
        return _screen(self, keys, catalogue, words, dial)

    def text_keys(self) -> Iterator[str]:
        """The key of every text that this screen may show, whatever the policies."""
        yield self.title
        yield from self.breadcrumb
        if self.application is not None:
            yield self.application
        for field in self.fields:
            yield f"field.{field.text}.label"
            if field.hint:
                yield f"field.{field.text}.hint"
            if field.section is not None:
                yield field.section
            yield from (option.text for option in field.options)
            yield from field.notes
        yield from (button.text for button in self.buttons)
        yield from (notice.text for notice in self.notices)
        yield from (section.heading for section in self.sections)
        if self.keyboard is not None:
            yield self.keyboard

    def _answering(self, policies: Policies) -> Answering:
        if self.rings_off and not policies.phone.bim_code:
            return Answering.CONFIRMED if policies.phone.bim_announce else Answering.RINGS_OFF
        from ja_reset.policies._phone import CodeChannel  # noqa: PLC0415 - loaded for a service

        if policies.phone.code_channel is CodeChannel.SPOKEN:
            return Answering.CODE_SPOKEN
        return Answering.CODE_DISPLAYED


def completing(screen: ScreenPlan) -> ScreenPlan:
    """What stands in the place of *screen*, under a title of its own, while the bank carries out what was ordered."""
    bare = attrs.evolve(screen, title="COMPLETING.title", form=None, fields=(), sections=(), keyboard=None)
    return attrs.evolve(bare, buttons=(COMPLETING_BUTTON,), notices=COMPLETING_NOTICES)


def _fields_of(form: Form | None) -> tuple[FieldPlan, ...]:
    return () if form is None else tuple(map(FieldPlan.of, fields_of(form)))


@lru_cache(maxsize=1024)
def _shown(
    plan: ScreenPlan, answering: Answering, moment: Moment | None, told: frozenset[str], *, relay: bool
) -> tuple[str, ...]:
    """The keys of the notices that are shown then."""
    return tuple(each.text for each in plan.notices if each.is_shown(answering, moment, told, relay=relay))


def _screen(
    plan: ScreenPlan, keys: tuple[str, ...], texts: Catalogue, words: Mapping[str, Text], dial: str | None
) -> Screen:
    from ja_reset.screens._screen import Button, Field, Option, Screen, Section  # noqa: PLC0415 - loaded for a service

    of_dial = dial_words(dial)
    words = {**words, **of_dial}

    def say(key: str) -> Text:
        text = texts.text((key,), SCREEN_TEXTS)
        if text is None:
            raise KeyError(key)
        return fill(text, words)

    def field_of(field: FieldPlan) -> Field:
        return Field(
            name=field.name,
            label=say(f"field.{field.text}.label"),
            kind=field.kind,
            required=field.required,
            hint=say(f"field.{field.text}.hint") if field.hint else None,
            options=tuple(Option(option.value, say(option.text)) for option in field.options),
            section=None if field.section is None else say(field.section),
            notes=tuple(map(say, field.notes)),
        )

    notices = {key: say(key) for key in keys if of_dial or key != DIAL_NOTICE}
    buttons = {button.text: Button(button.event, say(button.text)) for button in plan.buttons}

    return Screen(
        id=plan.id,
        title=say(plan.title),
        breadcrumb=tuple(say(step) for step in plan.breadcrumb),
        position=plan.position,
        fields=tuple(field_of(field) for field in plan.fields),
        buttons=tuple(buttons.values()),
        notices=tuple(notices.values()),
        application=None if plan.application is None else say(plan.application),
        sections=tuple(
            Section(
                say(section.heading),
                tuple(notices[key] for key in section.notices if key in notices),
                tuple(buttons[key] for key in section.buttons),
            )
            for section in plan.sections
            if section.buttons or any(key in notices for key in section.notices)
        ),
        printed_id=plan.id if plan.prints_id else None,
        keyboard=None if plan.keyboard is None else say(plan.keyboard),
    )


@lru_cache(maxsize=1024)
def _cached_screen(
    plan: ScreenPlan,
    keys: tuple[str, ...],
    catalogue: Catalogue,
    figures: tuple[PlaceholderValue, ...],
    dial: str | None,
) -> Screen:
    return _screen(plan, keys, catalogue, _words(figures, catalogue), dial)


def _words(figures: tuple[PlaceholderValue, ...], catalogue: Catalogue) -> Mapping[str, Text]:
    from ja_reset.screens._figures import placeholder_words  # noqa: PLC0415 - loaded for a service

    return placeholder_words(figures, catalogue.names)
