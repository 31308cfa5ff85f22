"""Facts of a host's own, told by a fake bank."""

from __future__ import annotations

from collections.abc import Iterable

from ja_reset.chart import Chart
from ja_reset.chart.turn import BankFact
from ja_reset.testing._bank import FakeBank


def tell_facts(bank: FakeBank, charts: Iterable[Chart]) -> None:
    """Have *bank* tell every fact that *charts* have of their own: the first of its values."""
    for chart in charts:
        for fact in chart.facts.values():
            if isinstance(fact, BankFact):
                bank.tell(fact.method, next(iter(fact.values.values())))
