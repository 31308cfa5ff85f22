"""Fixtures for a host's tests, and a line that says which transitions of the charts they took; found by pytest itself.

Nothing of `ja_reset` is imported until a fixture is asked for. Transitions are read from the audit of each service that
is watched: `ja_reset_service`, and any other, synchronous or asynchronous, that a test hands to `ja_reset_transitions`.
Where an audit cannot be read any more, as its store is closed, a line says so; no test fails for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import pytest

if TYPE_CHECKING:
    from ja_reset import AsyncResetService, ResetService
    from ja_reset.chart import Chart
    from ja_reset.stores.rows import Store
    from ja_reset.testing import Customer, FakeBank, FakeClock
    from ja_reset.testing.telephone import FakeTelephone

TAKEN = pytest.StashKey[dict[str, set[str]]]()
"""Of the run: by procedure, the names of the transitions that were taken."""
TRANSITIONS = pytest.StashKey[dict[str, list[str]]]()
"""Of the run: by procedure, the names of all its transitions."""
UNREAD = pytest.StashKey[Counter[str]]()
"""Of the run: how many services could not be read, by the name of the exception."""
OUTPUT = "ja_reset_transitions"
"""What a worker of pytest-xdist hands to the process that sums up."""

_Service = TypeVar("_Service", bound="ResetService | AsyncResetService")


class Watch(Protocol):
    """What the fixture `ja_reset_transitions` is: give it a service, and it gives that back."""

    def __call__(self, service: _Service, /) -> _Service:
        """Count the transitions that *service* takes in this test."""


def pytest_configure(config: pytest.Config) -> None:
    """The marker of the suites, and an empty tally."""
    config.addinivalue_line("markers", "rule(*ids): the rules of ja_reset's specification that the test holds")
    config.stash[TAKEN] = {}
    config.stash[TRANSITIONS] = {}
    config.stash[UNREAD] = Counter()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--ja-reset-transitions`: tell by name which transitions no test took."""
    group = parser.getgroup("ja_reset")
    group.addoption(
        "--ja-reset-transitions", action="store_true", help="name the transitions of the charts that no test took"
    )


@pytest.fixture
def ja_reset_clock() -> FakeClock:
    """A clock that stands still until it is moved."""
    from ja_reset.testing import FakeClock  # noqa: PLC0415 - loads the kit only for a test that uses it

    return FakeClock()


@pytest.fixture
def ja_reset_bank() -> FakeBank:
    """A bank with the cast of customers; override this fixture to test with your own."""
    from ja_reset.testing import FakeBank  # noqa: PLC0415 - loads the kit only for a test that uses it

    return FakeBank()


@pytest.fixture
def ja_reset_customer() -> Customer:
    """An ordinary customer of the bank."""
    from ja_reset.testing.cast import ORDINARY  # noqa: PLC0415 - loads the kit only for a test that uses it

    return ORDINARY


@pytest.fixture
def ja_reset_store() -> Iterator[Store]:
    """A memory store; override this fixture to test with your own."""
    from ja_reset.stores import MemoryStore  # noqa: PLC0415 - loads the kit only for a test that uses it

    store = MemoryStore()
    yield store
    store.close()


@pytest.fixture
def ja_reset_procedures() -> tuple[Chart, ...]:
    """None: replace it in a test with the charts of your own that the service is to serve beside the three."""
    return ()


@pytest.fixture
def ja_reset_service(
    ja_reset_bank: FakeBank,
    ja_reset_store: Store,
    ja_reset_clock: FakeClock,
    ja_reset_procedures: tuple[Chart, ...],
    ja_reset_transitions: Watch,
) -> ResetService:
    """A service over the bank, the store and the clock, with the host's own charts; its transitions are counted."""
    from ja_reset import ResetService  # noqa: PLC0415 - loads the kit only for a test that uses it

    return ja_reset_transitions(
        ResetService(
            bank=ja_reset_bank,
            store=ja_reset_store,
            key=bytes(32),
            clock=ja_reset_clock,
            procedures=ja_reset_procedures,
        )
    )


