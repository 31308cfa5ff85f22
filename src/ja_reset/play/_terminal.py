"""A walk at a prompt: the number of a button presses it, its fields are asked for; every command works as well."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ja_reset import Field, Text
from ja_reset.play._answers import shown
from ja_reset.play._player import Player, UnexpectedError
from ja_reset.play._script import HELP, ScriptError, read_command
from ja_reset.testing import CAST, Customer

Ask = Callable[[str, bool], str]
"""Asks with a prompt (and without echo, where the second argument says so); raises EOFError at the end."""

_LEAVING: Final = frozenset({"quit", "exit", "q"})
_WHO: Final = Text("お客様の番号または契約 (Enter: 1)> ", "Which customer, by number or reference (Enter: 1)> ")
_HOW: Final = Text(
    "ボタンは番号で。電話は call、時間は wait 30、説明は help、終わりは quit。",
    "Buttons by their numbers; `call` telephones, `wait 30` lets time pass, `help` explains, `quit` leaves.",
)
_RIGHT: Final = Text("Enter: {value}", "Enter: {value}")
_LOCKED: Final = Text("停止中", "locked")
_COMPANY: Final = Text("個人以外", "not an individual")


def walk(player: Player, ask: Ask) -> None:
    """Walk until an ending is reached, or the input ends."""
    try:
        _choose_customer(player, ask)
        player.say(_HOW.get(player.language))
        while not player.view.final:
            line = ask("> ", False).strip()  # noqa: FBT003 - the one argument of a callable
            if line in _LEAVING:
                return
            _act(player, line, ask)
    except EOFError:
        return


def _act(player: Player, line: str, ask: Ask) -> None:
    if line in {"help", "?"}:
        player.say("")
        for row in HELP.splitlines():
            player.say(row)
        return
    try:
        if line.isdecimal():
            _press(player, line, ask)
        elif line:
            player.do(read_command(line))
    except (ScriptError, UnexpectedError) as error:
        player.say(f"! {error}")


def _press(player: Player, number: str, ask: Ask) -> None:
    """Press a button; the first one submits the form, so what is still empty is asked for."""
    events = [button.event for button in player.view.screen.buttons]
    index = int(number) - 1
    if not 0 <= index < len(events) or events[index] is None:
        there = ", ".join(str(place) for place, event in enumerate(events, 1) if event is not None)
        msg = f"there is no such button; there are {there or 'none'}"
        raise ScriptError(msg, field=number)
    if index == 0:
        for field in player.view.screen.fields:
            if field.name not in player.typed:
                _ask_for(player, field, ask)
    player.do(read_command(f"press {events[index]}"))


def _ask_for(player: Player, field: Field, ask: Ask) -> None:
    right = player.answer(field)
    prompt = f"  {field.label.get(player.language)}"
    if right is not None:
        prompt += f" ({_RIGHT.get(player.language).format(value=shown(field, right, player.view))})"
    value = ask(f"{prompt}: ", field.kind.is_secret) or right
    if value:
        player.enter(field, value)


def _choose_customer(player: Player, ask: Ask) -> None:
    for number, customer in enumerate(CAST, 1):
        for line in _described(number, customer, player):
            player.say(line)
    while True:
        said = ask(_WHO.get(player.language), False).strip() or "1"  # noqa: FBT003 - the one argument of a callable
        if said.isdecimal() and 0 < int(said) <= len(CAST):
            said = CAST[int(said) - 1].ref
        try:
            player.do(read_command(f"customer {said}"))
        except ScriptError as error:
            player.say(f"! {error}")
        else:
            return


def _described(number: int, customer: Customer, player: Player) -> list[str]:
    contract = customer.contract
    marks = [
        mark.get(player.language)
        for mark, is_so in ((_LOCKED, contract.service_locked), (_COMPANY, not contract.individual))
        if is_so
    ]
    head = f"{number}: {customer.ref} {contract.name_kanji} ({contract.name_kana}) {contract.birth_date.isoformat()}"
    return [
        " ".join([head, *marks]),
        f"     {customer.branch} {customer.subject} {customer.account} · {contract.email}",
        f"     ☎ {', '.join(contract.phones)}",
        f"     ID {customer.login_id} / {customer.password} · PIN {customer.pin}",
    ]
