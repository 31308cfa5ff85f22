"""The parts of a chart: guards, checks, handlers, and the plain transitions that they expand to.

Theory. A *handler* says what an event does in a state: a list of checks and one target. If every check passes, the
session moves to the target. Each check also says what happens otherwise: where the session goes (default: it stays),
with which reasons, assigns and effects. A handler expands to plain transitions, each exactly the dict that
`transitions` takes (M6): the target first, then one for each check that can fail. The last has no condition, so every
event has an outcome, and nothing is allowed by omission.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any, Final

import attrs

from ja_reset.bank._values import EffectKind
from ja_reset.chart.session import Fact, Refusal, Session, Turn, ask
from ja_reset.errors import ChartError
from ja_reset.screens import ScreenPlan
from ja_reset.secret import Secret, shown
from ja_reset.text import Text


def _names(names: Iterable[str]) -> frozenset[str]:
    return frozenset(names)


def _facts(reads: Iterable[Fact[Any]]) -> frozenset[Fact[object]]:
    return frozenset(reads)


Form = type[attrs.AttrsInstance] | Mapping[str, type[attrs.AttrsInstance]]
"""The form of an event, or of each method chosen before."""


class StateKind(Enum):
    """What a state waits for."""

    FORM = "form"
    WAITING = "waiting"
    COMPLETING = "completing"
    SUCCESS = "success"
    ENDING = "ending"


class EventRole(Enum):
    """What an event means to the engine; one without a role is the chart's own.

    A chart gives its events whatever names it likes: the engine asks for the event of a role (`Chart.event`). Where a
    report finds no session, and so no chart, the audit has the role's value.
    """

    CANCEL = "cancel"
    """The customer breaks off (M3): waits neither for another turn nor for the bank."""
    BACK = "back"
    """The customer goes back to an earlier screen (M4)."""
    PROCEED = "proceed"
    """The customer asks whether it goes on (P7, M2a): takes no heed of the version, and gives a pending order again."""
    TIME_RAN_OUT = "time_ran_out"
    """Idle for too long, or too old (S3)."""
    CLOCK_WENT_BACK = "clock_went_back"
    """The clock is behind what the session last saw (S3)."""
    WINDOW_CLOSED = "window_closed"
    """The phone window is over, the grace for late reports too (P6)."""
    CALL = "call_received"
    """A gateway has reported a call (P2, P3)."""
    KEYS = "keys_received"
    """A gateway has reported keys in the call that was answered (P4)."""
    CONTESTED = "number_contested"
    """Another session has asked for the number that is waited for (P8)."""
    CONFIRMED = "confirmed"
    """The bank has carried out the order that is waited for (C4)."""
    REFUSED = "refused"
    """The bank has refused it for good (C4a)."""


BY_CUSTOMER = frozenset({EventRole.CANCEL, EventRole.BACK, EventRole.PROCEED})
"""The roles that a button's event may have; the clock, the telephone, other sessions and the bank have the others."""


class Ending(Enum):
    """What a final state that is no success means (M2); a chart may have others, which mean nothing to the engine."""

    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"
    LOCKED = "locked"


class WaitWrite(Enum):
    """What a transition does to the row of the awaited number, beside letting it rest when the wait ends (P8)."""

    OPEN = "open"
    RELEASE = "release"
    CONTEST = "contest"


@attrs.frozen
class Guard:
    """A statement that can be true of a turn. `codes` are the reasons that it can give if it is not (M7).

    `reads` are the facts that it, and its `reasons`, may read; it gets no others. What a session counts is a fact too
    (`SessionFact`).
    """

    __repr__ = shown

    name: str
    holds: Callable[[Turn], bool] = attrs.field(repr=False)
    codes: tuple[str, ...] = ()
    says: Text = attrs.field(kw_only=True, repr=False)
    reasons: Callable[[Turn], tuple[Refusal, ...]] | None = attrs.field(default=None, kw_only=True, repr=False)
    reads: frozenset[Fact[object]] = attrs.field(default=(), kw_only=True, repr=False, converter=_facts)

    def __str__(self) -> str:
        return f"guard {self.name}"

    def refusals(self, turn: Turn) -> tuple[Refusal, ...]:
        """The reasons why it does not hold."""
        if self.reasons is None:
            return tuple(Refusal(code) for code in self.codes)
        ask(turn, self)
        return self.reasons(turn)


@attrs.frozen(eq=False, repr=False)
class Assign:
    """A named change of the session: session data that it keeps from now on, or counts that increase.

    `limit` names the limit of the policies that it applies, for drawings. `reads` are the facts that it may read,
    counts of the session among them.
    """

    name: str
    change: Callable[[Turn, Session], Session] = attrs.field(repr=False)
    limit: str | None = attrs.field(default=None, kw_only=True)
    reads: frozenset[Fact[object]] = attrs.field(default=(), kw_only=True, converter=_facts)
    own: str | None = attrs.field(default=None, kw_only=True)

    def __str__(self) -> str:
        return f"assignment {self.name}"


