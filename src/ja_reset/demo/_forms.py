"""Between a web form and an event's data: what a screen's fields are read from, and filled in with again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from ja_reset import Field
from ja_reset.screens import FieldKind

_AUTOCOMPLETE: Final[Mapping[str, str]] = {
    "name_kanji": "name",
    "birth_date_year": "bday-year",
    "birth_date_month": "bday-month",
    "birth_date_day": "bday-day",
    "phone": "tel",
    **dict.fromkeys(("email", "email_confirm", "token_email", "token_email_confirm"), "email"),
    "login_id": "username",
    "password": "current-password",
    **dict.fromkeys(("new_password", "new_password_confirm"), "new-password"),
}


def boxes(name: str) -> tuple[str, str, str]:
    """The names of the three boxes that a date is typed into."""
    return f"{name}_year", f"{name}_month", f"{name}_day"


def read_all(form: Mapping[str, str]) -> dict[str, str]:
    """The data of an event: all that was posted (F14), dates joined from their boxes."""
    data = dict(form)
    for name in [key.removesuffix("_year") for key in form if key.endswith("_year")]:
        if all(box in form for box in boxes(name)):
            data[name] = _date([data.pop(box) for box in boxes(name)])
    return data


def typed(fields: Iterable[Field], form: Mapping[str, str], *, late: bool = False) -> dict[str, str]:
    """What may be filled in again: all but secrets, the boxes of a date one by one.

    A *late* form, of a page that was shown earlier, adds what was typed there and empties nothing.
    """
    names = [name for field in fields for name in controls(field) if not field.kind.is_secret]
    return {name: form.get(name, "") for name in names if form.get(name) or not late}


def has_secrets(fields: Iterable[Field], form: Mapping[str, str]) -> bool:
    """Whether something was typed that is not filled in again."""
    return any(field.kind.is_secret and form.get(field.name) for field in fields)


def controls(field: Field) -> tuple[str, ...]:
    """The names of what a field is typed into."""
    return boxes(field.name) if field.kind is FieldKind.DATE else (field.name,)


def autocomplete(name: str) -> str:
    """What a browser may fill that control in with (WCAG 1.3.5); PINs and what is used once are never kept."""
    return _AUTOCOMPLETE.get(name, "off")


def spread(fields: Iterable[Field], data: Mapping[str, str]) -> dict[str, str]:
    """An event's data as `typed` would have kept it: for a form that somebody else filled in."""
    kept: dict[str, str] = {}
    for field in fields:
        if field.name not in data or field.kind.is_secret:
            continue
        if field.kind is FieldKind.DATE:
            kept |= dict(zip(boxes(field.name), data[field.name].split("-"), strict=True))
        else:
            kept[field.name] = data[field.name]
    return kept


def first_control(field: Field) -> str:
    """The id of what an error's link leads to."""
    return controls(field)[0]


def _date(typed_boxes: list[str]) -> str:
    """YYYY-MM-DD where it can be one; else the boxes as they are, for the library to refuse."""
    year, month, day = (box.strip() for box in typed_boxes)
    if not (year or month or day):
        return ""
    return f"{year}-{_two(month)}-{_two(day)}"


def _two(digits: str) -> str:
    return digits if len(digits) > 1 else f"0{digits}" if digits else digits
