"""What the customer sees, as values: a screen with its fields, buttons and notices, in both languages.

A screen holds texts and no state. What differs between sessions (the phones offered, the number to call, the code, the
result) is in the View.
"""

from __future__ import annotations

import attrs

from ja_reset.fields.specs import FieldKind
from ja_reset.secret import by_value, shown
from ja_reset.text import Text

__all__ = ["Button", "Field", "FieldKind", "Option", "Screen", "Section"]


@by_value
@attrs.frozen(eq=False)
class Option:
    """One choice of a radio field: `value` is what the form posts."""

    __repr__ = shown

    value: str
    label: Text

    def to_dict(self, *languages: str) -> dict[str, object]:
        """Plain JSON."""
        return {"value": self.value, "label": self.label.to_dict(*languages)}


@by_value
@attrs.frozen(eq=False)
class Field:
    """One field of a form; `name` is the event's key, `section` the heading that the manual puts above it.

    `hint` says what to enter; `notes` are the rules of this field, which a page shows beside it.
    """

    __repr__ = shown

    name: str
    label: Text
    kind: FieldKind
    required: bool
    hint: Text | None = None
    options: tuple[Option, ...] = ()
    section: Text | None = None
    notes: tuple[Text, ...] = ()

    def to_dict(self, *languages: str) -> dict[str, object]:
        """Plain JSON."""
        return {
            "name": self.name,
            "label": self.label.to_dict(*languages),
            "kind": self.kind.value,
            "required": self.required,
            "hint": None if self.hint is None else self.hint.to_dict(*languages),
            "options": [option.to_dict(*languages) for option in self.options],
            "section": None if self.section is None else self.section.to_dict(*languages),
            "notes": [note.to_dict(*languages) for note in self.notes],
        }


@by_value
@attrs.frozen(eq=False)
class Button:
    """A button; `event` is what it sends, None where it is the page's own (print, a link)."""

    __repr__ = shown

    event: str | None
    label: Text

    def to_dict(self, *languages: str) -> dict[str, object]:
        """Plain JSON."""
        return {"event": self.event, "label": self.label.to_dict(*languages)}


@by_value
@attrs.frozen(eq=False)
class Section:
    """What stands together under a heading of its own: some of the screen's notices, and some of its buttons."""

    __repr__ = shown

    heading: Text
    notices: tuple[Text, ...] = ()
    buttons: tuple[Button, ...] = ()

    def to_dict(self, *languages: str) -> dict[str, object]:
        """Plain JSON."""
        return {
            "heading": self.heading.to_dict(*languages),
            "notices": [notice.to_dict(*languages) for notice in self.notices],
            "buttons": [button.to_dict(*languages) for button in self.buttons],
        }


@by_value
@attrs.frozen(eq=False)
class Screen:
    """A screen as it is shown: `id` is the manual's, `position` the index of the present step in `breadcrumb`.

    `application` is the manual's line お申込種別. The first notice says what to do, the others what to heed; those of
    `sections` are among them, and on the screen of a call they stand above the number. `printed_id` is what the page
    shows as 画面ID: None where the manual has none. `keyboard`: the words at the box that turns the on-screen keyboard
    of the secret fields off; it is on by default. None: the manual has no such keyboard on this screen.
    """

    __repr__ = shown

    id: str
    title: Text
    breadcrumb: tuple[Text, ...] = ()
    position: int | None = None
    fields: tuple[Field, ...] = ()
    buttons: tuple[Button, ...] = ()
    notices: tuple[Text, ...] = ()
    application: Text | None = None
    sections: tuple[Section, ...] = ()
    printed_id: str | None = None
    keyboard: Text | None = None

    @property
    def step(self) -> Text:
        """What the screen is called in short: the present step of its breadcrumb, or its title."""
        return self.title if self.position is None else self.breadcrumb[self.position]

    def to_dict(self, *languages: str) -> dict[str, object]:
        """Plain JSON, every text as `{"key": …, "ja": …, "en": …}`, or in *languages* alone: see `Text.to_dict`."""
        return {
            "id": self.id,
            "title": self.title.to_dict(*languages),
            "breadcrumb": [step.to_dict(*languages) for step in self.breadcrumb],
            "position": self.position,
            "fields": [field.to_dict(*languages) for field in self.fields],
            "buttons": [button.to_dict(*languages) for button in self.buttons],
            "notices": [notice.to_dict(*languages) for notice in self.notices],
            "application": None if self.application is None else self.application.to_dict(*languages),
            "sections": [section.to_dict(*languages) for section in self.sections],
            "printed_id": self.printed_id,
            "keyboard": None if self.keyboard is None else self.keyboard.to_dict(*languages),
        }
