"""The suite tries histories of a host's own procedures, and finds what breaks one of the rules that always hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import attrs
import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from transfer_limit import TEXTS, TITLE, TRANSFER_LIMIT, TransferPolicy

from budgets import budget
from ja_reset.chart import Chart, Handler, State
from ja_reset.screens import ButtonPlan
from ja_reset.service._facade import ResetService
from ja_reset.stores import MemoryStore
from ja_reset.testing import FakeBank
from ja_reset.testing._chart_histories import ChartHistory
from ja_reset.testing.service_suite import SMALL, ServiceSuite


class TestOfTheTransferLimit(ServiceSuite):
    """The worked example, beside the three, over the fake bank and memory."""

    examples: ClassVar[int] = budget(15)
    steps: ClassVar[int] = 25
    procedures: ClassVar[tuple[Chart, ...]] = (TRANSFER_LIMIT,)

    @pytest.fixture
    def make_bank(self) -> Callable[[], FakeBank]:
        """A new bank."""
        return FakeBank

    @pytest.fixture
    def make_store(self) -> Callable[[], MemoryStore]:
        """A new store."""
        return MemoryStore


def _past_the_call(state: State) -> State:
    """The choice of the phone, with a button that leads past the call."""
    if state.name != "CHOICE":
        return state
    buttons = (ButtonPlan("skip", "button.next"), *state.screen.buttons)
    return attrs.evolve(state, screen=attrs.evolve(state.screen, buttons=buttons))


@pytest.mark.rule("A1")
def test_a_chart_that_orders_without_its_proof_is_found() -> None:
    """The suite's invariants are no model of the chart: they hold it to what its own effects say that they need."""
    ours = TRANSFER_LIMIT
    broken = Chart(
        ours.name,
        title=TITLE,
        initial=ours.initial,
        states=map(_past_the_call, ours.states.values()),
        handlers=(*ours.handlers, Handler(trigger="skip", source="CHOICE", to="LIMIT")),
        texts=TEXTS,
        codes=ours.codes,
        policies=(TransferPolicy,),
    )

    class Broken(ServiceSuite):
        procedures = (broken,)

    class History(ChartHistory):
        def __init__(self) -> None:
            super().__init__(Broken().setting(FakeBank(), MemoryStore(), ResetService), (broken,), SMALL)

    with pytest.raises(AssertionError, match=r"TRANSFER_LIMIT: LIMIT\.change_limit orders SET_TRANSFER_LIMIT"):
        run_state_machine_as_test(History, settings=settings(deadline=None, phases=[Phase.generate], max_examples=200))
