"""The crash and rival scenarios have teeth: with a safeguard of the library taken out, they find what is wrong then."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

import test_rivals as rivals
from crash_invariants import settle
from crash_worker import KILLED, Job, Victims
from faults import FAULTS
from journeys import Journey, Place
from runs import WRONG_PIN


def rival_pins() -> None:
    """The scenario of two PINs in every order, where one attempt is left."""
    rivals.test_two_pins_in_every_order_never_pass_the_limit((WRONG_PIN, WRONG_PIN), 2)


def rival_waits() -> None:
    """The scenario of two sessions for one number."""
    rivals.test_two_sessions_for_one_number_in_every_order_never_both_wait()


def rival_tries() -> None:
    """The scenario of two tries at an identity, where one is left."""
    rivals.test_identity_tries_in_every_order_never_pass_the_limit(False, 2)


def rival_clicks() -> None:
    """The scenario of the same PIN from two tabs."""
    rivals.test_a_double_click_in_every_order_takes_effect_once((None, None), True)


def rival_recovery() -> None:
    """The scenario of a recover() beside the turn that gives an effect."""
    rivals.test_recovering_beside_the_last_step_gives_each_effect_once()


RIVALS = [
    ("reservation", rival_pins),
    ("pending_pin", rival_pins),
    ("version_check", rival_pins),
    ("version_check", rival_clicks),
    ("unique_wait", rival_waits),
    ("version_check", rival_waits),
    ("pending_identity", rival_tries),
    ("version_check", rival_tries),
    ("lease", rival_recovery),
]

KILLS = [
    ("outbox", "LOGIN_PASSWORD-refuses"),
    ("outbox", "TOKEN_REISSUE-silent"),
    ("outbox", "LOGIN_PASSWORD-guesses"),
    ("stable_key", "LOGIN_PASSWORD-refuses"),
    ("pending_pin", "LOGIN_PASSWORD-guesses"),
    ("reservation", "RISK_BASED_AUTH-guesses"),
]


@pytest.mark.rule("A3", "A5", "C4", "I5", "L3", "P8", "S2")
@pytest.mark.parametrize(("safeguard", "scenario"), RIVALS)
def test_a_rival_scenario_finds_a_safeguard_that_is_missing(
    safeguard: str, scenario: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole, the library passes the scenario; without the safeguard it fails there."""
    scenario()
    FAULTS[safeguard](monkeypatch)
    with pytest.raises(AssertionError):
        scenario()


@pytest.mark.rule("A3", "A6", "C4", "L3", "L5")
@pytest.mark.parametrize(("safeguard", "journey"), KILLS)
def test_kills_find_a_safeguard_that_is_missing(
    victims: Victims, safeguard: str, journey: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the safeguard a run that nobody kills ends well, and some kill loses or doubles something."""
    FAULTS[safeguard](monkeypatch)
    with tempfile.TemporaryDirectory() as folder:
        boundaries = int(victims.live(Job(journey, folder, without=safeguard))["count"])
        settle(Journey.of(journey), Place(Path(folder)))
    assert boundaries > 0
    for ends in range(boundaries, 0, -1):  # what is given, and the last PINs, stand at the end
        with tempfile.TemporaryDirectory() as folder:
            place = Place(Path(folder))
            assert KILLED == victims.live(Job(journey, folder, ends=ends, without=safeguard))["exit"]
            try:
                settle(Journey.of(journey), place)
            except AssertionError:
                return
    pytest.fail("no kill has found it")


def test_every_safeguard_that_is_taken_out_is_missed() -> None:
    """No fault is left out of the scenarios."""
    assert set(FAULTS) == {safeguard for safeguard, _ in [*RIVALS, *KILLS]}
