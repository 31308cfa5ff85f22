"""Properties of your own: never, only after, always possible, leads to.

A predicate is a plain function. `never` and `only_after` call it with a *step* (`before`, `event`, `state`, `reasons`,
`effects`, `session`, `world`), `always_possible` and `leads_to` with a *situation* (`state`, `proved`, `keeps`,
`contest`, `tries`, `windows`, `wrong_codes`, `wrong_pins`).
"""

from __future__ import annotations

from collections.abc import Callable

import attrs

from ja_reset.text import Text
from ja_reset.verify._situations import Situation
from ja_reset.verify._steps import Step

OfStep = Callable[[Step], bool]
OfSituation = Callable[[Situation], bool]


@attrs.frozen
class Never:
    """No step is ever so."""

    name: str
    predicate: OfStep

    @property
    def says(self) -> Text:
        """The property in words."""
        return Text(f"「{self.name}」は決して起こらない", f"{self.name}: never")


@attrs.frozen
class OnlyAfter:
    """No step is `goal` unless some step was `proof` before it, or it is so itself."""

    name: str
    goal: OfStep
    proof: OfStep

    @property
    def says(self) -> Text:
        """The property in words."""
        return Text(f"「{self.name}」は証明の後にだけ起こる", f"{self.name}: only after its proof")


@attrs.frozen
class AlwaysPossible:
    """From every situation that is not final one can be reached that is so."""

    name: str
    predicate: OfSituation

    @property
    def says(self) -> Text:
        """The property in words."""
        return Text(f"「{self.name}」はいつでも可能である", f"{self.name}: always possible")


@attrs.frozen
class LeadsTo:
    """Whatever is `cause` comes to be `outcome`, whatever the customer does: time passes, and the bank answers."""

    name: str
    cause: OfSituation
    outcome: OfSituation

    @property
    def says(self) -> Text:
        """The property in words."""
        return Text(f"「{self.name}」はいずれ必ず起こる", f"{self.name}: comes about in the end")


Property = Never | OnlyAfter | AlwaysPossible | LeadsTo


def never(predicate: OfStep, *, name: str) -> Never:
    """The predicate is true of no step."""
    return Never(name, predicate)


def only_after(goal: OfStep, proof: OfStep, *, name: str) -> OnlyAfter:
    """No step is `goal` unless a step before it, or it itself, was `proof`."""
    return OnlyAfter(name, goal, proof)


def always_possible(predicate: OfSituation, *, name: str) -> AlwaysPossible:
    """From every situation that is not final, a situation can be reached for which the predicate is true."""
    return AlwaysPossible(name, predicate)


def leads_to(cause: OfSituation, outcome: OfSituation, *, name: str) -> LeadsTo:
    """After every situation that is `cause`, an `outcome` follows in the end, if time passes and the bank answers."""
    return LeadsTo(name, cause, outcome)
