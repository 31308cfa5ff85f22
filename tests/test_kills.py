"""Processes are killed by SIGKILL, at every boundary and at random instants, and others go on (A3, A6, C4, L3, L5)."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import pytest

from aftermath import settle
from journeys import JOURNEYS, Journey, Place
from victim import KILLED, Job, Victims

SHARDS = 4
"""The boundaries of a journey are shared out among so many tests, so that several workers kill at once."""


def lives(victims: Victims, journey: Journey, *, ends: int = 0, delay: float | None = None) -> dict[str, float]:
    """A victim lives and, where it was killed, others go on in its place; what became of it."""
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder))
        end = victims.live(Job(journey.name, folder, place.store, ends, delay))
        assert end["exit"] in {0, KILLED}, end
        settle(journey, place)
    return end


@pytest.mark.rule("A3", "A6", "A7", "C4", "L2", "L3", "L5", "P8", "S4", "S10")
@pytest.mark.parametrize("shard", range(SHARDS))
@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda journey: journey.name)
def test_a_process_killed_at_any_boundary_loses_and_doubles_nothing(
    victims: Victims, journey: Journey, shard: int
) -> None:
    """Killed before and after each commit and question, and before each read; the next process brings all to an end."""
    ends, reached = 1 + shard, True
    while reached:
        try:
            reached = lives(victims, journey, ends=ends)["exit"] == KILLED
        except AssertionError as error:
            error.add_note(f"killed at boundary {ends}")
            raise
        ends += SHARDS
    assert ends > 40, "so many boundaries there are"


@pytest.mark.rule("A3", "A6", "A7", "C4", "L3", "L5", "S10")
@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda journey: journey.name)
def test_a_process_killed_at_any_instant_loses_and_doubles_nothing(
    victims: Victims, journey: Journey, kills: int
) -> None:
    """Killed from outside at random instants, as many as `--kills` asks for."""
    chance = random.Random(journey.name)  # noqa: S311 - which instants, nothing secret
    length = lives(victims, journey)["seconds"]
    killed = 0
    for number in range(kills):
        delay = chance.uniform(0, length)
        try:
            killed += lives(victims, journey, delay=delay)["exit"] == KILLED
        except AssertionError as error:
            error.add_note(f"kill {number}, after {delay} s")
            raise
    assert killed
