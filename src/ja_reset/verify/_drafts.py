"""A turn under way: what its facts were found to be, and what finding them has changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from ja_reset.chart._changed import changed
from ja_reset.chart.session import Session
from ja_reset.verify._samples import Sample
from ja_reset.verify._situations import Environment, Situation

MINE = "mine"
"""The name of this turn's try and attempt."""


NO_ANSWER = Sample(None, "no_answer")
"""In place of a fact: the bank gave no answer, and the turn ends."""


@attrs.frozen(eq=False)
class Draft:
    """A turn under way: the session and world as the resolved facts left them."""

    session: Session
    environment: Environment
    facts: Mapping[str, Sample]
    known: Mapping[str, object]
    told: tuple[str, ...] = ()

    def with_fact(
        self, name: str, sample: Sample, *, session: Session | None = None, environment: Environment | None = None
    ) -> Draft:
        """The same with one more fact, and what resolving it changed."""
        return Draft(
            session or self.session,
            environment or self.environment,
            {**self.facts, name: sample},
            {**self.known, name: sample.value},
            (*self.told, sample.name) if sample.name else self.told,
        )

    def at(self, here: Situation, *, tried: int) -> Draft:
        """The same in a situation that differs in counts alone, and in what was truly proved; `tried`: tries taken."""
        session, environment, ghost = here.session, self.environment, here.environment.ghost
        if tried:
            session = changed(session, tries=session.tries + tried)
        elif session is self.session and ghost is environment.ghost:
            return self
        if ghost is not environment.ghost:
            environment = environment.after(ghost)
        return Draft(session, environment, self.facts, self.known, self.told)


Choices = Iterator[tuple[Sample, Session | None, Environment | None]]
"""Each value, and the session and world as resolving it leaves them (None: as they were)."""
