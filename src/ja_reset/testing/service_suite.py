"""Tests a whole service against the specification, as a test class.

Subclass it with your own bank and store::

    class TestOurs(ServiceSuite):
        customers = (TARO, HANAKO)             # as your bank's test data has them

        @pytest.fixture
        def make_bank(self):
            return lambda: OurBank(...)        # each call: those customers, in a fresh bank

        @pytest.fixture
        def make_store(self, tmp_path):
            return lambda: SqliteStore(...)    # each call: a new store without rows

Hypothesis plays histories of several customers, a gateway, a clock and a bank that is sometimes silent, and compares
them with a simple model of the specification. Other processes change rows between what a turn reads and what it
commits, and the bank must be asked no more often than the model says. Both `ResetService` and `AsyncResetService` are
tested, unless `faces` names one of them. A bank or a store whose methods are coroutines is tested with
`AsyncResetService` only. For a plain bank that must not be called while an event loop runs, such as one over Django's
ORM, write `faces = ("sync",)`. Needs pytest and Hypothesis.
"""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import ClassVar, Final, cast

import attrs
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from ja_reset.chart import Chart
from ja_reset.machines import CHARTS
from ja_reset.policies import IdentityPolicy, LockoutPolicy, PhonePolicy, Policies, PolicyOverride, SessionPolicy
from ja_reset.service._async_facade import AsyncResetService
from ja_reset.service._facade import ResetService
from ja_reset.service._records import CALL, CODES, IDENTITY_ATTEMPTS, OUTBOX, PIN_ATTEMPTS, REQUEST, SESSION, WAIT
from ja_reset.service.ports import AsyncBank, Bank
from ja_reset.stores.rows import AsyncStore, Row, Store
from ja_reset.testing._bank_spy import Watch, spied
from ja_reset.testing._chart_histories import ChartHistory
from ja_reset.testing._clock import FakeClock
from ja_reset.testing._rivalled_store import Rival, rivalled
from ja_reset.testing._service_acts import Setting
from ja_reset.testing._service_driver import Drive
from ja_reset.testing._service_machine import ServiceHistory
from ja_reset.testing._service_turns import Turns
from ja_reset.testing._service_waits import ModelWaits
from ja_reset.testing._shells import drawn_by, paused_by
from ja_reset.testing._sync_bank import in_sync, is_of_coroutines
from ja_reset.testing.cast import CAST, Customer

KEY: Final = b"ja_reset service suite: no key!!"
"""What a history seals is of customers that are not."""

FACES: Final[dict[str, type[ResetService | AsyncResetService]]] = {"sync": ResetService, "async": AsyncResetService}
"""The services that a suite can try."""

SMALL: Final = Policies(
    identity=IdentityPolicy(identity_attempts=2, identity_window=timedelta(minutes=10)),
    phone=PhonePolicy(
        bim_window=timedelta(seconds=30),
        btr_window=timedelta(seconds=60),
        code_attempts=2,
        codes_per_session=3,
        codes_per_number=4,
        codes_window=timedelta(minutes=10),
        phone_windows=2,
        number_rest=timedelta(seconds=40),
        not_me_rest=timedelta(seconds=90),
        call_memory=timedelta(minutes=4),
    ),
    lockout=LockoutPolicy(pin_attempts=2, unknown_lapse=timedelta(minutes=5)),
    session=SessionPolicy(
        idle_timeout=timedelta(minutes=2),
        absolute_timeout=timedelta(minutes=6),
        retention=timedelta(minutes=20),
        retention_unproved=timedelta(minutes=8),
        result_shown=timedelta(minutes=5),
        duplicate_wait=timedelta(milliseconds=250),
    ),
)
"""Small figures, so that every limit is met within a few steps."""


