"""The verifier against the facade: a walk at random, which shares no code with it, meets what it knows, all of it."""

from __future__ import annotations

import pytest

from ja_reset import Policies, Procedure
from walk import LOW, ONE_CODE, Comparison

MOST = 200
"""Walks after which it is given up: with these dice half as many are needed."""


@pytest.mark.rule("A1", "A2", "A4", "P4")
@pytest.mark.parametrize(
    ("policies", "procedures"),
    [(LOW, tuple(Procedure)), (ONE_CODE, (Procedure.TOKEN_REISSUE,))],
    ids=["low limits", "one code of a number"],
)
def test_the_verifier_and_the_facade_agree(policies: Policies, procedures: tuple[Procedure, ...]) -> None:
    """Each configuration and event that a walk meets is known to the verifier, and each event that it knows is met."""
    compared, seed = Comparison(policies, procedures), 0
    while compared.unmet and seed < MOST:
        compared.walk(seed)
        seed += 1
    assert [] == compared.unknown
    assert {} == compared.unmet
