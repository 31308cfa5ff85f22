"""Who holds every step to the rules that can bear on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from ja_reset.chart.transitions import EventRole
from ja_reset.text import Text
from ja_reset.verify._bench import Bench, Rule
from ja_reset.verify._steps import Source, Step

_BY_ROLE: Mapping[EventRole | None, tuple[str, ...]] = MappingProxyType(
    {
        EventRole.CALL: ("phone",),
        EventRole.KEYS: ("phone",),
        EventRole.CANCEL: ("cancel",),
        EventRole.BACK: ("back",),
        EventRole.TIME_RAN_OUT: ("expiry",),
        EventRole.CLOCK_WENT_BACK: ("expiry",),
    }
)
"""The kinds of rules that bear on a step for what has happened; `Rule.on` is one of them."""


class Judge:
    """Holds every step to the rules that can bear on it."""

    def __init__(self, bench: Bench, rules: tuple[Rule, ...]) -> None:
        self._bench = bench
        self._on: dict[str, tuple[Rule, ...]] = {}
        for rule in rules:
            self._on[rule.on] = (*self._on.get(rule.on, ()), rule)

        self._bearing: dict[tuple[EventRole | None, bool, bool, bool, bool], tuple[Rule, ...]] = {}

    def breaches(self, step: Step, *, repeats: bool = False) -> Iterator[tuple[Rule, Text]]:
        """Each rule that the step breaks, and what is wrong; where it *repeats* another, only what counts matter to."""
        acts, customer = step.transition is not None, step.event.source is Source.CUSTOMER
        kind = (self._bench.role(step), acts, customer, step.moved, repeats)
        rules = self._bearing.get(kind)
        if rules is None:
            rules = self._bearing[kind] = tuple(self._bearing_on(*kind))
        for rule in rules:
            what = rule.breach(self._bench, step)
            if what is not None:
                yield rule, what

    def _bearing_on(
        self,
        role: EventRole | None,
        acts: bool,  # noqa: FBT001 - one key, as are the others
        customer: bool,  # noqa: FBT001
        moved: bool,  # noqa: FBT001
        repeats: bool,  # noqa: FBT001
    ) -> Iterator[Rule]:
        kinds = ["every", *_BY_ROLE.get(role, ())]
        kinds += [kind for kind, so in (("acts", acts), ("customer", customer), ("moved", moved)) if so]
        for kind in kinds:
            yield from (rule for rule in self._on.get(kind, ()) if rule.counts or not repeats)
