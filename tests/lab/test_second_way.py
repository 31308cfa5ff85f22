"""The verifier's verdicts on charts, and those of random histories of the whole service, which share no code."""

from __future__ import annotations

import pytest

from chart_faults import chart_faults
from ja_reset import Procedure
from second_way import BROKEN, HARMLESS, MOST, deviation, verdicts

FAULTS = {fault.name: fault for fault in chart_faults()}


@pytest.mark.parametrize("name", BROKEN)
def test_both_ways_find_a_broken_chart(name: str) -> None:
    """What the verifier says of a chart shows in what a service on it does, and the other way round."""
    verifier, walk = verdicts(FAULTS[name], MOST)
    assert verifier, "the verifier finds nothing"
    assert walk, "no history differs from the model"


def test_both_ways_pass_a_chart_that_does_the_same() -> None:
    """A change that changes nothing is found by neither (`make second-way` tries all of them)."""
    assert ("", "") == verdicts(FAULTS[HARMLESS[0]], examples=200)


@pytest.mark.parametrize("procedure", Procedure, ids=lambda each: each.name)
def test_a_service_on_a_sound_chart_is_that_of_the_model(procedure: Procedure) -> None:
    """Once the faulty charts are put away nothing differs: what was seen was theirs."""
    assert "" == deviation(procedure, examples=100)
