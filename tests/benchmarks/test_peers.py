"""The engines that are measured beside ours run the same wizard: the same paths, and the same reasons."""

from __future__ import annotations

from typing import Any, Final

import pytest

PEERS: Final = ("TransitionsShared", "TransitionsOwn", "PythonStatemachine", "Automat", "Sismic", "Xstate")
"""Of `benchmarks/wizard_of_peers.py`."""


def test_the_table_by_hand_walks_every_path(wizard: Any) -> None:
    """Each path leads where it must, with its reasons, in memory and saved between any two steps."""
    assert [] == wizard.differences(wizard.ByHand())


def test_ours_walks_every_path(wizard: Any, ours: Any) -> None:
    """So does the chart."""
    assert [] == wizard.differences(ours.Ours())


@pytest.mark.parametrize("name", PEERS)
def test_each_peer_walks_every_path(wizard: Any, peers: Any, name: str) -> None:
    """So does each peer."""
    assert [] == wizard.differences(getattr(peers, name)())


def test_the_chart_has_the_shape_that_is_measured(wizard: Any, ours: Any) -> None:
    """6 states and 14 transitions, and every transition is on one of the paths."""
    chart, engine, taken = ours.WIZARD, ours.Ours(), set()
    assert (6, 14) == (len(chart.states), len(chart.transitions))
    for path in wizard.PATHS:
        session = engine.start()
        for event, typed, _, _ in path:
            taken.add(ours.decided(session, event, typed).transition.name)
            session, _ = engine.send(session, event, typed)
    assert {transition.name for transition in chart.transitions} == taken


def test_another_wizard_is_found_out(wizard: Any) -> None:
    """An engine that leads elsewhere, or gives another reason, is not measured."""

    class Wrong(wizard.ByHand):  # type: ignore[misc]  # as the programs are not typed
        def send(self, session: dict[str, Any], event: str, typed: str) -> tuple[dict[str, Any], Any]:
            after, reasons = super().send(session, event, typed)
            return after, () if event == "submit_pin" else reasons

    found = wizard.differences(Wrong())
    assert found
    assert all("submit_pin" in each for each in found)
