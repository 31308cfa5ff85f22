"""Which sessions are one situation: what counts in a state, the key of what is told apart, and who stands for it.

A counter counts in a state from which a guard that reads it is reached; what others can change at will counts where it
is read. Times count only by their phases, so that each situation is stood for by a session whose present is `NOW`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

import attrs

from ja_reset.chart import Chart
from ja_reset.chart.effects import EffectSpec
from ja_reset.chart.session import Answered, Session, Window
from ja_reset.chart.states import StateKind
from ja_reset.chart.turn import Asker
from ja_reset.machines import facts
from ja_reset.policies import Policies
from ja_reset.proofs.attempts import Attempt, IdentityAttempts, Pending, PinAttempts
from ja_reset.proofs.waits import Wait, WaitEnd
from ja_reset.verify._situations import (
    INSTANT,
    NOW,
    OTHER,
    SELF,
    Configuration,
    Environment,
    GhostState,
    Limits,
    Situation,
    contest_of,
)

TRIES, WINDOWS, CODES = facts.SESSION_TRIES.name, facts.WINDOWS.name, facts.WRONG_CODES.name
PIN_TRY = facts.PIN_ATTEMPT.name


COUNTS: Mapping[str, str] = MappingProxyType({TRIES: "tries", WINDOWS: "windows", CODES: "wrong_codes"})
"""The counts of a session: what reads one, and what it is called in a Configuration."""


Key = tuple[int, ...]
Parts = tuple[object, ...]


@attrs.frozen(eq=False)
class Abstraction:
    """How a chart's sessions under a policy become situations: which counters matter where."""

    chart: Chart
    policies: Policies
    live: Mapping[str, frozenset[str]]
    order: Mapping[str, int]
    waiting: frozenset[str]
    final: frozenset[str]
    asked: set[tuple[str, str]] = attrs.field(factory=set, init=False)
    """The facts that guards have asked for, by state; it grows."""
    limits: Limits = attrs.field(init=False)
    _numbers: dict[Parts, int] = attrs.field(factory=dict, init=False)
    """What tells situations apart but for the counts, each with its number."""

    @limits.default
    def _of_policies(self) -> Limits:
        return Limits.of(self.policies)

    @classmethod
    def of(cls, chart: Chart, policies: Policies) -> Abstraction:
        """The abstraction of *chart*; a counter matters in a state from which a guard that can read it is reached."""
        waiting = frozenset(name for name, state in chart.states.items() if state.kind is StateKind.WAITING)
        order = {name: place for place, name in enumerate(chart.states)}
        final = frozenset(name for name, state in chart.states.items() if state.is_final)
        return cls(chart, policies, read_later(chart), order, waiting, final)

    def of_interest(self, state: str, environment: Environment) -> Environment:
        """The world without what others can change at will before anything in *state* or after it reads it.

        They are let do so where it is read, so nothing is lost by starting again there: what is dropped can come
        about again. What only this session's past can have left, a lock, a rest, a contest, is kept while it matters.
        """
        ghost, attempts, tries, wait = environment.ghost, environment.attempts, environment.tries, environment.wait
        beside = environment.beside
        if state in self.final:
            return Environment(ghost=GhostState(ghost.proofs))
        if tries.count and (state, "identity_try") not in self.asked:
            tries = IdentityAttempts()
        if (attempts.total or attempts.open or ghost.wrong_pins) and (state, PIN_TRY) not in self.asked:
            attempts = PinAttempts(locked=True) if attempts.locked else PinAttempts()
            ghost = attrs.evolve(ghost, wrong_pins=0)
        if wait is not None and state not in self.waiting:
            others = wait.session == OTHER and wait.end is not WaitEnd.CONTESTED
            if facts.WAIT.name not in self.live[state] or (others and (state, "wait") not in self.asked):
                wait = None
        if beside is not None and (wait is None or state in self.waiting or (state, "wait") not in self.asked):
            beside = None
        if (
            ghost is environment.ghost
            and attempts is environment.attempts
            and tries is environment.tries
            and wait is environment.wait
            and beside is environment.beside
        ):
            return environment
        return Environment(attempts, tries, wait, environment.ordered, ghost, beside)

    def fixed(self, session: Session, environment: Environment, *, grace: bool) -> int:
        """The number of what tells this situation from others but for the counts; it holds while `asked` stays.

        Times count only by their phases.
        """
        kept, live, environment = session.kept, self.live[session.state], self.of_interest(session.state, environment)
        window = kept.window
        parts = (
            session.state,
            grace,
            kept.method if facts.METHOD.name in live else kept.method is not None,
            kept.ref is not None,
            kept.phones,
            kept.chosen,
            window and window.closes_at - window.opened_at,
            kept.answered and (kept.answered.ended is not None, kept.answered.code),
            kept.activation,
            kept.email,
            kept.order,
            kept.issued,
            _ledger_key(environment.attempts),
            (len(environment.tries.failures), len(environment.tries.pending)),
            _wait_key(environment.wait),
            _wait_key(environment.beside),
            environment.ordered,
            environment.ghost.proofs,
        )
        return self._numbers.setdefault(parts, len(self._numbers))

    def key(self, fixed: int, session: Session, ghost: GhostState) -> Key:
        """What tells this situation from others: what is `fixed`, and the counts that matter in its state."""
        state, answered = session.state, session.kept.answered
        live, in_call = self.live[state], 0 if answered is None else answered.wrong
        wrong_pins = ghost.wrong_pins if (state, PIN_TRY) in self.asked and state not in self.final else 0
        if not live:
            return (fixed, wrong_pins, in_call)
        tries, windows, codes = TRIES in live, WINDOWS in live, CODES in live
        return (
            fixed,
            wrong_pins,
            in_call,
            session.tries if tries else 0,
            session.windows if windows else 0,
            session.wrong_codes if codes else 0,
            ghost.failures if tries else 0,
            ghost.windows if windows else 0,
            ghost.wrong_codes if codes else 0,
            ghost.wrong_in_call if codes else 0,
        )

    def stand_for(self, session: Session, environment: Environment, *, grace: bool) -> tuple[Session, Environment]:
        """The session and world that stand for all with their key."""
        live, kept, ghost = self.live[session.state], session.kept, environment.ghost
        window = kept.window
        if window is not None:
            length = window.closes_at - window.opened_at
            opened = NOW - length - INSTANT if grace else NOW
            kept = attrs.evolve(kept, window=Window(opened, opened + length))
        if kept.answered is not None:
            answered = kept.answered
            over = None if answered.ended is None else NOW
            kept = attrs.evolve(kept, answered=Answered(answered.call, answered.code, answered.wrong, over))
        stands = Session(
            id=session.id,
            procedure=session.procedure,
            institution=session.institution,
            state=session.state,
            version=1,
            created_at=NOW,
            active_at=NOW,
            seen_at=NOW,
            tries=session.tries if TRIES in live else 0,
            windows=session.windows if WINDOWS in live else 0,
            wrong_codes=session.wrong_codes if CODES in live else 0,
            kept=kept,
        )
        beside = Environment(
            attempts=_ledger(environment.attempts),
            tries=_tries(environment.tries),
            wait=self._wait(environment.wait, kept.window),
            beside=self._wait(environment.beside, None),
            ordered=environment.ordered,
            ghost=attrs.evolve(
                ghost,
                failures=ghost.failures if TRIES in live else 0,
                windows=ghost.windows if WINDOWS in live else 0,
                wrong_codes=ghost.wrong_codes if CODES in live else 0,
                wrong_in_call=ghost.wrong_in_call if CODES in live else 0,
            ),
        )
        return stands, beside

    def matters(self, state: str) -> frozenset[str]:
        """Which counts, and whether the contest, make a difference in *state*."""
        if state in self.final:
            return frozenset()
        more = {"contest"} if state in self.waiting or (state, "wait") in self.asked else set[str]()
        if (state, PIN_TRY) in self.asked:
            more.add("wrong_pins")
        return frozenset(COUNTS[name] for name in self.live[state] if name in COUNTS) | more

    def seen(self, here: Situation) -> Configuration:
        """A situation as it can be seen from outside."""
        matters, answered = self.matters(here.state), here.session.kept.answered
        return Configuration(
            state=here.state,
            keeps=here.keeps,
            tries=here.tries if "tries" in matters else None,
            windows=here.windows if "windows" in matters else None,
            wrong_codes=here.wrong_codes if "wrong_codes" in matters else None,
            wrong_in_call=None if answered is None else answered.wrong,
            wrong_pins=here.wrong_pins if "wrong_pins" in matters else None,
            contest=here.contest if "contest" in matters else None,
        )

    def _wait(self, wait: Wait | None, window: Window | None) -> Wait | None:
        """The row at the middle of its phase."""
        phase, rest = contest_of(wait), self.policies.phone.number_rest
        if wait is None or phase == "nobody":
            return None
        earlier = NOW + rest if wait.earlier is not None and wait.earlier >= NOW else None
        if wait.is_waiting(NOW):
            until = NOW + timedelta(seconds=60)
            if wait.session == SELF and window is not None:
                until = window.closes_at + self.policies.phone.delivery_grace
            return Wait(wait.session, until, until + rest, earlier=earlier)
        end = WaitEnd.CONTESTED if wait.end is WaitEnd.CONTESTED else WaitEnd.LEFT
        return Wait(wait.session, NOW - INSTANT, NOW + rest, end)


