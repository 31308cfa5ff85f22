"""The lab's SIP server on a loopback port, in a thread of its own, and sipp, the real caller."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import Final

import attrs

from ja_reset import Call, CallResult
from sip_calls import Counts, Limits
from sip_messages import Address
from sip_server import Reports, SipServer
from tools import missing

SCENARIOS: Final = Path(__file__).resolve().parents[1] / "lab" / "sipp"
HOW: Final = "no sipp, which calls the lab's SIP server: apt install sip-tester"
SOON: Final = Limits(ring=0.02, t1=0.1)
_PATIENCE: Final = 20.0
_NO_HEADER: Final = "X-Nothing: 0"


@attrs.frozen
class Noted:
    """Passes reports on, and keeps them."""

    inner: Reports
    calls: list[Call] = attrs.field(factory=list)
    results: list[CallResult] = attrs.field(factory=list)

    async def report_call(self, call: Call, /) -> CallResult:
        """A call."""
        self.calls.append(call)
        self.results.append(await self.inner.report_call(call))
        return self.results[-1]

    async def report_keys(
        self, call_id: str, digits: str, /, *, received_at: datetime | None = None, entry_id: str | None = None
    ) -> CallResult:
        """An entry of keys."""
        result = await self.inner.report_keys(call_id, digits, received_at=received_at, entry_id=entry_id)
        self.results.append(result)
        return result

    async def report_end(self, call_id: str, /, *, received_at: datetime | None = None) -> CallResult:
        """The end of a call."""
        self.results.append(await self.inner.report_end(call_id, received_at=received_at))
        return self.results[-1]


@attrs.frozen
class Line:
    """A server that runs, and what it reported."""

    address: Address
    server: SipServer
    noted: Noted

    @property
    def counts(self) -> Counts:
        """What came of what came."""
        return self.server.switchboard.counts

    def told(self, reports: int = 1) -> list[str]:
        """What came of the reports, in their order, as soon as there are so many."""
        until(lambda: len(self.noted.results) >= reports)
        return [result.status.value for result in self.noted.results]


def until(is_so: Callable[[], bool]) -> None:
    """Wait for that: a datagram is on its way."""
    ends = monotonic() + _PATIENCE
    while not is_so():
        assert monotonic() < ends
        sleep(0.005)


@contextmanager
def listening(
    reports: Reports,
    *,
    trusted: Sequence[str] = ("127.0.0.1",),
    answers: Callable[[str], bool] = lambda _: False,
    limits: Limits = SOON,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Iterator[Line]:
    """A server on a port of its own, stopped in the end."""
    loop, noted = asyncio.new_event_loop(), Noted(reports)
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def begin() -> Line:
        server = SipServer(noted, trusted=trusted, answers=answers, limits=limits, clock=clock)
        return Line(await server.listen(), server, noted)

    line = asyncio.run_coroutine_threadsafe(begin(), loop).result(10)
    try:
        yield line
    finally:
        asyncio.run_coroutine_threadsafe(line.server.close(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def sipp(
    to: Address,
    scenario: str,
    *,
    caller: str = '"sipp" <sip:anonymous@anonymous.invalid>',
    headers: Sequence[str] = (),
    dialled: str = "0120417000",
    source: str = "127.0.0.1",
    calls: int = 1,
    rate: int = 300,
    fails: bool = False,
) -> str:
    """Have sipp make these calls, each as the scenario says; what it printed. *headers* are lines, at most three.

    `fails`: some call does not go as the scenario says.
    """
    program = shutil.which("sipp") or missing(HOW)
    lines = [*headers, *[_NO_HEADER] * (3 - len(headers))]
    keys = {"dialled": dialled, "caller": caller, **dict(zip(("one", "two", "three"), lines, strict=True))}
    command = [program, f"{to[0]}:{to[1]}", "-sf", str(SCENARIOS / f"{scenario}.xml"), "-i", source, "-nostdin"]
    command += ["-m", str(calls), "-r", str(rate), "-timeout", "60", "-timeout_error", "-recv_timeout", "10000"]
    for name, value in keys.items():
        command += ["-key", name, value]
    ran = subprocess.run(command, capture_output=True, timeout=90, check=False, text=True, errors="replace")  # noqa: S603 - a test's own command
    assert (1 if fails else 0) == ran.returncode, ran.stderr + ran.stdout[-2000:]
    return ran.stdout
