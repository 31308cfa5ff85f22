"""Processes are killed by SIGKILL, at every boundary and at random instants, and others go on (A3, A6, C4, L3, L5)."""

from __future__ import annotations

import itertools
import random
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crash_invariants import settle
from crash_worker import KILLED, Job, Victims
from ja_reset.testing.postgres import PostgresServer
from journeys import JOURNEYS, Journey, Place

SHARDS = 4
"""The boundaries of a journey are divided among this many tests, so that several workers kill at once."""


@pytest.fixture(scope="session")
def durable_postgres(postgres: PostgresServer) -> Iterator[PostgresServer]:
    """A server that syncs its commits to the disk, one for each worker."""
    del postgres  # says what is to be done where there is none
    with PostgresServer(fsync=True) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgres"])
def new_place(request: pytest.FixtureRequest) -> Callable[[str], Place]:
    """A maker of places of each kind, in a folder that is given."""
    if request.param == "sqlite":
        return lambda folder: Place(Path(folder))
    server: PostgresServer = request.getfixturevalue("durable_postgres")
    return lambda folder: Place(Path(folder), server.url, f"k{next(_SCHEMAS)}")


_SCHEMAS = itertools.count()


def lives(
    victims: Victims,
    journey: Journey,
    new_place: Callable[[str], Place],
    *,
    ends: int = 0,
    delay: float | None = None,
) -> dict[str, float]:
    """A victim lives and, where it was killed, others go on in its place; what became of it."""
    with tempfile.TemporaryDirectory() as folder:
        place = new_place(folder)
        end = victims.live(Job(journey.name, folder, place.store, place.schema, ends, delay))
        assert end["exit"] in {0, KILLED}, end
        settle(journey, place)
    return end


@pytest.mark.rule("A3", "A6", "A7", "C4", "L2", "L3", "L5", "P8", "S4", "S10")
@pytest.mark.parametrize("shard", range(SHARDS))
@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda journey: journey.name)
def test_a_process_killed_at_any_boundary_loses_and_doubles_nothing(
    victims: Victims, journey: Journey, shard: int, new_place: Callable[[str], Place]
) -> None:
    """Killed before and after each commit and question, and before each read; the next process brings all to an end."""
    ends, reached = 1 + shard, True
    while reached:
        try:
            reached = lives(victims, journey, new_place, ends=ends)["exit"] == KILLED
        except AssertionError as error:
            error.add_note(f"killed at boundary {ends}")
            raise
        ends += SHARDS
    assert ends > 40, "a journey has more boundaries"


@pytest.mark.rule("A3", "A6", "A7", "C4", "L3", "L5", "S10")
@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda journey: journey.name)
def test_a_process_killed_at_any_instant_loses_and_doubles_nothing(
    victims: Victims, journey: Journey, kills: int, new_place: Callable[[str], Place]
) -> None:
    """Killed from outside at random instants, as many as `--kills` asks for."""
    chance = random.Random(journey.name)  # noqa: S311 - which instants, nothing secret
    length = lives(victims, journey, new_place)["seconds"]
    killed = 0
    for number in range(kills):
        delay = chance.uniform(0, length)
        try:
            killed += lives(victims, journey, new_place, delay=delay)["exit"] == KILLED
        except AssertionError as error:
            error.add_note(f"kill {number}, after {delay} s")
            raise
    assert killed
