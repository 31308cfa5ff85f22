"""The language of a walk: one command a line, the same at the prompt and in a script.

A script is one scenario or several. Each begins with a line `scenario TITLE`; a line `procedure NAME …` in front says
which procedures it is for. Blank lines and lines that begin with `#` are ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import attrs

HELP: Final = """\
customer REF           who you are, before the first screen: C-0001 and so on
policy NAME VALUE      a figure of the institution, before the first screen: bim_code yes, code_attempts 2
fill                   type what is right into every field that is still empty
set FIELD [VALUE]      type VALUE into one field, or empty it; a phone is chosen by its number in the list
press EVENT            press a button: submit_identity, proceed, back, cancel ...
call [WHO] [WHEN] [named]
                       telephone: WHO is chosen (as it is when left out), other, stranger, withheld, unavailable,
                       050, diverted or claimed; WHEN is early or late; named: the gateway knows the session
keys right|wrong|DIGITS
                       press keys on the telephone
hangup                 end the call
wait SECONDS           let time pass
look                   see the screen again
bank down|up|lock|unlock|forget|refuse
                       what happens to the bank, or your contract there; refuse: the next order, for good
bank fail METHOD [TIMES]
                       no answer from check_pin, carry_out ... the next time, or the next TIMES times
expect STATE [CODE ...]
                       be on that screen, with at least these reasons
heard STATUS [CODE ...]
                       what the gateway was told last: VERIFIED, ANNOUNCE, RETRY, UNMATCHED, REFUSED, ENDED
"""
"""Every command, as `ja-reset play --help` shows them."""


class ScriptError(Exception):
    """A line that cannot be played. `line` is its number from 1 (None at the prompt), `field` the word in question."""

    def __init__(self, what: str, *, line: int | None = None, field: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.line = line
        self.field = field

    def __str__(self) -> str:
        places = [f"line {self.line}"] if self.line is not None else []
        places += [f"field {self.field}"] if self.field is not None else []
        return ": ".join([", ".join(places), self.what] if places else [self.what])


@attrs.frozen
class Command:
    """One line: its verb, its words; `line` is its number from 1, or None at the prompt."""

    verb: str
    words: tuple[str, ...]
    line: int | None = None


@attrs.frozen
class Scenario:
    """A walk from the first screen on; an unnamed one has the title of its file."""

    title: str
    commands: tuple[Command, ...]


@attrs.frozen
class Script:
    """A whole file: the procedures that it is for (empty: any), and its scenarios."""

    procedures: tuple[str, ...]
    scenarios: tuple[Scenario, ...]


def read_script(text: str, *, title: str) -> Script:
    """The script in *text*; raises ScriptError for the first line that cannot be read."""
    procedures: list[str] = []
    scenarios: list[tuple[str, list[Command]]] = []
    for number, line in enumerate(text.splitlines(), 1):
        verb, _, rest = line.strip().partition(" ")
        if not verb or verb.startswith("#"):
            continue
        if verb == "procedure" and rest.strip() and not scenarios:
            procedures += rest.split()
        elif verb == "scenario" and rest.strip():
            scenarios.append((rest.strip(), []))
        elif verb in {"procedure", "scenario"}:
            what = "stands in front of all else" if rest.strip() else "needs a name"
            msg = f"{verb} {what}"
            raise ScriptError(msg, line=number)
        else:
            if not scenarios:
                scenarios.append((title, []))
            scenarios[-1][1].append(read_command(line, line=number))
    if not scenarios:
        msg = "there is no command in it"
        raise ScriptError(msg)
    return Script(tuple(procedures), tuple(Scenario(name, tuple(commands)) for name, commands in scenarios))


def read_command(text: str, *, line: int | None = None) -> Command:
    """One command; raises ScriptError for a verb that is none, and for words that do not go with it."""
    verb, _, rest = text.strip().partition(" ")
    shape = _SHAPES.get(verb)
    if shape is None:
        msg = f"there is no command {verb!r}; there are {', '.join(_SHAPES)}"
        raise ScriptError(msg, line=line)
    words = _field_and_value(rest) if verb in _VALUED else tuple(rest.split())
    trouble = shape(words)
    if trouble is not None:
        msg = f"{verb}: {trouble}"
        raise ScriptError(msg, line=line)
    return Command(verb, words, line)


_VALUED: Final = frozenset({"set"})


def _field_and_value(rest: str) -> tuple[str, ...]:
    field, _, value = rest.strip().partition(" ")
    return (field, value.strip()) if field else ()


_Shape = Callable[[tuple[str, ...]], str | None]


def _counted(low: int, high: int | None, wanted: str) -> _Shape:
    def check(words: tuple[str, ...]) -> str | None:
        fits = low <= len(words) and (high is None or len(words) <= high)
        return None if fits else f"wants {wanted}"

    return check


def _seconds(words: tuple[str, ...]) -> str | None:
    try:
        fits = len(words) == 1 and 0 <= float(words[0]) <= _LONGEST_WAIT
    except ValueError:
        fits = False
    return None if fits else f"wants seconds, 0 to {_LONGEST_WAIT}"


_LONGEST_WAIT: Final = 10_000_000


def _happening(words: tuple[str, ...]) -> str | None:
    wanted = f"wants one of {', '.join(HAPPENINGS)}; or fail METHOD [TIMES]"
    if words[:1] == ("fail",):
        fits = len(words) in {2, 3} and (len(words) == 2 or (words[2].isdecimal() and 0 < int(words[2]) < 1000))  # noqa: PLR2004 - the words of `fail METHOD [TIMES]`
        return None if fits else wanted
    return None if len(words) == 1 and words[0] in HAPPENINGS else wanted


HAPPENINGS: Final = ("down", "up", "lock", "unlock", "forget", "refuse")
"""What can happen to the bank, in one word."""

_SHAPES: Final[Mapping[str, _Shape]] = MappingProxyType(
    {
        "customer": _counted(1, 1, "the reference of a customer"),
        "policy": _counted(2, 2, "a figure and its value"),
        "fill": _counted(0, 0, "no more words"),
        "set": _counted(2, 2, "a field and its value"),
        "press": _counted(1, 1, "the event of a button"),
        "call": _counted(0, 3, "who calls, when, and named"),
        "keys": _counted(1, 1, "right, wrong, or the keys"),
        "hangup": _counted(0, 0, "no more words"),
        "wait": _seconds,
        "look": _counted(0, 0, "no more words"),
        "bank": _happening,
        "expect": _counted(1, None, "a state, and codes"),
        "heard": _counted(1, None, "a status, and codes"),
    }
)
