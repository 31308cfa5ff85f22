"""The SIP server for a benchmark: it reports to a service, and tells on standard output what it has come to.

First its port; then, for each line on standard input, a line of JSON: calls reported, seconds between the first report
and the last, seconds of CPU time, and the switchboard's counts. At the end of standard input it stops.

A service remembers each call for a day (P3), which a benchmark of a minute cannot show to end. So its clock is a
hundred times as fast, it remembers a call for six minutes, and `purge()` runs each second.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Final

import attrs

from ja_reset import AsyncResetService, Policies
from ja_reset.policies import PhonePolicy
from ja_reset.stores import MemoryStore
from ja_reset.testing import FakeBank
from sip_calls import Limits
from sip_server import SipServer

FASTER: Final = 100
REMEMBERED: Final = timedelta(minutes=6)


async def serve() -> None:
    """The server: tells its port, and at each line that comes what it has come to, as JSON."""
    began = datetime.now(UTC)

    def clock() -> datetime:
        return began + FASTER * (datetime.now(UTC) - began)

    policies = Policies(phone=PhonePolicy(call_memory=REMEMBERED))
    store = MemoryStore(audit_limit=1000)
    service = AsyncResetService(bank=FakeBank(), store=store, key=bytes(32), clock=clock, policies=policies)
    server = SipServer(service, trusted=["127.0.0.1"], limits=Limits(), clock=clock)
    _, port = await server.listen()
    print(port, flush=True)
    loop = asyncio.get_running_loop()
    purging = loop.create_task(_purge(service))
    while await loop.run_in_executor(None, sys.stdin.readline):
        gc.collect()
        told, counts = server.reported, server.switchboard.counts
        reported, seconds = sum(told.by_status.values()), told.last - told.first
        look = {"reported": reported, "seconds": seconds, "cpu": time.process_time(), **attrs.asdict(counts)}
        print(json.dumps(look), flush=True)
    purging.cancel()
    await server.close()


async def _purge(service: AsyncResetService) -> None:
    """What a host's timer does."""
    while True:
        await service.purge()
        await asyncio.sleep(1.0)


if __name__ == "__main__":
    asyncio.run(serve())
