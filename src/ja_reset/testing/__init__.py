"""The test kit for hosts: a bank, a clock and a telephone that you control.

The suites that need pytest or Hypothesis are separate modules (`ja_reset.testing.store_contract`).
"""

from __future__ import annotations

from ja_reset.testing._answers import answers
from ja_reset.testing._async_bank import AsyncFakeBank
from ja_reset.testing._bank import FakeBank
from ja_reset.testing._clock import FakeClock
from ja_reset.testing._entries import credentials, entries, identity
from ja_reset.testing._own_facts import tell_facts
from ja_reset.testing.cast import CAST, Customer
from ja_reset.testing.telephone import FakeTelephone

__all__ = [
    "CAST",
    "AsyncFakeBank",
    "Customer",
    "FakeBank",
    "FakeClock",
    "FakeTelephone",
    "answers",
    "credentials",
    "entries",
    "identity",
    "tell_facts",
]
