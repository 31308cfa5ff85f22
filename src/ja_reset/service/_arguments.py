"""What a caller hands over, judged before anything is done with it: misuse is refused in words (InvalidArgument)."""

from __future__ import annotations

from typing import Final

from ja_reset.bank._values import Call, aware_utc
from ja_reset.errors import InvalidArgument
from ja_reset.secret import Secret
from ja_reset.service import _customer as customer
from ja_reset.service._ends import Ended
from ja_reset.service._keys import Keys
from ja_reset.service._names import digest
from ja_reset.service._typed import Typed

LONGEST_ENTRY_ID: Final = 200
"""As a call's id."""


def as_submitted(token: Secret, event: object, data: Typed, version: object, request_id: object) -> customer.Submitted:
    """What a customer sends, with its names as plain strings."""
    if request_id is not None and not (isinstance(request_id, str) and request_id):
        msg = "request_id must be a non-empty str, or None"
        raise InvalidArgument(msg)
    request = None if request_id is None else digest(request_id)
    # the plain string: an enumeration's member or a stand-in that equals everything must not pass for a name
    name = str.__str__(event) if isinstance(event, str) else None
    return customer.Submitted(token, name, data, version, request)


def as_call(call: object) -> Call:
    """The call that a gateway reports."""
    if not isinstance(call, Call):
        msg = f"report_call takes a Call, not {type(call).__name__}"
        raise InvalidArgument(msg)
    return call


def as_keys(call_id: object, digits: object, received_at: object, entry_id: object) -> Keys:
    """The keys that a gateway reports, at an aware time."""
    if not isinstance(call_id, str) or not isinstance(digits, Secret):
        msg = "call_id and digits must be str"
        raise InvalidArgument(msg)
    if entry_id is not None and not (isinstance(entry_id, str) and 0 < len(entry_id) <= LONGEST_ENTRY_ID):
        msg = f"entry_id must be a str of 1 to {LONGEST_ENTRY_ID} characters, or None"
        raise InvalidArgument(msg)
    at = None if received_at is None else aware_utc(received_at, "received_at")
    return Keys(call_id, digits, at, entry_id)


def as_ended(call_id: object, received_at: object) -> Ended:
    """The end of a call that a gateway reports, at an aware time."""
    if not isinstance(call_id, str):
        msg = f"call_id must be a str, not {type(call_id).__name__}"
        raise InvalidArgument(msg)
    return Ended(call_id, None if received_at is None else aware_utc(received_at, "received_at"))
