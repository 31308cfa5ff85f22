"""Why a report is refused: a closed set of faults, each with words that quote nothing of the report (S5, S7)."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from ja_reset.errors import ResetError

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z_-]{0,39}", re.ASCII)


class Fault(StrEnum):
    """What is wrong with a report. A host may count reports by it: it holds nothing that a caller chose."""

    MISSING = "missing"
    DOUBLED = "doubled"
    TOO_LONG = "too_long"
    NOT_ASCII = "not_ascii"
    MALFORMED = "malformed"
    UNKNOWN = "unknown"
    CONTRADICTORY = "contradictory"
    WRONG_KIND = "wrong_kind"
    TOO_MANY = "too_many"
    STRANGER = "stranger"
    SIGNATURE = "signature"
    AGE = "age"
    REPLAYED = "replayed"
    FLOODED = "flooded"


_WORDS: Final = {
    Fault.MISSING: "is missing, or empty",
    Fault.DOUBLED: "is there more than once",
    Fault.TOO_LONG: "is too long",
    Fault.NOT_ASCII: "must be printable ASCII",
    Fault.MALFORMED: "does not have the form that the gateway documents",
    Fault.UNKNOWN: "is not a field of this report",
    Fault.CONTRADICTORY: "contradicts another field",
    Fault.WRONG_KIND: "is that of another kind of report",
    Fault.TOO_MANY: "has too many fields",
    Fault.STRANGER: "is not that of the sender who is expected",
    Fault.SIGNATURE: "does not have the right signature",
    Fault.AGE: "is too old, or from the future: check both clocks",
    Fault.REPLAYED: "has a nonce that was used before",
    Fault.FLOODED: "was refused, because the memory for nonces is full",
}


class UnreadableReport(ResetError):  # noqa: N818 - named for what it is, as UnknownSession
    """A gateway's report that cannot be read. Nothing was done; answer the gateway with status 400.

    `fault` says what is wrong, `field` where (None: with the report as a whole). The message quotes no value.
    """

    def __init__(self, gateway: str, fault: Fault, field: str | None = None) -> None:
        where = "the report" if field is None else field if _NAME.fullmatch(field) else "a field"
        super().__init__(f"{gateway}: {where} {_WORDS[fault]}")
        self.gateway = gateway
        self.fault = fault
        self.field = field if where == field else None


class Untrusted(UnreadableReport):
    """A report that is not proved to be the gateway's: its signature, its age, or a replay. Answer with status 403."""
