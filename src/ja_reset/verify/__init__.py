"""Verify a procedure: every situation that it can come into, held to the rules of SPEC and to your own.

`verify(chart, policies)` runs the real machine through every answer that its facts can give, and says what does not
hold, each with the fewest steps that lead there.
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