Data = Mapping[str, str | Secret]
"""What goes to the bank with an effect, by name."""

PROOFS: Final = ("identity", "call", "code", "pin")
"""What can be proved of a customer before the bank is told to do something (A1), in the order in which it is."""


def _no_data(_turn: Turn) -> Data:
    return {}


@attrs.frozen(eq=False)
class EffectSpec:
    """Something that the bank is told to do (C), recorded by the turn that causes it and delivered until answered.

    - `name`: an identifier; the bank gets it as `Effect.kind`. Two charts that share an effect share the same object.
    - `data`: a function that makes its data from the turn, as it was before; `reads` are the facts that it reads.
    - `secrets`: the names in the data whose values are `Secret`; they are sealed until the effect is settled (S5).
    - `needs`: the `PROOFS` that must be complete before it is recorded (A1).
    - `result`: the names that the bank's answer must have, each a non-empty str; None if nothing is expected.
    - `due`: a function that says whether a turn records it at all; None: always.
    - `locks`: it locks the card's contract. It is noted in the PIN count, and an unlock withdraws it (L2, L6).
    """

    __repr__ = shown

    name: str = attrs.field(converter=str)
    data: Callable[[Turn], Data] = attrs.field(default=_no_data, repr=False)
    secrets: frozenset[str] = attrs.field(default=(), kw_only=True, converter=_names)
    needs: frozenset[str] = attrs.field(default=(), kw_only=True, converter=_names)
    reads: frozenset[Fact[object]] = attrs.field(default=(), kw_only=True, repr=False, converter=_facts)
    result: tuple[str, ...] | None = attrs.field(default=None, kw_only=True)
    due: Callable[[Turn], bool] | None = attrs.field(default=None, kw_only=True, repr=False)
    locks: bool = attrs.field(default=False, kw_only=True)

    def __str__(self) -> str:
        return f"effect {self.name}"

    @property
    def kind(self) -> EffectKind | str:
        """The member of that name, or the name of an effect of a host's own."""
        return EffectKind.__members__.get(self.name, self.name)

    @property
    def has_data(self) -> bool:
        """Whether anything goes with it."""
        return self.data is not _no_data

    def key(self, session: Session) -> str:
        """Its idempotency key for *session*: new each time it is recorded, the same on a retry."""
        return f"{session.id}:{self.name}:{session.version}"

    def made(self, turn: Turn) -> Data | None:
        """Its data in *turn*, or None if it is not due. Raises ChartError for unusable data."""
        ask(turn, self)
        due = True if self.due is None else self.due(turn)
        if due is not True and due is not False:
            msg = f"the effect {self.name} is due, or is not: it must return a bool"
            raise ChartError(msg)
        if not due:
            return None
        data = self.data(turn)
        complaint = _complaint_of(data, self.secrets)
        if complaint is not None:
            msg = f"the data of {self.name} {complaint}"
            raise ChartError(msg)
        return data


def _complaint_of(data: object, secrets: frozenset[str]) -> str | None:
    """What is wrong with the data of an effect, without a value of it."""
    if not isinstance(data, Mapping):
        return f"must be a mapping, not {type(data).__name__}"
    for name, value in data.items():
        if not isinstance(name, str) or not isinstance(value, str | Secret):
            return "must map a str to a str or a Secret"
    sealed = {name for name, value in data.items() if isinstance(value, Secret)}
    if sealed != secrets:
        wanted, got = (", ".join(sorted(names)) or "none" for names in (secrets, sealed))
        return f"must have the secrets that it declares ({wanted}) as Secrets, and no others; it has {got}"
    return None


@attrs.frozen(eq=False, repr=False)
class Otherwise:
    """Where a handler leads if a check fails. `reasons` are codes that replace those of the guard."""

    to: str | None = None
    when: Guard | None = attrs.field(default=None, kw_only=True)
    reasons: tuple[str, ...] | None = attrs.field(default=None, kw_only=True)
    assigns: tuple[Assign, ...] = attrs.field(default=(), kw_only=True)
    effects: tuple[EffectSpec, ...] = attrs.field(default=(), kw_only=True)
    wait: WaitWrite | None = attrs.field(default=None, kw_only=True)


@attrs.frozen(eq=False, repr=False)
class Check:
    """A guard and its outcomes if it fails: the first whose `when` holds is taken; the last has no `when`."""

    guard: Guard
    otherwise: tuple[Otherwise, ...] = (Otherwise(),)


def check(guard: Guard, *otherwises: Otherwise) -> Check:
    """A check with the given outcomes; without any, the session stays, with the guard's reasons."""
    return Check(guard, otherwises or (Otherwise(),))


