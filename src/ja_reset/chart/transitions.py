"""The parts of a chart: guards, checks, handlers, and the plain transitions that they expand to.

Theory. A *handler* says what an event does in a state: a list of checks and one target. If every check passes, the
session moves to the target. Each check also says what happens otherwise: where the session goes (default: it stays),
with which reasons, assigns and effects. A handler expands to plain transitions, each exactly the dict that
`transitions` takes (M6): the target first, then one for each check that can fail. The last has no condition, so every
event has an outcome, and nothing is allowed by omission.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

import attrs

from ja_reset.chart.effects import EffectSpec, facts_of
from ja_reset.chart.turn import Fact, Turn, refusal, roles_of
from ja_reset.fields.specs import Role
from ja_reset.secret import by_value, shown
from ja_reset.text import Text

if TYPE_CHECKING:
    from ja_reset.chart.session import Refusal, Session

Form = type[attrs.AttrsInstance] | Mapping[str, type[attrs.AttrsInstance]]
"""The form of an event, or of each method chosen before."""


class EventRole(Enum):
    """What an event means to the engine; one without a role is the chart's own.

    A chart gives its events whatever names it likes: the engine asks for the event of a role (`Chart.event`). Where a
    report finds no session, and so no chart, the audit has the role's value.
    """

    __hash__ = object.__hash__  # a member is itself alone; that of Enum is a function in Python

    CANCEL = "cancel"
    """The customer breaks off (M3): waits neither for another turn nor for the bank."""
    BACK = "back"
    """The customer goes back to an earlier screen (M4)."""
    PROCEED = "proceed"
    """The customer asks whether it goes on (P7, M2a): takes no heed of the version, and gives a pending order again."""
    EXTEND = "extend"
    """The customer is still there (S3): activity, and nothing else; takes no heed of the version. It has no button."""
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
    CALL_ENDED = "call_ended"
    """A gateway has reported that the call that was answered is over (P4)."""
    CONTESTED = "number_contested"
    """Another session has asked for the number that is waited for (P8)."""
    CONFIRMED = "confirmed"
    """The bank has carried out the order that is waited for (C4)."""
    REFUSED = "refused"
    """The bank has refused it for good (C4a)."""


BY_CUSTOMER = frozenset({EventRole.CANCEL, EventRole.BACK, EventRole.PROCEED, EventRole.EXTEND})
"""The roles of events that a customer sends; the clock, the telephone, other sessions and the bank have the others."""


class WaitWrite(Enum):
    """What a transition does to the row of the awaited number, beside letting it rest when the wait ends (P8)."""

    OPEN = "open"
    RELEASE = "release"
    CONTEST = "contest"
    DISOWN = "disown"
    """The caller knows nothing of it: the number rests on all lines, and for longer (P13)."""


@by_value
@attrs.frozen(eq=False)
class Guard:
    """A statement that can be true of a turn. `codes` are the reasons that it can give if it is not (M7).

    `reads` are the facts that it, and its `reasons`, may read; it gets no others. What a session counts is a fact too
    (`SessionFact`). `roles` are those of the fields that it reads in the form. `judges_form`: it says whether the form
    that came is valid; nothing above it reads the form.
    """

    __repr__ = shown

    name: str
    holds: Callable[[Turn], bool] = attrs.field(repr=False)
    codes: tuple[str, ...] = ()
    says: Text = attrs.field(kw_only=True, repr=False)
    reasons: Callable[[Turn], tuple[Refusal, ...]] | None = attrs.field(default=None, kw_only=True, repr=False)
    reads: frozenset[Fact[object]] = attrs.field(default=(), kw_only=True, repr=False, converter=facts_of)
    roles: frozenset[Role] = attrs.field(default=(), kw_only=True, repr=False, converter=roles_of)
    judges_form: bool = attrs.field(default=False, kw_only=True, repr=False)

    def __str__(self) -> str:
        return f"guard {self.name}"

    def refusals(self, turn: Turn) -> tuple[Refusal, ...]:
        """The reasons why it does not hold."""
        if self.reasons is None:
            return _refusals(self.codes)
        turn.asker = self
        return self.reasons(turn)


@attrs.frozen(eq=False, repr=False)
class Assign:
    """A named change of the session: session data that it keeps from now on, or counts that increase.

    `limit` names the limit of the policies that it applies, for drawings. `reads` are the facts that it may read,
    counts of the session among them, and `roles` are those of the fields that it reads in the form. `own` is the name
    of the value of the chart's own that it keeps, and `order` the effect whose key it keeps; None: neither.
    """

    name: str
    change: Callable[[Turn, Session], Session] = attrs.field(repr=False)
    limit: str | None = attrs.field(default=None, kw_only=True)
    reads: frozenset[Fact[object]] = attrs.field(default=(), kw_only=True, converter=facts_of)
    roles: frozenset[Role] = attrs.field(default=(), kw_only=True, converter=roles_of)
    own: str | None = attrs.field(default=None, kw_only=True)
    order: EffectSpec | None = attrs.field(default=None, kw_only=True)

    def __str__(self) -> str:
        return f"assignment {self.name}"


@attrs.frozen(eq=False, repr=False)
class Otherwise:
    """Where a handler leads if a check fails. `reasons` replace those of the guard: see `Handler`."""

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
    """What *trigger* does in *source*: the checks, the target, and the assigns and effects on the way.

    A reason is a code, or `code.detail` where a text of its own says more of it.
    """

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


@by_value
@attrs.frozen(eq=False, kw_only=True)
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
        if self.because is not None:
            return self.because.codes
        return tuple(reason.partition(".")[0] for reason in self.reasons)

    def refusals(self, turn: Turn) -> tuple[Refusal, ...]:
        """The reasons that it gives in this turn."""
        guard = self.because
        if guard is not None:
            return guard.refusals(turn)
        return _refusals(self.reasons) if self.reasons else ()


@lru_cache(maxsize=512)
def _refusals(reasons: tuple[str, ...]) -> tuple[Refusal, ...]:
    """Reasons about no field, each a code or a code and its detail: made once, as charts have few."""
    return tuple(refusal(code, detail=detail or None) for code, _, detail in (each.partition(".") for each in reasons))


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


def guards_of(handler: Handler) -> tuple[Guard, ...]:
    """Every guard of a handler, in the order of its checks."""
    return tuple(
        guard
        for each in handler.checks
        for guard in (each.guard, *(otherwise.when for otherwise in each.otherwise if otherwise.when is not None))
    )


def forms_of(handler: Handler) -> tuple[type[attrs.AttrsInstance], ...]:
    """The forms of a handler: none, one, or one for each method."""
    form = handler.form
    if form is None:
        return ()
    return tuple(form.values()) if isinstance(form, Mapping) else (form,)