@pytest.fixture
def ja_reset_telephone(ja_reset_service: ResetService, ja_reset_customer: Customer) -> FakeTelephone:
    """The telephone of the customer's first number."""
    from ja_reset.testing.telephone import FakeTelephone  # noqa: PLC0415 - loads the kit only for a test that uses it

    return FakeTelephone(ja_reset_service, ja_reset_customer.contract.phones[0])


@pytest.fixture
def ja_reset_transitions(request: pytest.FixtureRequest) -> Iterator[Watch]:
    """Hand it a service of either kind, and the transitions that it takes in this test are counted.

    They are read when the test has ended, before `ja_reset_store` is closed. A store of your own must be open
    until then.
    """
    request.getfixturevalue("ja_reset_store")  # is closed after this one
    from ja_reset.testing.path_player import transitions_of  # noqa: PLC0415 - loads the kit only for a test that uses it

    watched: list[ResetService | AsyncResetService] = []

    def watch(service: _Service, /) -> _Service:
        watched.append(service)
        return service

    yield watch
    taken, every = request.config.stash[TAKEN], request.config.stash[TRANSITIONS]
    for service in watched:
        try:
            audit = _read(service)
        except Exception as error:  # noqa: BLE001 - a host's store raises what it likes, and the test is over
            request.config.stash[UNREAD][type(error).__name__] += 1
            continue
        for name, chart in service.procedures.items():
            every[name] = [transition.name for transition in chart.transitions]
            taken.setdefault(name, set()).update(transitions_of(audit, name))


def _read(service: ResetService | AsyncResetService) -> list[Mapping[str, object]]:
    """All audit; where it must be awaited, on a loop and a thread of its own, as a loop may run here."""
    import asyncio  # noqa: PLC0415 - as above
    import inspect  # noqa: PLC0415 - as above
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - loads the kit only for a test that uses it

    from ja_reset.testing._paging import paged  # noqa: PLC0415 - as above

    def page(after: str | None) -> Any:  # noqa: ANN401 - a Page, or the promise of one
        return service.operator.audit(limit=1000, after=after)

    if not inspect.iscoroutinefunction(service.operator.audit):
        return paged(page)

    async def awaited(after: str | None) -> Any:  # noqa: ANN401 - as above
        return await page(after)

    with ThreadPoolExecutor(1) as thread:
        return paged(lambda after: thread.submit(asyncio.run, awaited(after)).result())


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker hands its tally on."""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        taken = {name: sorted(transitions) for name, transitions in session.config.stash[TAKEN].items()}
        unread = session.config.stash[UNREAD]
        output[OUTPUT] = {"taken": taken, "transitions": session.config.stash[TRANSITIONS], "unread": dict(unread)}


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:  # noqa: ANN401 - a type of pytest-xdist, which may not be there
    """The process that sums up takes what a worker hands on."""
    taken = node.config.stash[TAKEN]
    output = getattr(node, "workeroutput", {}).get(OUTPUT, {})
    for name, transitions in output.get("taken", {}).items():
        taken.setdefault(name, set()).update(transitions)
    node.config.stash[TRANSITIONS].update(output.get("transitions", {}))
    unread: Counter[str] = node.config.stash[UNREAD]
    unread.update(output.get("unread", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """A line that says how many transitions of each watched procedure were taken, and one of what could not be read."""
    taken = {name: transitions for name, transitions in config.stash[TAKEN].items() if transitions}
    if taken:
        every = config.stash[TRANSITIONS]
        _tell(terminalreporter, taken, every, by_name=config.getoption("--ja-reset-transitions"))
    unread = config.stash[UNREAD]
    if unread:
        services = f"{unread.total()} service{'s' if unread.total() > 1 else ''}"
        why = f"{', '.join(sorted(unread))} (a store must be open until the test has ended)"
        terminalreporter.write_line(f"ja_reset transitions not counted of {services}: {why}")


def _tell(
    terminalreporter: pytest.TerminalReporter, taken: dict[str, set[str]], every: dict[str, list[str]], *, by_name: bool
) -> None:
    counts = [f"{name} {len(taken[name])}/{len(every[name])}" for name in sorted(taken)]
    terminalreporter.write_line(f"ja_reset transitions taken: {', '.join(counts)}")
    if by_name:
        for name in sorted(taken):
            for transition in every[name]:
                if transition not in taken[name]:
                    terminalreporter.write_line(f"  not taken: {name} {transition}")
