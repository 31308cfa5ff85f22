"""Entries of keys, told apart: a webhook's retry hears its first answer, and counts no second time (P4).

An entry goes by the id that the gateway gives it, within its call; without one by the instant at which the gateway says
it came, and its digits. Only the fingerprint of the digits is kept, and only of entries that were judged.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from ja_reset.bank._values import CallStatus
from ja_reset.chart.session import Refusal
from ja_reset.secret import Secret
from ja_reset.service._io import Fingerprint, Flow, Recognise
from ja_reset.service._names import digest
from ja_reset.service._records import CallRecord, KeysRecord


@attrs.frozen(eq=False, repr=False)
class Keys:
    """An entry of keys in a call: when it reached the gateway (None: now), and the gateway's own id of it, if any."""

    call_id: str
    digits: Secret
    received_at: datetime | None
    entry_id: str | None = None

    @property
    def call(self) -> str:
        """The name of the call's row."""
        return digest(self.call_id)

    @property
    def name(self) -> str | None:
        """What a retry of this entry is known by, within its call; None: by nothing, each report is an entry."""
        if self.entry_id is not None:
            return digest(f"id\0{self.entry_id}")
        return None if self.received_at is None else digest(f"at\0{self.received_at.isoformat()}")

    @property
    def entry(self) -> Secret:
        """What was keyed in, without what a dial-pulse line's switch to tones leaves in front, and one # after (P4)."""
        return Secret(self.digits.reveal().lstrip("*#").removesuffix("#"))


class OtherDigits(Exception):  # noqa: N818 - no error: what the gateway is told
    """The gateway's id of an entry was that of other digits before."""


def judged_before(record: CallRecord, keys: Keys) -> Flow[KeysRecord | None]:
    """The entry that these keys repeat, if they were judged before; raises OtherDigits where its id is another's."""
    for entry in record.entries:
        if entry.name != keys.name:
            continue
        if (yield Recognise(entry.digits, keys.entry, _context(keys))):
            return entry
        if keys.entry_id is not None:
            raise OtherDigits
    return None


def judged_now(
    keys: Keys, status: CallStatus, state: str, reasons: tuple[Refusal, ...]
) -> Flow[tuple[KeysRecord, ...]]:
    """The entry as it is remembered, where a retry of it can be recognised."""
    if keys.name is None:
        return ()
    digits: str = yield Fingerprint(keys.entry, _context(keys))
    return (KeysRecord(keys.name, digits, status, state, reasons),)


def _context(keys: Keys) -> str:
    """What the fingerprint of an entry's digits is made for."""
    return f"entry:{keys.call}:{keys.name}"
