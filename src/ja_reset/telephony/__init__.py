"""Gateways' reports of calls, read as the values that the service takes (P3, P4), and its answers in their form.

Each gateway has a module: `read_call`, `read_keys` and `read_end` read its reports, `reply` renders
`CallResult.script`, and another function proves whose report it is. All are pure: the time is an argument, nothing is
sent, and nothing is kept but what the caller passes in.

Caller ID is evidence, and each gateway reports it in another way: some leave out whether the number is withheld, some
put a stand-in in its place, some pass on what the caller's side merely claims. So a report is read whole by the rules
of its gateway, or `UnreadableReport` is raised. A doubt never becomes a number.
"""

from __future__ import annotations

from ja_reset.telephony._errors import Fault, UnreadableReport, Untrusted
from ja_reset.telephony._values import Ended, Keys

__all__ = ["Ended", "Fault", "Keys", "UnreadableReport", "Untrusted"]
