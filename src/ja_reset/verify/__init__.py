"""Verify a procedure: explore every situation that it can reach, and check the rules of the specification and your own.

`verify(chart, policies)` runs the real machine with every value that its facts can have. It reports what does not hold,
each with the shortest sequence of steps that leads there.
"""

from __future__ import annotations

from ja_reset.verify._counterexamples import Counterexample, Line
from ja_reset.verify._failures import Failure
from ja_reset.verify._properties import Property, always_possible, leads_to, never, only_after
from ja_reset.verify._samples import Sample
from ja_reset.verify._situations import Situation
from ja_reset.verify._steps import Event, Source, Step
from ja_reset.verify._verification import NotAbstractableError, Verification, verify

__all__ = [
    "Counterexample",
    "Event",
    "Failure",
    "Line",
    "NotAbstractableError",
    "Property",
    "Sample",
    "Situation",
    "Source",
    "Step",
    "Verification",
    "always_possible",
    "leads_to",
    "never",
    "only_after",
    "verify",
]
