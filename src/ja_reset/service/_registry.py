"""The charts that a service serves: the three of the library, and those of the host, by name.

A session of another chart belongs to another process: it is left unchanged, and the caller is told which chart is
missing (S4).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from ja_reset.chart import Chart
from ja_reset.chart.turn import BankFact
from ja_reset.errors import InvalidArgument, UnknownProcedure
from ja_reset.machines import CHARTS
from ja_reset.machines.facts import FACTS
from ja_reset.text import Text


def charts_of(procedures: object) -> Mapping[str, Chart]:
    """The library's charts and those of *procedures*, by name and in that order.

    Raises InvalidArgument with every complaint: for what is no Chart, a name that is none or comes twice, and an effect
    that another chart has under its name.
    """
    if isinstance(procedures, str | Chart) or not isinstance(procedures, Iterable):
        msg = f"procedures must be several charts, as in procedures=[CHART]; got {type(procedures).__name__}"
        raise InvalidArgument(msg)
    given = tuple(procedures)
    complaints = list(_complaints(given))
    if complaints:
        msg = "procedures: " + "; ".join(complaints)
        raise InvalidArgument(msg)
    return MappingProxyType({**CHARTS, **{chart.name: chart for chart in given}})


_NAMED = frozenset(fact.name for fact in FACTS)


def _complaints(given: tuple[object, ...]) -> Iterator[str]:
    for place, each in enumerate(given):
        if not isinstance(each, Chart):
            yield f"number {place + 1} must be a Chart, not {type(each).__name__}"
    charts = [each for each in given if isinstance(each, Chart)]
    for chart in charts:
        for name, fact in sorted(chart.facts.items()):
            if isinstance(fact, BankFact) and name in _NAMED:
                yield f"chart {chart.name} names a fact of the bank {name}, as the library names one: rename it"
            if not isinstance(fact, BankFact) and fact not in FACTS:
                yield f"chart {chart.name} reads the fact {name}, which nobody tells: make it a BankFact"
    for name, times in Counter(chart.name for chart in charts).items():
        if name in CHARTS:
            yield f"chart {name} has the name of a procedure of the library: give it another one"
        elif times > 1:
            yield f"{times} charts are named {name}"
    yield from _effects(charts)
    yield from _codes(charts)


def _effects(charts: Iterable[Chart]) -> Iterator[str]:
    """Two charts share an effect only as the same object: by its name the bank is told what to do."""
    known = {name: (effect, chart.name) for chart in CHARTS.values() for name, effect in chart.effects.items()}
    for chart in charts:
        for name, effect in chart.effects.items():
            there, whose = known.setdefault(name, (effect, chart.name))
            if there is not effect:
                yield f"chart {chart.name} has another effect {name} than chart {whose}: give it another name"


def _codes(charts: Iterable[Chart]) -> Iterator[str]:
    """A reason code means one thing, so two charts share one only with the same words (S9)."""
    known: dict[str, tuple[Text, str]] = {}
    for chart in charts:
        for code, words in chart.codes.items():
            there, whose = known.setdefault(code, (words, chart.name))
            if there != words:
                yield f"chart {chart.name} has other words for the reason code {code} than chart {whose}: rename it"


def chart_for(charts: Mapping[str, Chart], procedure: object) -> Chart:
    """The chart that `start` was asked for: by itself, its name or the enum's member; raises UnknownProcedure."""
    if isinstance(procedure, Chart):
        if charts.get(procedure.name) is procedure:
            return procedure
        msg = f"this service does not have the chart {procedure.name}: pass it in procedures=[…]"
        raise UnknownProcedure(msg)
    if isinstance(procedure, str) and procedure in charts:
        return charts[procedure]
    msg = f"there is no such procedure; there are {', '.join(charts)}"
    raise UnknownProcedure(msg)
