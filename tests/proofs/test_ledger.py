"""The arithmetic of identity failures, pure: counted before the bank is asked, taken back where it was no failure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ja_reset.proofs.attempts import IdentityAttempts, WrongCodes

NOON = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(hours=24)
LEASE = timedelta(seconds=60)
TICK = timedelta(microseconds=1)


def failed(times: int, at: datetime = NOON) -> IdentityAttempts:
    """An account with that many failures, the first of them at that time."""
    tries = IdentityAttempts()
    for n in range(times):
        tries = tries.take(str(n), at).keep(str(n))
    return tries


@pytest.mark.rule("I5")
def test_a_try_counts_before_it_is_answered_and_is_certain_after() -> None:
    """A try that was taken counts at once; only once it is kept does it count as a settled failure."""
    taken = IdentityAttempts().take("a", NOON)
    assert (1, 0, NOON) == (taken.count, taken.settled, taken.last_at)
    kept = taken.keep("a")
    assert (1, 1, NOON) == (kept.count, kept.settled, kept.last_at)


@pytest.mark.rule("I5")
def test_a_try_given_back_leaves_what_was_there() -> None:
    """Taken and given back is as if it had never been, whatever stood before."""
    for before in (IdentityAttempts(), failed(1), failed(4), failed(2).take("open", NOON)):
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
    [
        (timedelta(0), 3),
        (DAY, 3),
        (DAY + TICK, 2),
        (DAY * 3 / 2, 2),
        (DAY * 3 / 2 + TICK, 1),
        (DAY * 2 - TICK, 1),
        (DAY * 2, 0),
    ],
    ids=["at once", "last instant", "past it", "second's last", "past the second", "third's last", "past all"],
)
def test_each_failure_counts_for_the_window_from_its_own_time(after: timedelta, left: int) -> None:
    """Its last instant included; those that came later stand, whenever the first one was."""
    tries = failed(1).take("x", NOON + DAY / 2).keep("x").take("y", NOON + DAY - TICK).keep("y")
    assert left == tries.within(NOON + after, DAY, LEASE).count


@pytest.mark.rule("I5")
@pytest.mark.parametrize(("after", "settled"), [(LEASE, 0), (LEASE + TICK, 1)], ids=["last instant", "past it"])
def test_a_try_whose_answer_is_overdue_counts_as_a_failure(after: timedelta, settled: int) -> None:
    """A process that died with a try gains none: after the lease it is certain, and cannot be given back."""
    tries = IdentityAttempts().take("lost", NOON).within(NOON + after, DAY, LEASE)
    assert (1, settled) == (tries.count, tries.settled)
    assert settled == tries.give_back("lost").count


@pytest.mark.rule("I5")
def test_a_try_that_was_right_leaves_no_trace_in_the_window() -> None:
    """A try that is given back leaves no trace in the window either, though others were taken meanwhile."""
    later = NOON + LEASE / 2
    tries = IdentityAttempts().take("right", NOON).take("wrong", later).keep("wrong").give_back("right")
    assert (1, later) == (tries.count, tries.last_at)
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
    tries, now = IdentityAttempts(), NOON
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
        assert max((at for at, _ in standing.values()), default=None) == tries.last_at


# The wrong codes of a number (P4) ---------------------------------------------------------------------------


@pytest.mark.rule("P4")
@given(st.lists(st.integers(0, 100), max_size=12).map(sorted), st.integers(1, 5), st.integers(1, 30))
@example([0, 30], 2, 30)
@example([0, 31], 2, 30)
def test_a_wrong_code_stands_for_a_window_of_its_own(hours: list[int], limit: int, window: int) -> None:
    """Wrong codes count for the last window alone, its last instant included."""
    length, wrong = timedelta(hours=window), WrongCodes()
    for hour in hours:
        at = NOON + timedelta(hours=hour)
        wrong = wrong.missed(at, limit)
    if hours:
        now = NOON + timedelta(hours=hours[-1])
        stand = [each for each in hours if hours[-1] <= each + window]
        assert max(0, limit - len(stand)) == wrong.within(now, length).left(limit)


@pytest.mark.rule("P4")
@pytest.mark.parametrize(("wrong", "left"), [(0, 3), (1, 2), (2, 1), (3, 0), (5, 0)])
def test_what_is_left_of_a_number_is_never_less_than_nothing(wrong: int, left: int) -> None:
    """Where a limit was lowered meanwhile, too."""
    assert left == WrongCodes((NOON,) * wrong).left(3)


@pytest.mark.rule("P4")
def test_a_number_is_free_again_after_its_oldest_code_that_matters() -> None:
    """At that instant none is left, and a moment later one is; where a limit was lowered, by the lower one."""
    wrong = WrongCodes((NOON, NOON + LEASE, NOON + 2 * LEASE))
    for limit, first in ((3, NOON), (2, NOON + LEASE)):
        until = wrong.free_after(limit, DAY)
        assert first + DAY == until
        assert [0, 1] == [wrong.within(now, DAY).left(limit) for now in (until, until + TICK)]


@pytest.mark.rule("P4")
@pytest.mark.parametrize("limit", [3, 150])
def test_as_many_codes_are_kept_as_any_reader_may_count(limit: int) -> None:
    """A reader with a low limit drops none that one with a higher limit counts; the row does not grow without end."""
    most, wrong = max(100, limit), WrongCodes()
    for n in range(most + 5):
        wrong = wrong.missed(NOON + n * TICK, limit).missed(NOON + n * TICK, 1)
    assert (most, NOON + (most + 4) * TICK) == (len(wrong.at), wrong.at[-1])
