"""The arithmetic of PIN attempts, pure: reserved, verified at a bank in any order, settled in any other (L1-L6, A3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ja_reset.bank._values import PinCheck
from ja_reset.proofs.attempts import Attempt, PinAttempts

NOON = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)

limits = st.integers(1, 4)
steps = st.lists(
    st.tuples(st.sampled_from(["reserve", "right", "wrong", "none", "settle", "lose", "unlock"]), st.integers(0, 7)),
    max_size=60,
)


class Tellers:
    """Processes that reserve, ask one bank and settle, each when it gets to it; and what the bank saw."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.attempts = PinAttempts()
        self.reserved: list[str] = []
        self.answered: list[tuple[str, PinCheck]] = []
        self.in_a_row = self.most_in_a_row = self.names = self.locked = 0

    def reserve(self) -> None:
        """Somebody asks for an attempt, and has it where one is left."""
        if self.attempts.tries_left(self.limit):
            self.names += 1
            self.attempts = self.attempts.reserve(str(self.names), NOON)
            self.reserved.append(str(self.names))

    def verify(self, which: int, check: PinCheck) -> None:
        """The bank answers one of the attempts that are reserved."""
        if not self.reserved:
            return
        self.answered.append((self.reserved.pop(which % len(self.reserved)), check))
        if check is PinCheck.RIGHT:
            self.in_a_row = 0
        elif check is PinCheck.WRONG:
            self.in_a_row += 1
            self.most_in_a_row = max(self.most_in_a_row, self.in_a_row)

    def settle(self, which: int) -> None:
        """One of the bank's answers reaches the count."""
        if not self.answered:
            return
        before = self.attempts
        self.attempts = before.settle(*self.answered.pop(which % len(self.answered)))
        if self.attempts.is_locked(self.limit) and not self.attempts.locked:  # this turn orders both locks
            self.attempts = self.attempts.lock(("service", "card"))
        self.locked += self.attempts.locked and not before.locked

    def lose(self, which: int) -> None:
        """One of the bank's answers is lost: its process has died."""
        if self.answered:
            self.answered.pop(which % len(self.answered))

    def unlock(self) -> None:
        """The host's act: a new row of wrong PINs begins (L6)."""
        self.attempts = self.attempts.unlock()
        self.in_a_row = self.locked = 0

    def do(self, step: str, which: int) -> None:
        """One step of one of them."""
        checks = {"right": PinCheck.RIGHT, "wrong": PinCheck.WRONG, "none": PinCheck.NOT_CHECKED}
        if step == "reserve":
            self.reserve()
        elif step in checks:
            self.verify(which, checks[step])
        elif step == "settle":
            self.settle(which)
        elif step == "unlock":
            self.unlock()
        else:
            self.lose(which)


@pytest.mark.rule("L3", "A3")
@given(limit=limits, history=steps)
@example(  # a right PIN that was verified before a wrong one and settled after it must not clear it
    limit=3,
    history=[
        *[("reserve", 0)] * 3, ("right", 0), *[("wrong", 0)] * 2, *[("settle", 1)] * 2, ("settle", 0),
        *[("reserve", 0), ("wrong", 0)] * 3,
    ],
)  # fmt: skip
@example(  # one that was under way when the card was unlocked
    limit=3,
    history=[
        ("reserve", 0), ("unlock", 0), ("wrong", 0), *[("reserve", 0), ("wrong", 0)] * 3,
    ],
)  # fmt: skip
def test_the_bank_never_sees_more_wrong_pins_in_a_row_than_the_limit(
    limit: int, history: list[tuple[str, int]]
) -> None:
    """However reserving, verifying, settling and dying interleave, a row of wrong PINs is never above the limit."""
    tellers = Tellers(limit)
    for step, which in history:
        tellers.do(step, which)
        assert tellers.most_in_a_row <= limit
        assert tellers.in_a_row <= tellers.attempts.wrong + len(tellers.attempts.open)


@pytest.mark.rule("L2")
@given(limit=limits, history=steps)
def test_a_card_locks_once_and_only_by_certain_wrong_pins(limit: int, history: list[tuple[str, int]]) -> None:
    """Exactly one settlement turns a count into a lock, and no attempt can be reserved afterwards."""
    tellers = Tellers(limit)
    for step, which in history:
        tellers.do(step, which)
        assert tellers.locked <= 1
        assert tellers.attempts.locked == (tellers.locked == 1)
        assert tellers.attempts.is_locked(limit) == (tellers.attempts.wrong >= limit)
        assert not (tellers.attempts.locked and tellers.attempts.tries_left(limit))


@pytest.mark.rule("L1")
@given(limit=limits, data=st.data())
def test_a_right_pin_sets_the_count_to_zero(limit: int, data: st.DataObject) -> None:
    """One after the other: whatever was wrong before, after a right PIN all attempts are there again."""
    attempts = PinAttempts()
    for n in range(data.draw(st.integers(0, limit - 1))):
        attempts = attempts.reserve(str(n), NOON).settle(str(n), PinCheck.WRONG)
    attempts = attempts.reserve("right", NOON).settle("right", PinCheck.RIGHT)
    assert (0, limit) == (attempts.wrong, attempts.tries_left(limit))


