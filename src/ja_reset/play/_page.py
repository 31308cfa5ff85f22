"""A View as a page of a terminal, in lines of at most 78 cells."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Final

from ja_reset import Field, Reason, Text, View
from ja_reset.diagrams._width import cells, wrapped
from ja_reset.play._answers import printable
from ja_reset.text import Language

WIDTH: Final = 78
_JAPAN: Final = timezone(timedelta(hours=9))
_CLOCK: Final = "%H:%M:%S"

_CHOICES: Final = Text("お選びいただける電話番号", "Phones to choose from")
_CHOSEN: Final = Text("選択された電話番号", "The phone chosen")
_DIAL: Final = Text("認証先電話番号", "Number to call")
_CODE: Final = Text("確認番号", "Code to key in")
_TRIES: Final = Text("残りの入力回数", "Tries left")
_WINDOWS: Final = Text("このあと電話番号認証を行える回数", "Further attempts at phone authentication")
_UNTIL: Final = Text("残り {left} ({at} まで)", "{left} left (until {at})")
_RESULT: Final = (Text("サービスID", "Service ID"), Text("ユーザID", "User ID"), Text("送信先", "Email goes to"))
_AS_BEFORE: Final = Text("(ご案内は前と同じ)", "(notices as before)")
_SECONDS: Final = Text("{seconds}秒", "{seconds} s")
_MINUTES: Final = Text("{minutes}分{seconds:02}秒", "{minutes} min {seconds:02} s")


def page(view: View, language: Language, *, now: datetime, notices: bool = True) -> str:
    """The screen as text, ending with a newline; *notices*: whether to show them or to say that they are as before."""
    return "".join(f"{line}\n" for line in _lines(view, language, now, notices=notices))


def _lines(view: View, language: Language, now: datetime, *, notices: bool) -> Iterator[str]:
    screen = view.screen
    yield from _head(view, language)
    if screen.breadcrumb:
        steps = [step.get(language) for step in screen.breadcrumb]
        if screen.position is not None:
            steps[screen.position] = f"【{steps[screen.position]}】"
        yield from _within("│ ", " > ".join(steps))
    if screen.application is not None:
        yield from _within("│ ", screen.application.get(language))
    for reason in view.reasons:
        yield from _within("│ ! ", told(reason, language))
    if screen.notices and notices:
        yield "│"
        for notice in screen.notices:
            yield from _within("│ ・", notice.get(language))
    elif screen.notices:
        yield f"│ {_AS_BEFORE.get(language)}"
    yield from _fields(view, language)
    yield from _facts(view, language, now)
    buttons = [
        f"[{number}] {button.label.get(language)}" + (f" ({button.event})" if button.event else "")
        for number, button in enumerate(screen.buttons, 1)
    ]
    if buttons:
        yield "│"
        yield from _in_rows(buttons)
    yield "└" + "─" * (WIDTH - 1)


def _head(view: View, language: Language) -> Iterator[str]:
    name = view.screen.id if view.state == view.screen.id else f"{view.screen.id} ({view.state})"
    head = f"┌─ {name}  {view.screen.title.get(language)} "
    yield head + "─" * max(0, WIDTH - cells(head.replace("─", "-").replace("┌", "-")))


def _fields(view: View, language: Language) -> Iterator[str]:
    for field in view.screen.fields:
        if field.section is not None:
            yield "│"
            yield f"│ ■ {field.section.get(language)}"
        yield from _within("│   ", _field(field, language))
        for option in field.options:
            yield f"│       {option.value}: {option.label.get(language)}"
        for note in field.notes:
            yield from _within("│       ", note.get(language))


def _field(field: Field, language: Language) -> str:
    required = " *" if field.required else ""
    hint = f"  {field.hint.get(language)}" if field.hint is not None else ""
    return f"{field.label.get(language)}{required} [{field.name}]{hint}"


def _facts(view: View, language: Language, now: datetime) -> Iterator[str]:
    facts: list[tuple[Text, str]] = []
    waits = view.dial is not None
    if view.phones and not waits:
        yield "│"
        yield f"│ {_CHOICES.get(language)}"
        yield from (f"│     {number}: {phone.masked}" for number, phone in enumerate(view.phones, 1))
    elif view.phones:
        facts.append((_CHOSEN, view.phones[0].masked))
    if view.dial is not None:
        facts.append((_DIAL, view.dial))
    if view.code is not None:
        facts.append((_CODE, view.code))
    left = ((_TRIES, view.tries_left), (_WINDOWS, view.windows_left))
    facts += [(label, str(count)) for label, count in left if count is not None]
    if view.result is not None:
        result = (view.result.service_id, view.result.user_id, view.result.email)
        facts += zip(_RESULT, result, strict=True)
    if facts or view.deadline is not None:
        yield "│"
    for label, value in facts:
        yield from _within("│ ", f"{label.get(language)}: {printable(value)}")
    if view.deadline is not None:
        at = view.deadline.astimezone(_JAPAN).strftime(_CLOCK)
        yield f"│ {_UNTIL.get(language).format(left=countdown(view.deadline - now, language), at=at)}"


def countdown(left: timedelta, language: Language) -> str:
    """A length of time in minutes and seconds; what is over is none."""
    seconds = max(0, int(left.total_seconds()))
    if seconds <= 300:  # noqa: PLR2004 - the manual gives its windows, 300 seconds at most, in seconds
        return _SECONDS.get(language).format(seconds=seconds)
    return _MINUTES.get(language).format(minutes=seconds // 60, seconds=seconds % 60)


def told(reason: Reason, language: Language) -> str:
    """A reason in one line: its field, its words, its code."""
    words = reason.ja if language == "ja" else reason.en
    place = "" if reason.field is None else f"[{reason.field}] "
    until = "" if reason.until is None else f" → {reason.until.astimezone(_JAPAN).strftime(_CLOCK)}"
    return f"{place}{printable(words)} ({reason.code}){until}"


def _in_rows(buttons: list[str]) -> Iterator[str]:
    """Buttons side by side, none of them broken."""
    row = "│ "
    for button in buttons:
        if row.strip("│ ") and cells(row.replace("│", "|") + button) > WIDTH:
            yield row.rstrip()
            row = "│ "
        row += f"{button}  "
    yield row.rstrip()


def _within(margin: str, words: str) -> Iterator[str]:
    """*words* wrapped behind *margin*; the lines that follow stand under the first."""
    indent = "│" + " " * (cells(margin.replace("│", "|")) - 1)
    for number, line in enumerate(wrapped(words, WIDTH - len(margin) - 1)):
        yield f"{indent if number else margin}{line}"
