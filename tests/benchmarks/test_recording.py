"""The store's part of a run, as the benchmarks of the stores play it again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest


@pytest.fixture
def recording(harness: Any, load: Callable[[str], Any]) -> Any:
    """The program that records."""
    load("turn")
    return load("recording")


def _asked(tape: Sequence[Any]) -> list[tuple[Any, ...]]:
    """What was asked of a store, without the stamps, which are of each play."""
    return [
        each.names if hasattr(each, "names") else tuple((put.kind, put.key, put.body) for put in each.puts)
        for each in tape
    ]


def test_both_ways_ask_the_same_of_their_store(recording: Any) -> None:
    """Awaited or not: all that was recorded, in its order, on keys with the ending."""
    tape, _ = recording.record()
    plain = recording._Recorder()
    recording.ours(tape, plain)("-1")
    awaited = recording._Recorder()

    class Awaited:
        async def get(self, *asked: Any) -> Any:
            return awaited.get(*asked)

        async def get_many(self, *asked: Any) -> Any:
            return awaited.get_many(*asked)

        async def commit(self, *asked: Any) -> Any:
            return awaited.commit(*asked)

    asyncio.run(recording.ours_awaited(tape, Awaited())("-1"))
    assert len(tape) == len(plain.tape)
    assert _asked(plain.tape) == _asked(awaited.tape)


def test_a_commit_that_is_not_made_is_told(recording: Any) -> None:
    """A run on keys that it was played on before measures nothing."""
    tape, _ = recording.record()
    play = recording.ours(tape, recording._Recorder())
    play("-1")
    with pytest.raises(RuntimeError, match="a commit was not made"):
        play("-1")