@attrs.frozen(eq=False, repr=False, kw_only=True)
class Handler:
    """What *trigger* does in *source*: the checks, the target, and the assigns and effects on the way."""

    trigger: str
    source: str
    to: str | None
    role: EventRole | None = None
    checks: tuple[Check, ...] = ()
    reasons: tuple[str, ...] = ()
    assigns: tuple[Assign, ...] = ()
    effects: tuple[EffectSpec, ...] = ()
    wait: WaitWrite | None = None
    form: Form | None = None


@attrs.frozen(kw_only=True)
class Transition:
    """One transition of the machine; `to=None` stays. `because` names the guard whose reasons are given.

    `name` is unique in its chart. `BIM015.submit_identity` is the transition to the target of that handler;
    `BIM015.submit_identity!form_is_valid` is the one for the failed check, and `…+tries_are_used_up` one of several for
    that check, chosen by a second guard. Audit records name the transition that was taken (S7).
    """

    __repr__ = shown

    trigger: str
    source: str
    to: str | None
    role: EventRole | None = None
    conditions: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    because: Guard | None = None
    reasons: tuple[str, ...] = ()
    assigns: tuple[Assign, ...] = ()
    effects: tuple[EffectSpec, ...] = ()
    wait: WaitWrite | None = None
    otherwise: bool = False
    name: str = attrs.field(default="", eq=False)

    def to_dict(self) -> dict[str, str | list[str] | None]:
        """Exactly the dict that `transitions.Machine` takes."""
        return {
            "trigger": self.trigger,
            "source": self.source,
            "dest": self.to,
            "conditions": list(self.conditions),
            "unless": list(self.unless),
        }

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the reasons that it can give."""
        return self.because.codes if self.because else self.reasons

    def refusals(self, turn: Turn) -> tuple[Refusal, ...]:
        """The reasons that it gives in this turn."""
        return self.because.refusals(turn) if self.because else tuple(Refusal(code) for code in self.reasons)


def expand(handler: Handler) -> tuple[Transition, ...]:
    """The transitions of a handler: to its target, then one for each outcome; the last has no condition."""
    names = tuple(each.guard.name for each in handler.checks)
    own = f"{handler.source}.{handler.trigger}"
    goal = Transition(
        name=own,
        trigger=handler.trigger,
        source=handler.source,
        to=handler.to,
        role=handler.role,
        conditions=names,
        reasons=handler.reasons,
        assigns=handler.assigns,
        effects=handler.effects,
        wait=handler.wait,
    )
    transitions = [goal]
    for height, each in enumerate(handler.checks):
        top = height == len(handler.checks) - 1
        for otherwise in each.otherwise:
            is_last = top and otherwise is each.otherwise[-1]
            transitions.append(
                Transition(
                    name=f"{own}!{each.guard.name}" + (f"+{otherwise.when.name}" if otherwise.when else ""),
                    trigger=handler.trigger,
                    source=handler.source,
                    to=otherwise.to,
                    role=handler.role,
                    conditions=() if is_last else names[:height] + ((otherwise.when.name,) if otherwise.when else ()),
                    unless=() if is_last else (each.guard.name,),
                    because=each.guard if otherwise.reasons is None else None,
                    reasons=otherwise.reasons or (),
                    assigns=otherwise.assigns,
                    effects=otherwise.effects,
                    wait=otherwise.wait,
                    otherwise=True,
                )
            )
    return tuple(transitions)


@attrs.frozen(kw_only=True)
class State:
    """A state: its one screen (`variants` by the chosen method), and the names of the session data that it keeps.

    `tolerates` are events that a page may send late: the answer is the current view, without a reason (P7). `on_entry`
    are effects that every transition into the state records, if they are due, after its own.
    """

    __repr__ = shown

    name: str
    kind: StateKind
    screen: ScreenPlan
    variants: Mapping[str, ScreenPlan] = attrs.field(default=MappingProxyType({}), hash=False)
    keeps: frozenset[str] = frozenset()
    tolerates: tuple[str, ...] = ()
    on_entry: tuple[EffectSpec, ...] = ()
    ending: Ending | None = None

    @property
    def is_final(self) -> bool:
        """Whether nothing follows."""
        return self.kind in {StateKind.SUCCESS, StateKind.ENDING}

    def plan(self, method: str | None) -> ScreenPlan:
        """The screen for the method chosen."""
        return self.variants.get(method or "", self.screen)

    @property
    def plans(self) -> tuple[ScreenPlan, ...]:
        """Every screen that it may show."""
        return (self.screen, *(plan for plan in self.variants.values() if plan is not self.screen))


def guards_of(handler: Handler) -> tuple[Guard, ...]:
    """Every guard of a handler, in the order of its checks."""
    return tuple(
        guard
        for each in handler.checks
        for guard in (each.guard, *(otherwise.when for otherwise in each.otherwise if otherwise.when is not None))
    )
