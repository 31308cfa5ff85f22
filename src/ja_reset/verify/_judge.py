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

        self._bearing: dict[tuple[EventRole | None, bool, bool, bool], tuple[Rule, ...]] = {}
        self._counting: dict[Step, tuple[Rule, ...]] = {}
        """Of a step, the rules that may find something else in one that is like it in all but counts."""

    def breaches(self, step: Step) -> Iterator[tuple[Rule, Text]]:
        """Each rule that the step breaks, and what is wrong; if it is like another, of those that counts matter to."""
        rules = self._bearing_on(step) if step.like is None else self._mattering_to(step.like)
        for rule in rules:
            what = rule.breach(self._bench, step)
            if what is not None:
                yield rule, what

    def tells_apart(self, step: Step) -> bool:
        """Whether there are rules that may find something else in a step that is like it in all but counts."""
        return bool(self._mattering_to(step))

    def _mattering_to(self, step: Step) -> tuple[Rule, ...]:
        rules = self._counting.get(step)
        if rules is None:
            bearing = self._bearing_on(step)
            rules = tuple(rule for rule in bearing if rule.counts is not None and rule.counts(self._bench, step))
            self._counting[step] = rules
        return rules

    def _bearing_on(self, step: Step) -> tuple[Rule, ...]:
        acts, customer = step.transition is not None, step.event.source is Source.CUSTOMER
        kind = (self._bench.role(step), acts, customer, step.moved)
        rules = self._bearing.get(kind)
        if rules is None:
            kinds = ["every", *_BY_ROLE.get(kind[0], ())]
            kinds += [name for name, so in (("acts", acts), ("customer", customer), ("moved", step.moved)) if so]
            rules = self._bearing[kind] = tuple(rule for name in kinds for rule in self._on.get(name, ()))
        return rules
