"""What a rule judges by, and what it is."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from ja_reset.bank._values import EffectKind
from ja_reset.chart.effects import EffectSpec
from ja_reset.chart.session import Session
from ja_reset.chart.states import Ending, StateKind
from ja_reset.chart.transitions import EventRole
from ja_reset.machines import facts
from ja_reset.policies import Policies
from ja_reset.text import Text
from ja_reset.verify._abstraction import Abstraction, awaited
from ja_reset.verify._steps import Step

READING, PROVED, CONTRACT, LEDGER = (
    fact.name for fact in (facts.READING, facts.PROVED, facts.CONTRACT, facts.PIN_ATTEMPTS)
)
REPORT, RECEIVED_AT, WAIT = facts.REPORT.name, facts.RECEIVED_AT.name, facts.WAIT.name
IDENTITY_TRY, PIN_TRY, PIN_CHECK = facts.IDENTITY_ATTEMPT.name, facts.PIN_ATTEMPT.name, facts.PIN_CHECK.name
NUMBER_CODES = facts.NUMBER_CODES.name
CALL_KEY = facts.CALL_KEY.name
LOCKS: frozenset[str] = frozenset({EffectKind.LOCK_SERVICE, EffectKind.LOCK_CARD})

HINDRANCES = ("contract_unknown", "locked", "not_individual", "no_phone")
"""What speaks against a contract, in the order of I6, and where it ends."""


@attrs.frozen(eq=False)
class Bench:
    """What a rule judges by: the chart's states and their order, and the policies."""

    abstraction: Abstraction
    policies: Policies
    _kinds: dict[str, StateKind] = attrs.field(init=False)
    _roles: dict[str, EventRole | None] = attrs.field(factory=dict, init=False)

    @_kinds.default
    def _kinds_of_states(self) -> dict[str, StateKind]:
        return {name: state.kind for name, state in self.abstraction.chart.states.items()}

    def kind(self, state: str) -> StateKind:
        """What a state waits for."""
        return self._kinds[state]

    def awaited(self, session: Session) -> EffectSpec | None:
        """The effect whose key the session keeps; None where it keeps none, or one of no effect of the chart."""
        return awaited(self.abstraction.chart, session)

    def role(self, step: Step) -> EventRole | None:
        """What has happened, as the engine knows it; None for the chart's own events and for what others do."""
        trigger = step.event.trigger
        try:
            return self._roles[trigger]
        except KeyError:
            role = self._roles[trigger] = self.abstraction.chart.role(trigger)
            return role

    def ends(self, step: Step, ending: Ending) -> bool:
        """Whether a step leads to that ending, or to any where the chart has no such."""
        states = self.abstraction.chart.states
        if self.kind(step.state) is not StateKind.ENDING:
            return False
        return states[step.state].ending is ending or all(state.ending is not ending for state in states.values())

    def goes_on(self, step: Step) -> bool:
        """Whether a step leads onwards: into a later state that is no ending, or again into the one that it left."""
        order = self.abstraction.order
        later = order[step.state] >= order[step.before.state]
        return step.moved and later and self.kind(step.state) is not StateKind.ENDING

    def stays(self, step: Step) -> bool:
        """Whether a step leaves state and facts as they were."""
        return step.state == step.before.state and step.session.kept == step.before.session.kept


Breach = Callable[[Bench, Step], Text | None]


@attrs.frozen
class Rule:
    """A rule by its id in the specification, its text, and what is wrong with a step (None: nothing).

    `counts`: at which steps it may find something else where they differ in counts alone, of the session or in truth;
    by default at none.
    """

    name: str
    says: Text
    breach: Breach
    on: str = "every"
    counts: Callable[[Bench, Step], bool] | None = None


def required(effect: EffectSpec, policies: Policies) -> frozenset[str]:
    """What must be proved before an effect is ordered (A1, C1-C3); a code or a confirmation too, as the policy says.

    A lock follows from the count alone, at whatever step that is met (L2).
    """
    if effect.locks:
        return frozenset()
    asked = "code" if policies.phone.bim_code else "confirmation" if policies.phone.bim_announce else None
    return effect.needs if asked is None else effect.needs | {asked}
