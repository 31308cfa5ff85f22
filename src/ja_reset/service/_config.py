"""What a service is set up with, and the institutions that it remembers (S9, S11)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import attrs

from ja_reset.chart import Chart
from ja_reset.chart.effects import EffectSpec
from ja_reset.errors import BankUnavailable, InvalidArgument, UnknownInstitution
from ja_reset.machines import CHARTS
from ja_reset.policies import Policies, PolicyOverride
from ja_reset.screens._texts import without
from ja_reset.screens.placeholders import NO_TEXTS, Catalogue
from ja_reset.service._bank import ask_institution
from ja_reset.service._institution import Institution
from ja_reset.service._io import Flow, Now, Warn
from ja_reset.service._waiting import Waiter
from ja_reset.text import Text


@attrs.frozen(eq=False, repr=False)
class Known:
    """An institution as the bank had it at that time, with the policies that hold for it.

    `unfit` is what the bank has given in their place, and does not fit the service's policies (S11).
    """

    institution: Institution
    at: datetime
    unfit: PolicyOverride | None = None


MOST_KNOWN = 2000
"""How many institutions a process remembers: there are some five hundred JAs."""


@attrs.frozen(eq=False, repr=False)
class Config:
    """What a service is set up with. `known` remembers institutions, so that not every event asks the bank.

    They go by the id that the bank gave: it may take several spellings for one. `charts`: the procedures by name.
    `notices_later`: notices are left to `recover()` (C5).
    `waiting`: the requests that wait for the turn under way, by session.
    """

    policies: Policies
    texts: Mapping[str, Text] = NO_TEXTS
    charts: Mapping[str, Chart] = CHARTS
    notices_later: bool = False
    known: dict[str, Known] = attrs.field(factory=dict)
    waiting: dict[str, Waiter] = attrs.field(factory=dict)
    effects: Mapping[str, EffectSpec] = attrs.field(init=False)
    """The effects of all the charts, by name: two charts share one only as the same object."""

    @effects.default
    def _of_all_charts(self) -> Mapping[str, EffectSpec]:
        return {name: effect for chart in self.charts.values() for name, effect in chart.effects.items()}

    _catalogues: dict[tuple[str, str], Catalogue] = attrs.field(factory=dict, init=False)

    def ask_institution(self, institution: str) -> Flow[Institution]:
        """The institution as the bank has it now; raises UnknownInstitution, BankUnavailable."""
        found = (yield from ask_institution(institution)) if isinstance(institution, str) else None
        if found is None:
            msg = "the bank knows no institution with that id"
            raise UnknownInstitution(msg)
        found, unfit = yield from self._laid_over(found)
        self.known[found.id] = Known(found, (yield Now()), unfit)
        for oldest in list(self.known)[:-MOST_KNOWN]:
            self.known.pop(oldest, None)
        return found

    def _laid_over(self, found: Institution) -> Flow[tuple[Institution, PolicyOverride | None]]:
        """The institution with its figures over the service's; if they do not fit, what held before holds on (S11)."""
        override = found.policies
        if not isinstance(override, PolicyOverride):
            return found, None
        try:
            return attrs.evolve(found, policies=self.policies.overridden(override)), None
        except InvalidArgument as error:
            known = self.known.get(found.id)
            if known is None or known.unfit != override:
                yield Warn(
                    f"the policies of institution {found.id!r} do not fit the service's, and do not hold: {error}"
                )
            return attrs.evolve(found, policies=None if known is None else known.institution.policies), override

    def institution(self, institution: str) -> Flow[Institution]:
        """The institution as the bank had it within `institution_refresh`, or when it answered last."""
        known = self.known.get(institution)
        if known is not None and (yield Now()) <= known.at + self.policies.session.institution_refresh:
            return known.institution
        try:
            return (yield from self.ask_institution(institution))
        except BankUnavailable:
            if known is None:
                raise
            return known.institution

    def known_institution(self, institution: str) -> Flow[Institution]:
        """The institution as this process last knew it, however old; the bank is asked only if it never was (L4)."""
        known = self.known.get(institution)
        return known.institution if known is not None else (yield from self.ask_institution(institution))

    def policies_of(self, institution: Institution | None) -> Policies:
        """The institution's own policies, or the service's; of those of a host's own, class by class."""
        own = None if institution is None else institution.policies
        return own.above(self.policies) if isinstance(own, Policies) else self.policies

    def texts_of(self, institution: Institution | None, chart: Chart | None) -> Catalogue:
        """The chart's texts, the service's over them, the institution's over both (S9); the same one again."""
        own = NO_TEXTS if institution is None else institution.messages
        ours = NO_TEXTS if chart is None else chart.texts
        if own is NO_TEXTS and self.texts is NO_TEXTS:
            return ours
        if ours and isinstance(own, Catalogue) and ours not in own.charts:
            own = without(own, ours)  # another chart's, by those keys
        if not own and not self.texts:
            return ours
        key = ("" if institution is None else institution.id, "" if chart is None else chart.name)
        found = self._catalogues.get(key)
        if found is None or found.over != own:
            found = self._catalogues[key] = Catalogue(ours, self.texts, own, policies=ours.policies)
            for oldest in list(self._catalogues)[:-MOST_KNOWN]:
                self._catalogues.pop(oldest, None)
        return found
