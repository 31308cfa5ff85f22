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

    def breaches(self, step: Step) -> Iterator[tuple[Rule, Text]]:
        """Each rule that the step breaks, and what is wrong."""
        kinds = ["every", *_BY_ROLE.get(self._bench.role(step), ())]
        if step.transition is not None:
            kinds.append("acts")
        if step.event.source is Source.CUSTOMER:
            kinds.append("customer")
        if step.moved:
            kinds.append("moved")
        for kind in kinds:
            for rule in self._on.get(kind, ()):
                what = rule.breach(self._bench, step)
                if what is not None:
                    yield rule, what