def _ledger_key(attempts: PinAttempts) -> Parts:
    if not attempts.open:
        return (attempts.wrong, attempts.locked)
    totals = sorted((max(0, each.total - attempts.cleared), each.unknown) for each in attempts.open)
    return (attempts.wrong, attempts.locked, *totals)


def _ledger(attempts: PinAttempts) -> PinAttempts:
    totals = sorted((max(0, each.total - attempts.cleared), each.unknown) for each in attempts.open)
    names = (f"{OTHER}-{place}" for place in range(len(totals)))
    still = tuple(Attempt(name, NOW, total, unknown) for name, (total, unknown) in zip(names, totals, strict=False))
    return PinAttempts(attempts.wrong, 0, attempts.locked, still)


def _tries(tries: IdentityAttempts) -> IdentityAttempts:
    pending = tuple(Pending(f"{OTHER}-{place}", NOW) for place in range(len(tries.pending)))
    return IdentityAttempts((NOW,) * len(tries.failures), pending)


def _wait_key(wait: Wait | None) -> Parts:
    if wait is None:
        return ("nobody",)
    return (contest_of(wait), wait.session, wait.earlier is not None and wait.earlier >= NOW)


def awaited(chart: Chart, session: Session) -> EffectSpec | None:
    """The effect whose key the session keeps; None where it keeps none, or one of no effect of the chart."""
    _, _, rest = (session.kept.order or "").partition(":")
    return chart.effects.get(rest.partition(":")[0])


