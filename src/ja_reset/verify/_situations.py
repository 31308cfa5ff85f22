"""The abstract state: what can be told apart, each with one concrete session that stands for it.

A *situation* is a session of the machine, its times moved to where their phases say (the window is open or in its
grace, the number is waited for or rests), and the *world* beside it: the card's count, the account's failures, the
number's row, the bank's answer that is still to come, and what has been proved in truth. Two sessions that no guard can
tell apart have one key.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal

import attrs

from ja_reset.chart._changed import changed
from ja_reset.chart.session import Session
from ja_reset.policies import Policies
from ja_reset.proofs.attempts import IdentityAttempts, PinAttempts
from ja_reset.proofs.waits import Wait, WaitEnd, Waits

NOW = datetime(2026, 4, 1, 1, 0, tzinfo=UTC)
"""The present of every situation; its other times are told from it."""

INSTANT = timedelta(microseconds=1)
"""The smallest step of a clock: just before, just after."""

LINES = ("+81120417000", "+81120417001")
"""The lines of an institution that has two."""

SELF, OTHER = "self", "other"
"""The session that is explored, and any other one."""


Contest = Literal["nobody", "self waits", "other waits", "self rested", "other rested", "contested"]


@attrs.frozen
class Proof:
    """What was proved, and in which state (its place in the chart's order): going back there voids it (M4)."""

    what: str
    place: int


@attrs.frozen
class GhostState:
    """What has truly happened, kept beside the machine and never read by it."""

    proofs: tuple[Proof, ...] = ()
    windows: int = 0
    wrong_codes: int = 0
    wrong_in_call: int = 0
    failures: int = 0
    wrong_pins: int = 0

    @property
    def proved(self) -> frozenset[str]:
        """The names of what has been proved."""
        return frozenset(proof.what for proof in self.proofs)


@attrs.frozen
class Limits:
    """Up to how many each count of a `GhostState` is told: one more than the policy permits."""

    windows: int
    wrong_codes: int
    wrong_in_call: int
    failures: int
    wrong_pins: int

    @classmethod
    def of(cls, policies: Policies) -> Limits:
        """Those of *policies*."""
        phone = policies.phone
        return cls(
            phone.phone_windows + 1,
            phone.codes_per_session + 1,
            phone.code_attempts + 1,
            policies.identity.identity_attempts + 1,
            policies.lockout.pin_attempts + 1,
        )


@attrs.frozen(eq=False)
class Truth:
    """What a step adds to what has happened: the proofs that stand afterwards (None: as before), and what it counts.

    `wrong_pins`: None where a right one was told, which begins the count again. `call_is_over`: and the count of its
    wrong codes with it.
    """

    proofs: tuple[Proof, ...] | None
    windows: int
    failures: int
    wrong_codes: int
    wrong_pins: int | None
    call_is_over: bool

    def after(self, ghost: GhostState, limits: Limits) -> GhostState:
        """What has happened after the step; a count is told up to one more than its limit."""
        proofs = ghost.proofs if self.proofs is None else self.proofs
        wrong_pins = 0 if self.wrong_pins is None else min(ghost.wrong_pins + self.wrong_pins, limits.wrong_pins)
        windows, failures, wrong_codes, in_call = ghost.windows, ghost.failures, ghost.wrong_codes, ghost.wrong_in_call
        if self.windows:
            windows = min(windows + 1, limits.windows)
        if self.failures:
            failures = min(failures + 1, limits.failures)
        if self.wrong_codes:
            wrong_codes = min(wrong_codes + 1, limits.wrong_codes)
            in_call = min(in_call + 1, limits.wrong_in_call)
        if self.call_is_over:
            in_call = 0
        if (
            proofs == ghost.proofs
            and windows == ghost.windows
            and wrong_codes == ghost.wrong_codes
            and in_call == ghost.wrong_in_call
            and failures == ghost.failures
            and wrong_pins == ghost.wrong_pins
        ):
            return ghost
        return GhostState(proofs, windows, wrong_codes, in_call, failures, wrong_pins)


NOTHING = Truth(proofs=None, windows=0, failures=0, wrong_codes=0, wrong_pins=0, call_is_over=False)
"""What a step adds that proves nothing, and counts nothing."""


@attrs.frozen(weakref_slot=False)
class Environment:
    """What stands beside the session: rows that others write too, and what the bank has still to answer.

    `ordered` is the key of the effect that was recorded and not answered yet. `wait`: the number's row, on the line of
    this session, or on either line that others take; `beside`: what others hold on the other line.
    """

    attempts: PinAttempts = attrs.field(default=PinAttempts())
    tries: IdentityAttempts = attrs.field(default=IdentityAttempts())
    wait: Wait | None = None
    ordered: str | None = None
    ghost: GhostState = GhostState()
    beside: Wait | None = None

    def waits(self, lines: tuple[str | None, ...]) -> Waits:
        """Who waits for the number, as an institution with these lines sees it."""
        held = zip((self.wait, self.beside), LINES, strict=True)
        only = self.beside is None and lines == (None,)
        of_lines = (attrs.evolve(wait, line=None if only else line) for wait, line in held if wait is not None)
        return Waits(tuple(of_lines), lines)

    def with_waits(self, *held: Wait | None) -> Environment:
        """With these waits, each on a line; which line is which makes no difference."""
        waits = [each for each in held if each is not None]
        ended = [each for each in waits if each.end is WaitEnd.CONTESTED]
        if ended:
            return changed(self, wait=ended[0], beside=None)  # it rests on all lines
        waits.sort(key=lambda each: (each.session != SELF, not each.is_waiting(NOW)))
        first, second = (*waits, None, None)[:2]
        return changed(self, wait=first, beside=second)

    def after(self, ghost: GhostState) -> Environment:
        """With *ghost* as what has truly happened."""
        return Environment(self.attempts, self.tries, self.wait, self.ordered, ghost, self.beside)

    def contested(self, now: datetime, rest: timedelta) -> Environment:
        """With every wait for the number ended."""
        return self.with_waits(*self.waits(LINES).contested(now, rest).held)


@attrs.frozen(eq=False)
class Situation:
    """An abstract state by its number, with the session and world that stand for it."""

    number: int
    session: Session
    environment: Environment
    grace: bool
    state: str = attrs.field(init=False)
    """The chart's state."""

    @state.default
    def _of_session(self) -> str:
        return self.session.state

    @property
    def proved(self) -> frozenset[str]:
        """What has been proved in truth: identity, call, code, pin."""
        return self.environment.ghost.proved

    @property
    def tries(self) -> int:
        """Identity failures of the session, where they still matter."""
        return self.session.tries

    @property
    def windows(self) -> int:
        """Phone windows opened, where they still matter."""
        return self.session.windows

    @property
    def wrong_codes(self) -> int:
        """Wrong codes of the session, where they still matter."""
        return self.session.wrong_codes

    @property
    def wrong_pins(self) -> int:
        """Wrong PINs in a row that stand for the card."""
        return self.environment.attempts.wrong

    @property
    def keeps(self) -> frozenset[str]:
        """The names of the facts that the session keeps."""
        return self.session.kept.names

    @property
    def contest(self) -> Contest:
        """Who waits for the number, or for whom it rests."""
        return contest_of(self.environment.wait)


def contest_of(wait: Wait | None) -> Contest:
    """The phase of a number's row, judged at `NOW`."""
    if wait is None or (wait.rests < NOW and not wait.is_waiting(NOW)):
        return "nobody"
    if wait.end is WaitEnd.CONTESTED:
        return "contested"
    if wait.is_waiting(NOW):
        return "self waits" if wait.session == SELF else "other waits"
    return "self rested" if wait.session == SELF else "other rested"


@attrs.frozen(kw_only=True)
class Configuration:
    """What can be seen of a situation from outside: from a session's saved form and the rows beside it.

    A count, or the contest, is None in a state where it makes no difference any more.
    """

    state: str
    keeps: frozenset[str]
    tries: int | None
    windows: int | None
    wrong_codes: int | None
    wrong_in_call: int | None
    wrong_pins: int | None
    contest: Contest | None
