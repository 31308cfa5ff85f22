"""The verifier against the facade: a walk at random, which shares no code with it, meets what it knows, all of it."""

from __future__ import annotations

import pytest

from walk import LOW, Comparison

MOST = 200
"""Walks after which it is given up: with these dice half as many are needed."""


@pytest.mark.rule("A1", "A2", "A4")
def test_the_verifier_and_the_facade_agree() -> None:
    """Each configuration and event that a walk meets is known to the verifier, and each event that it knows is met."""
    compared, seed = Comparison(LOW), 0
    while compared.unmet and seed < MOST:
        compared.walk(seed)
        seed += 1
    assert [] == compared.unknown
    assert {} == compared.unmet