def read_later(chart: Chart) -> Mapping[str, frozenset[str]]:
    """The names of the facts that somebody reads in a state or after it, as guards and assignments declare them.

    A form that depends on the method reads that. Who counts the wrong codes of a call counts them for the session, too.
    """
    here: dict[str, set[str]] = defaultdict(set)
    for transition in chart.transitions:
        asked: list[Asker] = [chart.guards[name] for name in (*transition.conditions, *transition.unless)]
        for asker in (*asked, *transition.assigns):
            here[transition.source] |= {fact.name for fact in asker.reads}
        entered = () if transition.to is None else chart.states[transition.to].on_entry
        for effect in (*transition.effects, *entered):
            here[transition.source] |= {fact.name for fact in effect.reads}
        if facts.WRONG_IN_CALL.name in here[transition.source]:
            here[transition.source].add(CODES)
    for handler in chart.handlers:
        if isinstance(handler.form, Mapping):
            here[handler.source].add(facts.METHOD.name)
    after: dict[str, set[str]] = {name: set(here[name]) for name in chart.states}
    grown = True
    while grown:
        grown = False
        for transition in chart.transitions:
            if transition.to is not None and not after[transition.to] <= after[transition.source]:
                after[transition.source] |= after[transition.to]
                grown = True
    return {name: frozenset(read) for name, read in after.items()}
