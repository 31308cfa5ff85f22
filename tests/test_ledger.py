"""The arithmetic of identity failures, pure: counted before the bank is asked, taken back where it was no failure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ja_reset.ledger import Tries

NOON = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(hours=24)
LEASE = timedelta(seconds=60)
TICK = timedelta(microseconds=1)


def failed(times: int, at: datetime = NOON) -> Tries:
    """An account with that many failures, the first of them at that time."""
    tries = Tries()
    for n in range(times):
        tries = tries.take(str(n), at).keep(str(n))
    return tries


@pytest.mark.rule("I5")
def test_a_try_counts_before_it_is_answered_and_is_certain_after() -> None:
    """A try that was taken counts at once; only once it is kept does it count as a settled failure."""
    taken = Tries().take("a", NOON)
    assert (1, 0, NOON) == (taken.count, taken.settled, taken.first_at)
    kept = taken.keep("a")
    assert (1, 1, NOON) == (kept.count, kept.settled, kept.first_at)


@pytest.mark.rule("I5")
def test_a_try_given_back_leaves_what_was_there() -> None:
    """Taken and given back is as if it had never been, whatever stood before."""
    for before in (Tries(), failed(1), failed(4), failed(2).take("open", NOON)):
        assert before == before.take("new", NOON + LEASE).give_back("new")


@pytest.mark.rule("I5")
def test_a_failure_cannot_be_given_back() -> None:
    """What was settled, or never taken, is not taken back, however often somebody says so."""
    standing = failed(2).take("open", NOON)
    for name in ("0", "1", "never"):
        assert standing == standing.give_back(name)
    once = standing.give_back("open")
    assert once == once.give_back("open") == failed(2)


@pytest.mark.rule("I5")
@pytest.mark.parametrize(
    ("after", "left"),
    [(timedelta(0), 3), (DAY - TICK, 3), (DAY, 3), (DAY + TICK, 0)],
    ids=["at once", "just inside", "last instant", "past it"],
)
def test_the_window_is_counted_from_the_first_failure_its_last_instant_included(after: timedelta, left: int) -> None:
    """Failures stand through the window from the first one, whenever the later ones were; then all are gone."""
    tries = failed(1).take("x", NOON + DAY / 2).keep("x").take("y", NOON + DAY - TICK).keep("y")
    assert left == tries.within(NOON + after, DAY, LEASE).count


@pytest.mark.rule("I5")
@pytest.mark.parametrize(("after", "settled"), [(LEASE, 0), (LEASE + TICK, 1)], ids=["last instant", "past it"])
def test_a_try_whose_answer_is_overdue_counts_as_a_failure(after: timedelta, settled: int) -> None:
    """A process that died with a try gains none: after the lease it is certain, and cannot be given back."""
    tries = Tries().take("lost", NOON).within(NOON + after, DAY, LEASE)
    assert (1, settled) == (tries.count, tries.settled)
    assert settled == tries.give_back("lost").count


@pytest.mark.rule("I5")
def test_the_window_begins_with_the_first_failure_not_with_a_try_that_was_right() -> None:
    """A try that is given back leaves no trace in the window either, though others were taken meanwhile."""
    later = NOON + LEASE / 2
    tries = Tries().take("right", NOON).take("wrong", later).keep("wrong").give_back("right")
    assert (1, later) == (tries.count, tries.first_at)
    assert 1 == tries.within(NOON + DAY + TICK, DAY, LEASE).count


@pytest.mark.rule("I5")
@given(
    st.lists(
        st.tuples(st.sampled_from(["take", "keep", "give_back"]), st.integers(0, 5), st.integers(0, 20)), max_size=40
    )
)
@example([("take", 0, 0), ("take", 1, 5), ("keep", 1, 0), ("give_back", 0, 0)])
def test_the_count_is_what_a_list_of_tries_says(steps: list[tuple[str, int, int]]) -> None:
    """Whatever the order of tries and answers, count, certainty and window are those of the tries that stand."""
    tries, now = Tries(), NOON
    standing: dict[str, tuple[datetime, bool]] = {}
    for step, which, seconds in steps:
        now += timedelta(seconds=seconds)
        name = str(which)
        tries = tries.within(now, DAY, DAY)
        if step == "take" and name not in standing:
            tries, standing[name] = tries.take(name, now), (now, True)
        elif step == "keep" and name in standing:
            tries, standing[name] = tries.keep(name), (standing[name][0], False)
        elif step == "give_back":
            tries = tries.give_back(name)
            if standing.get(name, (now, False))[1]:
                del standing[name]
        assert len(standing) == tries.count
        assert sum(not pending for _, pending in standing.values()) == tries.settled
        assert min((at for at, _ in standing.values()), default=None) == tries.first_at
