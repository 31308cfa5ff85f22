"""Workers of two releases over one store, under load: what always holds still holds, and nobody's session is lost (S4).

A load balancer stands before them: each call goes to either, and what the older one leaves alone comes again at the
newer one. So every call may be answered by another release than the one before, in both directions.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any, Final, cast

import attrs
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test

from budgets import budget
from hosts import KEY
from ja_reset import (
    AsyncResetService,
    Call,
    CallSource,
    CallStatus,
    NewerSession,
    ResetService,
    UnknownProcedure,
    View,
)
from ja_reset.chart import Chart, State
from ja_reset.chart.states import StateKind
from ja_reset.chart.transitions import EventRole, Transition
from ja_reset.diagrams import structure
from ja_reset.diagrams._difference import Difference, difference
from ja_reset.machines import CHARTS
from ja_reset.stores import MemoryStore, PostgresStore, SqliteStore
from ja_reset.stores.rows import Store
from ja_reset.testing import Customer, FakeBank, FakeClock
from ja_reset.testing._bank_spy import AFTER, BEFORE
from ja_reset.testing._chart_histories import ChartHistory, _proofs
from ja_reset.testing._entries import entries
from ja_reset.testing._service_acts import Setting
from ja_reset.testing._service_driver import Drive
from ja_reset.testing._service_machine import ServiceHistory
from ja_reset.testing.cast import ORDINARY
from ja_reset.testing.postgres import PostgresServer
from ja_reset.testing.service_suite import SMALL, ServiceSuite
from versions import limit_of_version

Service = ResetService | AsyncResetService
FACES: Final = (ResetService, AsyncResetService)
TRIED: Final = settings(
    max_examples=12,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


class Balancer:
    """Two workers and what stands before them; a service to those who ask it, synchronous whatever the workers are.

    `share`: how many of the calls go to the newer worker; `newer`: events that it alone gets.
    """

    share = 0.5
    newer: tuple[str, ...] = ()

    def __init__(self, old: Service, new: Service, waited: Callable[[Any], Any]) -> None:
        self.old, self.new, self.waited = old, new, waited
        self.operator = new.operator
        self.picks = Random(0)  # noqa: S311 - which worker, no secret
        self.left_alone = 0

    def _either(self) -> Service:
        return self.new if self.picks.random() < self.share else self.old

    def _asked(self, name: str, *arguments: object, **more: object) -> Any:  # noqa: ANN401 - as the service answers
        worker = self.new if any(event in arguments for event in self.newer) else self._either()
        try:
            answer = self.waited(getattr(worker, name)(*arguments, **more))
        except (NewerSession, UnknownProcedure):
            assert worker is self.old, "the newer release leaves nobody alone"
            answer = None
        if answer is None or (worker is self.old and "temporarily_unavailable" in _codes(answer)):
            self.left_alone += 1
            if answer is None or name in {"report_call", "report_keys", "report_end"}:
                return self.waited(getattr(self.new, name)(*arguments, **more))
        return answer

    def start(self, procedure: object, *, institution: str) -> View:
        """See `ResetService.start`."""
        return cast("View", self._asked("start", procedure, institution=institution))

    def view(self, token: str) -> View:
        """See `ResetService.view`."""
        return cast("View", self._asked("view", token))

    def send(self, *arguments: object, **more: object) -> View:
        """See `ResetService.send`."""
        return cast("View", self._asked("send", *arguments, **more))

    def report_call(self, *arguments: object, **more: object) -> object:
        """See `ResetService.report_call`."""
        return self._asked("report_call", *arguments, **more)

    def report_keys(self, *arguments: object, **more: object) -> object:
        """See `ResetService.report_keys`."""
        return self._asked("report_keys", *arguments, **more)

    def report_end(self, *arguments: object, **more: object) -> object:
        """See `ResetService.report_end`."""
        return self._asked("report_end", *arguments, **more)

    def unlock(self, *arguments: object, **more: object) -> object:
        """See `ResetService.unlock`."""
        return self.waited(getattr(self._either(), "unlock")(*arguments, **more))  # noqa: B009 - either face

    def _both(self, name: str) -> int:
        """What the two have done; the older one first, which leaves something over for the newer one."""
        return sum(int(self.waited(getattr(worker, name)())) for worker in (self.old, self.new))

    def recover(self) -> int:
        """See `ResetService.recover`."""
        return self._both("recover")

    def expire_due(self) -> int:
        """See `ResetService.expire_due`."""
        return self._both("expire_due")

    def purge(self) -> int:
        """See `ResetService.purge`."""
        return self._both("purge")


def _codes(answer: object) -> list[str]:
    return [reason.code for reason in getattr(answer, "reasons", ())]


def balanced(setting: Setting, old: Mapping[str, Chart], new: Mapping[str, Chart]) -> tuple[Setting, Balancer]:
    """The setting with two workers in place of its service: they share all but the charts that they were given."""

    def worker(charts: Mapping[str, Chart]) -> Service:
        made = copy.copy(setting.drive.service)
        made._config = attrs.evolve(made._config, charts=charts, known={})
        made._operator = type(made._operator)(made._run, made._config)  # type: ignore[arg-type]  # of the same face
        return made

    balancer = Balancer(worker(old), worker(new), setting.drive.waited)
    drive = Drive(cast("ResetService", balancer), setting.drive.runner)
    return attrs.evolve(setting, drive=drive), balancer


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def new_store(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Store]:
    """A maker of new stores that processes share."""
    if request.param == "memory":
        return MemoryStore
    if request.param == "sqlite":
        numbers = iter(range(10**6))
        return lambda: SqliteStore(tmp_path / f"{next(numbers)}.db", synchronous="NORMAL")
    server: PostgresServer = request.getfixturevalue("postgres")
    schema: Callable[[], str] = request.getfixturevalue("new_schema")
    return lambda: PostgresStore(server.url, schema=schema(), pool_size=2)


# The three procedures, beside their model -----------------------------------------------------------------------


def _raised(chart: Chart) -> Chart:
    """A procedure of the library as a newer release would have it: the same, in another version."""
    return Chart(
        chart.name,
        title=chart.title,
        initial=chart.initial,
        states=chart.states.values(),
        handlers=chart.handlers,
        version=chart.version + 1,
    )


RAISED: Final = {name: _raised(chart) for name, chart in CHARTS.items()}


@pytest.mark.rule("S4", "A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8")
@pytest.mark.parametrize("face", FACES, ids=["sync", "async"])
def test_customers_of_two_releases_are_served_as_by_one(
    new_store: Callable[[], Store], face: type[ResetService | AsyncResetService]
) -> None:
    """Every answer is that of the model, whichever release gives it: a new version alone is seen by nobody.

    The choice of a phone may end another session's wait, and the older release ends it by its row alone (P8): the other
    customer hears of it later than the model says. So here the newer release gets that choice.
    """
    left_alone = Counter[str]()

    class OfTwoReleases(ServiceHistory):
        def __init__(self) -> None:
            made, self.balancer = balanced(ServiceSuite().setting(FakeBank(), new_store(), face), CHARTS, RAISED)
            self.balancer.newer = ("choose_phone", "submit_details")
            super().__init__(made)

        @initialize(seed=st.integers(0, 2**16))
        def balances(self, seed: int) -> None:
            """Which worker is asked when."""
            self.balancer.picks.seed(seed)

        def teardown(self) -> None:
            """Count what came again."""
            left_alone["times"] += self.balancer.left_alone
            super().teardown()

    run_state_machine_as_test(OfTwoReleases, settings=TRIED)
    assert left_alone["times"], "the older release was never asked for what the newer one has saved"


# A chart that changes -------------------------------------------------------------------------------------------

OLD: Final = limit_of_version(1)
NAMES: Final = {"CHOICE": "PHONES", "CALL": "RING", "CALL_KEYS": "RING_KEYS", "COMPLETING": "PROCESSING"}
RELEASES: Final = {
    "a version alone": (OLD, limit_of_version(2)),
    "states renamed and retired": (
        OLD,
        limit_of_version(2, names=NAMES, retired={"CHOICE": "LOGIN", "CALL": "LOGIN", "CALL_KEYS": "LOGIN"}),
    ),
    "states renamed": (OLD, limit_of_version(2, names=NAMES)),
    "data kept no longer": (OLD, limit_of_version(2, keeps_limit=False)),
    "more data kept": (limit_of_version(1, keeps_limit=False), limit_of_version(2)),
}


@attrs.frozen
class Both:
    """The two versions as one chart, to those who look things up by name: what both have, the newer one has it."""

    name: str
    states: Mapping[str, State]
    transitions: tuple[Transition, ...]


def _both(old: Chart, new: Chart) -> Chart:
    transitions = {each.name: each for each in (*old.transitions, *new.transitions)}
    return cast("Chart", Both(new.name, {**old.states, **new.states}, tuple(transitions.values())))


class Rolling(ChartHistory):
    """Histories of a chart that changes under way."""

    balancer: Balancer
    found: Difference
    newer: Chart

    @initialize(seed=st.integers(0, 2**16), share=st.sampled_from((0.0, 0.1, 0.5)))
    def balances(self, seed: int, share: float) -> None:
        """Which worker is asked when."""
        self.balancer.picks.seed(seed)
        self.balancer.share = share

    @rule(share=st.sampled_from((0.0, 0.1, 0.5, 1.0)))
    def the_release_rolls(self, share: float) -> None:
        """More workers are of the newer release, or fewer again."""
        self.balancer.share = share

    @precondition(lambda self: self.runs)
    @rule(which=st.integers(0, 5), when=st.sampled_from((BEFORE, AFTER)))
    def orders_while_the_bank_is_silent(self, which: int, when: str) -> None:
        """A customer comes to the order, and the bank gives no answer to it."""
        run = self._run(which)
        for _ in range(6):
            if run.view.state == "LIMIT":
                self.watch.fall_silent("carry_out", when)
            if run.kind in {StateKind.FORM, StateKind.WAITING}:
                self._goes_on(run)
                run.view = self.drive.view(run.view.token)
        self.watch.speak()

    @invariant()
    def orders_rest_on_their_proofs(self) -> None:
        """A1: of whichever version the arrows are; who restarts has proved nothing."""
        for run in self.runs:
            proved: set[str] = set()
            transitions = {transition.name: transition for transition in run.chart.transitions}
            for record in self._audit(run):
                if record["event"] == "state_is_gone":
                    keeps = self.newer.states[str(record["after"])].keeps
                    proved = proved if "ref" in keeps else set()
                transition = transitions.get(str(record.get("arrow")))
                if transition is None or record.get("repeated"):
                    continue
                proved |= _proofs(transition)
                for effect in transition.effects:
                    assert effect.needs <= proved, f"{transition.name} orders {effect.name}"
                if transition.to is not None and "ref" not in run.chart.states[transition.to].keeps:
                    proved = set()
                elif transition.role in {EventRole.BACK, EventRole.WINDOW_CLOSED, EventRole.CONTESTED}:
                    proved -= {"call", "code", "pin"}

    @invariant()
    def nobody_is_lost(self) -> None:
        """A session leaves its state for a release only as the difference of the two says."""
        for run in self.runs:
            for record in self._audit(run):
                if record["event"] != "state_is_gone":
                    continue
                before, after = str(record["before"]), str(record["after"])
                if before in self.found.strands:
                    assert (after, ["procedure_changed"]) == ("EXPIRED", record["reasons"])
                elif before in self.found.restarts:
                    assert (after, ["procedure_changed"]) == (self.found.restarts[before], record["reasons"])
                elif not OLD.states[before].is_final:
                    assert self.newer.completing("SET_TRANSFER_LIMIT") is self.newer.states[after]

    def teardown(self) -> None:
        """A6, C5: once all is delivered, each order was carried out once, and each customer told once of it."""
        for _ in range(3):
            self.clock.advance(3700)  # past every back-off
            self.drive.recover()
        effects = self.drive.waited(self.balancer.new.operator.effects())
        assert not [effect for effect in effects if effect["status"] == "pending"]
        done = {
            kind: sorted(
                str(each["session"]) for each in effects if (each["kind"], each["status"]) == (kind, "confirmed")
            )
            for kind in ("SET_TRANSFER_LIMIT", "NOTIFY")
        }
        assert done["SET_TRANSFER_LIMIT"] == done["NOTIFY"]
        super().teardown()


@pytest.mark.rule("S4", "A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8")
@pytest.mark.parametrize("release", RELEASES)
def test_a_chart_changes_while_customers_are_served(new_store: Callable[[], Store], release: str) -> None:
    """Whatever they do, at whichever worker: A1 to A8 hold, and what becomes of each session was foretold."""
    old, new = RELEASES[release]

    class Suite(ServiceSuite):
        procedures = (new,)

    class OfThisRelease(Rolling):
        def __init__(self) -> None:
            setting = Suite().setting(FakeBank(), new_store(), ResetService)
            made, self.balancer = balanced(setting, {**CHARTS, old.name: old}, {**CHARTS, new.name: new})
            self.found, self.newer = difference(structure(old), structure(new)), new
            super().__init__(made, (_both(old, new),), SMALL)

    run_state_machine_as_test(OfThisRelease, settings=settings(TRIED, max_examples=budget(12)))


# At once --------------------------------------------------------------------------------------------------------

PEOPLE: Final = tuple(
    attrs.evolve(
        ORDINARY,
        account=f"{7_100_000 + number}",
        login_id=f"person{number}",
        contract=attrs.evolve(ORDINARY.contract, ref=f"P-{number}", phones=(f"090-7100-{number:04}",)),
    )
    for number in range(12)
)


def _succeeds(balancer: Balancer, customer: Customer, chart: Chart) -> list[str]:
    """One customer on the way to the end, however often from the beginning; the states that were seen."""
    view = balancer.start(chart.name, institution=customer.institution)
    seen = [view.state]
    for step in range(60):
        state = chart.states[view.state]
        if view.final:
            return seen
        plan = next((plan for plan in state.plans if plan.form is not None), None)
        if view.dial is not None:
            call = Call(id=f"{customer.ref}-{step}", number=customer.contract.phones[0], source=CallSource.NETWORK)
            assert balancer.report_call(call).status in {CallStatus.VERIFIED, CallStatus.UNMATCHED}  # type: ignore[attr-defined]
            view = balancer.view(view.token)
        elif plan is None or plan.form is None:
            view = balancer.send(view.token, view.events[0], version=view.version)
        else:
            phone = view.phones[0].id if view.phones else ""
            typed = entries(plan.form, customer, SMALL, phone=phone)
            view = balancer.send(view.token, view.events[0], typed, version=view.version)
        seen.append(view.state)
    return seen


@pytest.mark.rule("S4", "A6")
@pytest.mark.parametrize("release", ["a version alone", "states renamed and retired"])
def test_two_releases_serve_many_at_once(new_store: Callable[[], Store], release: str) -> None:
    """Twelve customers on six threads, each call at either worker: all come to their end, each order is given once."""
    old, new = RELEASES[release]
    bank, clock = FakeBank(PEOPLE), FakeClock()
    with closing(new_store()) as store:
        workers = [
            ResetService(bank=bank, store=store, key=KEY, clock=clock, procedures=[chart]) for chart in (old, new)
        ]
        balancer = Balancer(workers[0], workers[1], lambda answer: answer)
        with ThreadPoolExecutor(6) as pool:
            ways = list(pool.map(lambda person: _succeeds(balancer, person, _both(old, new)), PEOPLE))
        balancer.recover()
        assert {"CHANGED"} == {way[-1] for way in ways} or release != "a version alone"
        assert 0 == balancer.recover()
        told = Counter((str(effect.kind), effect.ref) for effect in bank.carried_out)
        ended = [person.ref for person, way in zip(PEOPLE, ways, strict=True) if way[-1] == "CHANGED"]
        assert {1} == set(told.values())
        assert {(kind, ref) for kind in ("SET_TRANSFER_LIMIT", "NOTIFY") for ref in ended} == set(told)
