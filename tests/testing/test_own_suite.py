"""The suite tries histories of a host's own procedures, and finds what breaks one of the rules that always hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import attrs
import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from transfer_limit import TEXTS, TITLE, TRANSFER_LIMIT, TransferPolicy

from ja_reset.chart import Chart
from ja_reset.chart.transitions import Handler, check
from ja_reset.machines import common, guards
from ja_reset.service._facade import ResetService
from ja_reset.stores import MemoryStore
from ja_reset.testing import FakeBank
from ja_reset.testing._chart_histories import ChartHistory
from ja_reset.testing.service_suite import SMALL, ServiceSuite


class TestOfTheTransferLimit(ServiceSuite):
    """The worked example, beside the three, over the fake bank and memory."""

    examples: ClassVar[int] = 15
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


def _without_the_pin(handler: Handler) -> Handler:
    """The order without its last proof."""
    checks = (check(guards.form_is_valid), *common.contract_still_stands)
    return attrs.evolve(handler, checks=checks) if handler.trigger == "change_limit" else handler


@pytest.mark.rule("A1")
def test_a_chart_that_orders_without_its_proof_is_found() -> None:
    """The suite's invariants are no model of the chart: they hold it to what its own effects say that they need."""
    ours = TRANSFER_LIMIT
    broken = Chart(
        ours.name,
        title=TITLE,
        initial=ours.initial,
        states=ours.states.values(),
        handlers=map(_without_the_pin, ours.handlers),
        texts=TEXTS,
        policies=(TransferPolicy,),
    )

    class Broken(ServiceSuite):
        procedures = (broken,)

    class History(ChartHistory):
        def __init__(self) -> None:
            super().__init__(Broken().setting(FakeBank(), MemoryStore(), ResetService), (broken,), SMALL)

    with pytest.raises(AssertionError, match=r"TRANSFER_LIMIT: LIMIT\.change_limit orders SET_TRANSFER_LIMIT"):
        run_state_machine_as_test(History, settings=settings(deadline=None, phases=[Phase.generate], max_examples=200))
