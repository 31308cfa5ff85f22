"""Whole scenarios, turn by turn, as they stand in tests/golden/: what came in, what was committed, what went out.

A change of what a turn reads, asks or commits shows here as a change of text. `--golden` writes the files again
(`pytest tests/service/test_golden_turns.py --golden`), and the diff says whether it was meant.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from golden import Scene
from hosts import NEW_PASSWORD, reset
from ja_reset import BankUnavailable, Procedure, View
from ja_reset.testing import identity
from ja_reset.testing.cast import ORDINARY
from runs import WRONG_PIN

FOLDER = Path(__file__).parents[1] / "golden"


def _reset(pin: str = ORDINARY.pin) -> dict[str, str]:
    return {**reset(ORDINARY), "pin": pin}


def _choose(view: View) -> dict[str, str]:
    return {"phone_id": view.phones[0].id}


def _at_bim016(scene: Scene) -> View:
    scene.start(Procedure.LOGIN_PASSWORD)
    return scene.send("submit_identity", identity(ORDINARY))


def _at_bim017(scene: Scene) -> View:
    view = scene.send("choose_phone", _choose(_at_bim016(scene)))
    scene.call()
    return scene.looks(view)


def a_login_password() -> Scene:
    """From the first screen to the last."""
    scene = Scene("A login password, from end to end")
    _at_bim017(scene)
    scene.send("submit_reset", _reset())
    return scene


def a_double_click() -> Scene:
    """One form sent twice under one request id."""
    scene = Scene("A double click")
    first = _at_bim016(scene)
    scene.send("choose_phone", _choose(first), request_id="r1")
    scene.send("choose_phone", _choose(first), request_id="r1", view=first)
    scene.note("without a request id the second click is stale")
    scene.send("choose_phone", _choose(first), view=first)
    return scene


def a_contested_number() -> Scene:
    """A second session asks for a number that a first one waits for."""
    scene = Scene("A contested number")
    waiting = scene.send("choose_phone", _choose(_at_bim016(scene)))
    rival = _at_bim016(scene)
    scene.send("choose_phone", _choose(rival))
    scene.call()
    scene.looks(waiting)
    return scene


def a_crash_after_the_order() -> Scene:
    """The process dies after the effect was recorded; the maintenance of another one delivers it."""
    scene = Scene("A crash after the order")
    view = _at_bim017(scene)
    with scene.dying_in("carry_out"):
        scene.send("submit_reset", _reset())
    scene.note("a minute later, when the lease of the effect has run out, another process recovers")
    scene.clock.advance(61)
    scene.recover()
    scene.looks(view)
    return scene


def a_locked_card() -> Scene:
    """The last wrong PIN locks service and card."""
    scene = Scene("A locked card")
    _at_bim017(scene)
    for _ in range(3):
        scene.send("submit_reset", _reset(WRONG_PIN))
    return scene


def a_silent_bank() -> Scene:
    """The bank gives no answer to a PIN: the attempt stays counted."""
    scene = Scene("A silent bank")
    _at_bim017(scene)
    scene.bank.fail("check_pin", BankUnavailable)
    scene.send("submit_reset", _reset())
    return scene


SCENARIOS: tuple[Callable[[], Scene], ...] = (
    a_login_password,
    a_double_click,
    a_contested_number,
    a_crash_after_the_order,
    a_locked_card,
    a_silent_bank,
)


@pytest.mark.rule("C4", "S2", "S10", "L3", "P8")
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.__name__)
def test_a_scenario_runs_turn_by_turn_as_it_is_written(scenario: Callable[[], Scene], *, golden: bool) -> None:
    """What comes in, is read, asked, committed and answered is what the file says."""
    file = FOLDER / f"{scenario.__name__}.txt"
    text = scenario().text
    if golden:
        file.write_text(text, "utf-8")
    assert file.read_text("utf-8") == text


def test_no_file_is_left_without_its_scenario() -> None:
    """Each file is one of the scenarios'."""
    assert {each.__name__ for each in SCENARIOS} == {file.stem for file in FOLDER.glob("*.txt")}


def test_no_file_tells_what_was_typed() -> None:
    """Neither a password nor a PIN, neither a name nor a number stands in any file."""
    typed = {*identity(ORDINARY).values(), NEW_PASSWORD, ORDINARY.pin, WRONG_PIN} - {"普通", "on"}
    for file in FOLDER.glob("*.txt"):
        assert [] == [each for each in typed if each in file.read_text("utf-8")]
