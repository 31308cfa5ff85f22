"""Where the values of facts come from, and which of their combinations were tried."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import attrs

from ja_reset.chart import Chart
from ja_reset.chart.session import Session
from ja_reset.fields.forms import Reading
from ja_reset.policies import Policies
from ja_reset.verify import _samples as samples
from ja_reset.verify._drafts import Choices, Draft
from ja_reset.verify._samples import Readings, Sample


@attrs.frozen(eq=False)
class Values:
    """Where the values come from. `given`: those of facts that the library does not know.

    `reports`: the calls that can be reported, by the number that is waited for.
    """

    chart: Chart
    policies: Policies
    given: Mapping[str, tuple[Sample, ...]]
    readings: Readings
    reports: Mapping[str, tuple[Sample, ...]]
    combined: set[tuple[str, str | None, str | None, str]] = attrs.field(factory=set, init=False)
    """Where every combination of a fact's faults has been tried."""
    told: dict[tuple[str, str, type | None], object] = attrs.field(factory=dict, init=False)
    """A value of each fact, by the fact's name and the sample's."""

    @classmethod
    def of(cls, chart: Chart, policies: Policies, given: Mapping[str, tuple[Sample, ...]]) -> Values:
        """The values for *chart* under *policies*."""
        found = {chosen: samples.reports(policies, chosen) for chosen in (samples.CHOSEN, samples.RELAY)}
        return cls(chart, policies, given, Readings(policies), found)

    def is_new(self, session: Session, name: str) -> bool:
        """Whether a fact is asked for in this state for the first time: then its faults are combined, too."""
        place = (session.state, session.kept.method, session.kept.chosen, name)
        new = place not in self.combined
        self.combined.add(place)
        return new

    def note(self, name: str, sample: Sample) -> None:
        """Remember that the fact was told so: the first value of each name, and of a reading's name with each form."""
        form = type(sample.value.form) if isinstance(sample.value, Reading) else None
        self.told.setdefault((name, sample.name, form), sample.value)


Choose = Callable[[Values, Draft, datetime], Choices]
