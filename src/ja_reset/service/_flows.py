"""What a service does, by name: loaded when a service is made, so that who only reads a chart loads none of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from ja_reset.service import _accounts as accounts
from ja_reset.service import _arguments as arguments
from ja_reset.service import _customer as customer
from ja_reset.service import _ends as ends
from ja_reset.service import _health as health
from ja_reset.service import _keys as entries
from ja_reset.service import _maintenance as maintenance
from ja_reset.service import _starts as starts
from ja_reset.service import _telephone as telephone
from ja_reset.service._construction import awaited, config_of, shell_of
from ja_reset.service._happened import Observer
from ja_reset.service._io import Flow, run, run_async
from ja_reset.service._observation import check_observer, performing
from ja_reset.service._port_checks import check_facts, check_plain, check_ports
from ja_reset.service._registry import chart_for
from ja_reset.service._shell import Shell

T = TypeVar("T")


class Flows:
    """What makes a service, the flows of its calls with what makes their arguments, and the drivers that run them."""

    check_ports = staticmethod(check_ports)
    check_observer = staticmethod(check_observer)
    check_facts = staticmethod(check_facts)
    check_plain = staticmethod(check_plain)
    config_of = staticmethod(config_of)
    shell_of = staticmethod(shell_of)
    awaited = staticmethod(awaited)

    chart_for = staticmethod(chart_for)
    start = staticmethod(starts.start)
    submitted = staticmethod(arguments.as_submitted)
    send = staticmethod(customer.send)
    look = staticmethod(customer.look)
    call = staticmethod(arguments.as_call)
    report_call = staticmethod(telephone.report_call)
    keys = staticmethod(arguments.as_keys)
    report_keys = staticmethod(entries.report_keys)
    ended = staticmethod(arguments.as_ended)
    report_end = staticmethod(ends.report_end)
    account = accounts.Account
    unlock = staticmethod(accounts.unlock)
    recover = staticmethod(maintenance.recover)
    expire_due = staticmethod(maintenance.expire_due)
    purge = staticmethod(maintenance.purge)
    ping = staticmethod(health.ping)

    @staticmethod
    def run(flow: Flow[T], shell: Shell, observer: Observer | None, method: str, context: Mapping[str, str]) -> T:
        """Drive a flow of *method*; the answers are there at once."""
        return run(flow, performing(shell, observer, method, context))

    @staticmethod
    async def run_async(
        flow: Flow[T], shell: Shell, observer: Observer | None, method: str, context: Mapping[str, str]
    ) -> T:
        """The same, awaiting the answers."""
        return await run_async(flow, performing(shell, observer, method, context, awaits=True))