class ServiceSuite:
    """The contract of a whole service; the module says how to use it."""

    examples: ClassVar[int] = 80
    """How many histories are tried on each service."""
    steps: ClassVar[int] = 40
    """How many events a history has at most."""
    policies: ClassVar[Policies] = SMALL
    """The service's; an institution's own go before them."""
    customers: ClassVar[tuple[Customer, ...]] = CAST
    """Customers of the bank, of one institution."""
    procedures: ClassVar[tuple[Chart, ...]] = ()
    """Charts of your own: random histories of them and of the three are tried too, against A1 to A8."""
    faces: ClassVar[tuple[str, ...]] = ("sync", "async")
    """Which services are tried: `ResetService`, `AsyncResetService`, or both; the other test is skipped."""

    @pytest.mark.rule("A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "S2a", "S3", "S8")
    @pytest.mark.parametrize("face", FACES.values(), ids=FACES)
    def test_every_history_is_that_of_the_model(
        self,
        make_bank: Callable[[], Bank | AsyncBank],
        make_store: Callable[[], Store | AsyncStore],
        face: type[ResetService | AsyncResetService],
    ) -> None:
        """Whatever customers, gateway, clock and bank do: the service answers as the specification's model does."""
        make = self.setting
        self._is_tried(make_bank, make_store, face)

        class OfThisService(ServiceHistory):
            def __init__(self) -> None:
                super().__init__(make(make_bank(), make_store(), face))

        run_state_machine_as_test(OfThisService, settings=self._settings())

    @pytest.mark.rule("A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8")
    @pytest.mark.parametrize("face", FACES.values(), ids=FACES)
    def test_every_history_of_own_procedures_keeps_what_always_holds(
        self,
        make_bank: Callable[[], Bank | AsyncBank],
        make_store: Callable[[], Store | AsyncStore],
        face: type[ResetService | AsyncResetService],
    ) -> None:
        """A1 to A8 hold for any history of sessions of the suite's `procedures`, beside those of the three."""
        if not self.procedures:
            pytest.skip("the suite names no procedures of its own")
        make, charts, policies = self.setting, (*self.procedures, *CHARTS.values()), self.policies
        self._is_tried(make_bank, make_store, face)

        class OfTheseCharts(ChartHistory):
            def __init__(self) -> None:
                super().__init__(make(make_bank(), make_store(), face), charts, policies)

        run_state_machine_as_test(OfTheseCharts, settings=self._settings())

    def _is_tried(
        self,
        make_bank: Callable[[], Bank | AsyncBank],
        make_store: Callable[[], Store | AsyncStore],
        face: type[ResetService | AsyncResetService],
    ) -> None:
        """Skip the test where the face is not for this bank and store."""
        if not self.faces or not set(self.faces) <= set(FACES):
            msg = f"faces must name one of {', '.join(FACES)}, or both: got {self.faces!r}"
            raise ValueError(msg)
        if face not in [FACES[name] for name in self.faces]:
            pytest.skip("not among the faces of this suite")
        if face is ResetService and (is_of_coroutines(make_bank()) or _is_asynchronous(make_store)):
            pytest.skip("coroutines are for AsyncResetService alone")

    def _settings(self) -> settings:
        return settings(
            max_examples=self.examples,
            stateful_step_count=self.steps,
            deadline=None,
            # the fixtures only make things: each history has its own
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
        )

    def setting(
        self, bank: Bank | AsyncBank, store: Store | AsyncStore, face: type[ResetService | AsyncResetService]
    ) -> Setting:
        """The setting of one history.

        :meta private: the library's own scripts play histories with it; a host has the test above.
        """
        clock, watch, rival = FakeClock(), Watch(), Rival()
        runner = asyncio.Runner()
        asked = in_sync(bank, runner)
        institution = asked.institution(self.customers[0].institution)
        if institution is None:
            msg = f"the bank knows no institution {self.customers[0].institution}, which its customers are of"
            raise LookupError(msg)
        own = institution.policies
        policies = self.policies.overridden(own) if isinstance(own, PolicyOverride) else own or self.policies
        make: Callable[..., ResetService | AsyncResetService] = face  # each with the ports that it can ask
        shared = rivalled(store, rival)
        service = make(
            bank=spied(bank, watch), store=shared, key=KEY, clock=clock, policies=policies, procedures=self.procedures
        )
        lines = Random(0)  # noqa: S311 - a history that is played again must be given the same lines
        drawn_by(service, lines.randrange)
        if isinstance(service, ResetService):
            paused_by(service, lambda _seconds: None)
        drive = Drive(service, runner)

        def saved() -> str:
            kinds = (SESSION, PIN_ATTEMPTS, IDENTITY_ATTEMPTS, WAIT, CALL, CODES, REQUEST, OUTBOX)
            scans = [cast("list[Row]", drive.waited(store.scan(kind))) for kind in kinds]
            return json.dumps([attrs.asdict(row) for rows in scans for row in rows], default=str)

        def end() -> None:
            drive.waited(store.close())
            drive.close()

        model = Turns(policies, clock.now)
        model.waits = ModelWaits(institution.dials or (None,), policies.phone.waits_per_number)
        model.dial = institution.dial
        dials = institution.dials or (institution.dial,)
        return Setting(drive, asked, watch, rival, clock, model, self.customers, dials, saved, end)


def _is_asynchronous(make_store: Callable[[], Store | AsyncStore]) -> bool:
    with asyncio.Runner() as runner:
        store = make_store()
        closed = store.close()
        if not inspect.iscoroutine(closed):
            return False
        runner.run(closed)
        return True