@pytest.mark.rule("L5")
def test_not_checked_frees_the_attempt() -> None:
    """NOT_CHECKED leaves neither a wrong PIN nor a reservation."""
    attempts = PinAttempts().reserve("a", NOON)
    assert 2 == attempts.tries_left(3)
    assert PinAttempts() == attempts.settle("a", PinCheck.NOT_CHECKED)


@pytest.mark.rule("L5")
@pytest.mark.parametrize(("later", "left"), [(timedelta(0), 2), (HOUR, 2), (HOUR + TICK, 3)])
def test_an_unknown_attempt_lapses_after_its_last_instant(later: timedelta, left: int) -> None:
    """An attempt without an outcome counts through `unknown_lapse`, the last instant included, and not longer."""
    attempts = PinAttempts().reserve("a", NOON).lapse(NOON + later, HOUR)
    assert (0, left) == (attempts.wrong, attempts.tries_left(3))


@pytest.mark.rule("L5", "L3")
def test_unknown_attempts_never_lock() -> None:
    """All attempts unknown: none is left, yet the card is not locked."""
    attempts = PinAttempts().reserve("a", NOON).reserve("b", NOON).reserve("c", NOON)
    assert (0, False) == (attempts.tries_left(3), attempts.is_locked(3))


@pytest.mark.rule("L5")
def test_an_answer_after_the_lapse_still_counts() -> None:
    """A wrong PIN whose answer comes when its attempt has lapsed is a wrong PIN; a right one clears nothing then."""
    lapsed = PinAttempts(total=1).reserve("a", NOON).lapse(NOON + 2 * HOUR, HOUR)
    assert 2 == lapsed.settle("a", PinCheck.WRONG).wrong
    assert 1 == lapsed.settle("a", PinCheck.RIGHT).wrong


@pytest.mark.rule("L1", "A3")
def test_a_right_pin_leaves_what_was_settled_after_it_was_reserved() -> None:
    """A wrong PIN that was settled while a right one was under way may have come after it, so it stands."""
    attempts = PinAttempts(total=1, open=(Attempt("right", NOON, 1), Attempt("wrong", NOON, 1)))
    attempts = attempts.settle("wrong", PinCheck.WRONG).settle("right", PinCheck.RIGHT)
    assert 1 == attempts.wrong


@pytest.mark.rule("L6")
@given(limit=limits)
def test_after_an_unlock_a_whole_round_is_free_and_locks_again(limit: int) -> None:
    """Unlocked, the count stands at nothing; as many wrong PINs as before lock once more."""
    attempts = PinAttempts(total=limit, locked=True).unlock()
    assert (0, False, limit) == (attempts.wrong, attempts.is_locked(limit), attempts.tries_left(limit))
    for n in range(limit):
        assert not attempts.is_locked(limit)
        attempts = attempts.reserve(str(n), NOON).settle(str(n), PinCheck.WRONG)
    assert attempts.is_locked(limit)


@pytest.mark.rule("L6", "A3", "L5")
def test_an_unlock_keeps_only_the_attempts_that_may_be_under_way() -> None:
    """One whose outcome is known to be unknown is free again; every other one may be under way."""
    attempts = PinAttempts(open=tuple(Attempt(name, NOON, 0) for name in ("live", "doubted")))
    doubted = attempts.doubt("doubted")
    assert ["live"] == [attempt.id for attempt in doubted.unlock().open]
    assert 1 == attempts.unlock().settle("live", PinCheck.WRONG).wrong


@pytest.mark.rule("L2")
def test_a_lower_limit_locks_what_it_finds() -> None:
    """An institution that lowers its figure below a count that stands has that card locked from then on."""
    assert PinAttempts(total=2).is_locked(2)
    assert not PinAttempts(total=2).is_locked(3)


@pytest.mark.rule("L2", "L6")
def test_what_was_locked_stays_locked_until_the_unlock() -> None:
    """Once both locks are ordered a higher limit lets nobody in; the unlock forgets the orders of the round."""
    locked = PinAttempts(total=2).lock(("service", "card"))
    assert (True, 0, ("service", "card")) == (locked.is_locked(5), locked.tries_left(5), locked.orders)
    assert ((), False) == ((unlocked := locked.unlock()).orders, unlocked.locked)


@pytest.mark.rule("L5")
@pytest.mark.parametrize(("later", "left"), [(HOUR, 2), (HOUR + TICK, 3)])
def test_an_attempt_is_held_as_long_as_it_was_reserved_for_whoever_looks(later: timedelta, left: int) -> None:
    """Under a policy with a shorter lapse, or a longer one, an attempt keeps the end that it was given."""
    for lapse in (TICK, HOUR, 5 * HOUR):
        assert left == PinAttempts().reserve("a", NOON, until=NOON + HOUR).lapse(NOON + later, lapse).tries_left(3)
